//! Conversations: the list, opening, closing, muting, reading all.

mod change;
mod list;
mod read_all;

pub use change::{close, open, set_mute};
pub use list::{find, list};
pub use read_all::read_all;
pub use store::conversation::{Conversation, LastMessage};

use crate::live::{Notice, NoticeAction, Push};
use crate::{App, Caller};
use std::sync::Arc;

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
