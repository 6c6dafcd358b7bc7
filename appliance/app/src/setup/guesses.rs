//! Wrong codes by source: who guesses on and on waits, so that nobody makes the shown code change without end (E5).

use crate::Source;
use std::collections::HashMap;

/// A source may be wrong so often before it waits: twice as often as a code lives.
const WRONG_MAX: u32 = 2 * super::code::WRONG_MAX;
/// Wrong tries are forgotten so long after the first of them.
const FORGET_MS: i64 = 600_000;
/// Sources remembered; the oldest goes when there are more.
const SOURCES_MAX: usize = 1024;

#[derive(Default)]
pub(super) struct Guesses(HashMap<Source, Wrong>);

#[derive(Clone, Copy)]
struct Wrong {
    since_ms: i64,
    count: u32,
}

impl Guesses {
    /// How long a source has to wait, in seconds; `None`: it may try.
    pub(super) fn wait_s(&self, source: Source, now_ms: i64) -> Option<u32> {
        let wrong = self.0.get(&source).filter(|wrong| wrong.count >= WRONG_MAX)?;
        let left_ms = wrong.since_ms.saturating_add(FORGET_MS).saturating_sub(now_ms);
        (left_ms > 0).then(|| u32::try_from(left_ms.min(FORGET_MS) / 1000 + 1).unwrap_or(u32::MAX))
    }

    pub(super) fn wrong(&mut self, source: Source, now_ms: i64) {
        self.0.retain(|_, wrong| wrong.since_ms.saturating_add(FORGET_MS) > now_ms);
        if self.0.len() >= SOURCES_MAX && !self.0.contains_key(&source) {
            let oldest = self.0.iter().min_by_key(|(_, wrong)| wrong.since_ms).map(|(source, _)| *source);
            oldest.map(|source| self.0.remove(&source));
        }
        self.0.entry(source).or_insert(Wrong { since_ms: now_ms, count: 0 }).count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn source(number: u32) -> Source {
        Source::from(IpAddr::from(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn a_source_that_guesses_on_waits_and_no_other_does_i8_e5() {
        let mut guesses = Guesses::default();
        for try_number in 0..WRONG_MAX {
            assert_eq!(guesses.wait_s(source(1), 1000), None, "{try_number}");
            guesses.wrong(source(1), 1000);
        }
        assert_eq!(guesses.wait_s(source(1), 1000), Some(601));
        assert_eq!(guesses.wait_s(source(1), 600_999), Some(1));
        assert_eq!(guesses.wait_s(source(1), 601_000), None, "forgotten");
        assert_eq!(guesses.wait_s(source(2), 1000), None);
        assert_eq!(guesses.wait_s(source(1), -5_000_000), Some(601), "a clock set back makes nobody wait longer");
    }

    #[test]
    fn what_is_remembered_is_bounded_e5() {
        let mut guesses = Guesses::default();
        for number in 0..5000 {
            guesses.wrong(source(number), i64::from(number));
        }
        assert_eq!(guesses.0.len(), SOURCES_MAX);
        assert!(guesses.0.contains_key(&source(4999)) && !guesses.0.contains_key(&source(0)));
        guesses.wrong(source(1), FORGET_MS * 2);
        assert_eq!(guesses.0.len(), 1, "what is over is forgotten");
    }
}
