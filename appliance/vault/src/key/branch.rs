//! A branch of the key tree: the directory, or one company. Each has one database and any number of purposes.

use super::secret::SecretKey;
use crate::error::VaultError;

/// Identifies a database for life; part of every page's associated data.
pub type DatabaseId = [u8; 8];

/// A branch's keys, newest epoch last, and the id of its database.
///
/// What a purpose is for must outlive the turning of the key: look-up hashes are written with it. So at the first turn the
/// keys of the purposes in use are taken out of the first epoch, and all others come from a secret of their own from then on.
#[derive(Clone, Debug)]
pub struct BranchKey {
    database_id: DatabaseId,
    epochs: Vec<(u32, SecretKey)>,
    purposes: Purposes,
}

/// Where the keys of purposes come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Purposes {
    /// `None` until the first turn: the first epoch.
    pub(super) secret: Option<SecretKey>,
    /// What was taken out of the first epoch.
    pub(super) kept: Vec<(String, SecretKey)>,
}

impl BranchKey {
    /// A branch from its epochs, of which there is at least one.
    pub(super) fn new(database_id: DatabaseId, mut epochs: Vec<(u32, SecretKey)>, purposes: Purposes) -> Self {
        epochs.sort_by_key(|(epoch, _)| *epoch);
        Self { database_id, epochs, purposes }
    }

    /// A fresh branch: random key, random database id, epoch 1.
    pub(super) fn generate() -> Result<Self, VaultError> {
        let mut database_id = [0; 8];
        getrandom::fill(&mut database_id).map_err(VaultError::Random)?;
        Ok(Self { database_id, epochs: vec![(1, SecretKey::generate()?)], purposes: Purposes::default() })
    }

    /// The key for this branch's database.
    #[must_use]
    pub fn database_key(&self) -> DatabaseKey {
        let epochs = self.epochs.iter();
        DatabaseKey::new(self.database_id, epochs.map(|(epoch, key)| (*epoch, key.derive(&[b"database"]))).collect())
    }

    /// A key for one purpose ("token mac", "log-in lookup"), which outlives the turning of the pages' key. Distinct purposes
    /// give unrelated keys.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> SecretKey {
        if let Some((_, key)) = self.purposes.kept.iter().find(|(kept, _)| kept == purpose) {
            return key.clone();
        }
        derive_purpose(self.purposes.secret.as_ref().unwrap_or(&self.epochs[0].1), purpose)
    }

    /// What the keys of this branch's files are wrapped with: it is turned with the pages' key.
    #[must_use]
    pub fn file_wrapping(&self) -> FileWrapping {
        let keys = self.epochs.iter().rev();
        FileWrapping(keys.map(|(_, key)| derive_purpose(key, FILE_KEYS)).collect())
    }

    /// This branch with one more epoch, under which everything is sealed from then on. `purposes` are all that were ever
    /// derived from it: they stay what they are.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn with_a_new_epoch(&self, purposes: &[&str]) -> Result<Self, VaultError> {
        let mut turned = self.clone();
        if turned.purposes.secret.is_none() {
            let kept = purposes.iter().map(|purpose| ((*purpose).to_owned(), self.derive(purpose))).collect();
            turned.purposes = Purposes { secret: Some(SecretKey::generate()?), kept };
        }
        turned.epochs.push((self.newest_epoch().saturating_add(1), SecretKey::generate()?));
        Ok(turned)
    }

    /// This branch with its newest epoch alone: what is sealed under an earlier one does not open any more.
    #[must_use]
    pub fn with_the_newest_epoch(&self) -> Self {
        let mut turned = self.clone();
        turned.epochs.drain(..self.epochs.len() - 1);
        turned
    }

    /// Whether it has epochs that are on their way out.
    #[must_use]
    pub fn is_turning(&self) -> bool {
        self.epochs.len() > 1
    }

    /// The epoch under which everything is sealed.
    #[must_use]
    pub fn newest_epoch(&self) -> u32 {
        self.epochs[self.epochs.len() - 1].0
    }

    /// Where the keys of purposes come from.
    pub(super) fn purposes(&self) -> &Purposes {
        &self.purposes
    }

    /// The branch's epochs, oldest first.
    pub(super) fn epochs(&self) -> &[(u32, SecretKey)] {
        &self.epochs
    }

    pub(super) fn database_id(&self) -> DatabaseId {
        self.database_id
    }
}

/// The purpose of a company's keys that wraps those of its files. It has to be a purpose like others: files were wrapped so
/// before keys could be turned.
const FILE_KEYS: &str = "file keys";

fn derive_purpose(from: &SecretKey, purpose: &str) -> SecretKey {
    from.derive(&[b"purpose\0", purpose.as_bytes()])
}

/// What the keys of a company's files are wrapped with: one key an epoch, the newest first.
#[derive(Clone, Debug)]
pub struct FileWrapping(Vec<SecretKey>);

impl FileWrapping {
    /// The keys, the newest first.
    pub(crate) fn keys(&self) -> &[SecretKey] {
        &self.0
    }
}

/// One key, which was never turned.
impl From<SecretKey> for FileWrapping {
    fn from(key: SecretKey) -> Self {
        Self(vec![key])
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

    /// The epoch that pages are sealed under.
    pub(crate) fn newest_epoch(&self) -> u32 {
        self.epochs[self.epochs.len() - 1].0
    }

    /// The epochs, oldest first.
    pub(crate) fn epochs(&self) -> &[(u32, SecretKey)] {
        &self.epochs
    }

    /// Whether both open the same database: they have an epoch in common, and mean the same by each that they have in common.
    pub(crate) fn shares_an_epoch_with(&self, other: &Self) -> bool {
        let common = |(epoch, key): &(u32, SecretKey)| {
            let theirs = other.epochs.iter().find(|(of_other, _)| of_other == epoch);
            theirs.map(|(_, of_other)| of_other.same_as(key))
        };
        let mut same = self.epochs.iter().filter_map(common).peekable();
        self.id == other.id && same.peek().is_some() && same.all(|same| same)
    }
}
