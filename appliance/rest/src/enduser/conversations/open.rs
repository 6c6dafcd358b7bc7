use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use app::conversation::{self, Peer};
use axum::extract::State;
use domain::ids::{BubbleId, NotAnId, UserId};

/// `POST enduser/v1.0/users/{uid}/conversations` with `{peerId, type, mute}`
pub(crate) async fn open(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let peer = fields.required_text("peerId")?;
    let invalid = |error: NotAnId| RestError::invalid("peerId", error.to_string());
    let mute = fields.flag("mute")?.unwrap_or(false);
    let peer = match fields.text("type")?.as_deref() {
        None | Some("user") => Peer::User(UserId::parse(&peer).map_err(invalid)?),
        Some("room") => Peer::Bubble(BubbleId::parse(&peer).map_err(invalid)?),
        // There are no bots yet, so nobody can see one.
        Some("bot") => return Err(RestError::NotFound),
        Some(_) => return Err(RestError::invalid("type", "expected user or room")),
    };
    let opened = conversation::open(&edge.app, &caller, &peer, mute).await?;
    one(&edge, &caller, &opened).await
}
