//! How often a person's devices may change their presence: everybody who sees it hears each change, so one who does not
//! stop would keep the box busy with a thousand deliveries for each stanza (E5).

use std::time::Duration;
use tokio::time::Instant;

/// Changes at once: more than a person's devices make when all of them come back.
const AT_ONCE: u32 = 16;
/// Between two changes of who goes on.
const EVERY: Duration = Duration::from_secs(1);

/// A bucket of changes, as the moment at which it will be full again.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    full_at: Option<Instant>,
}

impl Pace {
    /// Takes one change.
    ///
    /// # Errors
    /// When to ask again.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + EVERY;
        let from = full_at.checked_sub(EVERY * AT_ONCE).unwrap_or(now);
        if from > now {
            return Err(from);
        }
        self.full_at = Some(full_at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_told_at_a_pace_and_what_a_person_does_at_once_c2_e5() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let told = (0..5_000).filter(|ms| pace.take(start + Duration::from_millis(*ms)).is_ok()).count();
        assert_eq!(told, 16 + 4, "sixteen at once, and one each second");
        let mut pace = Pace::default();
        let minute = |number: u32| start + Duration::from_secs(60) * number;
        let restless = |number: u32| (0..16).all(|_| pace.take(minute(number)).is_ok());
        assert!((0..100).all(restless), "sixteen each minute");
    }

    #[test]
    fn who_has_to_wait_is_told_until_when_e5() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let first = std::iter::repeat_with(|| pace.take(start)).find_map(Result::err).expect("it ends");
        assert_eq!(first, start + EVERY);
        assert_eq!(pace.take(first - Duration::from_millis(1)), Err(first), "asking costs nothing");
        assert_eq!(pace.take(first), Ok(()));
    }
}
