use super::favorite_json;
use crate::answer::{Answer, page_of};
use crate::caller::Own;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use app::favorite;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/favorites`, with `peerId` only that one.
pub(crate) async fn list(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let mut all = favorite::list(&edge.app, &caller).await?;
    if let Some(peer) = query.find("peerId") {
        all.retain(|favorite| favorite.liked.id() == peer);
    }
    page_of(all, window, favorite_json)
}
