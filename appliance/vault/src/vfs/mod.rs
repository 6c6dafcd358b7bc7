//! A VFS that seals what SQLite writes: over one of SQLite's own, with only opening, reading and writing changed.
//! Of SQLite's file kinds, the database and its write-ahead log exist, and rollback journals for who asks for them; temporary
//! files and all others are refused, so that what is not sealed cannot be written (D1).

pub(crate) mod base;
mod bus_error;
mod copying;
pub(crate) mod file;
mod journal_file;
mod log_file;
mod log_state;
mod main_file;
mod mapping;
pub(crate) mod registry;

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::Mutex;

use libsqlite3_sys as ffi;

use base::{BaseVfs, RealFile};
use file::{FileObject, METHODS, Sealed};
use journal_file::JournalFile;
use log_file::LogFile;
pub(crate) use log_state::{Frame, LastFrames};
use main_file::MainFile;
use registry::{Failure, find, hold, release};

/// A VFS of ours, and the one that its files lie on.
#[derive(Clone, Copy)]
pub(crate) struct Over {
    pub(crate) base: BaseVfs,
    /// The name under which SQLite knows ours.
    pub(crate) name: &'static CStr,
    /// Whether rollback journals may lie on it.
    pub(crate) journals: bool,
}

/// Puts a VFS of ours over the one called `under`, once; `None` where there is none, or SQLite lacks what ours needs.
pub(crate) fn register(under: &CStr, journals: bool) -> Option<Over> {
    static REGISTERED: Mutex<Vec<(CString, Over)>> = Mutex::new(Vec::new());
    let mut registered = registry::lock(&REGISTERED);
    let same = |(name, over): &&(CString, Over)| name.as_c_str() == under && over.journals == journals;
    if let Some((_, over)) = registered.iter().find(same) {
        return Some(*over);
    }
    // Asking for the one below is SQLite's first use.
    crate::wipe::begin_in_sqlite();
    let base = BaseVfs::named(under)?;
    let ours: &[u8] = if journals { b"rainbow-vault with journals over " } else { b"rainbow-vault over " };
    let name = CString::new([ours, under.to_bytes()].concat()).ok()?;
    let over = Over { base, name: Box::leak(name.into_boxed_c_str()), journals };
    if !register_over(Box::leak(Box::new(over))) {
        return None;
    }
    registered.push((under.to_owned(), over));
    Some(over)
}

#[expect(unsafe_code, reason = "hands SQLite the VFS")]
fn register_over(over: &'static Over) -> bool {
    let base = over.base;
    let words = size_of::<FileObject>().div_ceil(size_of::<u64>()) + base.file_words();
    let Ok(file_bytes) = c_int::try_from(words * size_of::<u64>()) else {
        return false;
    };
    let vfs = Box::new(ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: file_bytes,
        mxPathname: base.methods().mxPathname,
        pNext: std::ptr::null_mut(),
        zName: over.name.as_ptr(),
        pAppData: std::ptr::from_ref(over).cast_mut().cast::<c_void>(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: Some(dl_open),
        xDlError: Some(dl_error),
        xDlSym: Some(dl_sym),
        xDlClose: Some(dl_close),
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        // These ignore the VFS that they are called with.
        xCurrentTime: base.methods().xCurrentTime,
        xGetLastError: base.methods().xGetLastError,
        xCurrentTimeInt64: base.methods().xCurrentTimeInt64,
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    });
    // SAFETY: the VFS is leaked and so lives as long as the process, as SQLite asks.
    unsafe { ffi::sqlite3_vfs_register(Box::leak(vfs), 0) == ffi::SQLITE_OK }
}

/// Which VFS of ours a call is for.
#[expect(unsafe_code, reason = "SQLite's argument")]
fn over(ours: *mut ffi::sqlite3_vfs) -> Result<&'static Over, c_int> {
    // SAFETY: SQLite calls the methods of a VFS with that VFS, whose `pAppData` is what `register_over` leaked.
    unsafe { (*ours).pAppData.cast::<Over>().as_ref() }.ok_or(ffi::SQLITE_ERROR)
}

/// The base VFS that a call is passed on to.
fn base(ours: *mut ffi::sqlite3_vfs) -> Result<BaseVfs, c_int> {
    over(ours).map(|over| over.base)
}

/// A name that SQLite passed, as a path.
#[expect(unsafe_code, reason = "reads SQLite's text")]
fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite passes NUL-terminated names.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

