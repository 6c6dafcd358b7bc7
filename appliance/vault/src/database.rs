//! Creating, opening and verifying encrypted databases.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use libsqlite3_sys as ffi;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::disk::Disk;
use crate::error::VaultError;
use crate::key::DatabaseKey;
use crate::page::{PAGE_BYTES, PageCipher, RESERVE_BYTES};
use crate::recovery::{LOCK_PAGE, mend_free_pages, read_page, recover};
use crate::vfs::base::{OwnFile, RealFile};
use crate::vfs::file::RELEASE;
use crate::vfs::registry::{Database, Pin, beside, find, pin};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one connection that changes data.
    Writer,
    /// A connection that only reads.
    Reader,
}

/// What the first opening of a database in this process found in its write-ahead log. Later openings, while a
/// connection is open, find nothing to recover and answer zeros.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Transactions in the log.
    pub commits: u32,
    /// Frames of those transactions.
    pub frames: u32,
    /// Bytes after them that belonged to a transaction which never completed; they are gone.
    pub torn_bytes: u64,
}

/// Page caches, in KiB.
const WRITER_CACHE_KIB: i64 = 8 * 1024;
const READER_CACHE_KIB: i64 = 4 * 1024;
/// A log that one great transaction grew is cut back to this at its next restart.
const LOG_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// Makes a database: `init` gets a connection to it, and only when all of it is on the disk does the file appear
/// under `path`. A crash half-way leaves nothing that a second try would not sweep away.
///
/// # Errors
/// [`VaultError::AlreadyExists`], what `init` returned as [`VaultError::Sqlite`], or the failed step.
pub fn create(
    path: &Path,
    key: &DatabaseKey,
    init: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), VaultError> {
    let disk = Disk::system(path)?;
    let (folder, path) = place_for(path)?;
    if path.exists() {
        return Err(VaultError::AlreadyExists { path });
    }
    let new = beside(&path, ".new");
    sweep(&new)?;
    let created = create_new(disk, &new, key, init);
    if created.is_err() {
        sweep(&new)?;
    }
    created?;
    let rename = || -> io::Result<()> {
        fs::rename(&new, &path)?;
        File::open(&folder)?.sync_all()
    };
    rename().map_err(|source| VaultError::Io { action: "put into place", path: path.clone(), source })
}

