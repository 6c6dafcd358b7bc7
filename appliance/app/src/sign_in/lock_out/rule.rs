//! When a wrong password makes its account wait (A5, decision 22). No clock, no chance, no disk.
//!
//! - An account waits at a source after so many wrong passwords from there, longer after each further one.
//! - An account waits at all sources without an earlier success after so many from all of those together.
//! - A wrong password that is shown again is remembered: it counts once.
//! - A failure is forgotten after a while; a right password forgives those of its source.
//!
//! Nothing is kept by source alone, so an address that many share is never locked. Nothing here knows whether an
//! account exists.

use super::table::{Table, Worth};
use crate::Unauthenticated;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use std::collections::VecDeque;

/// Wrong passwords that are remembered of an account at a source.
const REMEMBERED_MAX: usize = 8;
/// A right password forgives at most this often: a bot that signs in every minute would otherwise give somebody who
/// guesses beside it in the same office a fresh start each time.
const FORGIVEN_EVERY_MS: i64 = 3_600_000;
/// Told to who tries more passwords at once than may still be wrong.
const CROWDED_WAIT_MS: i64 = 1000;

/// How many and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Wrong passwords of an account from one source before it waits there.
    pub(crate) failures: u32,
    /// Wrong passwords of an account from all sources without an earlier success before it waits at those.
    pub(crate) account_failures: u32,
    /// The first wait, in milliseconds; doubled by each further failure.
    pub(crate) first_ms: i64,
    /// The longest wait, in milliseconds.
    pub(crate) longest_ms: i64,
    /// One failure is forgotten each time that this passed, in milliseconds.
    pub(crate) forget_ms: i64,
    /// Rows of each table.
    pub(crate) entries_max: usize,
}

impl Limits {
    /// Failures after the first that make the wait longer.
    fn doublings(&self) -> u32 {
        (0..62).find(|n| self.wait_ms(*n) >= self.longest_ms).unwrap_or(62)
    }

    fn wait_ms(&self, doublings: u32) -> i64 {
        let wait_ms = i64::checked_pow(2, doublings).and_then(|times| self.first_ms.checked_mul(times));
        wait_ms.unwrap_or(self.longest_ms).min(self.longest_ms)
    }
}

/// A keyed hash that stands for something that must not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mark(pub(crate) [u8; 16]);

/// One password shown for one account from one source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// The account, existing or not.
    pub(crate) account: Mark,
    /// The account at this source.
    pub(crate) pair: Mark,
    /// What was shown.
    pub(crate) proof: Mark,
    /// The account was signed in to from this source before.
    pub(crate) known: bool,
}

/// Whether an attempt is worth a look at the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Check it; [`Rule::finish`] must follow.
    Check,
    /// The same was refused before, for this reason.
    Remembered(Unauthenticated),
    /// No attempt is looked at now, right or wrong; in milliseconds.
    Wait(i64),
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All that was shown is right.
    Right,
    /// It is not.
    Wrong(Unauthenticated),
    /// It was not found out.
    GivenUp,
}

/// What begins to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The account at one source, in milliseconds.
    AtSource(i64),
    /// The account at all sources without an earlier success, in milliseconds.
    AtStrangers(i64),
}

#[derive(Debug, Default)]
struct Tally {
    failures: u32,
    /// From when on the next failure is being forgotten.
    forgetting_ms: i64,
    locked_until_ms: i64,
}

impl Tally {
    /// Brings the tally to the present. A clock that was put back makes nobody wait longer than the longest wait.
    fn advance(&mut self, now_ms: i64, limits: &Limits) {
        let passed_ms = now_ms.saturating_sub(self.forgetting_ms);
        if self.failures == 0 || passed_ms < 0 {
            self.forgetting_ms = now_ms;
        } else {
            let forgotten = passed_ms / limits.forget_ms.max(1);
            self.failures = self.failures.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX));
            self.forgetting_ms = now_ms - passed_ms % limits.forget_ms.max(1);
        }
        self.locked_until_ms = self.locked_until_ms.min(now_ms.saturating_add(limits.longest_ms));
    }

    fn wait_ms(&self, now_ms: i64) -> i64 {
        self.locked_until_ms.saturating_sub(now_ms).max(0)
    }

    /// Passwords that may be looked at together: as many as may still be wrong before the next wait.
    fn room(&self, allowed: u32) -> usize {
        usize::try_from(allowed.saturating_sub(self.failures).max(1)).unwrap_or(usize::MAX)
    }

    /// Counts a failure; the wait that it begins.
    fn fail(&mut self, allowed: u32, now_ms: i64, limits: &Limits) -> Option<i64> {
        // No more than lengthen the wait, so that what an attack leaves behind is forgotten in bounded time.
        let most = allowed.saturating_add(limits.doublings());
        self.failures = self.failures.saturating_add(1).min(most);
        let wait_ms = limits.wait_ms(self.failures.checked_sub(allowed)?);
        self.locked_until_ms = now_ms.saturating_add(wait_ms);
        Some(wait_ms)
    }

    fn worth(&self, holds_more: bool) -> Worth {
        (self.failures > 0 || holds_more).then_some(self.failures)
    }
}

/// An account at one source.
#[derive(Debug, Default)]
struct Pair {
    tally: Tally,
    wrong: VecDeque<(Mark, Unauthenticated)>,
    /// What is being checked, and how many times at once.
    checking: Vec<(Mark, usize)>,
    forgiven_ms: Option<i64>,
}

