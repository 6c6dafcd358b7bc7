//! Says now and then what happens too often to be logged each time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(10);

/// A repeated event; a flood of it must not become a flood of the log.
#[derive(Debug, Default)]
pub(crate) struct Notice {
    state: Mutex<(Option<Instant>, u64)>,
}

impl Notice {
    /// Counts one event; returns how many there were since the last notice, when it is time for the next.
    pub(crate) fn due(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, count) = &mut *state;
        *count += 1;
        if last.is_some_and(|last| last.elapsed() < EVERY) {
            return None;
        }
        *last = Some(Instant::now());
        Some(std::mem::take(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_told_once_with_its_count_e5() {
        let notice = Notice::default();
        assert_eq!(notice.due(), Some(1));
        assert!((0..1000).all(|_| notice.due().is_none()));
        tokio::time::advance(EVERY).await;
        assert_eq!(notice.due(), Some(1001));
    }
}
