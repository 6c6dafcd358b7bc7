//! Addresses asked for in vain, counted by person and day: guessing must not tell whom no search may show (B3).

use domain::ids::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Counts of the present day, in memory: at most one entry a member of the box.
#[derive(Default)]
pub(crate) struct Vain {
    counts: Mutex<(i64, HashMap<UserId, u32>)>,
}

impl Vain {
    /// How many of this day, in days since 1970.
    pub(super) fn count(&self, of: &UserId, day: i64) -> u32 {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 == day { counts.1.get(of).copied().unwrap_or(0) } else { 0 }
    }

    /// One more.
    pub(super) fn add(&self, of: &UserId, day: i64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != day {
            *counts = (day, HashMap::new());
        }
        let count = counts.1.entry(of.clone()).or_default();
        *count = count.saturating_add(1);
    }
}
