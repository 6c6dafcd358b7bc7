use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::bubble;
use axum::extract::State;
use serde_json::json;

/// `GET enduser/v1.0/rooms/consumption`: of how many bubbles the caller is the organizer, and of how many he may be.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let (current, most) = bubble::consumption(&edge.app, &caller)?;
    data(&json!({ "feature": "BUBBLE_COUNT", "unit": "room", "maxValue": most, "currentValue": current }))
}
