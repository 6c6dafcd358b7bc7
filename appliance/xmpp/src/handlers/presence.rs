//! RFC 6121, 3 and 4: presence of a device, with Rainbow's own echo to the sender (sheet section 6), and what standard clients
//! say by presence about who is in whose network (B6).

use super::roster::listed;
use super::{Recipient, Replies, Session, Supports, caps, fresh_payload, muc, nowhere, resource, unavailable};
use crate::stream::{Condition, ErrorType, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::presence::{self, Announcement};
use app::roster::{self, Request};
use domain::ids::UserId;
use std::sync::Arc;

pub(super) const SUPPORTS: Supports = Supports::passed_on(&[]);

pub(super) async fn handle(session: &Session, stanza: &Element) -> Result<Replies, AppError> {
    let kind = stanza.attribute("type");
    let recipient = session.recipient(stanza);
    match &recipient {
        Recipient::Account => own(session, stanza, kind).await,
        Recipient::User(user) => to_somebody(session, stanza, kind, user).await,
        Recipient::Nobody => to_nobody(session, stanza, kind).await,
        Recipient::Rooms => muc::presence::to_all(session, kind).await,
        Recipient::Room(id) => muc::presence::to_one(session, stanza, kind, id).await,
        Recipient::NoRoom => muc::presence::to_none(stanza, kind),
        Recipient::Elsewhere if matches!(kind, None | Some("subscribe")) => Ok(nowhere(stanza, &recipient)),
        _ if kind.is_none() => Ok(unavailable(stanza)),
        _ => Ok(Vec::new()),
    }
}

/// Whether a stanza tells everybody who sees this user where he is, or that he has gone.
pub(crate) fn is_told_to_all(session: &Session, stanza: &Element) -> bool {
    let is_told = stanza.name() == "presence" && matches!(stanza.attribute("type"), None | Some("unavailable"));
    is_told && session.recipient(stanza) == Recipient::Account
}

async fn own(session: &Session, stanza: &Element, kind: Option<&str>) -> Result<Replies, AppError> {
    match kind {
        None => announce(session, stanza).await,
        Some("unavailable") => {
            presence::withdraw(&session.app, &session.device, &fresh_payload(stanza));
            Ok(Vec::new())
        }
        Some("probe") => {
            let me = &session.caller.user;
            presence::probe(&session.app, &session.caller, &session.device, me, resource(stanza))?;
            Ok(Vec::new())
        }
        // One is subscribed to oneself from the start (RFC 6121, 3.1.2).
        Some("error" | "subscribe" | "subscribed" | "unsubscribe" | "unsubscribed") => Ok(Vec::new()),
        Some(_) => Ok(unknown(stanza)),
    }
}

fn request(kind: &str) -> Option<Request> {
    match kind {
        "subscribe" => Some(Request::Subscribe),
        "subscribed" => Some(Request::Subscribed),
        "unsubscribe" => Some(Request::Unsubscribe),
        "unsubscribed" => Some(Request::Unsubscribed),
        _ => None,
    }
}

/// Who is not there hears nothing, and nobody is told so (RFC 6121, 8.5.1).
async fn to_nobody(session: &Session, stanza: &Element, kind: Option<&str>) -> Result<Replies, AppError> {
    if let Some(request) = kind.and_then(request) {
        let whom = listed(session, stanza.attribute("to").unwrap_or_default())?;
        roster::request_in_vain(&session.app, &session.caller, &whom, request).await?;
    }
    Ok(Vec::new())
}

async fn to_somebody(
    session: &Session,
    stanza: &Element,
    kind: Option<&str>,
    user: &UserId,
) -> Result<Replies, AppError> {
    let request = match kind {
        None | Some("unavailable") => {
            let (to, payload) = ((user, resource(stanza)), fresh_payload(stanza));
            let told = (kind.is_none(), stanza.attribute("id"));
            presence::direct(&session.app, &session.caller, &session.device, to, told, &payload)?;
            return Ok(Vec::new());
        }
        Some("probe") => {
            presence::probe(&session.app, &session.caller, &session.device, user, resource(stanza))?;
            return Ok(Vec::new());
        }
        Some("error") => return Ok(Vec::new()),
        Some(other) => match request(other) {
            Some(request) => request,
            None => return Ok(unknown(stanza)),
        },
    };
    let said = fresh_payload(stanza);
    let both = roster::request(&session.app, &session.caller, user, request, &said).await?;
    // Who was let in before hears so again (RFC 6121, 3.1.3, 2).
    let answer = || subscription("subscribed", session.at.bare(user), session.at.bare(&session.caller.user));
    Ok((both && request == Request::Subscribe).then(answer).into_iter().collect())
}

pub(crate) fn subscription(kind: &str, from: String, to: String) -> Element {
    Element::client("presence").with_attribute("type", kind).with_attribute("from", from).with_attribute("to", to)
}

/// Somebody's question whether he is let in, with what he said in asking.
pub(crate) async fn asks(session: &Session, inviter: &UserId) -> Element {
    let said = roster::said_by(&session.app, &session.caller, inviter).await.unwrap_or_else(|failure| {
        tracing::error!(%failure, "what was said in asking could not be read");
        String::new()
    });
    let (from, me) = (session.at.bare(inviter), session.at.bare(&session.caller.user));
    subscription("subscribe", from, me).with_raw(Arc::from(said))
}

fn unknown(stanza: &Element) -> Replies {
    stanza_error(stanza, ErrorType::Modify, Condition::BadRequest, "no such type of presence").into_iter().collect()
}

async fn announce(session: &Session, stanza: &Element) -> Result<Replies, AppError> {
    let extended = extended_away(session, stanza);
    let stanza = extended.as_ref().unwrap_or(stanza);
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
    let waiting = presence::announce(&session.app, &session.caller, &session.device, &announcement).await?;
    let mut replies = Replies::new();
    for inviter in &waiting {
        replies.push(asks(session, inviter).await);
    }
    replies.extend(caps::ask(session, stanza).await?);
    Ok(replies)
}

/// What standard clients say by `xa` Rainbow's say by a status beside it: without one it is their word for invisible.
fn extended_away(session: &Session, stanza: &Element) -> Option<Element> {
    let says = |name, text: &str| stanza.child_text(name, ns::CLIENT).unwrap_or_default().trim() == text;
    (session.device.standard && says("show", "xa") && says("status", "")).then(|| {
        let mut extended = stanza.clone();
        extended.remove_children("status", ns::CLIENT);
        extended.with_child(Element::client("status").with_text("away"))
    })
}
