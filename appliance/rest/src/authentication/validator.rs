use crate::caller::SignedIn;
use axum::Json;
use serde_json::{Value, json};

/// `GET authentication/v1.0/validator`: the token is good, or the request would not have come here.
pub(crate) async fn validate(_: SignedIn) -> Json<Value> {
    Json(json!({ "status": "OK" }))
}
