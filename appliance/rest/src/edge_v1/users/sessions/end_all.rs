use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::sign_in;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/users/{uid}/sessions`
pub(crate) async fn end(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let ended = sign_in::end_sessions_of_member(&edge.app, &caller, &ids.user()?).await?;
    data(&json!({ "ended": ended }))
}
