use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::network::{self, Answer as Said};
use axum::extract::State;

/// `POST enduser/v1.0/users/{uid}/invitations/{invitation}/decline`: by the invited one.
pub(crate) async fn decline(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let declined = network::answer(&edge.app, &caller, &ids.invitation()?, Said::Decline).await?;
    one(&edge, &caller, &declined).await
}
