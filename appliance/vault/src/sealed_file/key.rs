//! The key of one file, and its wrapped form.
//!
//! Wrapped, version 1: version (1), nonce (24), sealed key (32), tag (16). It is sealed with XAES-256-GCM; associated data:
//! `rainbow-edge file key v1`, a zero byte, and the file's id. So it opens for no other file and in no other company.

use zeroize::Zeroizing;

use crate::aead::{AwsLc, FromKey as _, TAG_BYTES};
use crate::error::VaultError;
use crate::key::SecretKey;
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

    /// The key as it is stored. `wrapping` is what a branch derives for this ([`BranchKey::derive`]), so that it outlives
    /// rotation of the pages' key.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    ///
    /// [`BranchKey::derive`]: crate::BranchKey::derive
    pub fn wrap(&self, wrapping: &SecretKey, file_id: &str) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; XNONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
        let mut sealed = Zeroizing::new(*self.0.expose());
        let tag = Xaes::new(wrapping.expose())
            .seal::<AwsLc>(&nonce, &associated_data(file_id), &mut *sealed)
            .expect("32 bytes are within GCM's limits");
        Ok([&[VERSION][..], &nonce, &*sealed, &tag].concat())
    }

    /// The key that [`FileKey::wrap`] stored.
    ///
    /// # Errors
    /// [`VaultError::WrappedFileKey`].
    pub fn unwrap(wrapping: &SecretKey, file_id: &str, wrapped: &[u8]) -> Result<Self, VaultError> {
        open(wrapping, file_id, wrapped).ok_or_else(|| VaultError::WrappedFileKey { file: file_id.to_owned() })
    }

    /// The cipher of the file's segments.
    pub(crate) fn cipher(&self) -> AwsLc {
        AwsLc::from_key(self.0.expose())
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
    Some(FileKey(SecretKey::new(key)))
}

fn associated_data(file_id: &str) -> Vec<u8> {
    [NAME, file_id.as_bytes()].concat()
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(..)")
    }
}
