use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::sign_in;
use axum::Json;
use axum::extract::State;
use serde_json::json;

/// `GET authentication/v1.0/renew`: a fresh token of the same session.
pub(crate) async fn renew(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let token = sign_in::renew(&edge.app, &caller).await?;
    Ok(Json(json!({ "token": token })))
}
