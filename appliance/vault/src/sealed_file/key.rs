//! The key of one file, and its wrapped form.
//!
//! Wrapped, version 1: version (1), nonce (24), sealed key (32), tag (16). It is sealed with XAES-256-GCM; associated data:
//! `rainbow-edge file key v1`, a zero byte, and the file's id. So it opens for no other file and in no other company.

use zeroize::Zeroizing;

use crate::aead::{AwsLc, FromKey as _, TAG_BYTES};
use crate::error::VaultError;
use crate::key::{FileWrapping, Locked, SecretKey};
use crate::xaes::{XNONCE_BYTES, Xaes};

const VERSION: u8 = 1;
const WRAPPED_BYTES: usize = 1 + XNONCE_BYTES + 32 + TAG_BYTES;
const NAME: &[u8; 25] = b"rainbow-edge file key v1\0";

/// The key of one file. One that is never wrapped dies with the process, and its file with it.
#[derive(Clone)]
pub struct FileKey(SecretKey);

impl FileKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn generate() -> Result<Self, VaultError> {
        SecretKey::generate().map(Self)
    }

    /// The key as it is stored, under the newest key of `wrapping`.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn wrap(&self, wrapping: &FileWrapping, file_id: &str) -> Result<Vec<u8>, VaultError> {
        let wrapping = &wrapping.keys()[0];
        let mut nonce = [0; XNONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
        // Copied in place, here and below: a value that is moved leaves its bytes behind.
        let mut sealed = Zeroizing::new([0; 32]);
        sealed.copy_from_slice(self.0.expose());
        let tag = Xaes::new(wrapping.expose())
            .seal::<AwsLc>(&nonce, &associated_data(file_id), &mut *sealed)
            .expect("32 bytes are within GCM's limits");
        Ok([&[VERSION][..], &nonce, &*sealed, &tag].concat())
    }

    /// The key that [`FileKey::wrap`] stored.
    ///
    /// # Errors
    /// [`VaultError::WrappedFileKey`].
    pub fn unwrap(wrapping: &FileWrapping, file_id: &str, wrapped: &[u8]) -> Result<Self, VaultError> {
        let opened = wrapping.keys().iter().find_map(|key| open(key, file_id, wrapped));
        opened.ok_or_else(|| VaultError::WrappedFileKey { file: file_id.to_owned() })
    }

    /// The stored key under the newest key of `wrapping`; `None` where it is so already.
    ///
    /// # Errors
    /// [`VaultError::WrappedFileKey`], [`VaultError::Random`].
    pub fn rewrap(wrapping: &FileWrapping, file_id: &str, wrapped: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        if open(&wrapping.keys()[0], file_id, wrapped).is_some() {
            return Ok(None);
        }
        Self::unwrap(wrapping, file_id, wrapped)?.wrap(wrapping, file_id).map(Some)
    }

    /// The cipher of the file's segments: round keys, of which the first are the key.
    pub(crate) fn cipher(&self) -> Locked<AwsLc> {
        Locked::made(|| AwsLc::from_key(self.0.expose()))
    }
}

fn open(wrapping: &SecretKey, file_id: &str, wrapped: &[u8]) -> Option<FileKey> {
    let wrapped: &[u8; WRAPPED_BYTES] = wrapped.try_into().ok()?;
    let (version, rest) = wrapped.split_first()?;
    let (nonce, rest) = rest.split_first_chunk::<XNONCE_BYTES>()?;
    let (sealed, tag) = rest.split_first_chunk::<32>()?;
    if *version != VERSION {
        return None;
    }
    let mut key = Zeroizing::new(*sealed);
    Xaes::new(wrapping.expose())
        .open::<AwsLc>(nonce, &associated_data(file_id), &mut *key, tag.try_into().ok()?)
        .ok()?;
    Some(FileKey(SecretKey::copied(&key)))
}

fn associated_data(file_id: &str) -> Vec<u8> {
    [NAME, file_id.as_bytes()].concat()
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(..)")
    }
}
