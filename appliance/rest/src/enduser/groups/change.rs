use super::{one, read};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::group;
use axum::extract::State;

/// `PUT enduser/v1.0/users/{uid}/groups/{group}`: what the body does not give stays.
pub(crate) async fn change(State(edge): State<Edge>, Own(caller): Own, ids: Ids, fields: Fields) -> Answer {
    one(&edge, &caller, &group::update(&edge.app, &caller, &ids.group()?, read(fields)?).await?)
}
