use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::group;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/groups/{group}`
pub(crate) async fn read(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    one(&edge, &caller, &group::find(&edge.app, &caller, &ids.group()?).await?)
}
