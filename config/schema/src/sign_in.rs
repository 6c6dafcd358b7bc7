//! Section `[sign_in]`.

use crate::reader::Section;

/// Lives of tokens, sessions and signing keys, and the bounds of password hashing (A2, A5).
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
    /// Sign-ins that may wait for a hashing thread; further ones are refused with "try later".
    pub hash_queue_max: usize,
}

impl SignIn {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        let sign_in = Self {
            token_life_s: section.integer(
                "token_life_s",
                3_600,
                10..=86_400,
                "Life of a token; the client renews it before.",
            ),
            session_idle_life_s: section.integer(
                "session_idle_life_s",
                1_209_600,
                60..=7_776_000,
                "A session without activity ends after this.",
            ),
            session_life_s: section.integer(
                "session_life_s",
                7_776_000,
                60..=31_536_000,
                "A session ends after this, active or not.",
            ),
            signing_key_life_s: section.integer(
                "signing_key_life_s",
                2_592_000,
                60..=31_536_000,
                "A new key for signing tokens is made after this.",
            ),
            hash_workers: section.integer(
                "hash_workers",
                2,
                1..=3,
                "Threads that check passwords; bounds their memory.",
            ),
            hash_queue_max: section.integer(
                "hash_queue_max",
                256,
                1..=10_000,
                "Sign-ins that may wait for such a thread.",
            ),
        };
        section.must(sign_in.token_life_s <= sign_in.session_life_s, "token_life_s", "at most session_life_s");
        section.must(
            sign_in.session_idle_life_s <= sign_in.session_life_s,
            "session_idle_life_s",
            "at most session_life_s",
        );
        sign_in
    }
}
