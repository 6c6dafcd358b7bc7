//! Tells whether a connection still does something, so that a silent one can be closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What a connection does: requests that it waits for, and when it last took or finished something.
#[derive(Debug)]
pub(crate) struct Activity {
    opened: Instant,
    /// Milliseconds from `opened`.
    last_ms: AtomicU64,
    running: AtomicUsize,
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { opened: Instant::now(), last_ms: AtomicU64::new(0), running: AtomicUsize::new(0) })
    }

    /// The peer took bytes, or a request began or ended. Bytes that arrive do not count: a slow sender is not active.
    pub(crate) fn happened(&self) {
        let ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(ms, Ordering::Relaxed);
    }

    /// A request runs until what is returned is dropped.
    pub(crate) fn request(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.happened();
        Running(Arc::clone(self))
    }

    /// Whether no request runs.
    pub(crate) fn is_idle(&self) -> bool {
        self.running.load(Ordering::Relaxed) == 0
    }

    /// Returns when for `idle` nothing happened and no request ran.
    pub(crate) async fn silent_for(&self, idle: Duration) {
        loop {
            let since = self.opened + Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
            let running = self.running.load(Ordering::Relaxed) > 0;
            let from = if running { Instant::now() } else { since };
            if from.elapsed() >= idle {
                return;
            }
            tokio::time::sleep_until(from + idle).await;
        }
    }
}

/// Held by a request until its answer is on its way as a whole.
#[derive(Debug)]
pub(crate) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.happened();
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_silent_only_when_no_request_runs_e5() {
        let idle = Duration::from_secs(30);
        let activity = Activity::new();
        let running = activity.request();
        assert!(tokio::time::timeout(idle * 10, activity.silent_for(idle)).await.is_err(), "a request runs");
        drop(running);
        assert!(tokio::time::timeout(idle - Duration::from_secs(1), activity.silent_for(idle)).await.is_err());
        assert!(tokio::time::timeout(Duration::from_secs(2), activity.silent_for(idle)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_peer_takes_puts_the_end_off_e5() {
        let idle = Duration::from_secs(30);
        let activity = Activity::new();
        for _ in 0..5 {
            assert!(tokio::time::timeout(idle - Duration::from_secs(1), activity.silent_for(idle)).await.is_err());
            activity.happened();
        }
    }
}
