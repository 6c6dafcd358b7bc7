use super::{description, door, one};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use app::bubble::{self, Door, New};
use axum::extract::State;

/// `POST enduser/v1.0/rooms` with `{name, topic, history, visibility, ...}`: the caller is its organizer.
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let new = new(&mut fields)?;
    one(&edge, &caller, &bubble::create(&edge.app, &caller, new).await?)
}

/// `{name, topic, history, ...}` of a body.
pub(crate) fn new(fields: &mut Fields) -> Result<New, RestError> {
    let shares_history = match fields.text("history")?.as_deref() {
        None | Some("none") => false,
        Some("all") => true,
        Some(_) => return Err(RestError::invalid("history", "expected all or none")),
    };
    let door = door(fields)?.unwrap_or(Door::Open);
    Ok(New { description: description(fields)?, shares_history, door })
}
