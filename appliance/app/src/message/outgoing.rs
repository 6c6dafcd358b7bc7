//! What a device sends, and the form in which standard clients read what is about another message.

use crate::AppError;
use crate::live::{MessageType, StandardForm};
use domain::ids::{ArchiveId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::message::{self, NewMessage};
use store::person::PersonNo;
use store::{Connection, conversation};

/// What a message is to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new one.
    Message,
    /// New content for the message of the same id.
    Correction,
    /// The end of the message of the same id (C8).
    Deletion,
    /// Something about a message of the other, or of oneself, that standard clients alone know: a reaction.
    Remark,
}

/// How long the box holds a message (XEP-0334 hints).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// In the archive.
    Archive,
    /// Until a device of the recipient took it.
    UntilTaken,
    /// Not at all: taken now or refused.
    Never,
}

/// A message that a device sends.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The sender's id for it; that of the message which it changes, because Rainbow's clients use it twice.
    pub id: String,
    /// To whom.
    pub to: UserId,
    /// The one device that it is addressed to, if it is.
    pub to_resource: Option<String>,
    /// The type of its stanza.
    pub stanza: MessageType,
    /// What it is.
    pub kind: Kind,
    /// How long it is held.
    pub keep: Keep,
    /// Other devices of both get a copy.
    pub copied: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
    /// How standard clients read a change of a message, or a remark on one.
    pub about: Option<About>,
    /// Text of the body.
    pub body: String,
}

/// A message about another one, in the form of standard clients (XEP-0308, XEP-0424, XEP-0444).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct About {
    /// The id of its own stanza.
    pub id: String,
    /// The children of its stanza, as XML.
    pub payload: String,
}

impl About {
    pub(crate) fn form(&self, archive: Option<ArchiveId>) -> StandardForm {
        StandardForm { id: Some(self.id.clone()), archive, payload: Arc::from(self.payload.as_str()) }
    }
}

/// Enters what standard clients find in the archive about the message `of` of the same sender, or of the other one.
pub(crate) fn enter_about(
    content: &Connection,
    (sender, recipient): (PersonNo, PersonNo),
    resource: &str,
    about: &About,
    of: &str,
    waits: bool,
    now_ms: i64,
) -> Result<ArchiveId, AppError> {
    let new = NewMessage {
        sender,
        recipient,
        sender_resource: resource,
        stanza_id: &about.id,
        digest: &[],
        payload: &about.payload,
        body: "",
        kept: true,
        pending: waits,
        kind: MessageType::Chat.name(),
        about: Some(of),
    };
    let entry = message::insert(content, &new, now_ms)?;
    for (owner, peer) in [(sender, recipient), (recipient, sender)] {
        conversation::note_entry(content, owner, peer, entry)?;
    }
    Ok(entry)
}
