use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;
use serde_json::json;

/// `DELETE enduser/v1.0/users/networks/{uid}`: out of one another's network (B6).
pub(crate) async fn leave(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.user()?;
    network::leave(&edge.app, &caller, &id).await?;
    data(&json!({ "id": id }))
}
