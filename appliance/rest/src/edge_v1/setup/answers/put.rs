use super::super::GoingOn;
use super::so_far;
use crate::answer::Answer;
use crate::body::Fields;
use crate::edge::Edge;
use crate::path::Ids;
use app::setup;
use axum::extract::State;

/// `PUT /api/edge/v1/setup/answers/{step}` with the fields of that step.
pub(crate) async fn put(State(edge): State<Edge>, GoingOn(going_on): GoingOn, ids: Ids, fields: Fields) -> Answer {
    setup::answer(&edge.app, &going_on, ids.step(), fields.into_map()).await?;
    so_far(&edge, &going_on)
}