impl Pair {
    /// Looks at all that is remembered, whichever it is.
    fn remembered(&self, proof: &Mark) -> Option<Unauthenticated> {
        self.wrong.iter().fold(None, |found, (wrong, reason)| {
            let same = verify_slices_are_equal(&wrong.0, &proof.0).is_ok();
            if same { Some(*reason) } else { found }
        })
    }

    fn remember(&mut self, proof: Mark, reason: Unauthenticated) {
        if self.wrong.len() >= REMEMBERED_MAX {
            self.wrong.pop_front();
        }
        self.wrong.push_back((proof, reason));
    }

    /// `true` when nobody else is having the same checked.
    fn leave(&mut self, proof: &Mark) -> bool {
        let Some(at) = self.checking.iter().position(|(checked, _)| checked == proof) else { return true };
        self.checking[at].1 -= 1;
        let last = self.checking[at].1 == 0;
        if last {
            self.checking.swap_remove(at);
        }
        if self.checking.is_empty() {
            // Most rows are those of a flood, and idle: what they hold on to is what the table takes.
            self.checking = Vec::new();
        }
        last
    }

    fn forgive(&mut self, now_ms: i64) {
        let lately = |forgiven_ms: i64| (0..FORGIVEN_EVERY_MS).contains(&now_ms.saturating_sub(forgiven_ms));
        if self.tally.failures > 0 && !self.forgiven_ms.is_some_and(lately) {
            self.tally = Tally::default();
            self.forgiven_ms = Some(now_ms);
        }
    }

    fn worth(&self) -> Worth {
        let holds_more = !self.wrong.is_empty() || !self.checking.is_empty() || self.forgiven_ms.is_some();
        self.tally.worth(holds_more)
    }
}

/// An account at all sources without an earlier success.
#[derive(Debug, Default)]
struct Strangers {
    tally: Tally,
    checking: usize,
}

/// The lock-out of all accounts.
pub(crate) struct Rule {
    limits: Limits,
    pairs: Table<Mark, Pair>,
    strangers: Table<Mark, Strangers>,
}

impl Rule {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, pairs: Table::new(limits.entries_max), strangers: Table::new(limits.entries_max) }
    }

    /// Before a password is looked at.
    pub(crate) fn ask(&mut self, attempt: &Attempt, now_ms: i64) -> Verdict {
        let Attempt { account, pair, proof, known } = *attempt;
        let limits = self.limits;
        let (mut wait_ms, mut crowded, mut joins, mut remembered) = (0, false, false, None);
        if let Some(pair) = self.pairs.look(&pair) {
            pair.tally.advance(now_ms, &limits);
            wait_ms = pair.tally.wait_ms(now_ms);
            joins = pair.checking.iter().any(|(checked, _)| *checked == proof);
            crowded = pair.checking.len() >= pair.tally.room(limits.failures);
            remembered = pair.remembered(&proof);
        }
        if let Some(strangers) = self.strangers.look(&account).filter(|_| !known) {
            strangers.tally.advance(now_ms, &limits);
            wait_ms = wait_ms.max(strangers.tally.wait_ms(now_ms));
            crowded |= strangers.checking >= strangers.tally.room(limits.account_failures);
        }
        match remembered {
            _ if wait_ms > 0 => return Verdict::Wait(wait_ms),
            Some(reason) => return Verdict::Remembered(reason),
            None if crowded && !joins => return Verdict::Wait(CROWDED_WAIT_MS),
            None => {}
        }
        self.begin(attempt, joins);
        Verdict::Check
    }

    fn begin(&mut self, attempt: &Attempt, joins: bool) {
        self.pairs.change(attempt.pair, |pair| {
            match pair.checking.iter_mut().find(|(checked, _)| *checked == attempt.proof) {
                Some((_, times)) => *times += 1,
                None => pair.checking.push((attempt.proof, 1)),
            }
            ((), pair.worth())
        });
        if !attempt.known && !joins {
            self.strangers.change(attempt.account, |strangers| {
                strangers.checking += 1;
                ((), strangers.tally.worth(true))
            });
        }
    }

    /// After [`Verdict::Check`], once: what begins to wait now.
    pub(crate) fn finish(&mut self, attempt: &Attempt, outcome: Outcome, now_ms: i64) -> Vec<Lock> {
        let limits = self.limits;
        let (last, counts, at_source) = self.pairs.change(attempt.pair, |pair| {
            pair.tally.advance(now_ms, &limits);
            let last = pair.leave(&attempt.proof);
            let (mut counts, mut lock) = (false, None);
            match outcome {
                Outcome::Wrong(reason) if pair.remembered(&attempt.proof).is_none() => {
                    pair.remember(attempt.proof, reason);
                    counts = true;
                    lock = pair.tally.fail(limits.failures, now_ms, &limits);
                }
                Outcome::Right => pair.forgive(now_ms),
                Outcome::Wrong(_) | Outcome::GivenUp => {}
            }
            ((last, counts, lock), pair.worth())
        });
        let mut locks: Vec<Lock> = at_source.map(Lock::AtSource).into_iter().collect();
        if !attempt.known {
            locks.extend(self.finish_stranger(&attempt.account, last, counts, now_ms).map(Lock::AtStrangers));
        }
        locks
    }

    fn finish_stranger(&mut self, account: &Mark, last: bool, counts: bool, now_ms: i64) -> Option<i64> {
        let limits = self.limits;
        self.strangers.change(*account, |strangers| {
            strangers.tally.advance(now_ms, &limits);
            strangers.checking = strangers.checking.saturating_sub(usize::from(last));
            let lock = if counts { strangers.tally.fail(limits.account_failures, now_ms, &limits) } else { None };
            (lock, strangers.tally.worth(strangers.checking > 0))
        })
    }
}

#[cfg(test)]
mod tests;
