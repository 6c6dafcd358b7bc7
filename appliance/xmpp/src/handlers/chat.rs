//! Messages with content: new ones, corrections, deletions, reactions (sheet section 7; XEP-0308, XEP-0424, XEP-0444).
//!
//! Rainbow's clients change a message by sending its id again, standard ones by a message about it. Each change is made in
//! both forms here, so that each kind of client reads what the other wrote.

use super::message::{To, body, payload_without};
use super::{Replies, Session, Supports, Xep, fresh_payload};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::message::{About, Keep, Kind, Outgoing, send};
use aws_lc_rs::digest;
use std::sync::Arc;

pub(super) const SUPPORTS: Supports = Supports::passed_on(&[
    Xep::new(308, "1.2.1", "Last Message Correction"),
    Xep::new(334, "0.4.0", "Message Processing Hints"),
    Xep::new(424, "0.4.2", "Message Retraction"),
    Xep::new(428, "0.2.1", "Fallback Indication"),
    Xep::new(444, "0.2.0", "Message Reactions"),
]);

/// Namespaces that make a message content even without a body.
const CONTENT: [(&str, &str); 6] = [
    ("modified", ns::CORRECT),
    ("deleted", ns::CORRECT),
    ("x", "jabber:x:oob"),
    ("content", "urn:xmpp:content"),
    ("reactions", ns::REACTIONS),
    ("rainbow-cpaas", "jabber:iq:rainbow:cpaas:message"),
];
/// The same of standard clients; encrypted ones may come without a text for others (XEP-0384).
const STANDARD_CONTENT: [(&str, &str); 4] = [
    ("retract", ns::RETRACT),
    ("store", ns::HINTS),
    ("encrypted", "eu.siacs.conversations.axolotl"),
    ("encrypted", "urn:xmpp:omemo:2"),
];
/// What standard clients show that cannot take messages back.
const TAKEN_BACK: &str = "A previous message was taken back, but your client does not support that.";

pub(super) fn is_content(session: &Session, stanza: &Element) -> bool {
    let holds = |(name, of): &(&str, &str)| stanza.child(name, of).is_some();
    stanza.child("body", ns::CLIENT).is_some()
        || CONTENT.iter().any(holds)
        || (session.device.standard && STANDARD_CONTENT.iter().any(holds))
}

pub(super) async fn handle(session: &Session, stanza: &Element, to: To<'_>) -> Result<Replies, AppError> {
    let given = stanza.attribute("id").filter(|id| !id.is_empty()).map(str::to_owned);
    let id = given.unwrap_or_else(|| session.app.random_name());
    let change = change(session, stanza, id)?;
    let fleeting = to.kind.is_fleeting();
    let out = Outgoing {
        id: change.id,
        to_resource: to.resource(),
        stanza: to.kind,
        to: to.user,
        kind: change.kind,
        keep: if fleeting { Keep::Never } else { keep(stanza, change.kind) },
        copied: !fleeting && is_copied(stanza),
        payload: change.payload,
        about: change.about,
        body: body(stanza),
    };
    send(&session.app, &session.caller, &session.device, out).await?;
    Ok(Vec::new())
}

/// Whether other devices may get a copy (XEP-0280, 9; XEP-0334, 4.3).
pub(super) fn is_copied(stanza: &Element) -> bool {
    stanza.child("no-copy", ns::HINTS).is_none() && stanza.child("private", ns::CARBONS).is_none()
}

/// What a message is, in both forms.
pub(super) struct Change {
    pub(super) kind: Kind,
    /// The message's own id, or that of the message which it is about.
    pub(super) id: String,
    pub(super) payload: Arc<str>,
    pub(super) about: Option<About>,
}

pub(super) fn change(session: &Session, stanza: &Element, id: String) -> Result<Change, AppError> {
    let rainbows = |name| stanza.child(name, ns::CORRECT).is_some();
    if rainbows("deleted") {
        let about = About { id: change_id(&id, stanza), payload: taken_back(&id) };
        return Ok(Change { kind: Kind::Deletion, id, payload: fresh_payload(stanza), about: Some(about) });
    }
    if rainbows("modified") {
        let replace = Element::new("replace", ns::CORRECT).with_attribute("id", id.as_str());
        let payload = payload_without(stanza, &[("modified", ns::CORRECT)]);
        let about = About { id: change_id(&id, stanza), payload: with(&payload, replace) };
        return Ok(Change { kind: Kind::Correction, id, payload: fresh_payload(stanza), about: Some(about) });
    }
    let standard = |name, of: &str| stanza.child(name, of).filter(|_| session.device.standard);
    let of = |element: &Element| {
        let of = element.attribute("id").filter(|of| !of.is_empty() && of.len() <= 256).map(str::to_owned);
        of.ok_or_else(|| AppError::Invalid { field: "id", why: String::from("of which message?") })
    };
    let payload = fresh_payload(stanza);
    let about = About { id: id.clone(), payload: payload.to_string() };
    if let Some(retract) = standard("retract", ns::RETRACT) {
        let deleted = Element::client("message")
            .with_child(Element::client("body"))
            .with_child(Element::new("deleted", ns::CORRECT));
        let payload = Arc::from(deleted.children_to_xml());
        return Ok(Change { kind: Kind::Deletion, id: of(retract)?, payload, about: Some(about) });
    }
    if let Some(replace) = standard("replace", ns::CORRECT) {
        let kept = payload_without(stanza, &[("replace", ns::CORRECT)]);
        let payload = Arc::from(with(&kept, Element::new("modified", ns::CORRECT)));
        return Ok(Change { kind: Kind::Correction, id: of(replace)?, payload, about: Some(about) });
    }
    match stanza.child("reactions", ns::REACTIONS) {
        Some(reactions) if keep(stanza, Kind::Remark) == Keep::Archive => {
            Ok(Change { kind: Kind::Remark, id: of(reactions)?, payload, about: Some(about) })
        }
        _ => Ok(Change { kind: Kind::Message, id, payload, about: None }),
    }
}

/// Children written already, and one more.
fn with(payload: &Arc<str>, child: Element) -> String {
    Element::client("message").with_raw(Arc::clone(payload)).with_child(child).children_to_xml()
}

/// Rainbow's changes have no id of their own: standard clients get one that is the same whenever the change is repeated.
fn change_id(id: &str, stanza: &Element) -> String {
    let hash = digest::digest(&digest::SHA256, stanza.children_to_xml().as_bytes());
    let tail: String = hash.as_ref()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{id}-{tail}")
}

fn taken_back(id: &str) -> String {
    Element::client("message")
        .with_child(Element::new("retract", ns::RETRACT).with_attribute("id", id))
        .with_child(Element::new("fallback", ns::FALLBACK).with_attribute("for", ns::RETRACT))
        .with_child(Element::client("body").with_text(TAKEN_BACK))
        .with_child(Element::new("store", ns::HINTS))
        .children_to_xml()
}

/// XEP-0334 as decision 10 reads it. What changes an archived message always reaches the archive (C8).
pub(super) fn keep(stanza: &Element, kind: Kind) -> Keep {
    let hint = |name| stanza.child(name, ns::HINTS).is_some();
    if matches!(kind, Kind::Correction | Kind::Deletion) || hint("store") {
        Keep::Archive
    } else if hint("no-store") {
        Keep::Never
    } else if hint("no-permanent-store") {
        Keep::UntilTaken
    } else {
        Keep::Archive
    }
}
