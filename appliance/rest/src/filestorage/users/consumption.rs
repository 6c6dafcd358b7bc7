use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::file;
use axum::extract::State;
use serde_json::json;

/// `GET filestorage/v1.0/users/consumption`: how much of his share the caller uses.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let consumption = file::consumption(&edge.app, &caller).await?;
    data(&json!({
        "feature": "FILE_SHARING_QUOTA_GB",
        "maxValue": consumption.quota_bytes,
        "currentValue": consumption.used_bytes,
        "unit": "octet",
    }))
}
