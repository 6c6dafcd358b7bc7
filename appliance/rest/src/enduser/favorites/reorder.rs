use super::{favorite_json, find};
use crate::answer::{Answer, data};
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use crate::query::Query;
use app::favorite;
use axum::extract::State;

/// `PUT enduser/v1.0/users/{uid}/favorites/{favorite}` with `position` in the query: moves it there.
pub(crate) async fn reorder(State(edge): State<Edge>, Own(caller): Own, ids: Ids, query: Query) -> Answer {
    let found = find(&edge, &caller, &ids.favorite()?).await?;
    let moved = match query.number("position")? {
        Some(position) => favorite::put(&edge.app, &caller, &found.liked, Some(position)).await?,
        None => found,
    };
    data(&favorite_json(&moved))
}
