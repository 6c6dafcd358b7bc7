use super::favorite_json;
use crate::answer::{Answer, data};
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::favorite;
use axum::extract::State;

/// `DELETE enduser/v1.0/users/{uid}/favorites/{favorite}`
pub(crate) async fn remove(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    data(&favorite_json(&favorite::remove(&edge.app, &caller, &ids.favorite()?).await?))
}
