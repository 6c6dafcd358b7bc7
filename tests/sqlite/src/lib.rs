//! Makes the vault the VFS that SQLite takes where nobody names one, so that a program which knows nothing of it writes sealed
//! files. It is linked into two of SQLite's own: into its test program, which brings its own SQLite, so that what stands in this
//! library of it is not used; and into `speedtest1`, which takes the SQLite that is shipped.

#![expect(unsafe_code, reason = "called by SQLite, in C")]

use std::ffi::{CStr, c_char, c_int};
use std::ptr::{null, null_mut};

use libsqlite3_sys as ffi;
use vault::{DatabaseKey, Disk, SecretKey};
use zeroize::Zeroizing;

const UNDER: &CStr = c"unix-excl";
/// One key for all databases, as SQLite's tests copy and rename them.
const KEY: [u8; 32] = [0x5a; 32];

/// SQLite's tests lay the page of its locks at 64 KiB, so that small files have one.
const LOCK_PAGE: u32 = 0x1_0000 / 4096 + 1;

/// Called at the end of `sqlite3_initialize` (`SQLITE_EXTRA_INIT`), each time.
///
/// # Safety
/// SQLite calls it, with text or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rainbow_vault_default(_: *const c_char) -> c_int {
    let Some(disk) = Disk::with_journals(UNDER) else { return ffi::SQLITE_ERROR };
    let key = DatabaseKey::new(*b"sqltests", vec![(0, SecretKey::new(Zeroizing::new(KEY)))]);
    disk.serve_all(key, LOCK_PAGE);
    // SAFETY: SQLite is initialised, the names are NUL-terminated, and both VFSes live as long as the process.
    unsafe {
        let vfs = ffi::sqlite3_vfs_find(disk.name().as_ptr()).as_mut();
        let Some((vfs, under)) = vfs.zip(ffi::sqlite3_vfs_find(UNDER.as_ptr()).as_ref()) else {
            return ffi::SQLITE_ERROR;
        };
        // SQL's `random()`, not the seal's: in SQLite's tests it gives the same each time, and some expect what comes of it.
        vfs.xRandomness = under.xRandomness;
        ffi::sqlite3_vfs_register(vfs, 1)
    }
}

/// Called by `speedtest1` in the place of `sqlite3_initialize`, as the SQLite that is shipped is built without a hook for this.
/// No connection of it, plain or sealed, has temporary files: the vault has none, and both are to do the same.
///
/// # Safety
/// Nothing else uses SQLite meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rainbow_vault_initialize() -> c_int {
    // SAFETY: as this function's; the extension has the signature that SQLite calls extensions by.
    unsafe {
        let code = ffi::sqlite3_initialize();
        if code != ffi::SQLITE_OK {
            return code;
        }
        let code = ffi::sqlite3_auto_extension(Some(without_temporary_files));
        if code == ffi::SQLITE_OK { rainbow_vault_default(null()) } else { code }
    }
}

/// # Safety
/// SQLite calls it for a connection that it opens.
unsafe extern "C" fn without_temporary_files(
    connection: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: the connection is open, and the text is NUL-terminated.
    unsafe { ffi::sqlite3_exec(connection, c"PRAGMA temp_store = MEMORY".as_ptr(), None, null_mut(), null_mut()) }
}
