//! The namespaces that this room speaks, under the names the RFCs and XEPs give them.

use std::borrow::Cow;

/// Stanzas of a client's stream (RFC 6120, 4.8.2).
pub const CLIENT: &str = "jabber:client";
/// `<open/>` and `<close/>` (RFC 7395, 3.3.2).
pub const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
/// `<stream:features/>` and `<stream:error/>` (RFC 6120, 4.8.1).
pub const STREAM: &str = "http://etherx.jabber.org/streams";
/// Conditions of stream errors (RFC 6120, 4.9.2).
pub const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// Conditions of stanza errors (RFC 6120, 8.3.2).
pub const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// SASL (RFC 6120, 6).
pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// SASL 2 (XEP-0388).
pub const SASL_2: &str = "urn:xmpp:sasl:2";
/// Bind 2 (XEP-0386).
pub const BIND_2: &str = "urn:xmpp:bind:0";
/// Tokens in place of a password (XEP-0484).
pub const FAST: &str = "urn:xmpp:fast:0";
/// Resource binding (RFC 6120, 7).
pub const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// The session request that RFC 6121 retired and old clients still send.
pub const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// What can bind SASL to the channel (XEP-0440).
pub const CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
/// Acknowledgement and resumption (XEP-0198).
pub const MANAGEMENT: &str = "urn:xmpp:sm:3";
/// Whether somebody looks at the client (XEP-0352).
pub const CLIENT_STATE: &str = "urn:xmpp:csi:0";
/// What the prefix `xml` always means.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// What the prefix `xmlns` always means.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Receipts and read marks, with Rainbow's `event` and `entity` (XEP-0184).
pub const RECEIPTS: &str = "urn:xmpp:receipts";
/// Typing and the like (XEP-0085).
pub const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
/// Processing hints (XEP-0334).
pub const HINTS: &str = "urn:xmpp:hints";
/// Rainbow's corrections and deletions; the same id twice (sheet section 7).
pub const CORRECT: &str = "urn:xmpp:message-correct:0";
/// Copies for other devices (XEP-0280).
pub const CARBONS: &str = "urn:xmpp:carbons:2";
/// A stanza inside another (XEP-0297).
pub const FORWARD: &str = "urn:xmpp:forward:0";
/// When something was sent first (XEP-0203).
pub const DELAY: &str = "urn:xmpp:delay";
/// Unique stanza ids (XEP-0359).
pub const STANZA_ID: &str = "urn:xmpp:sid:0";
/// The archive as Rainbow's SDK asks for it (XEP-0313, version 0.5).
pub const MAM_1: &str = "urn:xmpp:mam:1";
/// Rainbow's: a page in one stanza.
pub const MAM_1_BULK: &str = "urn:xmpp:mam:1:bulk";
/// The archive as standard clients ask for it (XEP-0313, version 1.0).
pub const MAM_2: &str = "urn:xmpp:mam:2";
/// What MAM's version 1.1 adds: places as ids, flipped pages, metadata.
pub const MAM_2_EXTENDED: &str = "urn:xmpp:mam:2#extended";
/// `<archived/>` on live messages (XEP-0313, version 0.2).
pub const MAM_TMP: &str = "urn:xmpp:mam:tmp";
/// Paging (XEP-0059).
pub const RSM: &str = "http://jabber.org/protocol/rsm";
/// Forms (XEP-0004).
pub const DATA_FORM: &str = "jabber:x:data";
/// Rainbow's management notices.
pub const CONFIGURATION: &str = "jabber:iq:configuration";
/// Who is in one's network (RFC 6121, 2).
pub const ROSTER: &str = "jabber:iq:roster";
/// Whom one has blocked (XEP-0191).
pub const BLOCKING: &str = "urn:xmpp:blocking";
/// A profile or picture changed (XEP-0153).
pub const VCARD_UPDATE: &str = "vcard-temp:x:update";

