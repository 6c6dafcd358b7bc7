use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::file;
use axum::extract::State;
use serde_json::json;

/// `DELETE filestorage/v1.0/files/{file}`: for everybody, with its bytes (C8).
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.file()?;
    file::remove(&edge.app, &caller, &id).await?;
    data(&json!({ "id": id }))
}
