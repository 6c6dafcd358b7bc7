//! AES-256-GCM behind one small trait, so that the fast implementation can be checked against the portable one.

use aes_gcm::{Aes256Gcm, KeyInit as _, aead::AeadInOut as _};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes of an AES-256 key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a GCM nonce.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of a GCM tag.
pub(crate) const TAG_BYTES: usize = 16;

/// The tag did not verify, or the input has a size that AES-GCM cannot take. Deliberately says no more.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Inauthentic;

/// What is made from 32 key bytes and can be kept in a [`crate::xaes::SubkeyCache`].
pub(crate) trait FromKey {
    /// Expands the key.
    fn from_key(key: &[u8; KEY_BYTES]) -> Self;
}

/// AES-256-GCM over a buffer in place. Callers guarantee that no nonce is used twice under one key.
pub(crate) trait Aead: FromKey {
    /// Encrypts `data` in place and returns the tag.
    ///
    /// # Errors
    /// [`Inauthentic`] where `data` is longer than GCM allows.
    fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_BYTES], Inauthentic>;

    /// Decrypts `data` in place. After an error the content of `data` means nothing.
    ///
    /// # Errors
    /// [`Inauthentic`] where the tag does not belong to key, nonce, `aad` and `data`.
    fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Inauthentic>;

    /// Decrypts `sealed` to `clear`, which is as long. After an error the content of `clear` means nothing.
    ///
    /// # Errors
    /// As [`Aead::open`].
    fn open_to(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        (sealed, tag): (&[u8], &[u8; TAG_BYTES]),
        clear: &mut [u8],
    ) -> Result<(), Inauthentic> {
        clear.copy_from_slice(sealed);
        self.open(nonce, aad, clear, tag)
    }
}

/// The hot path: AWS-LC's assembly, which TLS links anyway.
pub(crate) struct AwsLc(LessSafeKey);

impl FromKey for AwsLc {
    fn from_key(key: &[u8; KEY_BYTES]) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, key).expect("an AES-256 key has exactly 32 bytes");
        Self(LessSafeKey::new(unbound))
    }
}

impl Aead for AwsLc {
    fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_BYTES], Inauthentic> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), data).map_err(|_| Inauthentic)?;
        tag.as_ref().try_into().map_err(|_| Inauthentic)
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Inauthentic> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.0.open_in_place_separate_tag(nonce, Aad::from(aad), tag, data).map(|_| ()).map_err(|_| Inauthentic)
    }

    fn open_to(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        (sealed, tag): (&[u8], &[u8; TAG_BYTES]),
        clear: &mut [u8],
    ) -> Result<(), Inauthentic> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.0.open_separate_gather(nonce, Aad::from(aad), sealed, tag, clear).map_err(|_| Inauthentic)
    }
}

/// The portable reference: pure Rust, used to check [`AwsLc`] and ready to replace it.
#[cfg_attr(not(test), expect(dead_code, reason = "a reference: tests hold the hot path against it"))]
pub(crate) struct RustCrypto(Aes256Gcm);

impl FromKey for RustCrypto {
    fn from_key(key: &[u8; KEY_BYTES]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }
}

impl Aead for RustCrypto {
    fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_BYTES], Inauthentic> {
        self.0.encrypt_inout_detached(nonce.into(), aad, data.into()).map(Into::into).map_err(|_| Inauthentic)
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Inauthentic> {
        self.0.decrypt_inout_detached(nonce.into(), aad, data.into(), tag.into()).map_err(|_| Inauthentic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page, a short text and nothing at all: lengths on both sides of the block size.
    const LENGTHS: [usize; 6] = [0, 1, 15, 16, 4024, 4048];

    fn sample(length: usize, seed: u8) -> Vec<u8> {
        (0..length).map(|i| seed.wrapping_add(u8::try_from(i % 251).expect("below 251"))).collect()
    }

    #[test]
    fn both_implementations_give_the_same_bytes_and_open_each_other_d1() {
        for length in LENGTHS {
            let (key, nonce, aad) = ([7_u8; 32], [9_u8; 12], sample(42, 3));
            let (fast, portable) = (AwsLc::from_key(&key), RustCrypto::from_key(&key));
            let (mut by_fast, mut by_portable) = (sample(length, 5), sample(length, 5));
            let fast_tag = fast.seal(&nonce, &aad, &mut by_fast).expect("seals");
            let portable_tag = portable.seal(&nonce, &aad, &mut by_portable).expect("seals");
            assert_eq!((&by_fast, fast_tag), (&by_portable, portable_tag));
            fast.open(&nonce, &aad, &mut by_portable, &fast_tag).expect("opens the other's");
            portable.open(&nonce, &aad, &mut by_fast, &portable_tag).expect("opens the other's");
            assert_eq!((&by_fast, &by_portable), (&sample(length, 5), &sample(length, 5)));
        }
    }

    #[test]
    fn a_changed_tag_aad_or_byte_does_not_open_d3() {
        fn refuses<A: Aead>() {
            let cipher = A::from_key(&[1; 32]);
            let mut sealed = sample(100, 1);
            let tag = cipher.seal(&[2; 12], b"aad", &mut sealed).expect("seals");
            let mut changed = sealed.clone();
            changed[50] ^= 1;
            assert_eq!(cipher.open(&[2; 12], b"aad", &mut changed, &tag), Err(Inauthentic));
            assert_eq!(cipher.open(&[2; 12], b"aae", &mut sealed.clone(), &tag), Err(Inauthentic));
            assert_eq!(cipher.open(&[3; 12], b"aad", &mut sealed.clone(), &tag), Err(Inauthentic));
            let mut other = tag;
            other[15] ^= 0x80;
            assert_eq!(cipher.open(&[2; 12], b"aad", &mut sealed, &other), Err(Inauthentic));
        }
        refuses::<AwsLc>();
        refuses::<RustCrypto>();
    }
}
