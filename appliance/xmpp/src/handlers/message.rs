//! What a message is, told by its children; each kind has a handler file.

use super::{
    Recipient, Replies, Session, Supports, Xep, call_log, chat, chat_states, jingle, muc, nowhere, receipts, resource,
    unavailable,
};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::live::MessageType;
use domain::ids::UserId;
use std::sync::Arc;

pub(super) const SUPPORTS: Supports = Supports::passed_on(&[
    Xep::new(203, "2.0", "Delayed Delivery"),
    Xep::new(359, "0.7.0", "Unique and Stable Stanza IDs"),
]);

/// Longest id of a message.
const ID_LENGTH_MAX: usize = 256;

/// Children that only the box may write: stamps, copies and management notices.
const BOX_ONLY: [&str; 5] = [ns::MAM_TMP, ns::STANZA_ID, ns::DELAY, ns::CONFIGURATION, ns::CARBONS];

/// To whom a message goes.
pub(super) struct To<'a> {
    pub(super) user: UserId,
    /// The one device that it is addressed to, if it is.
    pub(super) resource: Option<&'a str>,
    pub(super) kind: MessageType,
}

impl To<'_> {
    pub(super) fn resource(&self) -> Option<String> {
        self.resource.map(str::to_owned)
    }
}

pub(super) async fn handle(session: &Session, stanza: &Element) -> Result<Replies, AppError> {
    let kind = MessageType::parse(stanza.attribute("type").unwrap_or("normal"));
    let resource = resource(stanza);
    if stanza.attribute("id").is_some_and(|id| id.len() > ID_LENGTH_MAX) {
        return Err(AppError::Invalid { field: "id", why: format!("at most {ID_LENGTH_MAX} bytes") });
    }
    let recipient = session.recipient(stanza);
    if let (Some(seen), Recipient::Account) = (call_log::seen(stanza), &recipient) {
        return call_log::mark_read(session, seen).await;
    }
    let user = match recipient {
        Recipient::User(user) => user,
        Recipient::Account => session.caller.user.clone(),
        Recipient::Room(id) => return muc::message::handle(session, stanza, &id).await,
        // RFC 6121, 8.1.1: an error is never answered.
        _ if kind == Some(MessageType::Error) => return Ok(Vec::new()),
        _ => return Ok(nowhere(stanza, &recipient)),
    };
    // RFC 6121, 5.2.2: another type is taken for that of a message alone.
    let kind = kind.unwrap_or(MessageType::Normal);
    let to = To { user, resource, kind };
    let rings = matches!(kind, MessageType::Chat | MessageType::Normal | MessageType::Headline);
    if let Some(said) = crate::jingle::signal(stanza).filter(|_| rings) {
        return jingle::signal(session, stanza, said, to).await;
    }
    match kind {
        MessageType::Error if resource.is_some() => chat_states::handle(session, stanza, &to),
        MessageType::Error => Ok(Vec::new()),
        // RFC 6121, 8.5.2.1.1: a person is no room. One device may be taken for one (8.5.3.1).
        MessageType::Groupchat if resource.is_none() => Ok(unavailable(stanza)),
        MessageType::Headline | MessageType::Groupchat => chat::handle(session, stanza, to).await,
        MessageType::Chat | MessageType::Normal => {
            if let Some((mark, receipt)) = receipts::found(stanza) {
                return receipts::handle(session, stanza, mark, receipt, to).await;
            }
            if chat::is_content(session, stanza) {
                return chat::handle(session, stanza, to).await;
            }
            chat_states::handle(session, stanza, &to)
        }
    }
}

/// Text of the body.
pub(super) fn body(stanza: &Element) -> String {
    stanza.child_text("body", ns::CLIENT).map(|body| body.into_owned()).unwrap_or_default()
}

/// Whether a client may write this child.
fn is_allowed(child: &Element) -> bool {
    !BOX_ONLY.contains(&child.namespace()) || child.is("origin-id", ns::STANZA_ID)
}

/// The children of a stanza as they are passed on and stored: without those that only the box may write.
pub(crate) fn fresh_payload(stanza: &Element) -> Arc<str> {
    payload_without(stanza, &[])
}

/// The same without these, each by name and namespace.
pub(super) fn payload_without(stanza: &Element, left_out: &[(&str, &str)]) -> Arc<str> {
    let passed = |child: &Element| is_allowed(child) && !left_out.iter().any(|(name, of)| child.is(name, of));
    if stanza.children().all(passed) {
        return Arc::from(stanza.children_to_xml());
    }
    let mut cleaned = Element::client("message");
    for child in stanza.children().filter(|child| passed(child)) {
        cleaned.push_child(child.clone());
    }
    Arc::from(cleaned.children_to_xml())
}
