//! Nonces for pages: 12 bytes that choose a subkey and stay for a while, 12 that are random each time.

use std::time::Duration;

use crate::xaes::XNONCE_BYTES;

/// A prefix serves at most this many nonces: far below GCM's 2^32 random nonces per key.
const NONCES_PER_PREFIX: u32 = 1 << 20;
/// A prefix serves at most this long, so that a cloned or restored machine soon draws its own.
const PREFIX_LIFE: Duration = Duration::from_secs(1);
/// Random bytes drawn at once. Linux gives up to 256 bytes uninterrupted; few, so that clones share few.
const POOL_BYTES: usize = 252;
const HALF: usize = 12;

/// Draws nonces from the system's random generator. One per open database.
pub(crate) struct NonceSource {
    prefix: [u8; HALF],
    prefix_drawn_at: Duration,
    prefix_uses_left: u32,
    pool: [u8; POOL_BYTES],
    pool_used: usize,
}

impl NonceSource {
    /// A source that draws its first prefix at first use.
    pub(crate) fn new() -> Self {
        Self {
            prefix: [0; HALF],
            prefix_drawn_at: Duration::ZERO,
            prefix_uses_left: 0,
            pool: [0; POOL_BYTES],
            pool_used: POOL_BYTES,
        }
    }

    /// The next nonce; `now` is any monotonic time.
    pub(crate) fn next(&mut self, now: Duration) -> Result<[u8; XNONCE_BYTES], getrandom::Error> {
        let age = now.saturating_sub(self.prefix_drawn_at);
        if self.prefix_uses_left == 0 || age >= PREFIX_LIFE {
            // The pool goes with the prefix: what a clone may hold too is used no longer.
            getrandom::fill(&mut self.prefix)?;
            self.prefix_drawn_at = now;
            self.prefix_uses_left = NONCES_PER_PREFIX;
            self.pool_used = POOL_BYTES;
        }
        if self.pool_used + HALF > POOL_BYTES {
            getrandom::fill(&mut self.pool)?;
            self.pool_used = 0;
        }
        let mut nonce = [0; XNONCE_BYTES];
        nonce[..HALF].copy_from_slice(&self.prefix);
        nonce[HALF..].copy_from_slice(&self.pool[self.pool_used..self.pool_used + HALF]);
        self.pool_used += HALF;
        self.prefix_uses_left -= 1;
        Ok(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn draw(source: &mut NonceSource, now: Duration) -> [u8; XNONCE_BYTES] {
        source.next(now).expect("the system gives random bytes")
    }

    #[test]
    fn nonces_never_repeat_over_a_million_draws_d1() {
        let mut source = NonceSource::new();
        let mut seen = HashSet::new();
        let (mut suffixes, mut prefixes) = (HashSet::new(), HashSet::new());
        for _ in 0..NONCES_PER_PREFIX + 5 {
            let nonce = draw(&mut source, Duration::ZERO);
            assert!(seen.insert(nonce), "a nonce came twice");
            prefixes.insert(nonce[..HALF].to_vec());
            suffixes.insert(nonce[HALF..].to_vec());
        }
        assert_eq!(prefixes.len(), 2, "one prefix serves 2^20 nonces, then a new one is drawn");
        assert_eq!(suffixes.len(), seen.len(), "the second half is random each time");
    }

    #[test]
    fn the_prefix_is_redrawn_each_second_d1() {
        let mut source = NonceSource::new();
        let at = |millis| Duration::from_millis(millis);
        let first = draw(&mut source, at(5_000));
        assert_eq!(first[..HALF], draw(&mut source, at(5_999))[..HALF]);
        assert_ne!(first[..HALF], draw(&mut source, at(6_000))[..HALF]);
    }
}
