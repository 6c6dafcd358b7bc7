//! Small things in files of their own, sealed as a whole (D1).
//!
//! Version 1: version (1), then an envelope about `rainbow-edge note v1`, a zero byte, and the note's name.

use crate::envelope::Envelope;
use crate::error::VaultError;
use crate::key::SecretKey;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NAME: &[u8; 21] = b"rainbow-edge note v1\0";
/// Longest note: what a hundred thousand companies need.
pub const NOTE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Seals a note under a key that is for notes of this name alone.
///
/// # Errors
/// [`VaultError::Random`].
pub fn seal_note(key: &SecretKey, name: &str, note: &[u8]) -> Result<Vec<u8>, VaultError> {
    let sealed = Envelope::new(key).seal(&about(name), note)?;
    Ok([&[VERSION][..], &sealed].concat())
}

/// Opens what [`seal_note`] made; `None` where it is not that, or was changed.
#[must_use]
pub fn open_note(key: &SecretKey, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (version, sealed) = sealed.split_first()?;
    if *version != VERSION {
        return None;
    }
    Envelope::new(key).open(&about(name), sealed).map(Zeroizing::new)
}

fn about(name: &str) -> Vec<u8> {
    [NAME, name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_under_its_key_and_name_as_a_whole_or_not_at_all_d3() {
        let key = |byte| SecretKey::new(Zeroizing::new([byte; 32]));
        let sealed = seal_note(&key(1), "a", b"some words").expect("random bytes");
        assert_eq!(open_note(&key(1), "a", &sealed).expect("opens").as_slice(), b"some words");
        assert!(open_note(&key(2), "a", &sealed).is_none() && open_note(&key(1), "b", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_note(&key(1), "a", &changed).is_none(), "byte {at}");
            assert!(open_note(&key(1), "a", &sealed[..at]).is_none(), "cut at {at}");
        }
    }
}
