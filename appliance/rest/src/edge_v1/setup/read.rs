use crate::answer::{Answer, data};
use crate::caller::bearer;
use crate::edge::Edge;
use app::setup;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json;

/// `GET /api/edge/v1/setup`: whether the box waits for somebody to set it up.
pub(crate) async fn read(State(edge): State<Edge>, headers: HeaderMap) -> Answer {
    let Some(going_on) = edge.setup.as_ref().filter(|setup| !setup.is_finished()) else {
        return data(&json!({ "needed": false }));
    };
    data(&json!({
        "needed": true,
        "unlocked": bearer(&headers).is_some_and(|token| going_on.is_unlocked_by(token)),
        "fingerprint": going_on.facts().fingerprint,
        "version": env!("CARGO_PKG_VERSION"),
        "steps": setup::steps().collect::<Vec<_>>(),
    }))
}
