//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

/// A `domain::Clock` for time rules tested in process: expiry, back-off, retention.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now_ms` (milliseconds since 1970 UTC).
    pub fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves the clock forwards, or backwards when `by_ms` is negative (a wrong clock is a fault worth testing).
    pub fn advance(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(1_767_225_600_000)
    }
}

impl domain::clock::Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::Clock as _;

    #[test]
    fn clock_moves_only_by_hand() {
        let clock = ManualClock::at(1_000);
        assert_eq!(clock.now_ms(), 1_000);
        clock.advance(500);
        clock.advance(-100);
        assert_eq!(clock.now_ms(), 1_400);
    }
}
