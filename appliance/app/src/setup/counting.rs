//! Chance for tests of the setup that is none: each draw is another one.

use domain::clock::Rng;
use std::sync::atomic::{AtomicU8, Ordering};

pub(super) struct Counting(AtomicU8);

impl Counting {
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(1))
    }
}

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}
