use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::bubble::administer;
use axum::extract::State;
use serde_json::json;

/// `DELETE room/v1.0/admin/rooms/{room}`: for everybody, with all that was said in it (D5).
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    administer::delete(&edge.app, &caller, &id).await?;
    data(&json!({ "id": id }))
}
