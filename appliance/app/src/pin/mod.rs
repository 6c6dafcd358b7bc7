//! Pins: messages that somebody keeps at hand, of people and of bubbles. A pin is a place in an archive; what stands there is read
//! when it is shown, so nothing stays of what was deleted (C8).

mod change;
mod list;

pub use change::{add, move_to, remove};
pub use list::{find, list};

use crate::conversation::Peer;
use domain::ids::{ArchiveId, PinId};
use store::pin;

/// A message that somebody keeps at hand.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Its id.
    pub id: PinId,
    /// In which conversation.
    pub peer: Peer,
    /// The place of the message in the archive.
    pub archive: ArchiveId,
    /// The id that its sender gave it.
    pub message_id: String,
    /// What it says now.
    pub text: String,
    /// When it was pinned, in milliseconds since 1970.
    pub created_ms: i64,
}

/// What is not found where there is no pin.
const PIN: &str = "pin";

fn of(peer: &Peer) -> pin::Of {
    match peer {
        Peer::User(user) => pin::Of { id: user.to_string(), is_bubble: false },
        Peer::Bubble(bubble) => pin::Of { id: bubble.to_string(), is_bubble: true },
    }
}
