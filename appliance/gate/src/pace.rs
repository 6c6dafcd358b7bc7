//! Patience with a peer that has to send or to take something.

use std::time::Duration;

use tokio::time::Instant;

/// Spent while the peer is waited for, earned back by the bytes that move, never more than at the beginning: a peer that
/// moves a byte now and then runs out of it as one that moves none, only later (E5).
#[derive(Debug)]
pub(crate) struct Pace {
    most: Duration,
    left: Duration,
    rate_bytes_per_s: u32,
    waiting_since: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(most: Duration, rate_bytes_per_s: u32) -> Self {
        Self { most, left: most, rate_bytes_per_s: rate_bytes_per_s.max(1), waiting_since: None }
    }

    /// The peer is waited for; until when, unless something moves.
    pub(crate) fn wait(&mut self, now: Instant) -> Instant {
        *self.waiting_since.get_or_insert(now) + self.left
    }

    /// `bytes` moved.
    pub(crate) fn moved(&mut self, bytes: usize, now: Instant) {
        if let Some(since) = self.waiting_since.take() {
            self.left = self.left.saturating_sub(now.saturating_duration_since(since));
        }
        let earned_ms = (bytes as u64).saturating_mul(1000) / u64::from(self.rate_bytes_per_s);
        self.left = self.left.saturating_add(Duration::from_millis(earned_ms)).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);

    /// How long a peer is borne with that moves `bytes` each second, at most an hour.
    fn borne(bytes: usize, rate: u32) -> Duration {
        let start = Instant::now();
        let mut pace = Pace::new(MOST, rate);
        for second in 0..3600 {
            let now = start + SECOND * second;
            if pace.wait(now) < now + SECOND {
                return now.duration_since(start);
            }
            pace.moved(bytes, now + SECOND);
        }
        SECOND * 3600
    }

    #[test]
    fn a_trickle_runs_out_of_patience_and_the_least_rate_does_not_e5() {
        assert_eq!(borne(0, 1000), MOST);
        let trickle = borne(100, 1000);
        assert!(trickle > MOST && trickle < MOST * 2, "{trickle:?}");
        assert_eq!(borne(1000, 1000), SECOND * 3600);
    }

    #[test]
    fn what_moved_long_ago_buys_no_more_than_the_beginning_e5() {
        let start = Instant::now();
        let mut pace = Pace::new(MOST, 1000);
        pace.moved(usize::MAX, start);
        assert_eq!(pace.wait(start), start + MOST);
    }

    #[test]
    fn only_waiting_costs_patience() {
        let start = Instant::now();
        let mut pace = Pace::new(MOST, 1000);
        pace.wait(start);
        pace.moved(0, start + SECOND);
        let much_later = start + SECOND * 1000;
        assert_eq!(pace.wait(much_later), much_later + MOST - SECOND);
    }
}
