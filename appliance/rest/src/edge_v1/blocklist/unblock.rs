use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/blocklist/{uid}`
pub(crate) async fn unblock(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.user()?;
    network::set_blocked(&edge.app, &caller, &id, false).await?;
    data(&json!({ "id": id, "blocked": false }))
}
