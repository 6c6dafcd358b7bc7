use crate::anchor::Anchoring;
use crate::ballast::{Ballast, Lent};
use crate::blocking::blocking;
use crate::checkpoint::Checkpointer;
use crate::companies::{self, CompanyEntry};
use crate::company::Company;
use crate::database::Opening;
use crate::installation::{self, Installation};
use crate::migrate::Schema;
use crate::place::Place;
use crate::survey::Survey;
use crate::{Counters, Database, DatabaseSettings, FileBytes, StoreError, company, migrate};
use crate::{FileWrapping, Purpose};
use domain::clock::Rng;
use domain::ids::{CompanyId, Incarnation};
use std::collections::HashMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use vault::{BranchKey, Recovery, RecoveryKey, SecretKey, Vault};

/// What the directory is called among the databases.
pub const DIRECTORY: &str = "directory";
pub(crate) const KEYRING: &str = "keyring";
pub(crate) const COMPANIES_FOLDER: &str = "companies";
pub(crate) const COMPANIES_MAX: usize = 100_000;

/// What the start of a database brought back after an unclean end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// `directory` or the company's id.
    pub database: String,
    /// Commits found in its log.
    pub commits: u32,
    /// Pages in those commits.
    pub frames: u32,
    /// Bytes of a transaction that never completed, so that nobody was told of it; they are gone.
    pub torn_bytes: u64,
}

/// All databases of a box: the directory and one file per company, opened lazily and closed when unused for longest.
pub struct Store {
    pub(crate) folder: PathBuf,
    vault: RwLock<Vault>,
    directory: Arc<Database>,
    open: Mutex<OpenCompanies>,
    opening: Mutex<()>,
    /// One for all who hold it, so that a turned key is a turned key for everybody.
    wrappings: Mutex<HashMap<CompanyId, FileWrapping>>,
    /// Held while a key is given, changed or taken away.
    pub(crate) turning_keys: tokio::sync::Mutex<()>,
    recovered: Mutex<Vec<Recovered>>,
    settings: DatabaseSettings,
    open_max: usize,
    counters: Arc<Counters>,
    checkpointer: Checkpointer,
    files: Arc<FileBytes>,
    anchoring: Anchoring,
    ballast: Arc<Ballast>,
}

#[derive(Default)]
struct OpenCompanies {
    by_id: HashMap<CompanyId, (Arc<Database>, u64)>,
    uses: u64,
}

