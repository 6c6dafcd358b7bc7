//! The databases that this process has open, by canonical path. Keys reach the VFS only through here: never through a
//! URI or SQL.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use super::Over;
use super::base::OwnFile;
use super::log_state::LogState;
use crate::database::failure;
use crate::error::{VaultError, hex};
use crate::key::{DatabaseId, DatabaseKey, SecretKey};
use crate::nonce::NonceSource;
use crate::page::{FORMAT_VERSION, LiveKeys, PageError, PageKeys};
use crate::recovery::{LOCK_PAGE, recover};
use crate::xaes::XNONCE_BYTES;

/// What all connections of one database share.
pub(crate) struct Database {
    path: PathBuf,
    over: Over,
    key: Mutex<KeyOfNow>,
    keys: Arc<LiveKeys>,
    nonces: Mutex<NonceSource>,
    /// The frames of the write-ahead log that are ours.
    pub(crate) log: LogState,
    /// Whole pages that the main file must have.
    pub(crate) main_pages: AtomicU32,
    /// Set when a sync failed: what the disk holds is then unknown, so nothing more is written.
    unsynced: AtomicBool,
    last_failure: Mutex<Option<Failure>>,
    /// Whether the log was scanned since this entry was made.
    scanned: Mutex<bool>,
}

/// A database's key, and how one is known that it had before.
struct KeyOfNow {
    key: DatabaseKey,
    /// Of each epoch that is gone: what tells its key from others, and opens nothing.
    gone: Vec<(u32, SecretKey)>,
}

impl KeyOfNow {
    fn is_known(&self, key: &DatabaseKey) -> bool {
        let was = |(epoch, secret): &(u32, SecretKey)| {
            let mut gone = self.gone.iter().filter(|(gone, _)| gone == epoch);
            gone.any(|(_, mark)| mark.same_as(&mark_of(secret)))
        };
        self.key.shares_an_epoch_with(key) || (self.key.id() == key.id() && key.epochs().iter().any(was))
    }
}

/// What tells a key from others.
fn mark_of(secret: &SecretKey) -> SecretKey {
    secret.derive(&[b"a key that is gone"])
}

/// Why the VFS refused, kept because SQLite's result codes cannot say page or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Page(u32, PageError),
    Frame(u32),
    /// A place in the rollback journal.
    Journal(u64),
    Refused(&'static str),
    NotSynced,
    Random(getrandom::Error),
}

