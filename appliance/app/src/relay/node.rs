//! What whoever speaks with the node tells it, and what it was heard to say.

use super::credentials::expiry_s;
use super::hand_out::life_s;
use crate::App;
use media_contract::{Configuration, Fact, Ready, Revoked, Standing};
use tokio::sync::watch;

/// Seconds between two reports of the node.
const REPORT_EVERY_S: u16 = 5;

/// How the node is.
#[derive(Debug, Clone, Default)]
pub enum NodeState {
    /// Nobody has heard of one.
    #[default]
    Never,
    /// It is there.
    There {
        /// What it is.
        ready: Ready,
        /// What it said last of how it is.
        standing: Standing,
        /// When it came, in milliseconds since 1970.
        since_ms: i64,
    },
    /// It was there.
    Away {
        /// What it was.
        ready: Ready,
        /// When it left, in milliseconds since 1970.
        since_ms: i64,
    },
}

/// How the node is.
#[must_use]
pub fn node_state(app: &App) -> NodeState {
    app.relay.node().clone()
}

/// Wakes whoever speaks with the node when there is something new to tell it. What it is told depends on the time as well:
/// so it is asked for each minute besides.
#[must_use]
pub fn changes(app: &App) -> watch::Receiver<()> {
    app.relay.changed.subscribe()
}

/// All that the node is told, but for what is revoked; `None` where nothing is relayed.
#[must_use]
pub fn configuration(app: &App) -> Option<Configuration> {
    let relay = app.settings.relay.as_ref()?;
    Some(relay.configuration(app.domain(), app.relay.key.secrets(app.clock.now_ms()), REPORT_EVERY_S))
}

/// Everything that is revoked and has not expired.
#[must_use]
pub fn revocations(app: &App) -> Vec<Revoked> {
    let life_s = life_s(&app.settings);
    let expired_ms = app.clock.now_ms().saturating_sub(life_s.saturating_mul(1_000));
    let revoked = app.relay.revoked();
    let living = revoked.iter().filter(|(_, at_ms)| **at_ms >= expired_ms);
    let words = living.flat_map(|(user, at_ms)| {
        let expiry_s_max = expiry_s(*at_ms, life_s);
        app.relay.key.persons(user.as_str(), *at_ms).map(|person| Revoked { person, expiry_s_max })
    });
    words.collect()
}

/// The node said something. Whose stream is known is the gate's business, not this room's.
pub fn heard(app: &App, fact: Fact) {
    let mut node = app.relay.node();
    match fact {
        Fact::Ready(ready) => {
            *node = NodeState::There { ready, standing: Standing::default(), since_ms: app.clock.now_ms() };
        }
        Fact::Standing(now) => {
            if let NodeState::There { standing, .. } = &mut *node {
                *standing = *now;
            }
        }
        Fact::Ended(ended) => {
            app.counters.relays_ended.one();
            tracing::debug!(seconds = ended.seconds, via = ?ended.via, "somebody stopped using the relay");
        }
        Fact::StreamKnown { .. } => {}
    }
}

/// The node is no longer heard.
pub fn gone(app: &App) {
    let mut node = app.relay.node();
    if let NodeState::There { ready, .. } = &*node {
        *node = NodeState::Away { ready: ready.clone(), since_ms: app.clock.now_ms() };
    }
}