impl Store {
    /// Makes the directory of a new box; leaves nothing behind when it fails half-way.
    ///
    /// # Errors
    /// When the folder cannot be written or holds a directory already.
    pub fn create(folder: &Path, vault: &Vault, new: &Installation, now_ms: i64) -> Result<(), StoreError> {
        let companies = folder.join(COMPANIES_FOLDER);
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&companies);
        made.map_err(|source| StoreError::File { path: companies, source })?;
        let fill = |connection: &rusqlite::Connection| -> Result<(), StoreError> {
            migrate::migrate(DIRECTORY, connection, migrate::DIRECTORY)?;
            installation::insert(connection, new, now_ms)
        };
        create_database(DIRECTORY, &directory_path(folder), &vault.directory_key(), fill)
    }

    /// Opens the directory; then every company whose last end was unclean, so that what was recovered can be told.
    ///
    /// # Errors
    /// When a file is damaged, cut, swapped or sealed with another key: nothing is served from it.
    pub fn open(folder: &Path, vault: Vault, settings: DatabaseSettings, open_max: usize) -> Result<Self, StoreError> {
        let key = vault.directory_key().database_key();
        let (counters, path) = (Arc::default(), directory_path(folder));
        let checkpointer = Checkpointer::start().map_err(|source| StoreError::File { path: path.clone(), source })?;
        let anchoring = Anchoring::load(folder, &vault)?;
        let opening = Opening { schema: Schema::DIRECTORY, mark: anchoring.mark_of(DIRECTORY), settings };
        let (directory, recovery) = Database::open(DIRECTORY, &path, key, opening, &counters, &checkpointer)?;
        let store = Self {
            folder: folder.to_owned(),
            vault: RwLock::new(vault),
            directory: Arc::new(directory),
            open: Mutex::default(),
            opening: Mutex::default(),
            wrappings: Mutex::default(),
            turning_keys: tokio::sync::Mutex::default(),
            recovered: Mutex::default(),
            settings,
            open_max: open_max.max(1),
            counters,
            checkpointer,
            files: Arc::new(FileBytes::open(folder)?),
            anchoring,
            ballast: Ballast::open(folder),
        };
        store.note_recovery(DIRECTORY, &recovery);
        store.open_unclean_companies()?;
        Ok(store)
    }

    /// A company that does not open takes no other with it (B1): its error is told now, and to whoever asks for it.
    fn open_unclean_companies(&self) -> Result<(), StoreError> {
        for entry in self.unclean_companies()? {
            if let Err(failure) = self.open_company(&entry) {
                tracing::error!(database = %entry.id, %failure, "a company cannot be served; the others are");
            }
        }
        Ok(())
    }

    fn unclean_companies(&self) -> Result<Vec<CompanyEntry>, StoreError> {
        let place = Place::of_directory(&self.folder);
        let key = self.vault().directory_key().database_key();
        let connection = place.reader(&key)?;
        let has_log = |id: &CompanyId| {
            let log = company_path(&self.folder, id).with_extension("db-wal");
            log.metadata().is_ok_and(|log| log.len() > 0)
        };
        let ids = companies::ids(&connection).map_err(|error| place.name_in(error))?;
        let unclean = ids.into_iter().take(COMPANIES_MAX).filter(has_log);
        let entry = |id| companies::find(&connection, &id).map_err(|error| place.name_in(error)).transpose();
        unclean.filter_map(entry).collect()
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Arc<Database> {
        &self.directory
    }

    /// What the writers of all databases count.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many databases are open, and how many changes wait for their writers.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let open = self.open_now();
        (open.len(), open.iter().map(|database| database.queued()).sum())
    }

    /// Waits until the writer of every open database has answered: the sign of life that a watchdog wants.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when a writer is gone.
    pub async fn answers(&self) -> Result<(), StoreError> {
        let mut asked = tokio::task::JoinSet::new();
        for database in self.open_now() {
            asked.spawn(async move { database.answers().await });
        }
        while let Some(answer) = asked.join_next().await {
            answer.unwrap_or_else(|_| Err(StoreError::Fault(String::from("a sign of life"))))?;
        }
        Ok(())
    }

    /// Gives back what the system keeps of database files in memory for this process: pages that were read once count as its own
    /// as long as they are mapped.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when a writer is gone.
    pub async fn release(&self) -> Result<(), StoreError> {
        for database in self.open_now() {
            database.release().await?;
        }
        Ok(())
    }

    pub(crate) fn anchoring(&self) -> &Anchoring {
        &self.anchoring
    }

    pub(crate) fn open_now(&self) -> Vec<Arc<Database>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let companies = open.by_id.values().map(|(database, _)| Arc::clone(database));
        std::iter::once(Arc::clone(&self.directory)).chain(companies).collect()
    }

    /// What the starts of this process recovered so far.
    #[must_use]
    pub fn recovered(&self) -> Vec<Recovered> {
        self.recovered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at all databases, beside those who use them.
    #[must_use]
    pub fn survey(&self) -> Survey<'_> {
        Survey::of(self)
    }

    /// Gives room on a full disk to who deletes something, as long as the answer is kept; `None` where all of it is given away.
    /// Waits for the disk, and so does the answer's end.
    #[must_use]
    pub fn lend_room(&self) -> Option<Lent> {
        self.ballast.lend()
    }

    /// The bytes of shared files.
    #[must_use]
    pub fn files(&self) -> &Arc<FileBytes> {
        &self.files
    }

    /// What the keys of a company's files are wrapped with.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`] for an unknown id, else what the vault found wrong.
    pub async fn file_wrapping(&self, id: &CompanyId) -> Result<FileWrapping, StoreError> {
        if let Some(known) = self.known_wrapping(id) {
            return Ok(known);
        }
        // Whoever turns the key meanwhile would not turn what is made here of the old one.
        let _one = self.turning_keys.lock().await;
        let entry = self.entry(id).await?;
        let wrapping = FileWrapping::new(self.branch_of(&entry)?.file_wrapping());
        let mut wrappings = self.wrappings.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(wrappings.entry(id.clone()).or_insert(wrapping).clone())
    }

    fn known_wrapping(&self, id: &CompanyId) -> Option<FileWrapping> {
        self.wrappings.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Turns what a company's file keys are wrapped with, for everybody who holds it.
    pub(crate) fn turn_wrapping(&self, id: &CompanyId, keys: Option<vault::FileWrapping>) {
        if let Some(known) = self.known_wrapping(id) {
            known.turn(keys);
        }
    }

    /// Nobody wraps or opens the key of an erased company's file any more.
    pub(crate) fn forget_wrapping(&self, id: &CompanyId) {
        if let Some(known) = self.wrappings.lock().unwrap_or_else(PoisonError::into_inner).remove(id) {
            known.turn(None);
        }
    }

    /// Removes an erased company from the disk; its database is closed once nobody uses it any more.
    pub(crate) fn remove_company(&self, id: &CompanyId) -> Result<(), StoreError> {
        let _one_opener = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).by_id.remove(id);
        drop(open);
        let path = company_path(&self.folder, id);
        for path in [path.with_extension("db-wal"), path.clone(), path.with_extension("db.new")] {
            match std::fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::File { path, source });
                }
                _ => {}
            }
        }
        let companies = self.folder.join(COMPANIES_FOLDER);
        let synced = std::fs::File::open(&companies).and_then(|folder| folder.sync_all());
        synced.map_err(|source| StoreError::File { path: companies, source })?;
        self.files.remove_company(id)
    }

    /// The vault.
    pub(crate) fn vault(&self) -> RwLockReadGuard<'_, Vault> {
        self.vault.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the vault's keys, on the disk first. The caller holds [`Self::turning_keys`], and those who use keys do not wait for
    /// it: off the async threads, because it waits for the disk and for Argon2id.
    pub(crate) fn change_vault(
        &self,
        change: impl FnOnce(&mut Vault, &Path) -> Result<(), vault::VaultError>,
    ) -> Result<(), StoreError> {
        let mut changed = self.vault().clone();
        change(&mut changed, &self.folder).map_err(StoreError::vault(KEYRING))?;
        *self.vault.write().unwrap_or_else(PoisonError::into_inner) = changed;
        Ok(())
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names this box's data for life.
    #[must_use]
    pub fn box_id(&self) -> String {
        self.vault().box_id().to_owned()
    }

    /// A secret of the whole box for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> SecretKey {
        purpose.of(&self.vault())
    }

    /// A company's entry in the directory.
    pub(crate) async fn entry(&self, id: &CompanyId) -> Result<CompanyEntry, StoreError> {
        let wanted = id.clone();
        let entry = self.directory.read(move |c| companies::find(c, &wanted)).await?;
        entry.ok_or_else(|| StoreError::NoCompany(id.to_string()))
    }

    /// A company's key.
    pub(crate) fn branch_of(&self, entry: &CompanyEntry) -> Result<BranchKey, StoreError> {
        let name = entry.id.as_str();
        self.vault().open_company_key(name, &entry.wrapped_key).map_err(StoreError::vault(name))
    }

    /// Makes the file of a new company. It counts for nothing until its entry stands in the directory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn create_company(self: &Arc<Self>, new: Company, rng: &dyn Rng) -> Result<Vec<u8>, StoreError> {
        let (key, wrapped) =
            self.vault().new_company_key(new.id.as_str()).map_err(StoreError::vault(new.id.as_str()))?;
        let incarnation = Incarnation::random(rng);
        let path = company_path(&self.folder, &new.id);
        let name = new.id.to_string();
        let fill = move |connection: &rusqlite::Connection| -> Result<(), StoreError> {
            migrate::migrate(new.id.as_str(), connection, migrate::COMPANY)?;
            company::insert(connection, &new, &incarnation)
        };
        blocking("new company", move || create_database(&name, &path, &key, fill)).await?;
        Ok(wrapped)
    }

    /// Removes every company with its file: what an unfinished setup left. Never on a box that somebody uses.
    ///
    /// # Errors
    /// When the directory or the folder cannot be written.
    pub async fn remove_companies(self: &Arc<Self>) -> Result<(), StoreError> {
        // Without its key in the directory a file counts for nothing: what a crash leaves of it is removed another time.
        self.directory.write(companies::remove_all).await?;
        let store = Arc::clone(self);
        blocking("removing companies", move || store.remove_company_files()).await
    }

    fn remove_company_files(&self) -> Result<(), StoreError> {
        let _one_opener = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        drop(open);
        let folder = self.folder.join(COMPANIES_FOLDER);
        let failed = |source| StoreError::File { path: folder.clone(), source };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            std::fs::remove_file(entry.map_err(failed)?.path()).map_err(failed)?;
        }
        Ok(())
    }

    /// Makes `key` the recovery key of this box (D2); an earlier one is void from then on.
    ///
    /// # Errors
    /// When the keyring cannot be written.
    pub async fn set_recovery_key(self: &Arc<Self>, key: RecoveryKey) -> Result<(), StoreError> {
        let store = Arc::clone(self);
        let _one = self.turning_keys.lock().await;
        let seal = move || store.vault().set_recovery_key(&store.folder, &key).map_err(StoreError::vault(KEYRING));
        blocking("the recovery key", seal).await
    }

    /// The database of a company, opened on first use.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`] for an unknown id, else what the vault found wrong.
    pub async fn company(self: &Arc<Self>, id: &CompanyId) -> Result<Arc<Database>, StoreError> {
        if let Some(database) = self.already_open(id) {
            return Ok(database);
        }
        let mut entry = self.entry(id).await?;
        loop {
            let (store, of) = (Arc::clone(self), entry.clone());
            let opened = blocking("opening a company", move || store.open_company(&of)).await;
            // Its key may have been turned, or destroyed, since the entry was read.
            let now = self.entry(id).await?;
            if now.wrapped_key == entry.wrapped_key {
                return opened;
            }
            if let Ok(database) = opened {
                database.turn(self.branch_of(&now)?.database_key())?;
                return Ok(database);
            }
            entry = now;
        }
    }

    fn already_open(&self, id: &CompanyId) -> Option<Arc<Database>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.uses += 1;
        let uses = open.uses;
        let (database, used) = open.by_id.get_mut(id)?;
        *used = uses;
        Some(Arc::clone(database))
    }

    /// One opener at a time: two openers of one file would each recover its log.
    fn open_company(&self, entry: &CompanyEntry) -> Result<Arc<Database>, StoreError> {
        let _one_opener = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = self.already_open(&entry.id) {
            return Ok(database);
        }
        let name = entry.id.as_str();
        let key = self.branch_of(entry)?;
        let path = company_path(&self.folder, &entry.id);
        let (key, counters, checkpointer) = (key.database_key(), &self.counters, &self.checkpointer);
        let opening = Opening { schema: Schema::COMPANY, mark: self.anchoring.mark_of(name), settings: self.settings };
        let (database, recovery) = Database::open(name, &path, key, opening, counters, checkpointer)?;
        self.note_recovery(name, &recovery);
        let database = Arc::new(database);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.uses += 1;
        let uses = open.uses;
        open.by_id.insert(entry.id.clone(), (Arc::clone(&database), uses));
        let closing = take_unused(&mut open, self.open_max);
        // Closing waits for the disk: not under the lock that every request takes, but before the next opener.
        drop(open);
        for unmarked in closing.iter().filter(|closing| closing.is_changed()) {
            if let Ok(id) = CompanyId::parse(unmarked.name()) {
                self.anchoring.closed_changed(id);
            }
        }
        drop(closing);
        Ok(database)
    }

    fn note_recovery(&self, database: &str, recovery: &Recovery) {
        if recovery.frames == 0 && recovery.torn_bytes == 0 {
            return;
        }
        tracing::warn!(
            database,
            commits = recovery.commits,
            pages = recovery.frames,
            torn_bytes = recovery.torn_bytes,
            "recovered after an unclean end"
        );
        let Recovery { commits, frames, torn_bytes } = *recovery;
        let recovered = Recovered { database: database.to_owned(), commits, frames, torn_bytes };
        self.recovered.lock().unwrap_or_else(PoisonError::into_inner).push(recovered);
    }
}

fn take_unused(open: &mut OpenCompanies, open_max: usize) -> Vec<Arc<Database>> {
    let mut taken = Vec::new();
    while open.by_id.len() > open_max {
        let unused = open.by_id.iter().filter(|(_, (database, _))| Arc::strong_count(database) == 1);
        let Some(oldest) = unused.min_by_key(|(_, (_, used))| *used).map(|(id, _)| id.clone()) else { break };
        taken.extend(open.by_id.remove(&oldest).map(|(database, _)| database));
    }
    taken
}

fn create_database(
    name: &str,
    path: &Path,
    key: &BranchKey,
    fill: impl FnOnce(&rusqlite::Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut refused = None;
    let created = vault::create(path, &key.database_key(), |connection| {
        fill(connection).map_err(|e| {
            refused = Some(e);
            rusqlite::Error::InvalidQuery
        })
    });
    match refused {
        Some(e) => Err(e),
        None => created.map_err(StoreError::vault(name)),
    }
}

pub(crate) fn directory_path(folder: &Path) -> PathBuf {
    folder.join("directory.db")
}

pub(crate) fn company_path(folder: &Path, id: &CompanyId) -> PathBuf {
    folder.join(COMPANIES_FOLDER).join(format!("{id}.db"))
}