fn create_new(
    disk: Disk,
    new: &Path,
    key: &DatabaseKey,
    init: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), VaultError> {
    let database = pin(new, disk.over, key)?;
    database.scan_once(|| Ok(()))?;
    let io_error = |source| VaultError::Io { action: "create", path: new.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(new).map_err(io_error)?;
    let failed = |source| diagnose(new, source);
    let connection = connect(disk, new).map_err(failed)?;
    reserve(&connection, new)?;
    set_up(&connection, Role::Writer).map_err(failed)?;
    // The one change that SQLite cannot make in the log is switching to it.
    pragma(&connection, "journal_mode", "MEMORY").map_err(failed)?;
    pragma(&connection, "journal_mode", "WAL").map_err(failed)?;
    init(&connection).map_err(failed)?;
    connection.close().map_err(|(_, source)| failed(source))?;
    if beside(new, "-wal").exists() {
        return Err(database.take_failure().unwrap_or(VaultError::NotSynced { path: new.to_owned() }));
    }
    Ok(())
}

/// Opens a database that [`create`] made. The first opening in this process reads its log, reports what it found, and
/// refuses where the log or the file was changed; several connections may then be open, each used by one thread.
///
/// # Errors
/// [`VaultError::WrongKey`], [`VaultError::WrongDatabase`], [`VaultError::NotAVaultFile`],
/// [`VaultError::PageTampered`], [`VaultError::Truncated`], [`VaultError::WalHeaderTampered`],
/// [`VaultError::WalFrameTampered`], [`VaultError::InUse`] or the failed step.
pub fn open(path: &Path, key: &DatabaseKey, role: Role) -> Result<(Connection, Recovery), VaultError> {
    let disk = Disk::system(path)?;
    open_on(disk, &canonical(path)?, key, role)
}

/// [`open`], of a canonical path on any disk.
pub(crate) fn open_on(
    disk: Disk,
    path: &Path,
    key: &DatabaseKey,
    role: Role,
) -> Result<(Connection, Recovery), VaultError> {
    let database = pin(path, disk.over, key)?;
    let rolls_back = database.has_journal();
    let (recovery, guard) = scan_once(&database)?;
    let failed = |source| diagnose(path, source);
    let connection = connect(disk, path).map_err(failed)?;
    // Whoever rolls a journal back wants to be alone.
    let guard = guard.filter(|_| !disk.over.journals);
    set_up(&connection, role).map_err(failed)?;
    if rolls_back {
        connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        mend_free_pages(&database, Guard::open(&database)?.0.real())?;
        connection.execute_batch("ROLLBACK").map_err(failed)?;
    }
    drop(guard);
    Ok((connection, recovery))
}

/// Reads every page of the main file and returns the numbers of those that do not verify, without stopping at the
/// first. Pages that the write-ahead log holds in a newer form count as good. A database that is not open is recovered
/// as [`open`] does it.
///
/// # Errors
/// As [`open`], except that a damaged page is not an error.
pub fn verify(path: &Path, key: &DatabaseKey) -> Result<Vec<u32>, VaultError> {
    verify_on(Disk::system(path)?, &canonical(path)?, key)
}

/// [`verify`], of a canonical path on any disk.
pub(crate) fn verify_on(disk: Disk, path: &Path, key: &DatabaseKey) -> Result<Vec<u32>, VaultError> {
    let database = pin(path, disk.over, key)?;
    let guard = match scan_once(&database) {
        Ok((_, guard)) => guard,
        Err(VaultError::PageTampered { .. }) => None,
        Err(error) => return Err(error),
    };
    let file = match guard {
        Some(guard) => guard,
        None => Guard::open(&database)?,
    };
    let mut cipher = PageCipher::new(std::sync::Arc::clone(database.live_keys()));
    let size = file.0.real().size().map_err(|code| failure(path, code))?;
    let pages = u32::try_from(size.div_ceil(PAGE_BYTES as u64)).unwrap_or(u32::MAX);
    let bad = (1..=pages).filter(|number| *number != LOCK_PAGE);
    let bad = bad.filter(|number| !verifies(&database, &file, &mut cipher, *number));
    Ok(bad.collect())
}

/// Whether a page opens. A checkpoint may be writing it just now: then a later try finds it whole, or in the log.
pub(crate) fn verifies(database: &Database, file: &Guard, cipher: &mut PageCipher, number: u32) -> bool {
    const TRIES: u32 = 3;
    (0..TRIES).any(|_| {
        read_page(file.0.real(), number).is_ok_and(|mut page| cipher.open(&mut page, number).is_ok())
            || database.log.read().has_page(number)
    })
}

/// The cause of a failed SQLite call on the database at `path`, as precisely as it is known: page, frame and file
/// where the vault refused, else SQLite's own error.
#[must_use]
pub fn diagnose(path: &Path, source: rusqlite::Error) -> VaultError {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let ours = matches!(
        source.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::CannotOpen)
    );
    let known = find(&path).filter(|_| ours).and_then(|database| database.take_failure());
    known.unwrap_or(VaultError::Sqlite { path, source })
}

/// A file of our own on the database, locked against other processes.
pub(crate) struct Guard(OwnFile);

impl Guard {
    /// The file, as the VFS underneath has it.
    pub(crate) fn real(&self) -> RealFile {
        self.0.real()
    }

