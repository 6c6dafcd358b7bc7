use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use media_contract::{FACTS_KEPT_MAX, Fact};
use nix::sys::eventfd::{EfdFlags, EventFd};

/// What waits to be told to the server; the oldest makes room.
pub(crate) struct Facts {
    waiting: Mutex<(VecDeque<Fact>, u64)>,
    pub(crate) wake: EventFd,
}

impl Facts {
    pub(crate) fn new() -> nix::Result<Self> {
        let wake = EventFd::from_value_and_flags(0, EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
        Ok(Self { waiting: Mutex::default(), wake })
    }

    pub(crate) fn push(&self, fact: Fact) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.0.len() >= FACTS_KEPT_MAX {
            waiting.0.pop_front();
            waiting.1 += 1;
        }
        waiting.0.push_back(fact);
        drop(waiting);
        let _ = self.wake.write(1);
    }

    pub(crate) fn lose(&self, number: u64) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).1 += number;
    }

    pub(crate) fn take(&self) -> Option<Fact> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).0.pop_front()
    }

    pub(crate) fn lost(&self) -> u64 {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}
