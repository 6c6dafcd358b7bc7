use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::bubble;
use axum::extract::State;
use serde_json::json;

/// `GET /api/edge/v1/meet`: where a guest is: in his bubble, or in its lobby.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let (room, waiting) = bubble::place_at(&edge.app, &caller)?;
    data(&json!({ "roomId": room, "status": if waiting { "waiting" } else { "accepted" } }))
}
