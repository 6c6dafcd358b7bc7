//! Bytes sealed for a place outside of the data folder, and names for them that tell nothing (D7).
//!
//! Sealed, version 1: nonce (24), sealed bytes, tag (16), with XAES-256-GCM under a random nonce. What the bytes are and where
//! they belong is associated data, so that nothing opens in another place.

use aws_lc_rs::{digest, hmac};

use crate::aead::{AwsLc, TAG_BYTES};
use crate::error::VaultError;
use crate::key::SecretKey;
use crate::xaes::{XNONCE_BYTES, Xaes};

/// Seals and opens bytes under one key.
pub struct Envelope(Xaes);

impl Envelope {
    /// What sealing adds to bytes.
    pub const OVERHEAD_BYTES: usize = XNONCE_BYTES + TAG_BYTES;

    /// Expands a key.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        Self(Xaes::new(key.expose()))
    }

    /// Seals `plain`, which is and belongs to what `about` says.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn seal(&self, about: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; XNONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
        let mut sealed = Vec::with_capacity(plain.len() + Self::OVERHEAD_BYTES);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let content = &mut sealed[XNONCE_BYTES..];
        let tag = self.0.seal::<AwsLc>(&nonce, about, content).expect("what fits into memory is within GCM's limits");
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens what [`Envelope::seal`] made about the same; `None` where it was changed, is about something else or under
    /// another key.
    #[must_use]
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<XNONCE_BYTES>()?;
        let (content, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut plain = content.to_vec();
        self.0.open::<AwsLc>(nonce, about, &mut plain, tag).ok()?;
        Some(plain)
    }
}

/// Names bytes by HMAC-SHA256: who lacks the key learns nothing from a name, not even whether two boxes hold the same.
pub struct KeyedHash(hmac::Key);

impl KeyedHash {
    /// Expands a key.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    /// The name of the parts, one after another.
    #[must_use]
    pub fn of<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        parts.into_iter().for_each(|part| context.update(part));
        to_array(context.sign().as_ref())
    }
}

/// SHA-256, for whoever names bytes without telling them.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    to_array(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// A hash of 32 bytes.
pub(crate) fn to_array(hash: &[u8]) -> [u8; 32] {
    hash.try_into().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_opens_only_whole_and_where_it_belongs_d7() {
        let key = SecretKey::generate().expect("random");
        let envelope = Envelope::new(&key);
        let sealed = envelope.seal(b"here", b"what").expect("sealed");
        assert_eq!(envelope.open(b"here", &sealed).as_deref(), Some(&b"what"[..]));
        assert_eq!(envelope.open(b"there", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(envelope.open(b"here", &changed), None, "byte {at}");
            assert_eq!(envelope.open(b"here", &sealed[..at]), None, "cut at {at}");
        }
        assert_ne!(sealed, envelope.seal(b"here", b"what").expect("sealed"), "each time under another nonce");
        let other = Envelope::new(&SecretKey::generate().expect("random"));
        assert_eq!(other.open(b"here", &sealed), None);
    }

    #[test]
    fn names_depend_on_key_and_bytes_and_not_on_how_they_are_parted_d7() {
        let (one, other) = (SecretKey::generate().expect("random"), SecretKey::generate().expect("random"));
        let name = KeyedHash::new(&one).of([&b"ab"[..], b"c"]);
        assert_eq!(name, KeyedHash::new(&one).of([&b"a"[..], b"bc"]));
        assert_ne!(name, KeyedHash::new(&one).of([&b"abd"[..]]));
        assert_ne!(name, KeyedHash::new(&other).of([&b"abc"[..]]));
    }
}
