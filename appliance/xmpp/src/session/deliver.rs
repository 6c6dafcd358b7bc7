//! From the device's queue to its stream; what may wait while nobody looks is held back (XEP-0352).

use super::Loop;
use crate::render::render;
use crate::stream::Owed;
use crate::transport::Transport;
use crate::xml::{self, Node, namespace as ns};
use app::live::{LiveMessage, LivePresence, Push};
use std::collections::VecDeque;
use std::sync::Arc;

/// Pushes taken before the loop looks at the client's frames again.
const PUSHES_AT_ONCE: usize = 64;
/// Devices whose newest presence is held; with one more all are sent.
const HELD_MAX: usize = 500;

/// What is between the device's queue and its stream. It goes with the session from one connection to the next.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The newest presences of others that an inactive client has not been told, in the order in which they changed.
    presences: Vec<Arc<LivePresence>>,
    /// To be sent now, in this order.
    due: VecDeque<Push>,
}

impl Held {
    /// In the place of an older one of the same device.
    fn hold(&mut self, one: Arc<LivePresence>) {
        self.presences.retain(|held| held.from != one.from || held.resource != one.resource);
        self.presences.push(one);
        if self.presences.len() > HELD_MAX {
            self.release();
        }
    }

    fn release(&mut self) {
        self.due.extend(self.presences.drain(..).map(Push::Presence));
    }

    /// What is due anyway says more than what was held of these devices.
    fn outdate(&mut self, by: &[LivePresence]) {
        let is_outdated =
            |held: &LivePresence| by.iter().any(|one| one.from == held.from && one.resource == held.resource);
        self.presences.retain(|held| !is_outdated(held));
    }

    /// What must not be lost and has not come to the stream.
    pub(super) fn into_owed(self) -> Vec<Owed> {
        self.due.iter().flat_map(owed).collect()
    }
}

impl<T: Transport> Loop<T> {
    pub(super) async fn take_pushes(&mut self, first: Push) {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(push) = next {
            self.take_push(push);
            self.send_due().await;
            taken += 1;
            let may_go_on = taken < PUSHES_AT_ONCE && !self.stream.is_backlogged() && !self.stream.is_closed();
            next = self.bound.as_mut().filter(|_| may_go_on).and_then(|bound| bound.pushes.take());
        }
    }

    fn take_push(&mut self, push: Push) {
        let is_inactive = self.stream.is_inactive();
        let Some(bound) = &mut self.bound else { return };
        match push {
            // Presence of others, that is: one's own is an answer.
            Push::Presence(one) if is_inactive && one.from != bound.session.caller.user => bound.held.hold(one),
            Push::Message(one) | Push::Carbon(one) | Push::Copy(one) if is_inactive && is_typing(&one) => {}
            other => {
                if let Push::Presences(all) = &other {
                    bound.held.outdate(all);
                }
                bound.held.due.push_back(other);
            }
        }
    }

    /// What was held is due once somebody looks again.
    pub(super) fn release_held(&mut self) {
        if let Some(bound) = self.bound.as_mut().filter(|_| !self.stream.is_inactive()) {
            bound.held.release();
        }
    }

    /// Sends what is due. A push is taken off only when its stanzas are the stream's: while the box reads what it says, the
    /// client may come for its session on another connection.
    pub(super) async fn send_due(&mut self) {
        while let Some(bound) = self.bound.as_mut().filter(|_| !self.stream.is_closed()) {
            let Some(push) = bound.held.due.front() else {
                // An idle session keeps no room for any.
                bound.held.due = VecDeque::new();
                return;
            };
            let is_standard = bound.session.device.standard;
            let stanzas = render(push, &bound.session).await;
            // Each shown message is a stanza.
            let is_shown = |owed: &Owed| is_standard || !matches!(owed, Owed::Message(one) if one.standard_only);
            let mut shown = owed(push).into_iter().filter(is_shown);
            for stanza in stanzas {
                let message = shown.next();
                self.endpoint.counters.stanzas_out.one();
                self.endpoint.counters.messages_out.many(message.is_some().into());
                self.stream.deliver(&stanza, message);
            }
            bound.held.due.pop_front();
        }
    }
}

/// What of a push must not be lost with the connection.
pub(super) fn owed(push: &Push) -> Vec<Owed> {
    match push {
        Push::Message(message) => vec![Owed::Message(Arc::clone(message))],
        Push::Waited(messages) => messages.iter().cloned().map(Arc::new).map(Owed::Message).collect(),
        Push::Iq(iq) if matches!(iq.kind.as_str(), "get" | "set") => vec![Owed::Request(Arc::clone(iq))],
        _ => Vec::new(),
    }
}

/// A chat state and nothing else (XEP-0085).
fn is_typing(message: &LiveMessage) -> bool {
    if message.archive.is_some() || message.standard.is_some() || message.held.is_some() {
        return false;
    }
    let payload = message.payload.as_bytes();
    let children = xml::parse_children(payload, ns::CLIENT, payload.len()).unwrap_or_default();
    let mut namespaces = children.iter().filter_map(|node| match node {
        Node::Element(child) => Some(child.namespace()),
        Node::Text(_) | Node::Raw(_) => None,
    });
    children.iter().any(|node| matches!(node, Node::Element(child) if child.namespace() == ns::CHAT_STATES))
        && namespaces.all(|namespace| matches!(namespace, ns::CHAT_STATES | ns::HINTS))
}
