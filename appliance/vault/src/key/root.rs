//! Where the root key comes from: 32 bytes from outside (TPM, key file), a passphrase through Argon2id, or the keyring's
//! sealed copy through a recovery key.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::recovery_key::RecoveryKey;
use super::secret::SecretKey;
use crate::error::VaultError;

/// What the operator gives to open a data folder.
pub enum RootSource {
    /// The key itself.
    Raw(SecretKey),
    /// A passphrase; the keyring holds Argon2id's parameters and salt.
    Passphrase(Zeroizing<String>),
    /// The recovery key, which opens a keyring whatever else does.
    Recovery(RecoveryKey),
}

impl RootSource {
    /// Reads a key file's content: 32 raw bytes, or 64 hexadecimal digits with or without a line end.
    ///
    /// # Errors
    /// [`VaultError::RootKeyFormat`].
    pub fn from_key_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        if let Ok(raw) = <&[u8; 32]>::try_from(bytes) {
            return Ok(Self::Raw(SecretKey::copied(raw)));
        }
        let text = bytes.trim_ascii();
        let wrong = || VaultError::RootKeyFormat { length: bytes.len() };
        if text.len() != 64 {
            return Err(wrong());
        }
        let mut key = Zeroizing::new([0_u8; 32]);
        for (byte, digits) in key.iter_mut().zip(text.chunks_exact(2)) {
            let high = hex_digit(digits[0]).ok_or_else(wrong)?;
            let low = hex_digit(digits[1]).ok_or_else(wrong)?;
            *byte = high << 4 | low;
        }
        Ok(Self::Raw(SecretKey::copied(&key)))
    }

    /// How messages call this kind of source.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Raw(_) => "root key",
            Self::Passphrase(_) => "passphrase",
            Self::Recovery(_) => "recovery key",
        }
    }
}

impl std::fmt::Debug for RootSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RootSource({})", self.name())
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The top of the tree. Used only to derive the key that wraps branch keys, and sealed for recovery.
#[derive(Clone, Debug)]
pub struct RootKey(SecretKey);

impl RootKey {
    /// A fresh random root key, for a first start without a given one.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn generate() -> Result<Self, VaultError> {
        SecretKey::generate().map(Self)
    }

    /// The key as 64 hexadecimal digits, the form of a key file.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        self.0.to_hex()
    }

    /// The source that gives this key.
    #[must_use]
    pub fn to_source(&self) -> RootSource {
        RootSource::Raw(self.0.clone())
    }

    pub(super) fn new(key: SecretKey) -> Self {
        Self(key)
    }

    pub(super) fn key(&self) -> &SecretKey {
        &self.0
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The key under which branch keys are wrapped.
    pub(super) fn wrap_key(&self) -> SecretKey {
        self.0.derive(&[b"wrap"])
    }
}

/// How the keyring says that the root key is made. Stored in clear: nothing here is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Kdf {
    /// The source is the key.
    Raw,
    /// Argon2id version 19.
    Argon2id {
        /// Memory in KiB.
        m: u32,
        /// Passes.
        t: u32,
        /// Lanes.
        p: u32,
        /// Base64 of 16 random bytes.
        salt: String,
    },
}

/// Costs above these would let a damaged keyring stall the start or take all memory.
const ARGON2_MEMORY_KIB_MAX: u32 = 1 << 20;
const ARGON2_PASSES_MAX: u32 = 16;
const ARGON2_LANES_MAX: u32 = 16;

impl Kdf {
    /// The parameters for a new keyring; `None` where the source makes none: it opens what is there.
    pub(super) fn for_source(source: &RootSource) -> Result<Option<Self>, VaultError> {
        match source {
            RootSource::Raw(_) => Ok(Some(Self::Raw)),
            RootSource::Passphrase(_) => Self::stretching().map(Some),
            RootSource::Recovery(_) => Ok(None),
        }
    }

    /// m = 64 MiB, t = 3, p = 1 and a fresh salt.
    pub(super) fn stretching() -> Result<Self, VaultError> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(VaultError::Random)?;
        Ok(Self::Argon2id { m: 64 * 1024, t: 3, p: 1, salt: super::wrap::to_base64(&salt) })
    }

    /// How messages call what this needs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Raw => "root key",
            Self::Argon2id { .. } => "passphrase",
        }
    }

    /// The root key of `source`; `None` where the source is of another kind.
    pub(super) fn root_key(&self, source: &RootSource) -> Result<Option<RootKey>, VaultError> {
        match (self, source) {
            (Self::Raw, RootSource::Raw(key)) => Ok(Some(RootKey(key.clone()))),
            (Self::Argon2id { .. }, RootSource::Passphrase(passphrase)) => {
                Ok(self.stretched(passphrase.as_bytes())?.map(RootKey))
            }
            _ => Ok(None),
        }
    }

    /// What Argon2id makes of a secret; `None` where this does not stretch.
    pub(super) fn stretched(&self, secret: &[u8]) -> Result<Option<SecretKey>, VaultError> {
        let Self::Argon2id { m, t, p, salt } = self else { return Ok(None) };
        let salt = super::wrap::from_base64(salt).ok_or_else(|| passphrase_error("its salt is not base64"))?;
        stretch(secret, &salt, (*m, *t, *p)).map(Some)
    }
}

fn passphrase_error(reason: impl std::fmt::Display) -> VaultError {
    VaultError::Passphrase { reason: reason.to_string() }
}

fn stretch(secret: &[u8], salt: &[u8], (memory_kib, passes, lanes): (u32, u32, u32)) -> Result<SecretKey, VaultError> {
    if memory_kib > ARGON2_MEMORY_KIB_MAX || passes > ARGON2_PASSES_MAX || lanes > ARGON2_LANES_MAX {
        return Err(passphrase_error("the keyring's Argon2id costs are beyond what is allowed"));
    }
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(passphrase_error)?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret, salt, &mut *key)
        .map_err(passphrase_error)?;
    Ok(SecretKey::copied(&key))
}
