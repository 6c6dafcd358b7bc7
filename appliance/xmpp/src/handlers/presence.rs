//! RFC 6121, 4: presence of a device, with Rainbow's own echo to the sender (sheet section 6).

use super::{Recipient, Replies, Session, fresh_payload, unavailable};
use crate::stream::{Condition, ErrorType, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::presence::{self, Announcement};

pub(super) async fn handle(session: &Session, stanza: &Element) -> Result<Replies, AppError> {
    if stanza.attribute("to").is_some_and(|to| !to.is_empty()) && session.recipient(stanza) != Recipient::Account {
        return Ok(directed(stanza));
    }
    match stanza.attribute("type") {
        None => announce(session, stanza).await,
        Some("unavailable") => {
            presence::withdraw(&session.app, &session.device, &fresh_payload(stanza));
            Ok(Vec::new())
        }
        Some("error" | "probe") => Ok(Vec::new()),
        // Who is in a network is decided by invitations (B6), not by roster subscriptions.
        Some(_) => Ok(unavailable(stanza)),
    }
}

async fn announce(session: &Session, stanza: &Element) -> Result<Replies, AppError> {
    let text = |name| stanza.child_text(name, ns::CLIENT).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (show, priority) = (text("show"), text("priority"));
    if !matches!(show.as_str(), "" | "away" | "chat" | "dnd" | "xa") {
        let refused = stanza_error(stanza, ErrorType::Modify, Condition::BadRequest, "show: away, chat, dnd or xa");
        return Ok(refused.into_iter().collect());
    }
    let priority = if priority.is_empty() { Ok(0) } else { priority.parse() };
    let priority: i8 =
        priority.map_err(|_| AppError::Invalid { field: "priority", why: String::from("expected -128 to 127") })?;
    let id = stanza.attribute("id").map(str::to_owned);
    let payload = fresh_payload(stanza);
    let announcement = Announcement { show, status: text("status"), priority, id, payload };
    presence::announce(&session.app, &session.caller, &session.device, &announcement).await?;
    Ok(Vec::new())
}

/// There are no rooms yet, and presence to one person is not passed on: contacts see it anyway, others must not.
fn directed(stanza: &Element) -> Replies {
    match stanza.attribute("type") {
        None => unavailable(stanza),
        Some(_) => Vec::new(),
    }
}
