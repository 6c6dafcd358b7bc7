use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::file;
use axum::extract::State;
use domain::clock::iso8601;
use serde_json::json;

/// `GET fileserver/v1.0/files/{file}/temporary-url`: by which the file can be had without a token, for some minutes.
pub(crate) async fn make(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let link = file::link(&edge.app, &caller, &ids.file()?).await?;
    let url = format!("{}/api/edge/v1/files/links/{}", edge.base_url, link.token);
    data(&json!({ "url": url, "expirationDate": iso8601(link.until_ms) }))
}
