//! How much a person may signal (E5): each call rings on every device of somebody, and each step of it is passed on.

use std::collections::HashMap;

/// A kind of signal: so many at once, and then one in so many milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) at_once: i64,
    pub(super) every_ms: i64,
}

/// Calls that somebody begins: more than anybody dials.
pub(super) const CALLS: Rate = Rate { at_once: 10, every_ms: 6_000 };
/// Steps of calls: one of a browser with many addresses tells each of them by itself (XEP-0176, 5.5).
pub(super) const STEPS: Rate = Rate { at_once: 300, every_ms: 50 };
/// Buckets that are looked through for full ones at once.
const BUCKETS_MAX: usize = 1_024;

/// Buckets by whose they are, each as the moment at which it is full again.
#[derive(Debug)]
pub(super) struct Paces<K> {
    full_at_ms: HashMap<K, i64>,
}

impl<K> Default for Paces<K> {
    fn default() -> Self {
        Self { full_at_ms: HashMap::new() }
    }
}

impl<K: Clone + Eq + std::hash::Hash> Paces<K> {
    /// Takes one; `false`: too many.
    pub(super) fn take(&mut self, of: &K, rate: Rate, now_ms: i64) -> bool {
        if self.full_at_ms.len() >= BUCKETS_MAX {
            self.full_at_ms.retain(|_, at_ms| *at_ms > now_ms);
        }
        let full_at_ms = self.full_at_ms.entry(of.clone()).or_insert(now_ms);
        let full_within_ms = rate.at_once * rate.every_ms;
        // A clock that was set back must not silence anybody.
        let is_possible = *full_at_ms <= now_ms.saturating_add(full_within_ms);
        let from_ms = if is_possible { (*full_at_ms).max(now_ms) } else { now_ms };
        if from_ms.saturating_add(rate.every_ms) > now_ms.saturating_add(full_within_ms) {
            return false;
        }
        *full_at_ms = from_ms.saturating_add(rate.every_ms);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_without_end_rings_ten_times_and_then_ten_times_a_minute_e5() {
        let mut paces = Paces::default();
        let rung = (0..60_000).filter(|ms| paces.take(&"one", CALLS, *ms)).count();
        assert_eq!(rung, 10 + 9);
        assert!(paces.take(&"another", CALLS, 0), "each has a pace of his own");
        assert!(paces.take(&"one", CALLS, -9_000_000), "whatever the clock says");
    }

    #[test]
    fn paces_of_who_has_stopped_take_no_memory_e5() {
        let mut paces = Paces::default();
        for number in 0..5_000_u32 {
            assert!(paces.take(&number, STEPS, i64::from(number) * 1_000));
        }
        assert!(paces.full_at_ms.len() <= BUCKETS_MAX, "{}", paces.full_at_ms.len());
    }
}
