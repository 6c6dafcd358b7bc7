use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::sign_in;
use axum::Json;
use axum::extract::State;
use serde_json::json;

/// `GET authentication/v1.0/logout`: ends the session with its tokens, its XMPP secret and its streams.
pub(crate) async fn log_out(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    sign_in::log_out(&edge.app, &caller).await?;
    Ok(Json(json!({ "status": "OK" })))
}
