//! Section `[sign_in]`.

use crate::reader::Section;

/// Lives of tokens, sessions, signing keys and accounts, the bounds of password hashing, the lock-out (A2, A5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Life of a signed token; the client renews it before.
    pub token_life_s: u64,
    /// A session without activity ends after this.
    pub session_idle_life_s: u64,
    /// A session ends after this, active or not.
    pub session_life_s: u64,
    /// A new signing key is made after this.
    pub signing_key_life_s: u64,
    /// Threads that hash passwords; each holds about 20 MiB while it works.
    pub hash_workers: usize,
    /// Sign-ins that may wait for a hashing thread; of further ones the source with most waiting is refused.
    pub hash_queue_max: usize,
    /// Sign-ins of one source among them.
    pub hash_queue_per_source_max: usize,
    /// When wrong passwords make an account wait.
    pub lock_out: LockOut,
    /// An account not used for this is blocked; 0 for never.
    pub unused_account_life_s: u64,
    /// A guest who is not there for this is put out of his bubble.
    pub guest_life_s: u64,
}

/// The lock-out (A5). No source is ever locked as such: an account waits, at one source or at all that are new to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockOut {
    /// Wrong passwords of an account from one source before it waits there.
    pub failures: u32,
    /// Wrong passwords of an account from all sources new to it before it waits at those.
    pub account_failures: u32,
    /// First wait; each further wrong password doubles it.
    pub first_s: u64,
    /// Longest wait.
    pub longest_s: u64,
    /// One wrong password is forgotten each time that this passed.
    pub forget_s: u64,
    /// Accounts at sources whose wrong passwords are counted.
    pub entries_max: usize,
}

impl SignIn {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        let token_life_s =
            section.integer("token_life_s", 3_600, 10..=86_400, "Life of a token; the client renews it before.");
        let session_idle_life_s = section.integer(
            "session_idle_life_s",
            1_209_600,
            10..=7_776_000,
            "A session without activity ends after this.",
        );
        let session_life_s =
            section.integer("session_life_s", 7_776_000, 10..=31_536_000, "A session ends after this, active or not.");
        section.must(token_life_s <= session_life_s, "token_life_s", "at most session_life_s");
        section.must(session_idle_life_s <= session_life_s, "session_idle_life_s", "at most session_life_s");
        let signing_key_life_s = section.integer(
            "signing_key_life_s",
            2_592_000,
            60..=31_536_000,
            "A new key for signing tokens is made after this.",
        );
        let unused_account_life_s = section.integer(
            "unused_account_life_s",
            31_536_000,
            0..=315_360_000,
            "An account that is not used for this is blocked until an administrator activates it; 0: never.",
        );
        let guest_life_s = section.integer(
            "guest_life_s",
            86_400,
            600..=2_592_000,
            "A guest of a bubble who is not there for this is put out, and his account is closed.",
        );
        Self {
            token_life_s,
            session_idle_life_s,
            session_life_s,
            signing_key_life_s,
            hash_workers: section.integer(
                "hash_workers",
                2,
                1..=3,
                "Threads that check passwords; bounds their memory.",
            ),
            hash_queue_max: section.integer(
                "hash_queue_max",
                1_024,
                1..=10_000,
                "Sign-ins that may wait for such a thread; sources are served in turn.",
            ),
            hash_queue_per_source_max: section.integer(
                "hash_queue_per_source_max",
                512,
                1..=10_000,
                "Sign-ins of one source among them; an office behind one address is one source.",
            ),
            lock_out: LockOut::read(section),
            unused_account_life_s,
            guest_life_s,
        }
    }
}

impl LockOut {
    fn read(section: &mut Section<'_, '_>) -> Self {
        let lock_out = Self {
            failures: section.integer(
                "lock_out_failures",
                5,
                3..=100,
                "Different wrong passwords of an account from one source before it waits there.",
            ),
            account_failures: section.integer(
                "lock_out_account_failures",
                20,
                3..=1_000,
                "The same from all sources where it never signed in, before it waits at those.",
            ),
            first_s: section.integer(
                "lock_out_first_s",
                30,
                1..=3_600,
                "First wait; each further wrong password doubles it.",
            ),
            longest_s: section.integer("lock_out_longest_s", 900, 1..=86_400, "Longest wait."),
            forget_s: section.integer(
                "lock_out_forget_s",
                3_600,
                60..=604_800,
                "One wrong password is forgotten each time that this passed.",
            ),
            entries_max: section.integer(
                "lock_out_entries_max",
                50_000,
                1_000..=1_000_000,
                "Accounts at sources whose wrong passwords are counted, about 500 bytes each.",
            ),
        };
        section.must(lock_out.first_s <= lock_out.longest_s, "lock_out_first_s", "at most lock_out_longest_s");
        lock_out
    }
}
