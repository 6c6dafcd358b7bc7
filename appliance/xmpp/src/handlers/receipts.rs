//! `urn:xmpp:receipts` and `urn:xmpp:chat-markers:0` of clients: a message was received, or read (sheet section 7, steps 3 and
//! 4; XEP-0184, XEP-0333). Rainbow's clients read the former with an `event`, standard ones each by its own name.

use super::message::To;
use super::{Replies, Session, Supports, Xep, fresh_payload};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::message::{Mark, MarkKind, mark};
use std::sync::Arc;

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[Xep::new(184, "1.4.0", "Message Delivery Receipts"), Xep::new(333, "1.0.0", "Displayed Markers")],
    server: &[ns::RECEIPTS],
    account: &[],
};

/// The mark in a message, if it is one; `None` inside: which one is told by Rainbow's attributes.
pub(super) fn found(stanza: &Element) -> Option<(Option<MarkKind>, &Element)> {
    let marker = |name| stanza.child(name, ns::MARKERS);
    // Displayed means received too; a message with both is about the former (XEP-0333).
    let read = marker("displayed").or_else(|| marker("acknowledged")).map(|one| (Some(MarkKind::Read), one));
    let received = || stanza.child("received", ns::RECEIPTS).map(|one| (None, one));
    read.or_else(received).or_else(|| marker("received").map(|one| (Some(MarkKind::Received), one)))
}

pub(super) async fn handle(
    session: &Session,
    stanza: &Element,
    kind: Option<MarkKind>,
    receipt: &Element,
    to: To<'_>,
) -> Result<Replies, AppError> {
    if receipt.attribute("entity") == Some("server") {
        return Err(AppError::Invalid { field: "entity", why: String::from("only the box speaks for the server") });
    }
    let invalid = |field, why: &str| AppError::Invalid { field, why: why.to_owned() };
    let message_id = receipt.attribute("id").ok_or_else(|| invalid("id", "of which message?"))?;
    let kind = match (kind, receipt.attribute("event")) {
        (Some(kind), _) => kind,
        (None, Some("read")) => MarkKind::Read,
        // XEP-0184 knows no event: there a receipt means received.
        (None, Some("received") | None) => MarkKind::Received,
        (None, Some(_)) => return Err(invalid("event", "received or read")),
    };
    let payload = if session.device.standard { rainbows(kind, message_id) } else { fresh_payload(stanza) };
    let of = Mark {
        sender: to.user,
        message_id: message_id.to_owned(),
        kind,
        id: stanza.attribute("id").map(str::to_owned),
        payload,
        standard: standard(kind, message_id),
    };
    mark(&session.app, &session.caller, &session.device, of).await?;
    Ok(Vec::new())
}

fn rainbows(kind: MarkKind, message_id: &str) -> Arc<str> {
    let event = match kind {
        MarkKind::Read => "read",
        MarkKind::Received => "received",
    };
    written(
        Element::new("received", ns::RECEIPTS)
            .with_attribute("event", event)
            .with_attribute("entity", "client")
            .with_attribute("id", message_id),
    )
}

fn standard(kind: MarkKind, message_id: &str) -> Arc<str> {
    let mark = match kind {
        MarkKind::Read => Element::new("displayed", ns::MARKERS),
        MarkKind::Received => Element::new("received", ns::RECEIPTS),
    };
    written(mark.with_attribute("id", message_id))
}

fn written(mark: Element) -> Arc<str> {
    Arc::from(Element::client("message").with_child(mark).children_to_xml())
}
