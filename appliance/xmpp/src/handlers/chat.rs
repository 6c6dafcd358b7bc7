//! Messages with content: new ones, corrections, deletions (sheet section 7).

use super::{Replies, Session, fresh_payload};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::message::{Keep, Kind, Outgoing, send};
use domain::ids::UserId;

/// Namespaces that make a message content even without a body.
const CONTENT: [(&str, &str); 4] =
    [("modified", ns::CORRECT), ("deleted", ns::CORRECT), ("x", "jabber:x:oob"), ("content", "urn:xmpp:content")];

pub(super) fn is_content(stanza: &Element) -> bool {
    stanza.child("body", ns::CLIENT).is_some() || CONTENT.iter().any(|(name, of)| stanza.child(name, of).is_some())
}

pub(super) async fn handle(session: &Session, stanza: &Element, to: UserId) -> Result<Replies, AppError> {
    let id = stanza.attribute("id").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| AppError::Invalid { field: "id", why: String::from("a message needs an id") })?;
    let out = Outgoing {
        id: id.to_owned(),
        to,
        kind: kind(stanza),
        keep: keep(stanza),
        copied: stanza.child("no-copy", ns::HINTS).is_none() && stanza.child("private", ns::CARBONS).is_none(),
        payload: fresh_payload(stanza),
        body: stanza.child_text("body", ns::CLIENT).map(|body| body.into_owned()).unwrap_or_default(),
    };
    send(&session.app, &session.caller, &session.device, out).await?;
    Ok(Vec::new())
}

fn kind(stanza: &Element) -> Kind {
    if stanza.child("deleted", ns::CORRECT).is_some() {
        Kind::Deletion
    } else if stanza.child("modified", ns::CORRECT).is_some() {
        Kind::Correction
    } else {
        Kind::Message
    }
}

/// XEP-0334 as decision 10 reads it. What changes an archived message always reaches the archive (C8).
fn keep(stanza: &Element) -> Keep {
    let hint = |name| stanza.child(name, ns::HINTS).is_some();
    if kind(stanza) != Kind::Message || hint("store") {
        Keep::Archive
    } else if hint("no-store") {
        Keep::Never
    } else if hint("no-permanent-store") {
        Keep::UntilTaken
    } else {
        Keep::Archive
    }
}
