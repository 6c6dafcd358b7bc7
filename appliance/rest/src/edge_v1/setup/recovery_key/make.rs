use super::super::GoingOn;
use crate::answer::{Answer, data};
use crate::edge::Edge;
use app::setup;
use axum::extract::State;
use serde_json::json;

/// `POST /api/edge/v1/setup/recovery-key`: a new one, told this once.
pub(crate) async fn make(State(edge): State<Edge>, GoingOn(going_on): GoingOn) -> Answer {
    let key = setup::make_recovery_key(&edge.app, &going_on)?;
    data(&json!({ "key": *key }))
}
