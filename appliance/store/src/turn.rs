//! Turning keys while they are used (D2): of the directory, of a company, of the root. Each step here is short and leaves
//! what a crash may find: a branch with two epochs is one that is not through. Who calls them decides the pace.

use crate::blocking::blocking;
use crate::store::{COMPANIES_MAX, DIRECTORY, KEYRING, Store};
use crate::{Database, StoreError, companies, erasure, file, thumbnail};
use domain::ids::CompanyId;
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;
use vault::{BranchKey, RootSource};

/// Pages of a file that are looked at in one step.
const LOOKED_AT_MAX: u32 = 4096;
/// Tries to cut the directory's log behind an erasure, and the time between them.
const CUTS_MAX: u32 = 50;
const CUT_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// Companies' keys that are wrapped anew in one change.
const KEYS_AT_ONCE: usize = 256;

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Branch {
    /// The directory's.
    Directory,
    /// A company's.
    Company(CompanyId),
}

impl Branch {
    /// `directory` or the company's id, as databases are called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Directory => DIRECTORY,
            Self::Company(id) => id.as_str(),
        }
    }

    /// The branch of the database that is called so.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`] where none can be.
    pub(crate) fn named(name: &str) -> Result<Self, StoreError> {
        if name == DIRECTORY {
            return Ok(Self::Directory);
        }
        CompanyId::parse(name).map(Self::Company).map_err(|_| StoreError::NoCompany(name.to_owned()))
    }
}

/// What a step of file keys did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys that were wrapped anew.
    pub keys: u64,
    /// Where to go on; `None` at the end.
    pub next: Option<i64>,
}

/// What keeps a turn from being over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Nothing: the old key is gone.
    Done,
    /// Somebody reads an older state of the database. Try again later.
    Read,
    /// Pages or frames are still sealed under the old key. Go through them again.
    Left,
}

impl Store {
    /// The databases whose turn is not over: a start goes on with them.
    ///
    /// # Errors
    /// When the directory cannot be read, or a company's key does not open.
    pub async fn turning(self: &Arc<Self>) -> Result<Vec<Branch>, StoreError> {
        let mut turning = Vec::new();
        if self.vault().directory_key().is_turning() {
            turning.push(Branch::Directory);
        }
        for entry in self.directory().read(companies::all).await? {
            match self.branch_of(&entry) {
                Ok(key) if key.is_turning() => turning.push(Branch::Company(entry.id)),
                Ok(_) => {}
                // It cannot be served either, which is told elsewhere.
                Err(failure) => tracing::warn!(company = %entry.id, %failure, "a company's key does not open"),
            }
        }
        Ok(turning)
    }

    /// Gives a database a new key, under which all is sealed from now on; the one before opens what it sealed. `false`: it is
    /// being turned already.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`], or when the key cannot be kept safe: then nothing has changed.
    pub async fn begin_turn(self: &Arc<Self>, branch: &Branch) -> Result<bool, StoreError> {
        let _one = self.turning_keys.lock().await;
        let key = self.branch_key(branch).await?;
        if key.is_turning() {
            return Ok(false);
        }
        let purposes: Vec<&str> = match branch {
            Branch::Directory => crate::Purpose::ALL.iter().map(|purpose| purpose.name()).collect(),
            Branch::Company(_) => Vec::new(),
        };
        let turned = key.with_a_new_epoch(&purposes).map_err(StoreError::vault(branch.name()))?;
        self.keep(branch, &turned).await?;
        Ok(true)
    }

    /// The database of a branch.
    ///
    /// # Errors
    /// As [`Store::company`].
    pub async fn database_of(self: &Arc<Self>, branch: &Branch) -> Result<Arc<Database>, StoreError> {
        match branch {
            Branch::Directory => Ok(Arc::clone(self.directory())),
            Branch::Company(id) => self.company(id).await,
        }
    }

    /// Looks at some pages of a database's file, from `from` (1 is the first).
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn stale_pages(self: &Arc<Self>, branch: &Branch, from: u32) -> Result<vault::Stale, StoreError> {
        let database = self.database_of(branch).await?;
        database.look(move |path, key| vault::stale_pages(path, key, from, LOOKED_AT_MAX)).await
    }

