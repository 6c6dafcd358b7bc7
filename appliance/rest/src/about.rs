use crate::answer::Answer;
use crate::caller::SignedIn;
use axum::Json;
use serde_json::json;

/// `GET {portal}/v1.0/about`: what answers there, and in which version. Rainbow's portals are one server here.
pub(crate) async fn read(_: SignedIn) -> Answer {
    Ok(Json(json!({ "description": "Rainbow Edge", "version": env!("CARGO_PKG_VERSION") })))
}
