use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use turn_proto::Now;

/// The only place of this room that asks the system for the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    unix_s: u64,
    asked: Duration,
}

/// How often the date is asked for; in between it goes on with the other clock.
const DATE_EVERY: Duration = Duration::from_secs(1);

impl Clock {
    pub(crate) fn new(started: Instant) -> Self {
        Self { started, unix_s: date(), asked: started.elapsed() }
    }

    pub(crate) fn now(&mut self) -> Now {
        let since_start = self.started.elapsed();
        if since_start - self.asked >= DATE_EVERY {
            self.unix_s = date();
            self.asked = since_start;
        }
        Now { since_start, unix_s: self.unix_s }
    }
}

#[expect(clippy::disallowed_methods, reason = "the node's one clock")]
fn date() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