    /// Seals pages anew, in one change among those of everybody else.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn reseal(self: &Arc<Self>, branch: &Branch, pages: Vec<u32>) -> Result<(), StoreError> {
        let database = self.database_of(branch).await?;
        database.write(move |c| Ok(vault::reseal(c, &pages)?)).await
    }

    /// Wraps keys of some of a company's files anew, from `after`.
    ///
    /// # Errors
    /// When the database cannot be written, or a file's key does not open.
    pub async fn rewrap_files(self: &Arc<Self>, id: &CompanyId, after: i64) -> Result<Rewrapped, StoreError> {
        let wrapping = self.file_wrapping(id).await?;
        let change = move |c: &Connection| -> Result<Rewrapped, StoreError> {
            let (rows, next) = file::wrapped_keys_after(c, after)?;
            let mut keys = 0;
            for (no, id, key, small_key) in rows {
                if let Some(key) = key.map(|key| wrapping.rewrap(id.as_str(), &key)).transpose()?.flatten() {
                    file::set_wrapped_key(c, no, &key)?;
                    keys += 1;
                }
                let small_id = thumbnail::sealed_for(&id);
                if let Some(key) = small_key.map(|key| wrapping.rewrap(&small_id, &key)).transpose()?.flatten() {
                    thumbnail::set_wrapped_key(c, no, &key)?;
                    keys += 1;
                }
            }
            Ok(Rewrapped { keys, next })
        };
        self.company(id).await?.write(change).await
    }

    /// Ends a turn, where nothing needs the old key any more: no page of the file, no frame of the log, which is copied back and
    /// cut for it, and no file's key, which [`Self::rewrap_files`] has been through. Then the old key is forgotten.
    ///
    /// # Errors
    /// When the databases cannot be read or written.
    pub async fn settle_turn(self: &Arc<Self>, branch: &Branch) -> Result<Settled, StoreError> {
        let database = self.database_of(branch).await?;
        if !database.truncate_log().await? {
            return Ok(Settled::Read);
        }
        let mut from = Some(1);
        while let Some(at) = from {
            let found = self.stale_pages(branch, at).await?;
            if !found.pages.is_empty() || !found.damaged.is_empty() {
                return Ok(Settled::Left);
            }
            from = found.next;
        }
        if database.look(vault::has_stale_frames).await? {
            return Ok(Settled::Left);
        }
        let _one = self.turning_keys.lock().await;
        let key = self.branch_key(branch).await?;
        if key.is_turning() {
            self.keep(branch, &key.with_the_newest_epoch()).await?;
        }
        // What the old key was wrapped as goes from the directory's log too, as soon as nobody reads it.
        self.directory().truncate_log().await?;
        Ok(Settled::Done)
    }

    /// Pages of a database's file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn pages_of(self: &Arc<Self>, branch: &Branch) -> Result<u32, StoreError> {
        Ok(self.stale_pages(branch, u32::MAX).await?.of)
    }

    /// Pages of a database's file, and keys of files of it.
    ///
    /// # Errors
    /// When the databases cannot be read.
    pub async fn turn_plan(self: &Arc<Self>, branch: &Branch) -> Result<(u32, u64), StoreError> {
        let pages = self.pages_of(branch).await?;
        let files = match branch {
            Branch::Directory => 0,
            Branch::Company(id) => self.company(id).await?.read(file::count_wrapped_keys).await?,
        };
        Ok((pages, files))
    }

    /// Changes the root key: the old one opens nothing any more. Companies' keys follow by [`Self::follow_root`].
    ///
    /// # Errors
    /// What the vault refuses: see [`vault::Vault::change_root`].
    pub async fn change_root(
        self: &Arc<Self>,
        source: RootSource,
        recovery: Option<vault::RecoveryKey>,
    ) -> Result<(), StoreError> {
        let _one = self.turning_keys.lock().await;
        let store = Arc::clone(self);
        let change = move || store.change_vault(|vault, dir| vault.change_root(dir, &source, recovery.as_ref()));
        blocking("the root key", change).await
    }

    /// Wraps every company's key under the root key of now, and then forgets the one before. Nothing to do where no change
    /// was begun. The caller lets nobody add a company from before the change until this is over.
    ///
    /// # Errors
    /// When the directory or the keyring cannot be written, or a company's key does not open: then the old root is kept.
    pub async fn follow_root(self: &Arc<Self>) -> Result<(), StoreError> {
        let _one = self.turning_keys.lock().await;
        if !self.vault().has_old_root() {
            return Ok(());
        }
        let entries = self.directory().read(companies::all).await?;
        let mut unreadable = Ok(());
        for some in entries.chunks(KEYS_AT_ONCE) {
            let anew = some.iter().filter_map(|entry| {
                let wrapped = self.vault().rewrap_company_key(entry.id.as_str(), &entry.wrapped_key);
                wrapped.map(|wrapped| wrapped.map(|wrapped| (entry.id.clone(), wrapped))).transpose()
            });
            let (anew, failed): (Vec<_>, Vec<_>) = anew.partition(Result::is_ok);
            if let Some(Err(failure)) = failed.into_iter().next() {
                unreadable = Err(StoreError::vault(KEYRING)(failure));
            }
            let anew: Vec<_> = anew.into_iter().filter_map(Result::ok).collect();
            let change = move |c: &Connection| -> Result<(), StoreError> {
                anew.iter().try_for_each(|(id, wrapped)| companies::set_wrapped_key(c, id, wrapped))
            };
            self.directory().write(change).await?;
        }
        // A key that nobody can open must not take the way back with it.
        unreadable?;
        self.directory().truncate_log().await?;
        let store = Arc::clone(self);
        let forget = move || store.change_vault(vault::Vault::forget_root);
        blocking("the root key", forget).await
    }

    /// SHA-256 of a company's key as it is stored, wrapped: names what an erasure destroys, and tells nothing of the key.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`].
    pub async fn wrapped_key_hash(&self, id: &CompanyId) -> Result<[u8; 32], StoreError> {
        Ok(vault::sha256(&self.entry(id).await?.wrapped_key))
    }

    /// Takes what is left of an erased company from memory and disk: its key, its database, its files, and from the directory's
    /// log what its key was stored as. Idempotent; what a crash leaves is swept by [`Store::sweep_erased`].
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn sweep(self: &Arc<Self>, id: &CompanyId) -> Result<(), StoreError> {
        let _one = self.turning_keys.lock().await;
        self.forget_wrapping(id);
        let (store, of) = (Arc::clone(self), id.clone());
        blocking("an erased company", move || store.remove_company(&of)).await?;
        let done = id.clone();
        self.directory().write(move |c| erasure::set_swept(c, &done)).await?;
        // Until nobody reads an older state; the next erasure or turn of a key cuts the log too.
        for _ in 0..CUTS_MAX {
            if self.directory().truncate_log().await? {
                break;
            }
            tokio::time::sleep(CUT_AGAIN_AFTER).await;
        }
        Ok(())
    }

    /// Goes on with what a crash left of erasures.
    ///
    /// # Errors
    /// When the directory cannot be read, or the disk refuses.
    pub async fn sweep_erased(self: &Arc<Self>) -> Result<(), StoreError> {
        for id in self.directory().read(erasure::unswept).await? {
            self.sweep(&id).await?;
        }
        Ok(())
    }

    /// How many companies' keys hang on the root key.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub async fn count_companies(&self) -> Result<usize, StoreError> {
        Ok(self.directory().read(companies::ids).await?.len().min(COMPANIES_MAX))
    }

    /// Lets `key` open the box beside its recovery key, until [`Self::settle_recovery_key`].
    ///
    /// # Errors
    /// When the keyring cannot be written.
    pub async fn add_recovery_key(self: &Arc<Self>, key: vault::RecoveryKey) -> Result<(), StoreError> {
        let _one = self.turning_keys.lock().await;
        let store = Arc::clone(self);
        let add = move || store.vault().add_recovery_key(&store.folder, &key).map_err(StoreError::vault(KEYRING));
        blocking(KEYRING, add).await
    }

    /// Keeps the recovery key that was added, or else the one before.
    ///
    /// # Errors
    /// When the keyring cannot be written: then both open the box.
    pub async fn settle_recovery_key(self: &Arc<Self>, new: bool) -> Result<(), StoreError> {
        let _one = self.turning_keys.lock().await;
        let store = Arc::clone(self);
        let settle = move || store.vault().settle_recovery_key(&store.folder, new).map_err(StoreError::vault(KEYRING));
        blocking(KEYRING, settle).await
    }

    async fn branch_key(&self, branch: &Branch) -> Result<BranchKey, StoreError> {
        match branch {
            Branch::Directory => Ok(self.vault().directory_key()),
            Branch::Company(id) => self.branch_of(&self.entry(id).await?),
        }
    }

    /// First to the disk, then into use.
    async fn keep(self: &Arc<Self>, branch: &Branch, key: &BranchKey) -> Result<(), StoreError> {
        match branch {
            Branch::Directory => {
                let (store, turned) = (Arc::clone(self), key.clone());
                let keep = move || store.change_vault(|vault, dir| vault.set_directory_key(dir, turned));
                blocking(KEYRING, keep).await?;
            }
            Branch::Company(id) => {
                let wrapped =
                    self.vault().wrap_company_key(id.as_str(), key).map_err(StoreError::vault(id.as_str()))?;
                let of = id.clone();
                self.directory().write(move |c| companies::set_wrapped_key(c, &of, &wrapped)).await?;
            }
        }
        self.database_of(branch).await?.turn(key.database_key())?;
        if let Branch::Company(id) = branch {
            self.turn_wrapping(id, Some(key.file_wrapping()));
        }
        Ok(())
    }
}
