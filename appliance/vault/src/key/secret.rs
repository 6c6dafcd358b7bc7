//! 32 secret bytes that are wiped when dropped and never printed.

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use super::locked::Locked;
use crate::error::VaultError;

/// Separates this product's derivations from any other use of the same bytes.
const HKDF_SALT: &[u8] = b"rainbow-edge vault v1";

/// A key of 32 bytes, in memory that is neither swapped nor dumped. Comparing, printing or copying it needs a deliberate [`SecretKey::expose`].
#[derive(Clone)]
pub struct SecretKey(Locked);

impl SecretKey {
    /// Takes over the bytes of a key.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Locked::new(&bytes))
    }

    /// Copies the bytes of a key from where their owner wipes them: moving them would leave some behind.
    #[must_use]
    pub fn copied(bytes: &[u8; 32]) -> Self {
        Self(Locked::new(bytes))
    }

    /// A fresh random key.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn generate() -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(VaultError::Random)?;
        Ok(Self(Locked::new(&bytes)))
    }

    /// The key's bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.get()
    }

    /// HKDF-SHA256 (RFC 5869) with `info` as the purpose: distinct purposes give unrelated keys.
    #[must_use]
    pub fn derive(&self, info: &[&[u8]]) -> Self {
        derive_from(self.expose(), info)
    }

    /// The key as 64 hexadecimal digits, for what takes text only.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        // Room for all of it at once: a text that grows leaves copies behind that nobody wipes.
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.expose() {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is a digit"));
            }
        }
        text
    }

    /// Equality in constant time.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.expose(), other.expose()).is_ok()
    }
}

/// HKDF-SHA256 (RFC 5869) of a secret of any length under this product's salt.
pub(super) fn derive_from(secret: &[u8], info: &[&[u8]]) -> SecretKey {
    // What the hash has in hand lies on the stack, and it leaves it there.
    crate::wipe::then_wipe_the_stack(|| {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, HKDF_SALT).extract(secret);
        let mut bytes = Zeroizing::new([0; 32]);
        prk.expand(info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut *bytes))
            .expect("HKDF-SHA256 gives 32 bytes for any purpose");
        SecretKey(Locked::new(&bytes))
    })
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}
