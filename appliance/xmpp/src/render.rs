//! What is pushed to a device, as stanzas: Rainbow's clients and standard ones read different things.

mod call;
mod door;
mod poll;
mod room;
mod standard;

pub(crate) use call::call_record;

use crate::handlers::Session;
use crate::stream::StreamCondition;
use crate::xml::{Element, namespace as ns};
use app::container::Container;
use app::conversation::Peer;
use app::live::{
    Device, Ending, LiveIq, LiveMessage, LivePresence, Notice, NoticeAction, Push, Refusal, SmallPictureFacts,
};
use app::network::Side;
use domain::clock::iso8601;
use domain::ids::{BubbleId, UserId};
use std::sync::Arc;

/// Addresses of one domain.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    domain: Arc<str>,
}

impl Addresses {
    pub(crate) fn new(domain: &str) -> Self {
        Self { domain: Arc::from(domain) }
    }

    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    pub(crate) fn bare(&self, user: &UserId) -> String {
        format!("{user}@{}", self.domain)
    }

    pub(crate) fn full(&self, user: &UserId, resource: &str) -> String {
        format!("{user}@{}/{resource}", self.domain)
    }

    /// The service that takes files.
    pub(crate) fn files(&self) -> String {
        format!("upload.{}", self.domain)
    }

    fn sender(&self, message: &LiveMessage) -> String {
        match &message.from_resource {
            Some(resource) => self.full(&message.from, resource),
            None => self.bare(&message.from),
        }
    }
}

/// The stanzas of a push for the device of a session.
pub(crate) async fn render(push: &Push, session: &Session) -> Vec<Element> {
    let (device, at) = (&session.device, &session.at);
    match push {
        Push::Blocked { user, blocked } => vec![blocking(user, *blocked, device, at)],
        Push::Presence(one) => vec![presence(one, &device.user, at)],
        Push::Presences(all) => all.iter().map(|one| presence(one, &device.user, at)).collect(),
        Push::Entered { others, own, said, topic } => room::entered(others, own, (said, topic.as_deref()), device, at),
        Push::Occupant(one) => vec![room::occupant(one, device, at)],
        Push::Said(one) => room::told(one, device, at),
        Push::Unsaid { bubble, id, reason } => vec![room::unsaid(bubble, id, *reason, device, at)],
        Push::AskedIn { bubble, by, reason } => vec![room::asked_in(bubble, by, reason, device, at)],
        Push::Topic { bubble, nick, topic } => vec![room::subject(bubble, nick.as_deref(), topic, device, at)],
        Push::Iq(one) => vec![request(one, device, at)],
        _ if device.standard => Box::pin(standard::render(push, session)).await,
        _ => rainbow(push, device, at),
    }
}

/// A request of another device, or its answer.
fn request(iq: &LiveIq, device: &Device, at: &Addresses) -> Element {
    Element::client("iq")
        .with_attribute("type", iq.kind.as_str())
        .with_attribute("id", iq.id.as_str())
        .with_attribute("from", at.full(&iq.from, &iq.from_resource))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_raw(Arc::clone(&iq.payload))
}

/// For Rainbow's clients. What they know nothing like is not for them.
fn rainbow(push: &Push, device: &Device, at: &Addresses) -> Vec<Element> {
    let me = &device.user;
    let stanza = match push {
        Push::Message(message) => chat(message, at),
        Push::Waited(messages) => {
            let known = messages.iter().filter(|message| !message.standard_only);
            return known.map(|message| chat(message, at)).collect();
        }
        Push::Carbon(message) => carbon(message, me, at),
        Push::Accepted { id, peer } => accepted(id, peer, device, at),
        Push::Refused { id, peer, reason } => refused(id, peer, *reason, device, at),
        Push::Network { user, joined } | Push::Colleague { user, joined } => roster(user, *joined, device, at),
        Push::ProfileChanged(user) => profile_changed(user, me, at),
        Push::Notice(notice) => management(notice, me, at),
        Push::AllRead { with, received, up_to: _ } => {
            let which = if *received { "all-received" } else { "all-sent" };
            let mark =
                Element::client("mark_as_read").with_attribute("with", at.bare(with)).with_attribute("id", which);
            from_myself(me, at).with_child(mark)
        }
        Push::BubbleRead(read) => room::read(read, me, at),
        Push::Call(news) => call::news(news, me, at),
        Push::BubbleReceipt(receipt) => room::receipt(receipt, device, at),
        Push::Cleared(with) => {
            let with = address(with, at);
            let deleted = Element::client("deleted").with_attribute("id", "all").with_attribute("with", with);
            from_myself(me, at).with_child(deleted)
        }
        _ => return Vec::new(),
    };
    vec![stanza]
}

