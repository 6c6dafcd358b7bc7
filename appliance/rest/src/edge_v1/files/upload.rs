use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::file;
use axum::extract::State;
use serde_json::json;

/// `GET /api/edge/v1/files/{file}/upload`: where an upload that was cut goes on, `{nextPart, receivedBytes}`.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let progress = file::progress(&edge.app, &caller, &ids.file()?).await?;
    data(&json!({ "nextPart": progress.next_part, "receivedBytes": progress.received_bytes }))
}
