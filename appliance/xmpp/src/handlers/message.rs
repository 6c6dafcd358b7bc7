//! What a message is, told by its children; each kind has a handler file.

use super::{Recipient, Replies, Session, chat, chat_states, receipts, unavailable};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use domain::ids::UserId;
use std::sync::Arc;

/// Longest id of a message.
const ID_LENGTH_MAX: usize = 256;

/// Children that only the box may write: stamps, copies and management notices.
const BOX_ONLY: [&str; 5] = [ns::MAM_TMP, ns::STANZA_ID, ns::DELAY, ns::CONFIGURATION, ns::CARBONS];

pub(super) async fn handle(session: &Session, stanza: &Element) -> Result<Replies, AppError> {
    let kind = stanza.attribute("type").unwrap_or("normal");
    if kind == "error" {
        return Ok(Vec::new());
    }
    if stanza.attribute("id").is_some_and(|id| id.len() > ID_LENGTH_MAX) {
        return Err(AppError::Invalid { field: "id", why: format!("at most {ID_LENGTH_MAX} bytes") });
    }
    let to: UserId = match session.recipient(stanza) {
        Recipient::User(user) if matches!(kind, "chat" | "normal") => user,
        Recipient::Account if matches!(kind, "chat" | "normal") => session.caller.user.clone(),
        _ => return Ok(unavailable(stanza)),
    };
    if let Some(receipt) = stanza.child("received", ns::RECEIPTS) {
        return receipts::handle(session, stanza, receipt, to).await;
    }
    if chat::is_content(stanza) {
        return chat::handle(session, stanza, to).await;
    }
    chat_states::handle(session, stanza, &to)
}

/// The children of a stanza as they are passed on and stored: without those that only the box may write.
pub(crate) fn fresh_payload(stanza: &Element) -> Arc<str> {
    if !stanza.children().any(|child| BOX_ONLY.contains(&child.namespace())) {
        return Arc::from(stanza.children_to_xml());
    }
    let mut cleaned = Element::client("message");
    for child in stanza.children().filter(|child| !BOX_ONLY.contains(&child.namespace())) {
        cleaned.push_child(child.clone());
    }
    Arc::from(cleaned.children_to_xml())
}
