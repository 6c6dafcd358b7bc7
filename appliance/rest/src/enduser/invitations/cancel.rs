use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;

/// `POST enduser/v1.0/users/{uid}/invitations/{invitation}/cancel`: by the inviter.
pub(crate) async fn cancel(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let canceled = network::cancel(&edge.app, &caller, &ids.invitation()?).await?;
    one(&edge, &caller, &canceled).await
}
