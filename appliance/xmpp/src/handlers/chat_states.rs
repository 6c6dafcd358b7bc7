//! XEP-0085 typing and other messages without content: passed on to who is there, never stored.

use super::chat::is_copied;
use super::message::To;
use super::{Replies, Session, Supports, Xep, fresh_payload};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::live::MessageType;
use app::message::{Transient, send_transient};

pub(super) const SUPPORTS: Supports = Supports::passed_on(&[Xep::new(85, "2.1", "Chat State Notifications")]);

/// Rainbow's clients know neither errors of other devices nor reactions.
fn is_standard_only(stanza: &Element, kind: MessageType) -> bool {
    kind.is_fleeting() || stanza.child("reactions", ns::REACTIONS).is_some()
}

pub(super) fn handle(session: &Session, stanza: &Element, to: &To<'_>) -> Result<Replies, AppError> {
    let out = Transient {
        to: to.user.clone(),
        to_resource: to.resource(),
        stanza: to.kind,
        id: stanza.attribute("id").map(str::to_owned),
        copied: is_copied(stanza),
        payload: fresh_payload(stanza),
        standard_only: is_standard_only(stanza, to.kind),
    };
    send_transient(&session.app, &session.caller, &session.device, out)?;
    Ok(Vec::new())
}
