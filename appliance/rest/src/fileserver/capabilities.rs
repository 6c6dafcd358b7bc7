use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::file;
use axum::extract::State;
use serde_json::json;

/// `GET fileserver/v1.0/capabilities`: how large parts are, in bytes.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let chunk_bytes = file::chunk_bytes(&edge.app, &caller)?;
    data(&json!({ "maxChunkSizeUpload": chunk_bytes, "maxChunkSizeDownload": chunk_bytes }))
}
