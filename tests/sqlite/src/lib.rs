//! Makes the vault the VFS that SQLite takes where nobody names one, so that a program which knows nothing of it writes sealed
//! files: SQLite's own test program, into which this is linked. It brings its own SQLite; what stands in this library of it
//! is not used.

#![expect(unsafe_code, reason = "called by SQLite, in C")]

use std::ffi::{c_char, c_int};

use libsqlite3_sys as ffi;
use vault::{DatabaseKey, Disk, SecretKey};
use zeroize::Zeroizing;

/// One key for all databases, as SQLite's tests copy and rename them.
const KEY: [u8; 32] = [0x5a; 32];

/// Called at the end of `sqlite3_initialize` (`SQLITE_EXTRA_INIT`), each time.
///
/// # Safety
/// SQLite calls it, with text or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rainbow_vault_default(_: *const c_char) -> c_int {
    let Some(disk) = Disk::with_journals(c"unix-excl") else { return ffi::SQLITE_ERROR };
    disk.serve_all(DatabaseKey::new(*b"sqltests", vec![(0, SecretKey::new(Zeroizing::new(KEY)))]));
    // SAFETY: SQLite is initialised, the name is NUL-terminated, and the VFS lives as long as the process.
    unsafe {
        let vfs = ffi::sqlite3_vfs_find(disk.name().as_ptr());
        if vfs.is_null() { ffi::SQLITE_ERROR } else { ffi::sqlite3_vfs_register(vfs, 1) }
    }
}
