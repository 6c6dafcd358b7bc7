//! Entering and leaving (XEP-0045, 7.2 and 7.14; sheet section 9.2).

use super::super::{Replies, Session, resource};
use crate::stream::{Condition, ErrorType, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::bubble::{self, Discussion};
use domain::clock::parse_iso8601;
use domain::ids::BubbleId;

/// Messages that a client hears on entering when it does not say.
const HISTORY: u32 = 20;

/// Presence to the service itself: Rainbow's clients enter all their bubbles at once. Each answers for itself.
pub(crate) async fn to_all(session: &Session, kind: Option<&str>) -> Result<Replies, AppError> {
    if kind.is_none() && !session.device.standard {
        bubble::enter_all(&session.app, &session.caller, &session.device).await?;
    }
    Ok(Vec::new())
}

/// Presence to one bubble.
pub(crate) async fn to_one(
    session: &Session,
    stanza: &Element,
    kind: Option<&str>,
    id: &BubbleId,
) -> Result<Replies, AppError> {
    match kind {
        None => enter(session, stanza, id).await,
        Some("unavailable") => {
            bubble::quit(&session.app, &session.device, id);
            Ok(Vec::new())
        }
        Some(_) => Ok(Vec::new()),
    }
}

/// Bubbles are made by Rainbow's interface, and each has the name that the box gives it (XEP-0045, 10.1.1).
pub(crate) fn to_none(stanza: &Element, kind: Option<&str>) -> Result<Replies, AppError> {
    if kind.is_some() {
        return Ok(Vec::new());
    }
    let text = "bubbles are made in Rainbow";
    Ok(stanza_error(stanza, ErrorType::Cancel, Condition::NotAllowed, text).into_iter().collect())
}

async fn enter(session: &Session, stanza: &Element, id: &BubbleId) -> Result<Replies, AppError> {
    if !session.device.standard {
        // Rainbow's SDK leaves the `x` of XEP-0045 out.
        bubble::enter(&session.app, &session.caller, &session.device, id, None).await?;
        return Ok(Vec::new());
    }
    let Some(muc) = stanza.child("x", ns::MUC) else {
        // A change of presence of who is in it: what people are doing is told inside networks, not in bubbles.
        let own = bubble::own_name(&session.app, &session.device, id).ok_or(AppError::NotInside)?;
        return Ok(if resource(stanza).is_none_or(|asked| asked == &*own) { Vec::new() } else { name_stays(stanza) });
    };
    if stanza.attribute("to").is_none_or(|to| !to.contains('/')) {
        let text = "give a name after the room's address";
        return Ok(stanza_error(stanza, ErrorType::Modify, Condition::JidMalformed, text).into_iter().collect());
    }
    bubble::enter(&session.app, &session.caller, &session.device, id, Some(discussion(session, muc))).await?;
    Ok(Vec::new())
}

/// XEP-0045, 7.6.
fn name_stays(stanza: &Element) -> Replies {
    let text = "in bubbles everybody has the name of his profile";
    stanza_error(stanza, ErrorType::Cancel, Condition::NotAcceptable, text).into_iter().collect()
}

/// XEP-0045, 7.2.13. Limits in characters are kept to only where they are 0.
fn discussion(session: &Session, muc: &Element) -> Discussion {
    let Some(history) = muc.child("history", ns::MUC) else { return Discussion { max: HISTORY, since_ms: 0 } };
    let number = |name| history.attribute(name).and_then(|text| text.parse::<u32>().ok());
    let seconds = number("seconds").map(|s| session.app.now_ms().saturating_sub(i64::from(s) * 1000));
    let since = history.attribute("since").and_then(parse_iso8601);
    let max = if number("maxchars") == Some(0) { 0 } else { number("maxstanzas").unwrap_or(HISTORY) };
    Discussion { max, since_ms: seconds.into_iter().chain(since).max().unwrap_or(0) }
}
