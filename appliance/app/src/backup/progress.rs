//! How far something is that takes long, for who watches; and the wish that it ends.

use super::TargetError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How far it is.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
    stopped: Mutex<bool>,
    stop: Condvar,
}

/// How far it was at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Far {
    /// What is being done.
    pub stage: &'static str,
    /// Bytes that are done.
    pub done: u64,
    /// Bytes in all; 0: not known yet.
    pub total: u64,
}

impl Progress {
    /// From now on this is done.
    pub(super) fn begin(&self, stage: &'static str, total: u64) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    pub(super) fn more(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How far it is now.
    #[must_use]
    pub fn read(&self) -> Far {
        let stage = *self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        Far { stage, done: self.done.load(Ordering::Relaxed), total: self.total.load(Ordering::Relaxed) }
    }

    /// It should end soon: what is done stays, the rest is done another time.
    pub fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.notify_all();
    }

    /// An error once it should end.
    pub(super) fn goes_on(&self) -> Result<(), TargetError> {
        let stopped = *self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if stopped { Err(TargetError::Refused(String::from("it was stopped; the next run goes on"))) } else { Ok(()) }
    }

    /// Waits, but not once it should end.
    pub(super) fn pause(&self, pause: Duration) -> Result<(), TargetError> {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.stop.wait_timeout_while(stopped, pause, |stopped| !*stopped));
        self.goes_on()
    }
}
