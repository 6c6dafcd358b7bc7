//! How many answers a source gets before it has proved who it is (E5). An answer is larger than its question (a nonce has to be told),
//! and the source may be made up: so both what one source and what all together are sent is bounded, in memory that never grows.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Now;

/// Sources are told apart by a keyed hash; two that meet in a place share its rate.
const PLACES: usize = 1 << 14;
/// What may come at once, in seconds of the rate.
const BURST_S: u64 = 2;
const SECOND_NS: u64 = 1_000_000_000;

/// What strangers were answered.
#[derive(Debug)]
pub(crate) struct Strangers {
    places: Box<[AtomicU64]>,
    all: AtomicU64,
    hashing: RandomState,
}

impl Default for Strangers {
    fn default() -> Self {
        let places = std::iter::repeat_with(AtomicU64::default).take(PLACES).collect();
        Self { places, all: AtomicU64::default(), hashing: RandomState::new() }
    }
}

impl Strangers {
    /// Whether one more answer may go to this source, and counts it.
    pub(crate) fn may_answer(&self, source: IpAddr, per_source_per_s: u32, per_s: u32, now: Now) -> bool {
        takes(self.place(source), 1, u64::from(per_source_per_s), BURST_S * SECOND_NS, now)
            && takes(&self.all, 1, u64::from(per_s), BURST_S * SECOND_NS, now)
    }

    /// Takes back what this source was counted for: it was no stranger.
    pub(crate) fn give_back(&self, source: IpAddr, per_source_per_s: u32, per_s: u32) {
        for (place, rate) in [(self.place(source), per_source_per_s), (&self.all, per_s)] {
            let cost = SECOND_NS.checked_div(u64::from(rate)).unwrap_or(0);
            let _ = place.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |until| Some(until.saturating_sub(cost)));
        }
    }

    /// An IPv4 address or an IPv6 /64 is one source.
    fn place(&self, source: IpAddr) -> &AtomicU64 {
        let source = match source {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            IpAddr::V6(ip) => u64::try_from(ip.to_bits() >> 64).unwrap_or(0),
        };
        let at = self.hashing.hash_one(source) & (PLACES as u64 - 1);
        &self.places[usize::try_from(at).unwrap_or(0)]
    }
}

/// A leaky bucket in one number: until when what was taken is paid for. `false`, and nothing taken, where that is further ahead than
/// `burst_ns`.
pub(crate) fn takes(paid_until: &AtomicU64, amount: u64, per_s: u64, burst_ns: u64, now: Now) -> bool {
    let Some(cost) = amount.saturating_mul(SECOND_NS).checked_div(per_s) else { return false };
    let now = u64::try_from(now.since_start.as_nanos()).unwrap_or(u64::MAX);
    let taken = |until: u64| {
        let after = until.max(now).saturating_add(cost);
        (after <= now.saturating_add(burst_ns)).then_some(after)
    };
    paid_until.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
}
