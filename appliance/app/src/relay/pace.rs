//! How often a person may ask for credentials (E5).

use domain::ids::UserId;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// At once: more than all devices of a person need when they come back together.
const AT_ONCE: u32 = 60;
/// Between two of who goes on.
const EVERY: Duration = Duration::from_secs(1);
/// People whose pace is remembered. Of more, those who have waited long enough are forgotten.
const REMEMBERED_MAX: usize = 16_384;

/// For each person the moment at which all that may be asked at once may be asked again.
#[derive(Default)]
pub(super) struct Pace(HashMap<UserId, Instant>);

impl Pace {
    /// Whether one more may be asked now.
    pub(super) fn take(&mut self, of: &UserId, now: Instant) -> bool {
        if self.0.len() >= REMEMBERED_MAX {
            self.0.retain(|_, full_at| *full_at > now);
        }
        let full_at = self.0.get(of).map_or(now, |at| (*at).max(now)) + EVERY;
        let may = full_at <= now + EVERY * AT_ONCE;
        if may {
            self.0.insert(of.clone(), full_at);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_without_end_is_slowed_and_others_are_not_e5() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let id = |text: &str| UserId::parse(text).expect("an id");
        let (restless, other) = (id("d00000000000000000000bad"), id("d0000000000000000000ad01"));
        let allowed = (0..20_000).filter(|ms| pace.take(&restless, start + Duration::from_millis(*ms))).count();
        assert_eq!(allowed, 60 + 19, "sixty at once, and one each second");
        assert!(pace.take(&other, start));
    }
}
