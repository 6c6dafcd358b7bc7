//! A user's conversations.

pub(crate) mod bookmark;
pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod mark_all_read;
pub(crate) mod open;
pub(crate) mod read;
pub(crate) mod remove;
pub(crate) mod search;

use crate::answer::{Answer, data};
use crate::edge::Edge;
use crate::error::RestError;
use crate::jid;
use app::Caller;
use app::conversation::{Conversation, Peer};
use app::favorite;
use domain::clock::iso8601;
use serde_json::{Value, json};

/// The JID of a conversation, by which Rainbow's interface names it where messages are meant.
pub(crate) fn peer_jid(peer: &Peer, domain: &str) -> String {
    match peer {
        Peer::User(user) => jid::bare(user, domain),
        Peer::Bubble(bubble) => jid::room(bubble, domain),
    }
}

/// Whose JID it is: a person's or a bubble's, whether there is one or not.
pub(crate) fn parse_peer(text: &str, domain: &str) -> Option<Peer> {
    let bare = text.split('/').next().unwrap_or_default();
    let user = || jid::parse(bare, domain).map(Peer::User);
    jid::parse_room(bare, domain).map(Peer::Bubble).or_else(user)
}

/// Conversations of the caller in Rainbow's JSON.
async fn told(edge: &Edge, caller: &Caller, of: &[Conversation]) -> Result<Vec<Value>, RestError> {
    let (domain, favorites) = (edge.app.domain(), favorite::list(&edge.app, caller).await?);
    let is_favorite = |peer: &Peer| favorites.iter().any(|favorite| favorite.liked == *peer);
    Ok(of.iter().map(|one| conversation_json(one, is_favorite(&one.peer), &domain)).collect())
}

/// One of them.
async fn one(edge: &Edge, caller: &Caller, conversation: &Conversation) -> Answer {
    let told = told(edge, caller, std::slice::from_ref(conversation)).await?;
    data(told.first().ok_or(RestError::NotFound)?)
}

/// A conversation in Rainbow's JSON (protocol section 10). What the last message was is left out while there is none.
fn conversation_json(conversation: &Conversation, is_favorite: bool, domain: &str) -> Value {
    let mut json = json!({
        "id": conversation.id,
        "type": conversation.peer.kind(),
        "jid_im": peer_jid(&conversation.peer, domain),
        "peerId": conversation.peer.id(),
        "unreadMessageNumber": conversation.unread,
        "mute": conversation.mute,
        "creationDate": iso8601(conversation.created_ms),
        "isFavorite": is_favorite,
    });
    if let (Some(last), Some(fields)) = (&conversation.last, json.as_object_mut()) {
        fields.insert(String::from("lastMessageDate"), json!(iso8601(last.sent_at_ms)));
        fields.insert(String::from("lastMessageText"), json!(last.text));
        fields.insert(String::from("lastMessageSender"), json!(last.sender));
    }
    if let (Some(bookmark), Some(fields)) = (&conversation.bookmark, json.as_object_mut()) {
        let marked = json!({
            "messageId": bookmark.message_id,
            "timestamp": bookmark.archive.0,
            "unreadMessageNumber": bookmark.later,
        });
        fields.insert(String::from("bookmark"), marked);
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::conversation::LastMessage;
    use domain::ids::{BubbleId, ConversationId, UserId};

    fn conversation(last: Option<LastMessage>) -> Conversation {
        Conversation {
            id: ConversationId::parse("c00000000000000000000001").expect("an id"),
            peer: Peer::User(UserId::parse("d00000000000000000000001").expect("an id")),
            mute: true,
            unread: 3,
            last,
            bookmark: None,
            created_ms: 0,
        }
    }

    #[test]
    fn a_conversation_has_the_fields_that_the_sdk_reads() {
        let sender = UserId::parse("d00000000000000000000001").expect("an id");
        let last = LastMessage { sent_at_ms: 1000, text: String::from("hello"), sender };
        let expected = json!({
            "id": "c00000000000000000000001",
            "type": "user",
            "jid_im": "d00000000000000000000001@edge.test",
            "peerId": "d00000000000000000000001",
            "lastMessageDate": "1970-01-01T00:00:01.000Z",
            "lastMessageText": "hello",
            "lastMessageSender": "d00000000000000000000001",
            "unreadMessageNumber": 3,
            "mute": true,
            "creationDate": "1970-01-01T00:00:00.000Z",
            "isFavorite": true,
        });
        assert_eq!(conversation_json(&conversation(Some(last)), true, "edge.test"), expected);
    }

    #[test]
    fn a_conversation_in_a_bubble_names_the_bubble_c3() {
        let bubble = BubbleId::parse("b00000000000000000000001").expect("an id");
        let in_bubble = Conversation { peer: Peer::Bubble(bubble), ..conversation(None) };
        let json = conversation_json(&in_bubble, false, "edge.test");
        assert_eq!(
            (&json["type"], &json["jid_im"], &json["peerId"]),
            (&json!("room"), &json!("room_b00000000000000000000001@muc.edge.test"), &json!("b00000000000000000000001"))
        );
    }

    #[test]
    fn a_conversation_without_messages_names_no_last_one() {
        let json = conversation_json(&conversation(None), false, "edge.test");
        for key in ["lastMessageDate", "lastMessageText", "lastMessageSender"] {
            assert!(json.get(key).is_none(), "{key}");
        }
    }
}