/// Takes a lock whose holder may have panicked: every value behind these locks is whole at any time.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    fn new(path: PathBuf, over: Over, key: &DatabaseKey) -> Self {
        Self {
            path,
            over,
            key: Mutex::new(KeyOfNow { key: key.clone(), gone: Vec::new() }),
            keys: LiveKeys::new(key),
            nonces: Mutex::new(NonceSource::new()),
            log: LogState::default(),
            main_pages: AtomicU32::new(0),
            unsynced: AtomicBool::new(false),
            last_failure: Mutex::new(None),
            scanned: Mutex::new(false),
        }
    }

    /// The database's canonical path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The VFS that serves it.
    pub(crate) fn over(&self) -> Over {
        self.over
    }

    /// The write-ahead log's path.
    pub(crate) fn log_path(&self) -> PathBuf {
        beside(&self.path, "-wal")
    }

    /// The rollback journal's path.
    pub(crate) fn journal_path(&self) -> PathBuf {
        beside(&self.path, "-journal")
    }

    /// Whether a rollback journal lies beside it.
    pub(crate) fn has_journal(&self) -> bool {
        self.over.journals && self.over.base.has(&self.journal_path()).unwrap_or(false)
    }

    /// Its keys as they are now.
    pub(crate) fn keys(&self) -> Arc<PageKeys> {
        self.keys.now()
    }

    /// Its keys, for who seals and opens pages for longer.
    pub(crate) fn live_keys(&self) -> &Arc<LiveKeys> {
        &self.keys
    }

    /// Whether who holds `key` may open it. Who looks for longer may hold the key of a while ago, which was turned meanwhile; and
    /// who holds the key that it is turned to may come before anybody said so.
    fn opens_with(&self, key: &DatabaseKey) -> bool {
        let mut own = lock(&self.key);
        if own.key.shares_an_epoch_with(key) && key.newest_epoch() > own.key.newest_epoch() {
            self.replace(&mut own, key);
        }
        own.is_known(key)
    }

    fn replace(&self, own: &mut KeyOfNow, key: &DatabaseKey) {
        let stays = |epoch: u32| key.epochs().iter().any(|(kept, _)| *kept == epoch);
        let going = own.key.epochs().iter().filter(|(epoch, _)| !stays(*epoch));
        own.gone.extend(going.map(|(epoch, secret)| (*epoch, mark_of(secret))));
        own.key = key.clone();
        self.keys.replace(key);
    }

    /// Gives it another key, which shares an epoch with the one of now.
    fn turn(&self, key: &DatabaseKey) -> Result<(), VaultError> {
        let mut own = lock(&self.key);
        if !own.key.shares_an_epoch_with(key) {
            return Err(VaultError::WrongKey { path: self.path.clone() });
        }
        self.replace(&mut own, key);
        Ok(())
    }

    /// A nonce that was never used before.
    pub(crate) fn next_nonce(&self) -> Result<[u8; XNONCE_BYTES], Failure> {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        lock(&self.nonces).next(START.elapsed()).map_err(Failure::Random)
    }

    /// Refuses where an earlier sync failed.
    pub(crate) fn check_writable(&self) -> Result<(), Failure> {
        if self.unsynced.load(Ordering::Acquire) { Err(Failure::NotSynced) } else { Ok(()) }
    }

    /// Takes note of a failed sync.
    pub(crate) fn sync_failed(&self) {
        self.unsynced.store(true, Ordering::Release);
        self.record(Failure::NotSynced);
    }

    /// Keeps `failure` for [`diagnose`].
    pub(crate) fn record(&self, failure: Failure) {
        *lock(&self.last_failure) = Some(failure);
    }

    /// Takes the last failure, in words.
    pub(crate) fn take_failure(&self) -> Option<VaultError> {
        let failure = lock(&self.last_failure).take()?;
        Some(self.explain(failure))
    }

    /// A failure in words.
    pub(crate) fn explain(&self, failure: Failure) -> VaultError {
        let path = self.path.clone();
        match failure {
            Failure::Page(page, error) => page_error(path, self.keys.now().id(), page, error),
            Failure::Frame(frame) => VaultError::WalFrameTampered { path: self.log_path(), frame },
            Failure::Journal(at) => VaultError::JournalTampered { path: self.journal_path(), at },
            Failure::Refused(what) => VaultError::Refused { what, path },
            Failure::NotSynced => VaultError::NotSynced { path },
            Failure::Random(source) => VaultError::Random(source),
        }
    }

    /// Runs `scan` where this database was not scanned yet; the second value says whether it ran.
    pub(crate) fn scan_once<T: Default>(&self, scan: impl FnOnce() -> Result<T, VaultError>) -> Result<T, VaultError> {
        let mut scanned = lock(&self.scanned);
        if *scanned {
            return Ok(T::default());
        }
        let found = scan()?;
        *scanned = true;
        Ok(found)
    }
}

/// A page's failure in words.
pub(crate) fn page_error(path: PathBuf, expected: DatabaseId, page: u32, error: PageError) -> VaultError {
    match error {
        PageError::NotAVaultFile => VaultError::NotAVaultFile { path },
        PageError::Format(found) => VaultError::UnsupportedFormat { path, found, supported: FORMAT_VERSION },
        PageError::WrongDatabase(found) => {
            VaultError::WrongDatabase { path, found: hex(&found), expected: hex(&expected) }
        }
        PageError::Inauthentic => VaultError::PageTampered { path, page },
    }
}

/// `path` with `suffix` appended to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

struct Entry {
    database: Arc<Database>,
    /// Open main files plus [`Pin`]s; the entry goes with the last.
    holders: usize,
}

