//! Messages that a user keeps at hand.

pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod remove;

use crate::enduser::conversations::peer_jid;
use app::conversation::Peer;
use app::pin::Pin;
use serde_json::{Value, json};

/// A pin in Rainbow's JSON; times of messages are in microseconds there. `fileInfo` is not kept: the message has it.
fn pin_json(pin: &Pin, domain: &str) -> Value {
    let (peer, jid) = match &pin.peer {
        Peer::User(user) => (user.as_str(), peer_jid(&pin.peer, domain)),
        Peer::Bubble(bubble) => (bubble.as_str(), peer_jid(&pin.peer, domain)),
    };
    json!({
        "id": pin.id,
        "peerId": peer,
        "peerJid": jid,
        "conversationJid": jid,
        "messageId": pin.message_id,
        "messageTimestamp": pin.archive.0,
        "text": pin.text,
        "creationDate": pin.created_ms,
    })
}
