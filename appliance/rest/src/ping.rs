use axum::Json;
use serde_json::{Value, json};

/// `GET ping`: a client that lost its connection asks whether the box is back.
pub(crate) async fn read() -> Json<Value> {
    Json(json!({ "status": "OK" }))
}
