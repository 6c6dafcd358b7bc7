//! How fast each source may open connections: a bucket of tokens per source, in a table of bounded size.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use crate::source::Source;

/// Sources that are remembered; the one that was quiet for longest is forgotten first, which fills its bucket again.
const SOURCES_MAX: usize = 16_384;

/// Fines that empty a full bucket.
const FINES: u32 = 32;

/// One bucket as the moment at which it will be full again (the generic cell rate algorithm: nothing has to be refilled
/// by a timer).
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Instant,
    used: u64,
}

/// The buckets of all sources.
#[derive(Debug)]
pub(crate) struct Buckets {
    /// Time in which one token comes back.
    refill: Duration,
    /// What an empty bucket needs to be full.
    depth: Duration,
    by_source: HashMap<Source, Bucket>,
    by_use: BTreeMap<u64, Source>,
    uses: u64,
    sources_max: usize,
}

impl Buckets {
    /// Buckets of `burst` tokens, of which `per_minute` come back each minute.
    pub(crate) fn new(burst: u32, per_minute: u32) -> Self {
        let refill = Duration::from_secs(60) / per_minute.max(1);
        let depth = refill.saturating_mul(burst);
        Self { refill, depth, by_source: HashMap::new(), by_use: BTreeMap::new(), uses: 0, sources_max: SOURCES_MAX }
    }

    /// Takes a token of `source`; `false` when it has none.
    pub(crate) fn take(&mut self, source: Source, now: Instant) -> bool {
        let before = self.by_source.get(&source).copied();
        let full_at = before.map_or(now, |bucket| bucket.full_at.max(now)) + self.refill;
        let enough = full_at.duration_since(now) <= self.depth;
        let full_at = if enough { full_at } else { full_at - self.refill };
        if let Some(bucket) = before {
            self.by_use.remove(&bucket.used);
        } else if self.by_source.len() >= self.sources_max {
            self.forget_the_quietest();
        }
        self.uses += 1;
        self.by_use.insert(self.uses, source);
        self.by_source.insert(source, Bucket { full_at, used: self.uses });
        enough
    }

    /// Takes what a source pays for work that was of no use. It may owe one fine when its bucket is empty: who is let in at
    /// all is let in again.
    pub(crate) fn fine(&mut self, source: Source, now: Instant) {
        let fine = self.depth / FINES;
        if let Some(bucket) = self.by_source.get_mut(&source) {
            bucket.full_at = (bucket.full_at.max(now) + fine).min(now + self.depth + fine);
        }
    }

    /// Puts a token back.
    pub(crate) fn give_back(&mut self, source: Source) {
        let refill = self.refill;
        if let Some(bucket) = self.by_source.get_mut(&source) {
            bucket.full_at = bucket.full_at.checked_sub(refill).unwrap_or(bucket.full_at);
        }
    }

    fn forget_the_quietest(&mut self) {
        if let Some((_, source)) = self.by_use.pop_first() {
            self.by_source.remove(&source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Source = Source::V4([192, 0, 2, 1]);

    fn other(number: u16) -> Source {
        Source::V6([0x2001, 0xdb8, 0, number])
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_has_its_burst_and_then_its_rate_e5() {
        let mut buckets = Buckets::new(3, 60);
        let start = Instant::now();
        assert!((0..3).all(|_| buckets.take(ONE, start)));
        assert!(!buckets.take(ONE, start), "the burst is over");
        assert!(buckets.take(other(1), start), "another source has its own");
        let later = start + Duration::from_secs(1);
        assert!(buckets.take(ONE, later), "one a second comes back");
        assert!(!buckets.take(ONE, later));
        let rested = start + Duration::from_secs(3600);
        assert!((0..3).all(|_| buckets.take(ONE, rested)), "a rest fills the bucket");
        assert!(!buckets.take(ONE, rested), "and no more than that");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_given_back_can_be_taken_again_a5() {
        let mut buckets = Buckets::new(1, 1);
        let now = Instant::now();
        for _ in 0..100 {
            assert!(buckets.take(ONE, now));
            assert!(!buckets.take(ONE, now));
            buckets.give_back(ONE);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fines_empty_the_bucket_and_what_is_owed_is_bounded_e5() {
        let mut buckets = Buckets::new(320, 60);
        let start = Instant::now();
        let taken = (0..320).take_while(|_| {
            let taken = buckets.take(ONE, start);
            buckets.fine(ONE, start);
            taken
        });
        assert_eq!(taken.count(), 30, "each costs eleven");
        (0..1_000).for_each(|_| buckets.fine(ONE, start));
        assert!(!buckets.take(ONE, start + Duration::from_secs(10)), "a fine of ten is owed");
        assert!(buckets.take(ONE, start + Duration::from_secs(11)), "and no more than one");
        assert!(buckets.take(other(1), start), "another source owes nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded_and_forgets_the_quietest_source_e5() {
        let mut buckets = Buckets { sources_max: 10, ..Buckets::new(1, 1) };
        let now = Instant::now();
        assert!(buckets.take(ONE, now));
        for number in 0..100 {
            assert!(buckets.take(other(number), now));
            assert!(!buckets.take(ONE, now), "who keeps knocking is not forgotten");
            assert!(buckets.by_source.len() <= 10 && buckets.by_use.len() == buckets.by_source.len());
        }
        assert!(buckets.take(other(0), now), "the quietest one was");
    }
}
