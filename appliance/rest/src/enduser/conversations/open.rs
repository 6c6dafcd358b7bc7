use super::conversation_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use app::conversation;
use axum::extract::State;
use domain::ids::UserId;

/// `POST enduser/v1.0/users/{uid}/conversations` with `{peerId, type, mute}`
pub(crate) async fn open(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let peer = fields.required_text("peerId")?;
    let peer = UserId::parse(&peer).map_err(|error| RestError::invalid("peerId", error.to_string()))?;
    let mute = fields.flag("mute")?.unwrap_or(false);
    match fields.text("type")?.as_deref() {
        None | Some("user") => {}
        // There are no bubbles and no bots yet, so nobody can see one.
        Some("room" | "bot") => return Err(RestError::NotFound),
        Some(_) => return Err(RestError::invalid("type", "expected user")),
    }
    let opened = conversation::open(&edge.app, &caller, &peer, mute).await?;
    data(&conversation_json(&opened, &edge.app.domain()))
}
