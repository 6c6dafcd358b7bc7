//! The recovery key: 160 random bits that a person writes down, and that open the box when its root key is gone.

use domain::base32;
use zeroize::Zeroizing;

use super::secret::{SecretKey, derive_from};
use crate::error::VaultError;

const BYTES: usize = 20;
/// Symbols and dashes of a key as it is shown.
const SHOWN_LENGTH: usize = 39;
/// Bytes of the checksum, two groups: what somebody mistypes is told from the key of another box.
const CHECKSUM_BYTES: usize = 5;
const SHOWN_WITH_CHECKSUM_LENGTH: usize = 49;

/// A recovery key. It cannot be printed by accident: [`RecoveryKey::shown`] is for the one time that a person reads it.
#[derive(Clone)]
pub struct RecoveryKey(Zeroizing<[u8; BYTES]>);

impl RecoveryKey {
    /// From 160 bits that nobody can guess.
    #[must_use]
    pub fn new(random: Zeroizing<[u8; 20]>) -> Self {
        Self(random)
    }

    /// Reads what a person typed, with its checksum or without; blanks, dashes, small letters and letters that look alike are
    /// forgiven.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyFormat`], [`VaultError::RecoveryKeyMistyped`].
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        if base32::read(text, &mut *bytes) {
            return Ok(Self(bytes));
        }
        let mut with_checksum = Zeroizing::new([0; BYTES + CHECKSUM_BYTES]);
        if !base32::read(text, &mut *with_checksum) {
            return Err(VaultError::RecoveryKeyFormat);
        }
        bytes.copy_from_slice(&with_checksum[..BYTES]);
        let key = Self(bytes);
        if with_checksum[BYTES..] == key.checksum() { Ok(key) } else { Err(VaultError::RecoveryKeyMistyped) }
    }

    /// Of the key alone, which it tells nothing about that helps to guess 160 bits.
    fn checksum(&self) -> [u8; CHECKSUM_BYTES] {
        let mut checksum = [0; CHECKSUM_BYTES];
        checksum.copy_from_slice(&self.derive("rainbow-edge recovery key checksum").expose()[..CHECKSUM_BYTES]);
        checksum
    }

    /// 32 symbols in 8 groups, and 8 in 2 by which mistyping is noticed.
    #[must_use]
    pub fn shown_with_checksum(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; BYTES + CHECKSUM_BYTES]);
        bytes[..BYTES].copy_from_slice(&*self.0);
        bytes[BYTES..].copy_from_slice(&self.checksum());
        let mut text = Zeroizing::new(String::with_capacity(SHOWN_WITH_CHECKSUM_LENGTH));
        base32::write(&*bytes, &mut text);
        text
    }

    /// 32 symbols in 8 groups, as people write it down.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        // Room for all of it at once: a text that grows leaves copies behind that nobody wipes.
        let mut text = Zeroizing::new(String::with_capacity(SHOWN_LENGTH));
        base32::write(&*self.0, &mut text);
        text
    }

    /// A key for another lock than the vault's, so that one recovery key opens all of them (decision 16): HKDF-SHA256 over
    /// its 160 bits, which need no stretching. Distinct purposes give unrelated keys.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> SecretKey {
        derive_from(&*self.0, &[purpose.as_bytes()])
    }

    /// Equality in constant time.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&*self.0, &*other.0).is_ok()
    }

    /// What Argon2id stretches.
    pub(super) fn expose(&self) -> &[u8] {
        &*self.0
    }
}

impl std::fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}
