//! Presence at the pace at which its user may change it (E5): the newest waits, and is told in the place of all that came
//! before it. Nothing else that the client sends waits for it.

use super::{Bound, Loop};
use crate::handlers::{self, presence::is_told_to_all};
use crate::transport::Transport;
use crate::xml::Element;
use app::presence;
use tokio::time::Instant;

/// A presence that is not told yet.
pub(super) struct Later {
    stanza: Box<Element>,
    /// When it may be, if no other device of the user takes the turn.
    pub(super) at: Instant,
}

impl Bound {
    /// Keeps a presence whose turn has not come; gives back any other stanza. That somebody has gone is told at once.
    pub(super) fn unless_later(&mut self, stanza: Box<Element>) -> Option<Box<Element>> {
        if !is_told_to_all(&self.session, &stanza) {
            return Some(stanza);
        }
        self.later = None;
        if stanza.attribute("type").is_some() {
            return Some(stanza);
        }
        match presence::take_turn(&self.session.app, &self.session.device) {
            Ok(()) => Some(stanza),
            Err(at) => {
                self.later = Some(Box::new(Later { stanza, at }));
                None
            }
        }
    }

    /// The client may be away for long, and has been told that its presence was taken.
    pub(super) async fn tell_presence_now(&mut self) {
        if let Some(later) = self.later.take() {
            // Nobody is there for a reply.
            let _ = handlers::handle(&self.session, &later.stanza).await;
        }
    }
}

impl<T: Transport> Loop<T> {
    /// Tells what waited, if it is its turn. It waits until it is told: the client may come for its session meanwhile.
    pub(super) async fn tell_presence(&mut self) {
        let Some(bound) = &mut self.bound else { return };
        let Some(later) = &mut bound.later else { return };
        if let Err(at) = presence::take_turn(&bound.session.app, &bound.session.device) {
            later.at = at;
            return;
        }
        let replies = handlers::handle(&bound.session, &later.stanza).await;
        bound.later = None;
        self.reply(&replies);
    }
}
