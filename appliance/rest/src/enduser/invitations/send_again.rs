use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;

/// `POST enduser/v1.0/users/{uid}/invitations/{invitation}/re-send`: by the inviter.
pub(crate) async fn send_again(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let sent = network::send_again(&edge.app, &caller, &ids.invitation()?).await?;
    one(&edge, &caller, &sent).await
}
