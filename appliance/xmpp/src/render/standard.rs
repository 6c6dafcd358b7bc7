//! What is pushed to standard clients: no word of Rainbow's own, and what XEPs say instead.

use super::{Addresses, blocking_error, from_myself, refused, room};
use crate::handlers::{Session, pep, presence, roster};
use crate::xml::{Element, namespace as ns};
use app::live::{Happened, LiveEvent, LiveMessage, Notice, NoticeAction, Push, Refusal};
use app::network::Side;
use app::roster::Listed;
use domain::clock::iso8601;
use domain::ids::UserId;
use domain::network::InvitationStatus;
use std::sync::Arc;

pub(super) async fn render(push: &Push, session: &Session) -> Vec<Element> {
    let (device, at) = (&session.device, &session.at);
    match push {
        Push::Message(one) => vec![message(one, &device.user, at)],
        Push::Waited(all) => all.iter().map(|one| message(one, &device.user, at)).collect(),
        Push::Carbon(one) => vec![copy("sent", one, &device.user, at)],
        Push::Copy(one) => vec![copy("received", one, &device.user, at)],
        Push::Event(one) => vec![event(one, session)],
        Push::Events(all) => all.iter().map(|one| event(one, session)).collect(),
        Push::Refused { id, peer, reason } => {
            let refused = refused(id, peer, *reason, device, at);
            vec![if *reason == Refusal::Blocked { blocking_error(refused) } else { refused }]
        }
        Push::Network { user, joined } => network(user, *joined, session).await,
        Push::Roster(whom) => roster::push(session, whom).await.into_iter().collect(),
        Push::AllRead { with, received: false, up_to: Some(last) } => {
            let displayed = Element::new("displayed", ns::MARKERS).with_attribute("id", last.as_str());
            let from = Element::client("message").with_attribute("from", at.bare(with));
            let to = from.with_attribute("to", at.bare(&device.user)).with_attribute("type", "chat");
            vec![to.with_child(displayed)]
        }
        Push::BubbleRead(read) => room::displayed(read, device, at).into_iter().collect(),
        Push::Notice(notice) => invitation(notice, session).await.into_iter().collect(),
        // A receipt of the server would be taken for one of the recipient (XEP-0184). A contact's new name, and who is a new
        // colleague, is read with the next roster: telling it now would cost every device of the company a whole roster.
        _ => Vec::new(),
    }
}

fn message(message: &LiveMessage, me: &UserId, at: &Addresses) -> Element {
    let to = match &message.to_resource {
        Some(resource) => at.full(&message.to, resource),
        None => at.bare(&message.to),
    };
    let (id, archive, payload) = match &message.standard {
        Some(form) => (&form.id, form.archive, &form.payload),
        None => (&message.id, message.archive, &message.payload),
    };
    let mut stanza = Element::client("message")
        .with_attribute("from", at.sender(message))
        .with_attribute("to", to)
        .with_attribute("type", message.kind.name());
    if let Some(id) = id {
        stanza.set_attribute("id", id.as_str());
    }
    stanza = stanza.with_raw(Arc::clone(payload));
    let Some(archive) = archive else { return stanza };
    let stanza_id = Element::new("stanza-id", ns::STANZA_ID)
        .with_attribute("by", at.bare(me))
        .with_attribute("id", archive.to_string());
    stanza.push_child(stanza_id);
    if message.delayed {
        let delay = Element::new("delay", ns::DELAY)
            .with_attribute("from", at.domain())
            .with_attribute("stamp", iso8601(archive.stamp_ms()));
        stanza.push_child(delay);
    }
    stanza
}

/// XEP-0280, 7 and 8.
fn copy(way: &'static str, one: &LiveMessage, me: &UserId, at: &Addresses) -> Element {
    let forwarded = Element::new("forwarded", ns::FORWARD).with_child(message(one, me, at));
    let mut copy = from_myself(me, at).with_child(Element::new(way, ns::CARBONS).with_child(forwarded));
    copy.set_attribute("type", one.kind.name());
    copy
}

/// XEP-0060, 7.1.2.1.
fn event(event: &LiveEvent, session: &Session) -> Element {
    let (device, at) = (&session.device, &session.at);
    let items = |child: Element| {
        Element::new("items", ns::PUBSUB_EVENT).with_attribute("node", event.node.as_str()).with_child(child)
    };
    let happened = match &event.happened {
        Happened::Published(item) => items(pep::element(ns::PUBSUB_EVENT, item)),
        Happened::Retracted(id) => items(Element::new("retract", ns::PUBSUB_EVENT).with_attribute("id", id.as_str())),
        Happened::Deleted => Element::new("delete", ns::PUBSUB_EVENT).with_attribute("node", event.node.as_str()),
    };
    Element::client("message")
        .with_attribute("from", at.bare(&event.owner))
        .with_attribute("to", at.full(&device.user, &device.resource))
        .with_attribute("type", "headline")
        .with_child(Element::new("event", ns::PUBSUB_EVENT).with_child(happened))
}

/// Somebody came into the network, or left it: both see one another, or neither does (B6).
async fn network(user: &UserId, joined: bool, session: &Session) -> Vec<Element> {
    let at = &session.at;
    let told = |kind| presence::subscription(kind, at.bare(user), at.bare(&session.device.user));
    let pushed = roster::push(session, &Listed::Person(user.clone())).await;
    let kinds: &[&str] = if joined { &["subscribed"] } else { &["unsubscribe", "unsubscribed"] };
    pushed.into_iter().chain(kinds.iter().map(|kind| told(kind))).collect()
}

/// Who is invited is asked by presence; the inviter's roster says that he asks (RFC 6121, 3.1).
async fn invitation(notice: &Notice, session: &Session) -> Option<Element> {
    let Notice::Invitation { side, action, status, peer: Some(peer), .. } = notice else { return None };
    let settled = matches!(status, InvitationStatus::Accepted | InvitationStatus::AutoAccepted);
    if *side == Side::Sent && !settled {
        return roster::push(session, &Listed::Person(peer.clone())).await;
    }
    let asks = *side == Side::Received && *status == InvitationStatus::Pending && *action != NoticeAction::Delete;
    if asks { Some(presence::asks(session, peer).await) } else { None }
}