    pub(crate) fn open(database: &Database) -> Result<Self, VaultError> {
        let path = database.path();
        let file =
            OwnFile::open(database.over().base, path, ffi::SQLITE_OPEN_MAIN_DB).map_err(|code| failure(path, code))?;
        let code = file.real().lock(ffi::SQLITE_LOCK_SHARED);
        if code == ffi::SQLITE_OK { Ok(Self(file)) } else { Err(failure(path, code)) }
    }
}

/// Scans the log where nobody did yet. The guard, where there is one, keeps other processes out until a connection
/// does.
pub(crate) fn scan_once(database: &Pin) -> Result<(Recovery, Option<Guard>), VaultError> {
    database.scan_once(|| {
        let guard = Guard::open(database)?;
        let recovery = recover(database, guard.0.real())?;
        Ok((recovery, Some(guard)))
    })
}

/// What a result code of the VFS means for who opens the database at `path`.
pub(crate) fn failure(path: &Path, code: i32) -> VaultError {
    let path = path.to_owned();
    if code == ffi::SQLITE_BUSY {
        return VaultError::InUse { path };
    }
    VaultError::Sqlite { path, source: rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None) }
}

/// The canonical folder and path of a file that is still to be made.
fn place_for(path: &Path) -> Result<(PathBuf, PathBuf), VaultError> {
    let io_error = |source| VaultError::Io { action: "create", path: path.to_owned(), source };
    let name = path.file_name().ok_or_else(|| io_error(ErrorKind::InvalidInput.into()))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(io_error)?;
    let path = folder.join(name);
    Ok((folder, path))
}

pub(crate) fn canonical(path: &Path) -> Result<PathBuf, VaultError> {
    path.canonicalize().map_err(|source| VaultError::Io { action: "open", path: path.to_owned(), source })
}

/// Removes what an interrupted creation left.
fn sweep(new: &Path) -> Result<(), VaultError> {
    for path in [beside(new, "-wal"), new.to_owned()] {
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(VaultError::Io { action: "remove", path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn connect(disk: Disk, path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags_and_vfs(path, flags, disk.over.name)
}

/// Asks SQLite to leave the seal's bytes free on each page of a database that is still empty.
#[expect(unsafe_code, reason = "SQLite offers this by its C interface only")]
fn reserve(connection: &Connection, path: &Path) -> Result<(), VaultError> {
    let mut bytes = i32::try_from(RESERVE_BYTES).expect("48 fits");
    // SAFETY: the handle is open, and for this operation SQLite reads and writes one int.
    let code = unsafe {
        ffi::sqlite3_file_control(
            connection.handle(),
            c"main".as_ptr(),
            ffi::SQLITE_FCNTL_RESERVE_BYTES,
            (&raw mut bytes).cast(),
        )
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(failure(path, code)) }
}

/// Gives back what the system keeps in memory of the database file for this connection: pages that it has read once are counted
/// as this process's as long as they are mapped. The next read maps them again.
#[expect(unsafe_code, reason = "SQLite offers this by its C interface only")]
pub fn release(connection: &Connection) {
    // SAFETY: the handle is open, and our VFS takes nothing with this operation. Whatever it answers, nothing depends on it.
    unsafe { ffi::sqlite3_file_control(connection.handle(), c"main".as_ptr(), RELEASE, std::ptr::null_mut()) };
}

fn pragma(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    let got: String = connection.pragma_update_and_check(None, name, value, |row| row.get(0))?;
    if got.eq_ignore_ascii_case(value) {
        return Ok(());
    }
    let reason = format!("{name} is {got} and not {value}");
    Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(ffi::SQLITE_ERROR), Some(reason)))
}

/// The settings of every connection; touches the file, so that what is wrong with it shows now.
fn set_up(connection: &Connection, role: Role) -> rusqlite::Result<()> {
    let cache_kib = match role {
        Role::Writer => WRITER_CACHE_KIB,
        Role::Reader => READER_CACHE_KIB,
    };
    // Plans do not depend on what is bound: else SQLite, built with STAT4, plans a query anew each time that it is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))?;
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}
