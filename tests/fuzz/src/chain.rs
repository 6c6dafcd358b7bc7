//! An uploaded certificate chain and its key: described and examined without a panic, and accepted only for the name that it
//! is asked for.
//!
//! The input is a chain, a NUL, and a key.

use gate::{describe, examine};

const NOW_MS: i64 = 1_767_225_600_000;
/// A refusal is a sentence, and no part of the files.
const WORDS_BYTES_MAX: usize = 600;

pub(crate) fn run(input: &[u8]) {
    let at = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
    let (chain, key) = (&input[..at], input.get(at + 1..).unwrap_or_default());
    let described = describe(chain, NOW_MS);
    match examine(chain, key, "box.test", NOW_MS) {
        Ok(found) => {
            let covers = |name: &String| name == "box.test" || name == "*.test";
            assert!(found.names.iter().any(covers) && found.expires_ms > NOW_MS, "{found:?}");
            assert_eq!(described, Ok(found));
        }
        Err(refused) => {
            assert!(refused.to_string().len() < WORDS_BYTES_MAX, "more than words, and it may be the key: {refused}")
        }
    }
}
