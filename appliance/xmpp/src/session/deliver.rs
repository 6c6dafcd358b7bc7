//! From the device's queue to its stream; what may wait while nobody looks is held back (XEP-0352).

use super::Loop;
use crate::render::render;
use crate::transport::Transport;
use crate::xml::{self, Node, namespace as ns};
use app::live::{LiveMessage, LivePresence, Push};
use std::sync::Arc;

/// Pushes taken before the loop looks at the client's frames again.
const PUSHES_AT_ONCE: usize = 64;
/// Devices whose newest presence is held; with one more all are sent.
const HELD_MAX: usize = 500;

/// The newest presences of others that an inactive client has not been told, in the order in which they changed.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<Arc<LivePresence>>);

impl Held {
    /// In the place of an older one of the same device. How many are held now.
    fn hold(&mut self, one: Arc<LivePresence>) -> usize {
        self.0.retain(|held| held.from != one.from || held.resource != one.resource);
        self.0.push(one);
        self.0.len()
    }
}

impl<T: Transport> Loop<T> {
    pub(super) fn take_pushes(&mut self, first: Push) {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(push) = next {
            self.take_push(push);
            taken += 1;
            let may_go_on = taken < PUSHES_AT_ONCE && !self.stream.is_backlogged() && !self.stream.is_closed();
            next = self.bound.as_mut().filter(|_| may_go_on).and_then(|bound| bound.pushes.try_recv().ok());
        }
    }

    fn take_push(&mut self, push: Push) {
        let Some(bound) = self.bound.as_mut().filter(|_| self.stream.is_inactive()) else { return self.send(&push) };
        match push {
            // Presence of others, that is: one's own is an answer.
            Push::Presence(one) if one.from != bound.session.caller.user => {
                if bound.held.hold(one) > HELD_MAX {
                    self.send_held();
                }
            }
            Push::Message(message) if is_typing(&message) => {}
            other => self.send(&other),
        }
    }

    /// Sends what was held, once somebody looks again.
    pub(super) fn release_held(&mut self) {
        if !self.stream.is_inactive() {
            self.send_held();
        }
    }

    fn send_held(&mut self) {
        let held = self.bound.as_mut().map(|bound| std::mem::take(&mut bound.held.0));
        for one in held.into_iter().flatten() {
            self.send(&Push::Presence(one));
        }
    }

    fn send(&mut self, push: &Push) {
        let Some(bound) = &self.bound else { return };
        let mut messages = messages(push).into_iter();
        for stanza in render(push, &bound.session.device, &bound.session.at) {
            self.stream.deliver(&stanza, messages.next());
        }
    }
}

/// The messages of a push, each of them a stanza.
pub(super) fn messages(push: &Push) -> Vec<Arc<LiveMessage>> {
    match push {
        Push::Message(message) => vec![Arc::clone(message)],
        Push::Waited(messages) => messages.iter().cloned().map(Arc::new).collect(),
        _ => Vec::new(),
    }
}

/// A chat state and nothing else (XEP-0085).
fn is_typing(message: &LiveMessage) -> bool {
    if message.archive.is_some() || message.held {
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