/// The database that the log, or the journal, at `path` belongs to.
fn database_path(path: &Path, suffix: &[u8]) -> Option<PathBuf> {
    let database = path.as_os_str().as_bytes().strip_suffix(suffix)?;
    Some(PathBuf::from(OsStr::from_bytes(database)))
}

/// Every file kind of SQLite's.
const KINDS: c_int = 0x000f_ff00;

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for one file object; no methods means that it must not be closed.
    unsafe { (*file.cast::<FileObject>()).methods = std::ptr::null() };
    let opened = catch_unwind(|| open_sealed(over(vfs)?, name, file, flags, out_flags));
    match opened {
        Ok(Ok(())) => ffi::SQLITE_OK,
        Ok(Err(code)) => code,
        Err(_) => ffi::SQLITE_CANTOPEN,
    }
}

fn open_sealed(
    over: &Over,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> Result<(), c_int> {
    let path = path_of(name).ok_or(ffi::SQLITE_CANTOPEN)?;
    let kind = flags & KINDS;
    let beside = |suffix: &[u8]| database_path(&path, suffix).and_then(|database| find(&database));
    let database = match kind {
        ffi::SQLITE_OPEN_MAIN_DB => hold(&path, *over),
        ffi::SQLITE_OPEN_WAL => beside(b"-wal"),
        ffi::SQLITE_OPEN_MAIN_JOURNAL if over.journals => beside(b"-journal"),
        // It holds names only, and is opened for whatever databases it names.
        ffi::SQLITE_OPEN_SUPER_JOURNAL if over.journals => {
            let real = open_real(over.base, name, file, flags, out_flags)?;
            put(file, Sealed::Names(real));
            return Ok(());
        }
        _ => {
            refuse(&path);
            None
        }
    };
    let database = database.ok_or(ffi::SQLITE_CANTOPEN)?;
    let real = open_real(over.base, name, file, flags, out_flags).inspect_err(|_| {
        if kind == ffi::SQLITE_OPEN_MAIN_DB {
            release(&database);
        }
    })?;
    let sealed = match kind {
        ffi::SQLITE_OPEN_MAIN_DB => Sealed::Main(MainFile::new(real, database)),
        ffi::SQLITE_OPEN_WAL => Sealed::Log(LogFile::new(real, database)),
        _ => Sealed::Journal(JournalFile::new(real, database)),
    };
    put(file, sealed);
    Ok(())
}

/// Fills SQLite's file object.
#[expect(unsafe_code, reason = "fills SQLite's file object")]
fn put(file: *mut ffi::sqlite3_file, sealed: Sealed) {
    // SAFETY: SQLite gives room for one file object; the box is taken back by `close`.
    unsafe {
        file.cast::<FileObject>()
            .write(FileObject { methods: &raw const METHODS, sealed: Box::into_raw(Box::new(sealed)) });
    }
}

/// Notes on the database beside which a refused file was asked for what was refused.
fn refuse(path: &Path) {
    let name = path.as_os_str().as_bytes();
    let database = [&b"-journal"[..], b"-wal"].iter().find_map(|suffix| name.strip_suffix(*suffix));
    let database = database.map_or(path, |name| Path::new(OsStr::from_bytes(name)));
    if let Some(database) = find(database) {
        database.record(Failure::Refused("open a journal or temporary file"));
    }
}

/// Opens the base VFS's file behind ours.
#[expect(unsafe_code, reason = "opens a file by SQLite's VFS")]
fn open_real(
    base: BaseVfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> Result<RealFile, c_int> {
    let open = base.methods().xOpen.ok_or(ffi::SQLITE_CANTOPEN)?;
    // SAFETY: `szOsFile` counts our object, whole words, and after it the base VFS's object.
    let behind = unsafe { file.cast::<FileObject>().add(1) }.cast::<ffi::sqlite3_file>();
    let behind = NonNull::new(behind).ok_or(ffi::SQLITE_CANTOPEN)?;
    // Without URI parameters: they could switch off what the seal relies on.
    let flags = flags & !ffi::SQLITE_OPEN_URI;
    let mut got = 0;
    // SAFETY: the name is SQLite's and outlives the file; the object's room is reserved as above.
    let code = unsafe { open(base.as_ptr(), name, behind.as_ptr(), flags, &raw mut got) };
    if code != ffi::SQLITE_OK {
        return Err(code);
    }
    // SAFETY: just opened by the base VFS; closed by our `close` only.
    let real = unsafe { RealFile::new(behind) };
    if got & ffi::SQLITE_OPEN_READWRITE == 0 && flags & (ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_WAL) != 0 {
        // Read-only, `unix-excl` would keep the log's index in a plain file.
        real.close();
        return Err(ffi::SQLITE_CANTOPEN);
    }
    if !out_flags.is_null() {
        // SAFETY: SQLite gives null or a place for one number.
        unsafe { out_flags.write(got) };
    }
    Ok(real)
}

/// Only logs and journals are ever deleted.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    let deleted = catch_unwind(|| {
        let path = path_of(name)?;
        let over = over(vfs).ok()?;
        let log_of = database_path(&path, b"-wal").and_then(|database| find(&database));
        if log_of.is_none() && !over.journals {
            return None;
        }
        let delete = over.base.methods().xDelete?;
        // SQLite does not wait for the end of a log. Where a database goes on with journals, a log that is back after a crash
        // would be played over what was written since.
        let sync_directory = if log_of.is_some() { 1 } else { sync_directory };
        // SAFETY: the name is SQLite's, NUL-terminated.
        let code = unsafe { delete(over.base.as_ptr(), name, sync_directory) };
        if let Some(database) = log_of
            && code == ffi::SQLITE_OK
        {
            database.log.write().restart(None);
        }
        Some(code)
    });
    deleted.ok().flatten().unwrap_or(ffi::SQLITE_IOERR_DELETE_NOENT)
}

