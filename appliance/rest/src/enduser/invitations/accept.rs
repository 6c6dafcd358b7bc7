use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::network::{self, Answer as Said};
use axum::extract::State;

/// `POST enduser/v1.0/users/{uid}/invitations/{invitation}/accept`: by the invited one.
pub(crate) async fn accept(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let accepted = network::answer(&edge.app, &caller, &ids.invitation()?, Said::Accept).await?;
    one(&edge, &caller, &accepted).await
}
