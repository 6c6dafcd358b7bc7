use super::super::GoingOn;
use super::so_far;
use crate::answer::Answer;
use crate::edge::Edge;
use axum::extract::State;

/// `GET /api/edge/v1/setup/answers`
pub(crate) async fn read(State(edge): State<Edge>, GoingOn(going_on): GoingOn) -> Answer {
    so_far(&edge, &going_on)
}
