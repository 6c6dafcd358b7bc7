//! A branch of the key tree: the directory, or one company. Each has one database and any number of purposes.

use super::secret::SecretKey;
use crate::error::VaultError;

/// Identifies a database for life; part of every page's associated data.
pub type DatabaseId = [u8; 8];

/// A branch's keys, newest epoch last, and the id of its database.
#[derive(Clone, Debug)]
pub struct BranchKey {
    database_id: DatabaseId,
    epochs: Vec<(u32, SecretKey)>,
}

impl BranchKey {
    /// A branch from its epochs, of which there is at least one.
    pub(super) fn new(database_id: DatabaseId, mut epochs: Vec<(u32, SecretKey)>) -> Self {
        epochs.sort_by_key(|(epoch, _)| *epoch);
        Self { database_id, epochs }
    }

    /// A fresh branch: random key, random database id, epoch 1.
    pub(super) fn generate() -> Result<Self, VaultError> {
        let mut database_id = [0; 8];
        getrandom::fill(&mut database_id).map_err(VaultError::Random)?;
        Ok(Self { database_id, epochs: vec![(1, SecretKey::generate()?)] })
    }

    /// The key for this branch's database.
    #[must_use]
    pub fn database_key(&self) -> DatabaseKey {
        let epochs = self.epochs.iter();
        DatabaseKey::new(self.database_id, epochs.map(|(epoch, key)| (*epoch, key.derive(&[b"database"]))).collect())
    }

    /// A key for one purpose ("token mac", "log-in lookup"), of the first epoch, so that it outlives rotation of the
    /// pages' key. Distinct purposes give unrelated keys.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> SecretKey {
        self.epochs[0].1.derive(&[b"purpose\0", purpose.as_bytes()])
    }

    /// The branch's epochs, oldest first.
    pub(super) fn epochs(&self) -> &[(u32, SecretKey)] {
        &self.epochs
    }

    pub(super) fn database_id(&self) -> DatabaseId {
        self.database_id
    }
}

/// What opens one database: its id, and a key per epoch. Pages are read by their epoch and written under the newest.
#[derive(Clone, Debug)]
pub struct DatabaseKey {
    id: DatabaseId,
    epochs: Vec<(u32, SecretKey)>,
}

impl DatabaseKey {
    /// A database key from its parts.
    ///
    /// # Panics
    /// Where there is no epoch: such a key could neither read nor write.
    #[must_use]
    pub fn new(id: DatabaseId, mut epochs: Vec<(u32, SecretKey)>) -> Self {
        assert!(!epochs.is_empty(), "a database key has at least one epoch");
        epochs.sort_by_key(|(epoch, _)| *epoch);
        Self { id, epochs }
    }

    /// The database's id.
    #[must_use]
    pub fn id(&self) -> DatabaseId {
        self.id
    }

    /// The numbers of its epochs, oldest first.
    #[must_use]
    pub fn epoch_numbers(&self) -> Vec<u32> {
        self.epochs.iter().map(|(epoch, _)| *epoch).collect()
    }

    /// The epochs, oldest first.
    pub(crate) fn epochs(&self) -> &[(u32, SecretKey)] {
        &self.epochs
    }

    /// Whether both open the same database with the same keys, in constant time per key.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.id == other.id
            && self.epochs.len() == other.epochs.len()
            && self
                .epochs
                .iter()
                .zip(&other.epochs)
                .all(|((epoch, key), (other_epoch, other_key))| epoch == other_epoch && key.same_as(other_key))
    }
}
