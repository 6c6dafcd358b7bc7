//! What is for somebody in a bubble by the name that he has there (XEP-0045, 7.5; XEP-0410). There is no talk aside in bubbles:
//! who is in one sees who the others are, and writes to them.

use super::super::{Replies, Session, ping, unavailable};
use crate::stream::{Condition, ErrorType, iq_result, stanza_error};
use crate::xml::Element;
use app::{AppError, bubble};
use domain::ids::BubbleId;

/// Whether somebody of this name is there, for who is there himself.
fn is_there(session: &Session, id: &BubbleId, nick: &str) -> Result<bool, AppError> {
    if bubble::own_name(&session.app, &session.device, id).is_none() {
        return Err(AppError::NotInside);
    }
    Ok(bubble::occupants(&session.app, &session.caller, id)?.iter().any(|one| *one.nick == *nick))
}

fn nobody(stanza: &Element) -> Replies {
    stanza_error(stanza, ErrorType::Cancel, Condition::ItemNotFound, "nobody of this name is there")
        .into_iter()
        .collect()
}

/// A ping of oneself is answered by the box, whichever device of the person is meant. Other requests are not passed on.
pub(crate) fn request(session: &Session, iq: &Element, id: &BubbleId, nick: &str) -> Result<Replies, AppError> {
    if matches!(iq.attribute("type"), Some("result" | "error")) {
        return Ok(Vec::new());
    }
    if !is_there(session, id, nick)? {
        return Ok(nobody(iq));
    }
    let own = bubble::own_name(&session.app, &session.device, id).is_some_and(|own| *own == *nick);
    if own && iq.child("ping", ping::NAMESPACE).is_some() {
        return Ok(vec![iq_result(iq)]);
    }
    Ok(unavailable(iq))
}

/// A message aside.
pub(crate) fn message(session: &Session, stanza: &Element, id: &BubbleId, nick: &str) -> Result<Replies, AppError> {
    if stanza.attribute("type") == Some("groupchat") {
        let text = "what is said in a bubble is for all of it";
        return Ok(stanza_error(stanza, ErrorType::Modify, Condition::BadRequest, text).into_iter().collect());
    }
    if !is_there(session, id, nick)? {
        return Ok(nobody(stanza));
    }
    let text = "there is no talk aside in bubbles: write to the person";
    Ok(stanza_error(stanza, ErrorType::Cancel, Condition::NotAllowed, text).into_iter().collect())
}