static OPEN: LazyLock<Mutex<HashMap<PathBuf, Entry>>> = LazyLock::new(Mutex::default);

/// Keeps a database registered while it is being opened or examined.
pub(crate) struct Pin(Arc<Database>);

impl std::ops::Deref for Pin {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.0
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        release(&self.0);
    }
}

/// Registers the database at the canonical `path`, served by `over`, under `key`.
///
/// # Errors
/// [`VaultError::WrongKey`] where it is open under another key.
pub(crate) fn pin(path: &Path, over: Over, key: &DatabaseKey) -> Result<Pin, VaultError> {
    let mut open = lock(&OPEN);
    let entry = open
        .entry(path.to_owned())
        .or_insert_with(|| Entry { database: Arc::new(Database::new(path.to_owned(), over, key)), holders: 0 });
    if !entry.database.opens_with(key) {
        return Err(VaultError::WrongKey { path: path.to_owned() });
    }
    entry.holders += 1;
    Ok(Pin(Arc::clone(&entry.database)))
}

/// Gives the open database at `path` another key. Where it is not open there is nothing to do.
pub(crate) fn turn(path: &Path, key: &DatabaseKey) -> Result<(), VaultError> {
    find(path).map_or(Ok(()), |database| database.turn(key))
}

/// The key of databases that nobody registered, and the page of SQLite's locks where it is.
static SERVED: OnceLock<(DatabaseKey, u32)> = OnceLock::new();

/// Gives every database that SQLite opens by itself this key.
pub(crate) fn serve_all(key: DatabaseKey, lock_page: u32) {
    let _ = SERVED.set((key, lock_page));
}

/// The page that SQLite never writes.
pub(crate) fn lock_page() -> u32 {
    SERVED.get().map_or(LOCK_PAGE, |(_, page)| *page)
}

/// Counts an opened main file; `None` where nobody registered a key for `path`.
pub(crate) fn hold(path: &Path, over: Over) -> Option<Arc<Database>> {
    let _served = SERVED.get().and_then(|(key, _)| serve(path, over, key));
    let mut open = lock(&OPEN);
    let entry = open.get_mut(path)?;
    entry.holders += 1;
    Some(Arc::clone(&entry.database))
}

/// Registers a database that SQLite opens by itself. What is wrong with its log shows when frames are read: none of those
/// that follow is known then.
fn serve(path: &Path, over: Over, key: &DatabaseKey) -> Option<Pin> {
    let pin = pin(path, over, key).ok()?;
    let _ = pin.scan_once(|| scan(&pin));
    Some(pin)
}

/// Reads the log of a database that has one, where SQLite opens it by itself.
fn scan(database: &Database) -> Result<(), VaultError> {
    let base = database.over.base;
    if !base.has(&database.path).unwrap_or(false) {
        return Ok(());
    }
    let file = OwnFile::open(base, &database.path, libsqlite3_sys::SQLITE_OPEN_MAIN_DB)
        .map_err(|code| failure(&database.path, code))?;
    if file.real().size().unwrap_or(0) == 0 {
        return Ok(());
    }
    recover(database, file.real()).map(|_| ())
}

/// The registered database at `path`, if any.
pub(crate) fn find(path: &Path) -> Option<Arc<Database>> {
    lock(&OPEN).get(path).map(|entry| Arc::clone(&entry.database))
}

/// Runs `then` where nobody in this process has the database at `path` open, and lets nobody open it meanwhile.
pub(crate) fn while_closed(path: &Path, then: impl FnOnce()) {
    let open = lock(&OPEN);
    if !open.contains_key(path) {
        then();
    }
}

/// Undoes one [`hold`] or [`pin`].
pub(crate) fn release(database: &Database) {
    let mut open = lock(&OPEN);
    let Some(entry) = open.get_mut(&database.path) else { return };
    entry.holders = entry.holders.saturating_sub(1);
    if entry.holders == 0 {
        open.remove(&database.path);
    }
}
