use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::Query;
use app::sign_in;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/sessions`; with `keepCurrent=true` all but the one that asks.
pub(crate) async fn end(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let ended = sign_in::end_all_sessions(&edge.app, &caller, query.flag("keepCurrent")?).await?;
    data(&json!({ "ended": ended }))
}