/// Why the box ends the stream of a device; `None` has the registry's own reason.
pub(crate) fn stream_error(ending: Option<Ending>) -> (StreamCondition, &'static str) {
    let Some(ending) = ending else { return (StreamCondition::PolicyViolation, "the device reads too slowly") };
    match ending {
        Ending::Replaced => (StreamCondition::Conflict, "the same device connected anew"),
        Ending::SignedOut => (StreamCondition::NotAuthorized, "the sign-in has ended"),
        Ending::Shutdown => (StreamCondition::SystemShutdown, "the box stops; connect again in a moment"),
    }
}

fn chat(message: &LiveMessage, at: &Addresses) -> Element {
    let mut stanza = Element::client("message")
        .with_attribute("from", at.sender(message))
        .with_attribute("to", at.bare(&message.to))
        .with_attribute("type", "chat");
    if let Some(id) = &message.id {
        stanza.set_attribute("id", id.as_str());
    }
    stanza = stanza.with_raw(Arc::clone(&message.payload));
    let Some(archive) = message.archive else { return stanza };
    let stamp = iso8601(archive.stamp_ms());
    let archived = Element::new("archived", ns::MAM_TMP)
        .with_attribute("by", at.domain())
        .with_attribute("id", archive.to_string())
        .with_attribute("stamp", stamp.as_str());
    let stanza_id = Element::new("stanza-id", ns::STANZA_ID)
        .with_attribute("by", at.bare(&message.to))
        .with_attribute("id", archive.to_string());
    stanza.push_child(archived);
    stanza.push_child(stanza_id);
    if message.delayed {
        let delay = Element::new("delay", ns::DELAY).with_attribute("from", at.domain()).with_attribute("stamp", stamp);
        stanza.push_child(delay);
    }
    stanza
}

/// XEP-0280. No white space between the elements: Rainbow's SDK takes the first child whatever it is.
fn carbon(message: &LiveMessage, me: &UserId, at: &Addresses) -> Element {
    let forwarded = Element::new("forwarded", ns::FORWARD).with_child(chat(message, at));
    from_myself(me, at).with_child(Element::new("sent", ns::CARBONS).with_child(forwarded))
}

fn from_myself(me: &UserId, at: &Addresses) -> Element {
    Element::client("message")
        .with_attribute("from", at.bare(me))
        .with_attribute("to", at.bare(me))
        .with_attribute("type", "chat")
}

/// The server receipt (sheet section 7, step 1).
fn accepted(id: &str, peer: &UserId, device: &Device, at: &Addresses) -> Element {
    let received = Element::new("received", ns::RECEIPTS)
        .with_attribute("event", "received")
        .with_attribute("entity", "server")
        .with_attribute("id", id);
    Element::client("message")
        .with_attribute("from", at.bare(peer))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "chat")
        .with_child(received)
}

/// What a sender is told whose message has no room.
const NO_ROOM: &str = "the disk of this box is full; send it again once its owner has made room";

fn refused(id: &str, peer: &UserId, reason: Refusal, device: &Device, at: &Addresses) -> Element {
    let (kind, condition, text) = match reason {
        Refusal::Unavailable | Refusal::Blocked => {
            ("cancel", "service-unavailable", "nobody there can take this message now")
        }
        Refusal::NoSuchMessage => ("cancel", "item-not-found", "there is no message of yours with this id"),
        Refusal::NotTheLast => ("cancel", "not-allowed", "only your last message to this person can be changed"),
        Refusal::NoRoom => ("wait", "resource-constraint", NO_ROOM),
        Refusal::NotStored => ("wait", "internal-server-error", "the message could not be stored; send it again"),
    };
    message_error(at.bare(peer), id, (kind, condition, text), device, at)
}

/// An error in the place of a message that the device sent (RFC 6120, 8.3).
fn message_error(
    from: String,
    id: &str,
    (kind, condition, text): (&'static str, &'static str, &str),
    device: &Device,
    at: &Addresses,
) -> Element {
    let error = Element::client("error")
        .with_attribute("type", kind)
        .with_child(Element::new(condition, ns::STANZA_ERRORS))
        .with_child(Element::new("text", ns::STANZA_ERRORS).with_attribute("xml:lang", "en").with_text(text));
    Element::client("message")
        .with_attribute("from", from)
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "error")
        .with_attribute("id", id)
        .with_child(error)
}

