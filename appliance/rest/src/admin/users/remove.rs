use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::people;
use axum::extract::State;
use serde_json::json;

/// `DELETE admin/v1.0/users/{uid}`
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.user()?;
    people::remove(&edge.app, &caller, &id).await?;
    data(&json!({ "id": id }))
}
