use super::{favorite_json, find};
use crate::answer::{Answer, data};
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/favorites/{favorite}`
pub(crate) async fn read(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    data(&favorite_json(&find(&edge, &caller, &ids.favorite()?).await?))
}
