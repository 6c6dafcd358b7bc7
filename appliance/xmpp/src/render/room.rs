//! What is pushed of bubbles (XEP-0045; sheet section 9).

use super::{Addresses, NO_ROOM, conversation, field, from_myself, managing, message_error};
use crate::handlers::muc::affiliation;
use crate::xml::{Element, namespace as ns};
use app::conversation::Peer;
use app::live::{BubbleRead, BubbleReceipt, Described, Device, Gone, NoticeAction, Occupant, Refusal, Said, Standing};
use domain::bubble::Role;
use domain::clock::iso8601;
use domain::ids::{BubbleId, UserId};
use std::sync::Arc;

impl Addresses {
    /// The service of all bubbles.
    pub(crate) fn rooms(&self) -> String {
        format!("muc.{}", self.domain)
    }

    pub(crate) fn room(&self, bubble: &BubbleId) -> String {
        format!("room_{bubble}@muc.{}", self.domain)
    }

    pub(crate) fn occupant(&self, bubble: &BubbleId, nick: &str) -> String {
        format!("room_{bubble}@muc.{}/{nick}", self.domain)
    }

    fn speaker(&self, said: &Said, device: &Device) -> String {
        if device.standard {
            return self.occupant(&said.bubble, &said.nick);
        }
        self.occupant(&said.bubble, &self.full(&said.from, &said.from_resource))
    }
}

/// What was said. To the device of Rainbow's that said it also the box's receipt: only then its SDK holds its own words.
pub(super) fn told(one: &Said, device: &Device, at: &Addresses) -> Vec<Element> {
    let mut stanzas = vec![said(one, device, at)];
    let own = one.from == device.user && one.from_resource == device.resource;
    if let (Some(id), true) = (&one.id, own && one.acknowledged && !device.standard) {
        stanzas.push(received(at.speaker(one, device), ("received", "server"), id, device, at));
    }
    stanzas
}

/// Somebody received, or read, what the device's user said.
pub(super) fn receipt(receipt: &BubbleReceipt, device: &Device, at: &Addresses) -> Element {
    let from = at.occupant(&receipt.bubble, &at.full(&receipt.by, &receipt.by_resource));
    received(from, (if receipt.read { "read" } else { "received" }, "client"), &receipt.id, device, at)
}

fn received(
    from: String,
    (event, entity): (&'static str, &'static str),
    id: &str,
    device: &Device,
    at: &Addresses,
) -> Element {
    let received = Element::new("received", ns::RECEIPTS)
        .with_attribute("event", event)
        .with_attribute("entity", entity)
        .with_attribute("id", id);
    Element::client("message")
        .with_attribute("from", from)
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "groupchat")
        .with_child(received)
}

/// What was said, to one of those who are there.
pub(super) fn said(said: &Said, device: &Device, at: &Addresses) -> Element {
    let form = said.standard.as_ref().filter(|_| device.standard);
    let (id, archive, payload) = match form {
        Some(form) => (&form.id, form.archive, &form.payload),
        None => (&said.id, said.archive, &said.payload),
    };
    let mut stanza = Element::client("message")
        .with_attribute("from", at.speaker(said, device))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "groupchat");
    if let Some(id) = id {
        stanza.set_attribute("id", id.as_str());
    }
    stanza = stanza.with_raw(Arc::clone(payload));
    if device.standard {
        stanza.push_child(occupant_id(&said.from));
    }
    let Some(archive) = archive else { return stanza };
    let room = at.room(&said.bubble);
    if !device.standard {
        let archived = Element::new("archived", ns::MAM_TMP)
            .with_attribute("by", room.as_str())
            .with_attribute("id", archive.to_string())
            .with_attribute("stamp", iso8601(archive.stamp_ms()));
        stanza.push_child(archived);
    }
    let stanza_id = Element::new("stanza-id", ns::STANZA_ID);
    stanza.with_child(stanza_id.with_attribute("by", room).with_attribute("id", archive.to_string()))
}

fn occupant_id(user: &UserId) -> Element {
    Element::new("occupant-id", ns::OCCUPANT_ID).with_attribute("id", user.as_str())
}

