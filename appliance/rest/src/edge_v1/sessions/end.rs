use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::sign_in;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/sessions/{session}`
pub(crate) async fn end(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let session = ids.session()?;
    sign_in::end_session(&edge.app, &caller, &session).await?;
    data(&json!({ "id": session }))
}
