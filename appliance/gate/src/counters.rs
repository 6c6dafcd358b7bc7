//! What the gate refused and ended, counted, and told in the log now and then.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

use crate::notice::Notice;

/// Writes the events, the counters and their texts from one table. An empty text is not worth a line in the log.
macro_rules! table {
    ($($event:ident $counter:ident $what:literal, $told:literal;)*) => {
        /// Something that is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Event { $($event),* }

        const TOLD: &[&str] = &[$($told),*];

        /// What happened at the gate since it opened. Every counter only grows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct GateCounters { $(#[doc = $what] pub $counter: u64),* }

        impl Counters {
            /// How often each has happened until now.
            pub fn read(&self) -> GateCounters {
                GateCounters { $($counter: self.counts[Event::$event as usize].load(Ordering::Relaxed)),* }
            }
        }
    };
}

table! {
    Accepted accepted "Connections that got a place.", "";
    Full refused_full "Connections refused because the gate was full.",
        "connections are refused: the gate is full";
    SourceFull refused_source_full "Connections refused because their source held too many.",
        "connections are refused: one address holds too many without signing in";
    SourceTooFast refused_source_too_fast "Connections refused because their source opened too many in a short time.",
        "connections are refused: one address opens them too fast without signing in";
    Handshakes refused_handshakes "Connections refused because too many TLS handshakes were under way.",
        "connections are refused: too many TLS handshakes at once";
    DroppedForOthers dropped_for_others "Strangers dropped so that others got in.",
        "strangers of the busiest address are dropped so that others get in";
    LifeOver life_over "Connections closed because nobody had signed in for too long.", "";
    HandshakeFailed handshakes_failed "TLS handshakes that failed.", "";
    HandshakeTooSlow handshakes_too_slow "TLS handshakes that took too long.", "";
    Untaken untaken "Connections for a protocol that nobody takes, or that began with nothing.", "";
    Silent silent "Connections closed for silence, or for a request's head that never ended.", "";
    Broken broken "Connections closed because the peer broke HTTP, by a flood of frames for example.",
        "clients that break HTTP are cut off";
    BodyTooLarge bodies_too_large "Requests refused because their body was larger than allowed.", "";
    BodyTooSlow bodies_too_slow "Requests refused because their body came too slowly.",
        "requests are refused: their body comes too slowly";
    BodiesFull bodies_full "Requests refused because all bodies together were too large.",
        "requests are refused: too many large ones at once";
    RequestTooSlow requests_too_slow "Requests ended because they took longer than allowed.",
        "requests are ended: they take longer than allowed";
    Panicked panicked "Requests whose handler panicked.", "";
    Informed answers_1xx "Answers to requests with a status of 100 to 199: connections that became WebSockets.", "";
    Succeeded answers_2xx "Answers to requests with a status of 200 to 299.", "";
    Redirected answers_3xx "Answers to requests with a status of 300 to 399.", "";
    Refused answers_4xx "Answers to requests with a status of 400 to 499.", "";
    Failed answers_5xx "Answers to requests with a status of 500 to 599.", "";
    AnswerUntaken answers_untaken "Connections closed because the peer took what was sent too slowly.", "";
}

impl Event {
    /// What an answer counts as.
    pub(crate) fn answered(status: StatusCode) -> Self {
        match status.as_u16() {
            ..=199 => Self::Informed,
            200..=299 => Self::Succeeded,
            300..=399 => Self::Redirected,
            400..=499 => Self::Refused,
            500.. => Self::Failed,
        }
    }
}

/// Counts as it happens; shared by all connections.
#[derive(Debug)]
pub struct Counters {
    counts: [AtomicU64; TOLD.len()],
    notices: [Notice; TOLD.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; TOLD.len()], notices: std::array::from_fn(|_| Notice::default()) }
    }
}

impl Counters {
    /// Counts one event, and tells the log when it is time.
    pub(crate) fn count(&self, event: Event) {
        self.counts[event as usize].fetch_add(1, Ordering::Relaxed);
        let told = TOLD[event as usize];
        if !told.is_empty()
            && let Some(times) = self.notices[event as usize].due()
        {
            tracing::warn!(times, "{told}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_counter_of_its_own() {
        let counters = Counters::default();
        counters.count(Event::Full);
        counters.count(Event::AnswerUntaken);
        counters.count(Event::AnswerUntaken);
        let expected = GateCounters { refused_full: 1, answers_untaken: 2, ..GateCounters::default() };
        assert_eq!(counters.read(), expected);
    }
}
