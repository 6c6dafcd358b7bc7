//! Where databases lie: the system's files, or any other VFS that SQLite knows.

use std::ffi::CStr;
use std::path::Path;

use libsqlite3_sys as ffi;
use rusqlite::Connection;

use crate::database::{Recovery, Role, failure, open_on, verify_on};
use crate::error::VaultError;
use crate::key::DatabaseKey;
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
        register(under).map(|over| Self { over })
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
