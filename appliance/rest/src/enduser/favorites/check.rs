use crate::answer::{Answer, data};
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::favorite;
use axum::extract::State;
use serde_json::json;

/// `GET enduser/v1.0/users/{uid}/favorites/peers/{member}/check`
pub(crate) async fn check(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    // A bubble's id looks the same.
    let peer = ids.member()?;
    let all = favorite::list(&edge.app, &caller).await?;
    data(&json!({ "isFavorite": all.iter().any(|favorite| favorite.liked.id() == peer.as_str()) }))
}