/// XEP-0191, 3.3.7: who writes to somebody whom he has blocked himself is told so.
fn blocking_error(mut refused: Element) -> Element {
    refused.remove_children("error", ns::CLIENT);
    let error = Element::client("error")
        .with_attribute("type", "cancel")
        .with_child(Element::new("not-acceptable", ns::STANZA_ERRORS))
        .with_child(Element::new("blocked", ns::BLOCKING_ERRORS));
    refused.with_child(error)
}

fn presence(one: &LivePresence, me: &UserId, at: &Addresses) -> Element {
    let from = if one.resource.is_empty() { at.bare(&one.from) } else { at.full(&one.from, &one.resource) };
    let mut stanza = Element::client("presence").with_attribute("from", from).with_attribute("to", at.bare(me));
    if let Some(id) = &one.id {
        stanza.set_attribute("id", id.as_str());
    }
    if !one.available {
        stanza.set_attribute("type", "unavailable");
    }
    stanza.with_raw(Arc::clone(&one.payload))
}

/// An iq of the box's own to one device, on behalf of the account (RFC 6121, 2.1.6). Answers to it are not waited for.
pub(crate) fn iq_push(payload: Element, device: &Device, at: &Addresses) -> Element {
    Element::client("iq")
        .with_attribute("from", at.bare(&device.user))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "set")
        .with_attribute("id", "push")
        .with_child(payload)
}

/// How Rainbow's clients learn that somebody came into the network or left it (sheet section 5).
fn roster(user: &UserId, joined: bool, device: &Device, at: &Addresses) -> Element {
    let subscription = if joined { "both" } else { "remove" };
    let item = Element::new("item", ns::ROSTER)
        .with_attribute("jid", at.bare(user))
        .with_attribute("subscription", subscription);
    iq_push(Element::new("query", ns::ROSTER).with_child(item), device, at)
}

/// XEP-0191, 3.3.8 and 3.4.8: all devices of the blocker hear of it.
fn blocking(user: &UserId, blocked: bool, device: &Device, at: &Addresses) -> Element {
    let item = Element::new("item", ns::BLOCKING).with_attribute("jid", at.bare(user));
    let name = if blocked { "block" } else { "unblock" };
    iq_push(Element::new(name, ns::BLOCKING).with_child(item), device, at)
}

/// Sheet section 6: the client reads the user again by REST.
fn profile_changed(user: &UserId, me: &UserId, at: &Addresses) -> Element {
    let update = Element::new("x", ns::VCARD_UPDATE).with_child(Element::new("data", ns::VCARD_UPDATE));
    Element::client("presence")
        .with_attribute("from", at.bare(user))
        .with_attribute("to", at.bare(me))
        .with_child(update)
        .with_child(Element::new("actor", ns::CONFIGURATION))
}

fn action_name(action: NoticeAction) -> &'static str {
    match action {
        NoticeAction::Create => "create",
        NoticeAction::Update => "update",
        NoticeAction::Delete => "delete",
    }
}

