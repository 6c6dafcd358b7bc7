use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;

/// `DELETE enduser/v1.0/users/{uid}/invitations/{invitation}`: off both lists; the network stays.
pub(crate) async fn remove(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let removed = network::delete(&edge.app, &caller, &ids.invitation()?).await?;
    one(&edge, &caller, &removed).await
}
