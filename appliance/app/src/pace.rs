//! How much somebody may do (E5): so much at once, and then one after the other.

use domain::ids::UserId;
use std::collections::HashMap;

/// So many at once, and then one in so many milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) at_once: i64,
    pub(crate) every_ms: i64,
}

/// Buckets that are looked through for full ones at once.
const BUCKETS_MAX: usize = 1_024;

/// A bucket for each person, as the moment at which it is full again.
#[derive(Debug, Default)]
pub(crate) struct Paces {
    full_at_ms: HashMap<UserId, i64>,
}

impl Paces {
    /// Takes one; `false`: too many.
    pub(crate) fn take(&mut self, of: &UserId, rate: Rate, now_ms: i64) -> bool {
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

    const RATE: Rate = Rate { at_once: 10, every_ms: 6_000 };

    fn person(number: u32) -> UserId {
        UserId::parse(&format!("a{number:023}")).expect("an id")
    }

    #[test]
    fn who_goes_on_without_end_is_slowed_and_others_are_not_e5() {
        let (mut paces, restless) = (Paces::default(), person(1));
        let taken = (0..60_000).filter(|ms| paces.take(&restless, RATE, *ms)).count();
        assert_eq!(taken, 10 + 9, "ten at once, and then ten a minute");
        assert!(paces.take(&person(2), RATE, 0), "each has a pace of his own");
        assert!(paces.take(&restless, RATE, -9_000_000), "whatever the clock says");
    }

    #[test]
    fn paces_of_who_has_stopped_take_no_memory_e5() {
        let mut paces = Paces::default();
        for number in 0..5_000 {
            assert!(paces.take(&person(number), Rate { at_once: 300, every_ms: 50 }, i64::from(number) * 1_000));
        }
        assert!(paces.full_at_ms.len() <= BUCKETS_MAX, "{}", paces.full_at_ms.len());
    }
}
