//! Where databases lie: the system's files, or any other VFS that SQLite knows.

use std::ffi::CStr;
use std::path::Path;

use libsqlite3_sys as ffi;
use rusqlite::Connection;

use crate::database::{Recovery, Role, failure, open_on, verify_on};
use crate::error::VaultError;
use crate::key::DatabaseKey;
use crate::vfs::registry::{Pin, pin, serve_all};
use crate::vfs::{Over, register};

/// A VFS under the seal. The product has one, the system's; whoever wants to know what becomes of a database on a disk that
/// fails puts another under it.
#[derive(Clone, Copy)]
pub struct Disk {
    pub(crate) over: Over,
}

impl Disk {
    /// SQLite's `unix-excl`: one process owns a database, its lock and the log's index live in memory, so that no plain
    /// `-shm` file appears beside it. `path` is what an error names.
    pub(crate) fn system(path: &Path) -> Result<Self, VaultError> {
        Self::over(c"unix-excl").ok_or_else(|| failure(path, ffi::SQLITE_ERROR))
    }

    /// The VFS that SQLite knows as `under`; `None` where it knows none.
    #[must_use]
    pub fn over(under: &CStr) -> Option<Self> {
        register(under, false).map(|over| Self { over })
    }

    /// The same with rollback journals, sealed, for who sets `journal_mode` to something else than WAL. Their removal cannot
    /// be told from a transaction's end, so the product has none.
    #[must_use]
    pub fn with_journals(under: &CStr) -> Option<Self> {
        register(under, true).map(|over| Self { over })
    }

    /// The name under which SQLite knows the VFS.
    #[must_use]
    pub fn name(self) -> &'static CStr {
        self.over.name
    }

    /// Lets SQL on a connection of this disk open the database at `path`, as `ATTACH` and `VACUUM INTO` do, while the answer
    /// is kept. Without, such a path is refused: nothing leaves the seal by a line of SQL.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] where it is open under another key.
    pub fn admit(self, path: &Path, key: &DatabaseKey) -> Result<Admitted, VaultError> {
        pin(path, self.over, key).map(Admitted)
    }

    /// From now on, whatever SQLite opens by itself on a VFS of ours is sealed under `key`, with no scan that refuses: for
    /// SQLite's own tests, which know no keys, and move the page of SQLite's locks to `lock_page`. The first call counts.
    pub fn serve_all(self, key: DatabaseKey, lock_page: u32) {
        serve_all(key, lock_page);
    }

    /// [`crate::open`] on this disk, of a path as the VFS under the seal names it.
    ///
    /// # Errors
    /// As [`crate::open`].
    pub fn open(self, path: &Path, key: &DatabaseKey, role: Role) -> Result<(Connection, Recovery), VaultError> {
        open_on(self, path, key, role)
    }

    /// [`crate::verify`] on this disk.
    ///
    /// # Errors
    /// As [`crate::verify`].
    pub fn verify(self, path: &Path, key: &DatabaseKey) -> Result<Vec<u32>, VaultError> {
        verify_on(self, path, key)
    }
}

/// A path that SQL may open; see [`Disk::admit`].
pub struct Admitted(#[expect(dead_code, reason = "kept for what its end does")] Pin);
