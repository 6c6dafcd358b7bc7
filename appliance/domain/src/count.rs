//! Numbers that only grow: what a room counts while it works, for a monitor to read (F4).
//!
//! They say how often something happened, never to whom.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often something happened. Any number of threads may count at once.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// It happened once more.
    pub fn one(&self) {
        self.many(1);
    }

    /// It happened so many times more.
    pub fn many(&self, times: u64) {
        // Nothing else is ordered by a count.
        self.0.fetch_add(times, Ordering::Relaxed);
    }

    /// How often until now.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long something took each time, in classes that are each twice to two and a half times as wide as the one before.
#[derive(Debug, Default)]
pub struct Durations {
    classes: [Count; CLASSES],
    /// Took longer than the longest class.
    longer: Count,
    sum_us: Count,
}

const CLASSES: usize = 13;

/// The longest that each class holds, in microseconds.
const LONGEST_US: [u64; CLASSES] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

impl Durations {
    /// It took so long.
    pub fn note(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = LONGEST_US.iter().position(|longest| us <= *longest);
        class.map_or(&self.longer, |class| &self.classes[class]).one();
        self.sum_us.many(us);
    }

    /// For each class the longest that it holds, and how often it took at most as long; the shortest first.
    pub fn at_most(&self) -> impl Iterator<Item = (Duration, u64)> {
        let up_to_here = self.classes.iter().scan(0_u64, |sum, class| {
            *sum = sum.saturating_add(class.read());
            Some(*sum)
        });
        LONGEST_US.iter().map(|us| Duration::from_micros(*us)).zip(up_to_here)
    }

    /// How often it took longer than every class.
    #[must_use]
    pub fn longer(&self) -> u64 {
        self.longer.read()
    }

    /// How long it took all times together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        Duration::from_micros(self.sum_us.read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_counted_in_every_class_that_is_long_enough() {
        let durations = Durations::default();
        for us in [0, 250, 251, 1_000_000, 5_000_001] {
            durations.note(Duration::from_micros(us));
        }
        let counts: Vec<u64> = durations.at_most().map(|(_, count)| count).collect();
        assert_eq!(counts, [2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]);
        assert_eq!((durations.longer(), durations.sum()), (1, Duration::from_micros(6_000_502)));
        assert!(durations.at_most().map(|(longest, _)| longest).is_sorted());
    }
}
