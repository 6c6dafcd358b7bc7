use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::web_push;
use axum::extract::State;
use serde_json::json;

/// `GET /api/edge/v1/push/key`: the `applicationServerKey` to subscribe with; `null` when the box sends no pushes.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    data(&json!({ "publicKey": web_push::public_key(&edge.app, &caller).await? }))
}
