//! The lock-out (A5): what is asked before a password is looked at, and told after.
//!
//! `rule.rs` decides, `table.rs` bounds its memory. Here names, sources and passwords become keyed hashes under a key that
//! is made at each start and never leaves the memory: what the rule holds and what the log tells cannot be looked up.

mod rule;
mod table;

use crate::visitor::Source;
use crate::{App, Unauthenticated};
use aws_lc_rs::hmac;
use domain::clock::Rng;
use domain::email::Email;
use rule::{Attempt, Lock, Mark, Outcome, Rule, Verdict};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

pub(crate) use rule::Limits;

/// Somebody claims to be the owner of an account.
pub(crate) struct Claim<'a> {
    /// The log-in name, as it was written.
    pub(crate) login: &'a str,
    /// From where.
    pub(crate) source: Source,
    /// The account was signed in to from there before.
    pub(crate) known: bool,
    /// Salt of the stored password, or of what stands for it: what was wrong for one password may be right for the next.
    pub(crate) salt: &'a [u8],
    /// The password.
    pub(crate) password: &'a str,
    /// Application id and proof, and the secret that stands behind the id now, if it is one.
    pub(crate) application: Option<[&'a str; 3]>,
}

/// The lock-out of a running box.
pub(crate) struct LockOut {
    key: hmac::Key,
    rule: Mutex<Rule>,
    locks: AtomicU64,
}

/// A claim whose password may be looked at. Dropped without a word it counts for nothing.
pub(crate) struct Trial<'a> {
    app: &'a App,
    attempt: Attempt,
    ended: bool,
}

impl LockOut {
    pub(crate) fn new(limits: Limits, rng: &dyn Rng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill(key.as_mut_slice());
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_slice());
        Self { key, rule: Mutex::new(Rule::new(limits)), locks: AtomicU64::new(0) }
    }

    /// Locks that began since the start.
    pub(crate) fn locks(&self) -> u64 {
        self.locks.load(Ordering::Relaxed)
    }

    fn rule(&self) -> MutexGuard<'_, Rule> {
        self.rule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each part with its length, so that two different lists never hash alike.
    fn mark(&self, parts: &[&[u8]]) -> Mark {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(&part.len().to_le_bytes());
            context.update(part);
        }
        let mut mark = [0; 16];
        mark.copy_from_slice(&context.sign().as_ref()[..16]);
        Mark(mark)
    }

    fn attempt(&self, claim: &Claim<'_>) -> Attempt {
        // What is no address is the name of nobody, and is treated as one.
        let login =
            Email::parse(claim.login).map_or_else(|_| claim.login.to_owned(), |email| email.as_str().to_owned());
        let [id, proof, secret] = claim.application.unwrap_or_default().map(str::as_bytes);
        let password = claim.password.as_bytes();
        Attempt {
            account: self.mark(&[b"account", login.as_bytes()]),
            pair: self.mark(&[b"pair", login.as_bytes(), claim.source.bytes()]),
            proof: self.mark(&[b"proof", claim.salt, password, id, proof, secret]),
            known: claim.known,
        }
    }

    fn tell(&self, attempt: &Attempt, locks: &[Lock]) {
        let pseudonym = |mark: &Mark| mark.0[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let account = pseudonym(&attempt.account);
        for lock in locks {
            self.locks.fetch_add(1, Ordering::Relaxed);
            match lock {
                Lock::AtSource(wait_ms) => {
                    let at = pseudonym(&attempt.pair);
                    tracing::warn!(account, at, wait_ms, "wrong passwords: the account waits at this source");
                }
                Lock::AtStrangers(wait_ms) => {
                    tracing::warn!(account, wait_ms, "wrong passwords: the account waits at sources new to it");
                }
            }
        }
    }
}

/// Asks whether the password of a claim may be looked at.
///
/// # Errors
/// [`Unauthenticated::Locked`], or what the same claim was answered before.
pub(crate) fn begin<'a>(app: &'a App, claim: &Claim<'_>) -> Result<Trial<'a>, Unauthenticated> {
    let attempt = app.lock_out.attempt(claim);
    match app.lock_out.rule().ask(&attempt, app.clock.now_ms()) {
        Verdict::Check => Ok(Trial { app, attempt, ended: false }),
        Verdict::Remembered(reason) => {
            app.counters.passwords_wrong.one();
            Err(reason)
        }
        Verdict::Wait(wait_ms) => {
            app.counters.passwords_unread.one();
            let retry_after_s = u32::try_from(wait_ms.saturating_add(999) / 1000).unwrap_or(u32::MAX);
            Err(Unauthenticated::Locked { retry_after_s })
        }
    }
}

impl Trial<'_> {
    /// All that was shown is right.
    pub(crate) fn right(mut self) {
        self.app.counters.passwords_right.one();
        self.end(Outcome::Right);
    }

    /// Something that was shown is wrong; `reason` comes back, and whenever the same is shown again.
    pub(crate) fn wrong(mut self, reason: Unauthenticated) -> Unauthenticated {
        self.app.counters.passwords_wrong.one();
        self.end(Outcome::Wrong(reason));
        reason
    }

    fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        let locks = self.app.lock_out.rule().finish(&self.attempt, outcome, self.app.clock.now_ms());
        self.app.lock_out.tell(&self.attempt, &locks);
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Outcome::GivenUp);
        }
    }
}
