//! Conversations: the list, opening, closing, muting, reading all. One with a person has a row and an id of its own; one in a
//! bubble (C3) is there for whoever is in the bubble and has the bubble's id.

mod bookmark;
mod change;
mod in_bubbles;
mod list;
mod named;
mod read_all;
mod search;

pub use bookmark::set_bookmark;
pub use change::{close, open, set_mute};
pub use domain::peer::Peer;
pub(crate) use in_bubbles::{Sight, unread};
pub use list::{find, list};
pub(crate) use named::texts;
pub use named::{Archived, NAMED_MAX, fingerprint, named};
pub use read_all::read_all;
pub use search::{Found, HITS_MAX, Hit, Sought, search};
pub use store::conversation::{Bookmark, LastMessage};

use crate::live::{Notice, NoticeAction, Push};
use crate::{App, Caller};
use domain::ids::ConversationId;
use std::sync::Arc;
use store::conversation as with_people;

/// A conversation in somebody's list.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// With whom.
    pub peer: Peer,
    /// Notifications are off.
    pub mute: bool,
    /// Messages that its owner has not read; of bubbles counted up to a hundred.
    pub unread: u32,
    /// The newest message that its owner may read.
    pub last: Option<LastMessage>,
    /// The message that its owner marked.
    pub bookmark: Option<Bookmark>,
    /// When it was opened first, or its owner came into the bubble, in milliseconds since 1970.
    pub created_ms: i64,
}

impl From<with_people::Conversation> for Conversation {
    fn from(stored: with_people::Conversation) -> Self {
        let with_people::Conversation { id, peer, mute, unread, last, bookmark, created_ms, .. } = stored;
        Self { id, peer: Peer::User(peer), mute, unread, last, bookmark, created_ms }
    }
}

/// Tells all own devices what happened to a conversation.
fn tell(app: &App, caller: &Caller, conversation: &Conversation, action: NoticeAction) {
    let notice = Notice::Conversation {
        id: conversation.id.clone(),
        action,
        peer: conversation.peer.clone(),
        mute: conversation.mute,
        unread: conversation.unread,
    };
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(notice)));
}