/// The same, said before the client came (XEP-0045, 7.2.13).
fn said_before(one: &Said, device: &Device, at: &Addresses) -> Element {
    let stamp = one.archive.map(|archive| iso8601(archive.stamp_ms())).unwrap_or_default();
    let delay = Element::new("delay", ns::DELAY).with_attribute("from", at.room(&one.bubble));
    said(one, device, at).with_child(delay.with_attribute("stamp", stamp))
}

/// A device has entered. Rainbow's clients take an answer with an `x` of XEP-0045 for none, so theirs has another one.
pub(super) fn entered(
    others: &[Occupant],
    own: &Occupant,
    (before, topic): (&[Said], Option<&str>),
    device: &Device,
    at: &Addresses,
) -> Vec<Element> {
    let mut stanzas: Vec<Element> = others.iter().map(|one| occupant(one, device, at)).collect();
    stanzas.push(occupant(own, device, at));
    stanzas.extend(before.iter().map(|one| said_before(one, device, at)));
    stanzas.extend(topic.map(|topic| subject(&own.bubble, None, topic, device, at)));
    stanzas
}

/// Somebody is there, is something else now, or has gone.
pub(super) fn occupant(one: &Occupant, device: &Device, at: &Addresses) -> Element {
    let own = one.user == device.user;
    let from = if device.standard {
        at.occupant(&one.bubble, &one.nick)
    } else {
        at.occupant(&one.bubble, &at.full(&one.user, &one.resource))
    };
    let mut stanza = Element::client("presence")
        .with_attribute("from", from)
        .with_attribute("to", at.full(&device.user, &device.resource));
    if one.gone.is_some() {
        stanza.set_attribute("type", "unavailable");
    }
    if !device.standard {
        return stanza.with_child(Element::new("x", ns::VCARD_UPDATE)).with_child(muc_user(one, own, at));
    }
    stanza.with_child(occupant_id(&one.user)).with_child(muc_user(one, own, at))
}

fn muc_user(one: &Occupant, own: bool, at: &Addresses) -> Element {
    let (affiliation, role) = affiliation(one.role);
    let role = if one.gone.is_some() { "none" } else { role };
    let item = Element::new("item", ns::MUC_USER)
        .with_attribute("affiliation", affiliation)
        .with_attribute("role", role)
        .with_attribute("jid", at.bare(&one.user));
    let mut x = Element::new("x", ns::MUC_USER).with_child(item);
    if one.gone == Some(Gone::Ended) {
        x.push_child(Element::new("destroy", ns::MUC_USER));
    }
    let mut codes = Vec::new();
    if own {
        codes.push("110");
        if one.gone.is_none() {
            // Everybody sees who is who; it is archived; the box gives the name.
            codes.extend(["100", "170", "210"]);
        }
    }
    if one.gone == Some(Gone::Removed) {
        codes.push("321");
    }
    for code in codes {
        x.push_child(Element::new("status", ns::MUC_USER).with_attribute("code", code));
    }
    x
}

/// How far the user has read on another device: all of it as with a person (sheet section 7), or all but so many messages.
pub(super) fn read(read: &BubbleRead, me: &UserId, at: &Addresses) -> Element {
    let jid = at.room(&read.bubble);
    if read.unread == 0 {
        let mark = Element::client("mark_as_read").with_attribute("with", jid).with_attribute("id", "all-received");
        return from_myself(me, at).with_child(mark);
    }
    let peer = Peer::Bubble(read.bubble.clone());
    let changed = conversation(read.bubble.as_str(), NoticeAction::Update, &peer, at);
    managing(changed.with_child(field("unreadMessageNumber", &read.unread.to_string())), me, at)
}

/// The same to a standard client: the mark of the own occupant (XEP-0333; in rooms it names the place in the archive).
pub(super) fn displayed(read: &BubbleRead, device: &Device, at: &Addresses) -> Option<Element> {
    let displayed = Element::new("displayed", ns::MARKERS).with_attribute("id", read.up_to.to_string());
    let stanza = Element::client("message")
        .with_attribute("from", at.occupant(&read.bubble, read.nick.as_deref()?))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "groupchat");
    Some(stanza.with_child(displayed).with_child(occupant_id(&device.user)))
}