/// Read markers of standard clients (XEP-0333).
pub const MARKERS: &str = "urn:xmpp:chat-markers:0";
/// Reactions to messages (XEP-0444).
pub const REACTIONS: &str = "urn:xmpp:reactions:0";
/// What people remarked on a message, beside it in a page of history: ours.
pub const REMARKS: &str = "urn:rainbow-edge:remarks";
/// Messages taken back (XEP-0424).
pub const RETRACT: &str = "urn:xmpp:message-retract:1";
/// Text for clients that do not know better (XEP-0428).
pub const FALLBACK: &str = "urn:xmpp:fallback:0";
/// What an entity is and can (XEP-0030).
pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// What belongs to an entity (XEP-0030).
pub const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// What an entity can, as a hash (XEP-0115).
pub const CAPS: &str = "http://jabber.org/protocol/caps";
/// That rosters have versions (RFC 6121, 2.6).
pub const ROSTER_VERSIONS: &str = "urn:xmpp:features:rosterver";
/// Nodes, items and what is done with them (XEP-0060).
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// News of nodes.
pub const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// What the owner of a node does with it.
pub const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// Why something about a node is refused.
pub const PUBSUB_ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
/// Why a message to somebody whom one has blocked is refused (XEP-0191).
pub const BLOCKING_ERRORS: &str = "urn:xmpp:blocking:errors";
/// Profiles as older clients read them (XEP-0054).
pub const VCARD_TEMP: &str = "vcard-temp";
/// Profiles (RFC 6351).
pub const VCARD_4: &str = "urn:ietf:params:xml:ns:vcard-4.0";
/// The node of profiles (XEP-0292).
pub const VCARD_4_NODE: &str = "urn:xmpp:vcard4";
/// The node of pictures (XEP-0084).
pub const AVATAR_DATA: &str = "urn:xmpp:avatar:data";
/// The node of what there is to know of a picture (XEP-0084).
pub const AVATAR_METADATA: &str = "urn:xmpp:avatar:metadata";

/// Sessions between two devices (XEP-0166).
pub const JINGLE: &str = "urn:xmpp:jingle:1";
/// Sound and pictures in them (XEP-0167).
pub const JINGLE_RTP: &str = "urn:xmpp:jingle:apps:rtp:1";
/// By which certificate they are encrypted (XEP-0320).
pub const JINGLE_DTLS: &str = "urn:xmpp:jingle:apps:dtls:0";
/// Calls ring before there is a session (XEP-0353).
pub const JINGLE_MESSAGE: &str = "urn:xmpp:jingle-message:0";
/// Rainbow's history of calls.
pub const CALL_LOG: &str = "jabber:iq:telephony:call_log";
/// News of Rainbow's history of calls.
pub const CALL_LOG_NEWS: &str = "jabber:iq:notification:telephony:call_log";
/// That one has seen a record of Rainbow's history of calls.
pub const CALL_LOG_RECEIPTS: &str = "urn:xmpp:telephony:call_log:receipts";

/// Bubbles as rooms (XEP-0045).
pub const MUC: &str = "http://jabber.org/protocol/muc";
/// Who is in one, and as what.
pub const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
/// Lists and changes of that.
pub const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";
/// Configuration of one.
pub const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
/// Invitations into one (XEP-0249).
pub const CONFERENCE: &str = "jabber:x:conference";
/// Who somebody in one is, whatever he is called (XEP-0421).
pub const OCCUPANT_ID: &str = "urn:xmpp:occupant-id:0";

/// Frequent in client stanzas: a known namespace costs no allocation for each element that inherits it.
const KNOWN: [&str; 24] = [
    CLIENT,
    FRAMING,
    STREAM,
    STANZA_ERRORS,
    SASL,
    BIND,
    SESSION,
    "jabber:iq:application",
    "jabber:iq:configuration",
    "jabber:x:conference",
    "jabber:x:data",
    "jabber:x:oob",
    CHAT_STATES,
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/muc",
    "http://jabber.org/protocol/rsm",
    "urn:xmpp:carbons:2",
    "urn:xmpp:content",
    "urn:xmpp:forward:0",
    "urn:xmpp:hints",
    "urn:xmpp:mam:1",
    "urn:xmpp:message-correct:0",
    "urn:xmpp:ping",
    "urn:xmpp:receipts",
];

/// The static copy of a known namespace, an owned copy of any other.
pub(super) fn intern(namespace: &str) -> Cow<'static, str> {
    match KNOWN.iter().find(|known| **known == namespace) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(namespace.to_owned()),
    }
}
