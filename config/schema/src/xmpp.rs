//! Section `[xmpp]`.

use crate::reader::Section;

/// Bounds and times of XMPP streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xmpp {
    /// Largest stanza; the official SDK sends up to 18380 bytes.
    pub stanza_limit_bytes: usize,
    /// Time from the opened stream to the end of authentication.
    pub authentication_timeout_ms: u64,
    /// Stanzas that may wait for a slow client before its session is closed.
    pub session_queue_max: usize,
    /// Devices of one user connected at once.
    pub sessions_per_user_max: usize,
    /// A client that was silent for this long is pinged, and closed when it stays silent as long again.
    pub idle_ping_s: u64,
}

impl Xmpp {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            stanza_limit_bytes: section.integer("stanza_limit_bytes", 262_144, 18_432..=1_048_576, "Largest stanza."),
            authentication_timeout_ms: section.integer(
                "authentication_timeout_ms",
                30_000,
                1_000..=120_000,
                "Time from the opened stream to the end of authentication.",
            ),
            session_queue_max: section.integer(
                "session_queue_max",
                1_024,
                16..=65_536,
                "Stanzas that may wait for a slow client before its session is closed.",
            ),
            sessions_per_user_max: section.integer(
                "sessions_per_user_max",
                32,
                1..=1_024,
                "Devices of one user connected at once.",
            ),
            idle_ping_s: section.integer(
                "idle_ping_s",
                60,
                5..=3_600,
                "A client silent for this long is pinged, and closed when it stays silent as long again.",
            ),
        }
    }
}
