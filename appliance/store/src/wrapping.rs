//! What the keys of a company's files are wrapped with. It is one thing for all who hold it: when the company's key is turned,
//! whoever wraps a key in a change of its database wraps it under the new one, so that none is left behind (D2).

use crate::StoreError;
use std::sync::{Arc, PoisonError, RwLock};
use vault::FileKey;

/// The wrapping of one company's file keys, as it is now.
#[derive(Clone, Debug)]
pub struct FileWrapping(Arc<RwLock<Option<vault::FileWrapping>>>);

impl FileWrapping {
    pub(crate) fn new(keys: vault::FileWrapping) -> Self {
        Self(Arc::new(RwLock::new(Some(keys))))
    }

    /// Another one from now on; `None`: the company was erased.
    pub(crate) fn turn(&self, keys: Option<vault::FileWrapping>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn with<T>(&self, act: impl FnOnce(&vault::FileWrapping) -> Result<T, vault::VaultError>) -> Result<T, StoreError> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let keys = keys.as_ref().ok_or_else(|| StoreError::NoCompany(String::from("of this file")))?;
        Ok(act(keys)?)
    }

    /// A file's key as it is stored. To be called in the change that stores it.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn wrap(&self, key: &FileKey, file_id: &str) -> Result<Vec<u8>, StoreError> {
        self.with(|keys| key.wrap(keys, file_id))
    }

    /// The key that was stored.
    ///
    /// # Errors
    /// When it was changed, or belongs to another file or company.
    pub fn unwrap(&self, file_id: &str, wrapped: &[u8]) -> Result<FileKey, StoreError> {
        self.with(|keys| FileKey::unwrap(keys, file_id, wrapped))
    }

    /// The stored key under the newest epoch; `None` where it is so already.
    ///
    /// # Errors
    /// As [`Self::unwrap`].
    pub fn rewrap(&self, file_id: &str, wrapped: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|keys| FileKey::rewrap(keys, file_id, wrapped))
    }
}
