use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::sign_in;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/users/{uid}/sessions/{session}`
pub(crate) async fn end(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (member, session) = (ids.user()?, ids.session()?);
    sign_in::end_member_session(&edge.app, &caller, &member, &session).await?;
    data(&json!({ "id": session }))
}