/// Where journals are not written, a planted one must not be played back.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn access(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    let journal = path_of(name).is_none_or(|path| path.as_os_str().as_bytes().ends_with(b"-journal"));
    match over(vfs).map(|over| (over, over.base.methods().xAccess)) {
        Ok((over, _)) if journal && !over.journals => {
            // SAFETY: SQLite gives a place for one number.
            unsafe { out.write(0) };
            ffi::SQLITE_OK
        }
        // SAFETY: the arguments are SQLite's own.
        Ok((over, Some(access))) => unsafe { access(over.base.as_ptr(), name, flags, out) },
        Ok((_, None)) => ffi::SQLITE_IOERR_ACCESS,
        Err(code) => code,
    }
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    match base(vfs).map(|base| (base, base.methods().xFullPathname)) {
        // SAFETY: the arguments are SQLite's own.
        Ok((base, Some(full))) => unsafe { full(base.as_ptr(), name, room, out) },
        Ok((_, None)) => ffi::SQLITE_CANTOPEN,
        Err(code) => code,
    }
}

/// No code is loaded into a process that holds keys.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn dl_open(_: *mut ffi::sqlite3_vfs, _: *const c_char) -> *mut c_void {
    std::ptr::null_mut()
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn dl_error(_: *mut ffi::sqlite3_vfs, room: c_int, out: *mut c_char) {
    if room > 0 && !out.is_null() {
        // SAFETY: SQLite gives `room` bytes; an empty text takes one.
        unsafe { out.write(0) };
    }
}

/// SQLite's type for a loaded function.
type Loaded = unsafe extern "C" fn(*mut ffi::sqlite3_vfs, *mut c_void, *const c_char);

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn dl_sym(_: *mut ffi::sqlite3_vfs, _: *mut c_void, _: *const c_char) -> Option<Loaded> {
    None
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn dl_close(_: *mut ffi::sqlite3_vfs, _: *mut c_void) {}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    let Ok(length) = usize::try_from(amount) else { return 0 };
    // SAFETY: SQLite gives a buffer of `amount` bytes.
    let buffer = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), length) };
    if getrandom::fill(buffer).is_ok() { amount } else { 0 }
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    let pause = u64::try_from(microseconds).unwrap_or(0);
    std::thread::sleep(std::time::Duration::from_micros(pause));
    microseconds
}

/// Makes what the scan at opening approved the log that connections see.
pub(crate) fn approve_log(
    database: &registry::Database,
    header: Option<crate::log_format::LogHeader>,
    frames: Vec<Frame>,
    (sync_number, file_bytes): (u32, u64),
) {
    let mut log = database.log.write();
    log.restart(header);
    log.reaches(file_bytes);
    for (number, frame) in (1..).zip(frames) {
        log.put(number, frame);
    }
    log.approve(sync_number);
}