/// Sheet section 12, "all other management notices".
fn management(notice: &Notice, me: &UserId, at: &Addresses) -> Element {
    let configuration = |name| Element::new(name, ns::CONFIGURATION);
    let body = match notice {
        Notice::Settings => configuration("usersettings").with_attribute("action", "update"),
        Notice::Invitation { id, side, action, status, peer: _ } => configuration("userinvite")
            .with_attribute("id", id.as_str())
            .with_attribute("type", if *side == Side::Sent { "sent" } else { "received" })
            .with_attribute("action", action_name(*action))
            .with_attribute("status", status.name()),
        Notice::Group { group, action } => configuration("group")
            .with_attribute("id", group.id.as_str())
            .with_attribute("scope", "group")
            .with_attribute("action", action_name(*action))
            .with_attribute("name", group.name.as_str())
            .with_attribute("comment", group.comment.as_str())
            .with_attribute("isFavorite", if group.favorite { "true" } else { "false" }),
        Notice::GroupMember { id, action, user } => configuration("group")
            .with_attribute("id", id.as_str())
            .with_attribute("scope", "user")
            .with_attribute("action", action_name(*action))
            .with_attribute("userId", user.as_str()),
        Notice::Container { container, action, added, removed } => folder(container, *action, (added, removed)),
        Notice::CustomStatus(Some(status)) => {
            configuration("customStatus").with_attribute("action", "update").with_child(field("content", &status.text))
        }
        Notice::CustomStatus(None) => configuration("customStatus").with_attribute("action", "delete"),
        Notice::Favorite { id, action, peer, position } => configuration("favorite")
            .with_attribute("id", id.as_str())
            .with_attribute("action", action_name(*action))
            .with_attribute("type", peer.kind())
            .with_attribute("peer_id", peer.id())
            .with_attribute("position", position.to_string()),
        Notice::Member { bubble, user, status, role } => room::member(bubble, user, (*status, *role), at),
        Notice::Described(told) => room::described(told, at),
        Notice::Poll { bubble, poll, event } => match poll::stanza(bubble, poll, *event, me, at) {
            poll::Told::Notice(body) => body,
            poll::Told::Stanza(stanza) => return stanza,
        },
        Notice::Link(link) => door::link(link),
        Notice::RoomPassword { bubble, action } => door::password(bubble, action_name(*action), at),
        Notice::Lobby(news) => door::lobby(news, at),
        Notice::Incoming(incoming) => door::incoming(incoming, at),
        Notice::File { file, action } => configuration("file")
            .with_attribute("action", action_name(*action))
            .with_child(configuration("fileid").with_text(file.as_str())),
        Notice::Thumbnail(small) => small_picture(small),
        Notice::Scanned { file, clean } => configuration("vscan")
            .with_attribute("fileId", file.as_str())
            .with_attribute("action", "done")
            .with_attribute("isClean", if *clean { "true" } else { "false" }),
        Notice::Mute { id, mute } => {
            configuration(if *mute { "mute" } else { "unmute" }).with_attribute("conversation", id.as_str())
        }
        Notice::Conversation { id, action, peer, mute, unread } => conversation(id.as_str(), *action, peer, at)
            .with_child(field("mute", if *mute { "true" } else { "false" }))
            .with_child(field("unreadMessageNumber", &unread.to_string())),
        Notice::Bookmark { id, peer, bookmark } => {
            let changed = conversation(id.as_str(), NoticeAction::Update, peer, at);
            let Some(bookmark) = bookmark else { return managing(changed, me, at) };
            let marked = configuration("bookmark")
                .with_child(field("messageId", &bookmark.message_id))
                .with_child(field("timestamp", &bookmark.archive.0.to_string()))
                .with_child(field("unreadMessageNumber", &bookmark.later.to_string()));
            changed.with_child(marked)
        }
    };
    managing(body, me, at)
}

/// The small picture of a file is there.
fn small_picture(of: &SmallPictureFacts) -> Element {
    Element::new("thumbnail", ns::CONFIGURATION)
        .with_attribute("action", "create")
        .with_child(field("url", &format!("/api/rainbow/fileserver/v1.0/files/{}?thumbnail=true", of.file)))
        .with_child(field("mime", &of.kind))
        .with_child(field("filename", &of.name))
        .with_child(field("size", &of.bytes.to_string()))
        .with_child(field("md5sum", &of.md5))
        .with_child(field("fileid", of.file.as_str()))
}

/// A folder of bubbles, with what came into it and went out.
fn folder(of: &Container, action: NoticeAction, (added, removed): (&[BubbleId], &[BubbleId])) -> Element {
    let changed = Element::new("roomscontainer", ns::CONFIGURATION)
        .with_attribute("containerid", of.id.as_str())
        .with_attribute("action", action_name(action))
        .with_attribute("name", of.name.as_str())
        .with_attribute("description", of.description.as_str());
    let moved = [("added", added), ("removed", removed)].into_iter().filter(|(_, ids)| !ids.is_empty());
    moved.fold(changed, |changed, (name, ids)| {
        let ids = ids.iter().map(|id| field("roomid", id.as_str()));
        changed.with_child(ids.fold(Element::new(name, ns::CONFIGURATION), Element::with_child))
    })
}

fn field(name: &'static str, value: &str) -> Element {
    Element::new(name, ns::CONFIGURATION).with_text(value)
}

fn address(peer: &Peer, at: &Addresses) -> String {
    match peer {
        Peer::User(user) => at.bare(user),
        Peer::Bubble(bubble) => at.room(bubble),
    }
}

/// Something happened to a conversation.
fn conversation(id: &str, action: NoticeAction, peer: &Peer, at: &Addresses) -> Element {
    Element::new("conversation", ns::CONFIGURATION)
        .with_attribute("id", id)
        .with_attribute("action", action_name(action))
        .with_child(field("type", peer.kind()))
        .with_child(field("peerId", peer.id()))
        .with_child(field("peer", &address(peer, at)))
}

/// A notice of the box itself.
fn managing(body: Element, me: &UserId, at: &Addresses) -> Element {
    Element::client("message")
        .with_attribute("from", at.domain())
        .with_attribute("to", at.bare(me))
        .with_attribute("type", "management")
        .with_child(body)
}
