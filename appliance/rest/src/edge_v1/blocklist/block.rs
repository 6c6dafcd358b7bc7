use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;
use serde_json::json;

/// `PUT /api/edge/v1/blocklist/{uid}`: messages, presence and invitations between the two end; nobody is told.
pub(crate) async fn block(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.user()?;
    network::set_blocked(&edge.app, &caller, &id, true).await?;
    data(&json!({ "id": id, "blocked": true }))
}