/// XEP-0045, 7.2.15 and 8.1.
pub(super) fn subject(bubble: &BubbleId, nick: Option<&str>, topic: &str, device: &Device, at: &Addresses) -> Element {
    Element::client("message")
        .with_attribute("from", nick.map_or_else(|| at.room(bubble), |nick| at.occupant(bubble, nick)))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "groupchat")
        .with_child(Element::client("subject").with_text(topic))
}

/// Sheet section 9.3. Rainbow's clients need the type, XEP-0249 knows none.
pub(super) fn asked_in(bubble: &BubbleId, by: &UserId, reason: &str, device: &Device, at: &Addresses) -> Element {
    let mut conference = Element::new("x", ns::CONFERENCE)
        .with_attribute("jid", at.room(bubble))
        .with_attribute("thread", bubble.as_str());
    if !reason.is_empty() {
        conference.set_attribute("reason", reason);
    }
    let stanza =
        Element::client("message").with_attribute("from", at.bare(by)).with_attribute("to", at.bare(&device.user));
    if device.standard {
        return stanza.with_child(conference);
    }
    let event = Element::new("event", ns::CONFIGURATION).with_attribute("name", "invitation");
    stanza.with_attribute("type", "chat").with_child(conference).with_child(event)
}

pub(super) fn unsaid(bubble: &BubbleId, id: &str, reason: Refusal, device: &Device, at: &Addresses) -> Element {
    let (kind, condition, text) = match reason {
        Refusal::Unavailable | Refusal::Blocked => ("cancel", "item-not-found", "there is no such bubble for you"),
        Refusal::NoSuchMessage => ("cancel", "item-not-found", "there is no message of yours with this id"),
        Refusal::NotTheLast => ("cancel", "not-allowed", "only your last message in this bubble can be changed"),
        Refusal::NoRoom => ("wait", "resource-constraint", NO_ROOM),
        Refusal::NotStored => ("wait", "internal-server-error", "the message could not be stored; send it again"),
    };
    message_error(at.room(bubble), id, (kind, condition, text), device, at)
}

/// Sheet section 9.3: somebody stands to a bubble in another way.
pub(super) fn member(
    bubble: &BubbleId,
    user: &UserId,
    (status, role): (Option<Standing>, Option<Role>),
    at: &Addresses,
) -> Element {
    let mut room = Element::new("room", ns::CONFIGURATION)
        .with_attribute("roomid", bubble.as_str())
        .with_attribute("roomjid", at.room(bubble))
        .with_attribute("userjid", at.bare(user));
    match status {
        Some(Standing::Listed(status)) => room.set_attribute("status", status.name()),
        Some(Standing::Nothing) => room.set_attribute("status", "deleted"),
        None => {}
    }
    let privilege = match role {
        Some(Role::Organizer) => Some("owner"),
        Some(Role::CoOrganizer) => Some("moderator"),
        Some(Role::Member) => Some("user"),
        Some(Role::Guest) => Some("guest"),
        None => None,
    };
    if let Some(privilege) = privilege {
        room.set_attribute("privilege", privilege);
    }
    room
}

/// Sheet section 9.3: a bubble presents itself in another way.
pub(super) fn described(told: &Described, at: &Addresses) -> Element {
    let mut room = Element::new("room", ns::CONFIGURATION)
        .with_attribute("roomid", told.bubble.as_str())
        .with_attribute("roomjid", at.room(&told.bubble));
    let texts = [("name", &told.name), ("topic", &told.topic), ("customData", &told.custom_data)];
    for (name, text) in texts {
        if let Some(text) = text {
            room.set_attribute(name, text.as_str());
        }
    }
    if let Some(there) = told.avatar {
        let action = if there { "update" } else { "delete" };
        room.push_child(Element::new("avatar", ns::CONFIGURATION).with_attribute("action", action));
    }
    room
}
