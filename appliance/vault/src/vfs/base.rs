//! The VFS underneath and its files: SQLite's own `unix-excl` in the product. Locks, syncs and the log's index stay its
//! tested code.

use std::ffi::{CStr, CString, c_int, c_void};
use std::path::Path;
use std::ptr::NonNull;

use libsqlite3_sys as ffi;

/// What of a file SQLite is asked to map; it has a limit of its own.
const MAPPED_BYTES_MAX: i64 = 1 << 40;

/// What SQLite's C code answers: a result code other than `SQLITE_OK`.
pub(crate) type Code = c_int;

/// A VFS that SQLite knows by name.
#[derive(Clone, Copy)]
pub(crate) struct BaseVfs(NonNull<ffi::sqlite3_vfs>);

// SAFETY: VFS objects are registered once, never changed or freed, and called from any thread.
#[expect(unsafe_code, reason = "a pointer to a static VFS")]
unsafe impl Send for BaseVfs {}
// SAFETY: as for `Send`.
#[expect(unsafe_code, reason = "a pointer to SQLite's static VFS")]
unsafe impl Sync for BaseVfs {}

impl BaseVfs {
    /// The VFS of that name; `None` where SQLite has none.
    #[expect(unsafe_code, reason = "asks SQLite for a VFS")]
    pub(crate) fn named(name: &CStr) -> Option<Self> {
        // SAFETY: initialising is idempotent and thread-safe; the name is NUL-terminated.
        let vfs = unsafe {
            ffi::sqlite3_initialize();
            ffi::sqlite3_vfs_find(name.as_ptr())
        };
        NonNull::new(vfs).map(Self)
    }

    /// Whether there is a file of that name.
    #[expect(unsafe_code, reason = "asks SQLite's VFS")]
    pub(crate) fn has(self, path: &Path) -> Result<bool, Code> {
        let text = text_of(path)?;
        let access = self.methods().xAccess.ok_or(ffi::SQLITE_IOERR_ACCESS)?;
        let mut there = 0;
        // SAFETY: the text is NUL-terminated, and the answer's place lives through the call.
        checked(unsafe { access(self.as_ptr(), text.as_ptr(), ffi::SQLITE_ACCESS_EXISTS, &raw mut there) })?;
        Ok(there != 0)
    }

    /// The VFS for calls with its own methods.
    pub(crate) fn as_ptr(self) -> *mut ffi::sqlite3_vfs {
        self.0.as_ptr()
    }

    /// The VFS's methods and sizes.
    #[expect(unsafe_code, reason = "reads a static VFS")]
    pub(crate) fn methods(self) -> &'static ffi::sqlite3_vfs {
        // SAFETY: non-null, static, and only its `pNext`, which we do not read, ever changes.
        unsafe { self.0.as_ref() }
    }

    /// How much room one of its files takes, in whole words.
    pub(crate) fn file_words(self) -> usize {
        usize::try_from(self.methods().szOsFile).unwrap_or(0).div_ceil(size_of::<u64>())
    }
}

/// A file of the base VFS that somebody else keeps alive.
#[derive(Clone, Copy)]
pub(crate) struct RealFile(NonNull<ffi::sqlite3_file>);

/// Calls a method of the base file, or answers `SQLITE_NOTFOUND` where it has none.
macro_rules! call {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let file = $file;
        // SAFETY: `RealFile::new` promises an open file of the base VFS, so its method table and methods are valid;
        // the arguments are those that SQLite's interface asks for.
        match unsafe { (*(*file.0.as_ptr()).pMethods).$method } {
            // SAFETY: as above.
            Some(method) => unsafe { method(file.0.as_ptr() $(, $argument)*) },
            None => ffi::SQLITE_NOTFOUND,
        }
    }};
}

fn checked(code: c_int) -> Result<(), Code> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}

fn text_of(path: &Path) -> Result<CString, Code> {
    use std::os::unix::ffi::OsStrExt as _;
    CString::new(path.as_os_str().as_bytes()).map_err(|_| ffi::SQLITE_CANTOPEN)
}

fn signed(value: u64) -> Result<i64, Code> {
    i64::try_from(value).map_err(|_| ffi::SQLITE_FULL)
}

#[expect(unsafe_code, reason = "calls SQLite's file methods")]
impl RealFile {
    /// A file of the base VFS.
    ///
    /// # Safety
    /// `file` was opened by the base VFS, and is neither closed nor used by another thread while this value is used.
    pub(crate) unsafe fn new(file: NonNull<ffi::sqlite3_file>) -> Self {
        Self(file)
    }

    /// Reads exactly `buffer`; `Ok(false)` where the file ends inside it (the missing part is zero).
    pub(crate) fn read(self, buffer: &mut [u8], offset: u64) -> Result<bool, Code> {
        let amount = c_int::try_from(buffer.len()).map_err(|_| ffi::SQLITE_IOERR_READ)?;
        let offset = signed(offset)?;
        let code = call!(self, xRead, buffer.as_mut_ptr().cast::<c_void>(), amount, offset);
        if code == ffi::SQLITE_IOERR_SHORT_READ {
            return Ok(false);
        }
        checked(code).map(|()| true)
    }

    /// Writes all of `buffer` in one call.
    pub(crate) fn write(self, buffer: &[u8], offset: u64) -> Result<(), Code> {
        let amount = c_int::try_from(buffer.len()).map_err(|_| ffi::SQLITE_IOERR_WRITE)?;
        let offset = signed(offset)?;
        checked(call!(self, xWrite, buffer.as_ptr().cast::<c_void>(), amount, offset))
    }

    pub(crate) fn truncate(self, size: u64) -> Result<(), Code> {
        let size = signed(size)?;
        checked(call!(self, xTruncate, size))
    }

    pub(crate) fn sync(self, flags: c_int) -> Result<(), Code> {
        checked(call!(self, xSync, flags))
    }

    pub(crate) fn size(self) -> Result<u64, Code> {
        let mut size = 0_i64;
        checked(call!(self, xFileSize, &raw mut size))?;
        u64::try_from(size).map_err(|_| ffi::SQLITE_IOERR_FSTAT)
    }

    pub(crate) fn lock(self, level: c_int) -> c_int {
        call!(self, xLock, level)
    }

    pub(crate) fn unlock(self, level: c_int) -> c_int {
        call!(self, xUnlock, level)
    }

    pub(crate) fn check_reserved_lock(self, out: *mut c_int) -> c_int {
        call!(self, xCheckReservedLock, out)
    }

    pub(crate) fn control(self, operation: c_int, argument: *mut c_void) -> c_int {
        call!(self, xFileControl, operation, argument)
    }

    pub(crate) fn sector_size(self) -> c_int {
        call!(self, xSectorSize)
    }

    pub(crate) fn characteristics(self) -> c_int {
        call!(self, xDeviceCharacteristics)
    }

    pub(crate) fn shm_map(self, page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int {
        call!(self, xShmMap, page, size, extend, out)
    }

    pub(crate) fn shm_lock(self, offset: c_int, count: c_int, flags: c_int) -> c_int {
        call!(self, xShmLock, offset, count, flags)
    }

    /// A full memory barrier.
    pub(crate) fn shm_barrier(self) {
        // SAFETY: as for every call: an open file of the base VFS.
        if let Some(barrier) = unsafe { (*(*self.0.as_ptr()).pMethods).xShmBarrier } {
            // SAFETY: as above.
            unsafe { barrier(self.0.as_ptr()) }
        }
    }

    pub(crate) fn shm_unmap(self, delete: c_int) -> c_int {
        call!(self, xShmUnmap, delete)
    }

    /// Maps the file for reading, as far as SQLite does that: where it starts in memory, and how many bytes. Until
    /// [`RealFile::unmap`] the mapping stays as it is.
    pub(crate) fn map(self) -> Option<(NonNull<u8>, u64)> {
        if !self.can_map() {
            return None;
        }
        let mut limit = MAPPED_BYTES_MAX;
        if self.control(ffi::SQLITE_FCNTL_MMAP_SIZE, (&raw mut limit).cast()) != ffi::SQLITE_OK {
            return None;
        }
        limit = -1;
        // Less is not taken: this asks for the limit that is in force.
        self.control(ffi::SQLITE_FCNTL_MMAP_SIZE, (&raw mut limit).cast());
        let bytes = self.size().ok()?.min(u64::try_from(limit).ok()?);
        let mut start = std::ptr::null_mut();
        let code = call!(self, xFetch, 0, 1, &raw mut start);
        Some((NonNull::new(start.cast())?, bytes)).filter(|_| code == ffi::SQLITE_OK)
    }

    /// Takes [`RealFile::map`] back.
    pub(crate) fn unmap(self, start: NonNull<u8>) {
        call!(self, xUnfetch, 0, start.as_ptr().cast::<c_void>());
        call!(self, xUnfetch, 0, std::ptr::null_mut());
    }

    /// From now on SQLite reads the file by calls only.
    pub(crate) fn map_no_more(self) {
        let mut limit = 0_i64;
        self.control(ffi::SQLITE_FCNTL_MMAP_SIZE, (&raw mut limit).cast());
    }

    fn can_map(self) -> bool {
        // SAFETY: as for every call: an open file of the base VFS.
        unsafe { (*(*self.0.as_ptr()).pMethods).iVersion >= 3 }
    }

    /// Closes the file; it must not be used again.
    pub(crate) fn close(self) -> c_int {
        call!(self, xClose)
    }
}

/// A file that we opened ourselves, through the base VFS: closing a descriptor of our own would drop the process's locks
/// on a database file (POSIX), which SQLite's VFS knows to avoid.
pub(crate) struct OwnFile {
    real: RealFile,
    /// Holds the base VFS's file object.
    _memory: Box<[u64]>,
    name: ffi::sqlite3_filename,
}

impl OwnFile {
    /// Opens an existing file of a kind of SQLite's for reading and writing.
    #[expect(unsafe_code, reason = "opens a file by SQLite's VFS")]
    pub(crate) fn open(base: BaseVfs, path: &Path, kind: c_int) -> Result<Self, Code> {
        let text = text_of(path)?;
        let open = base.methods().xOpen.ok_or(ffi::SQLITE_CANTOPEN)?;
        let mut memory = vec![0_u64; base.file_words()].into_boxed_slice();
        let file = NonNull::from(&mut *memory).cast::<ffi::sqlite3_file>();
        let flags = ffi::SQLITE_OPEN_READWRITE | kind;
        let mut got = 0;
        // SAFETY: the texts are NUL-terminated; SQLite copies them into a file name that lives until `Drop`; the memory
        // has the size and alignment that the VFS asks for and outlives the file.
        let (name, code) = unsafe {
            let none = c"".as_ptr();
            let name = ffi::sqlite3_create_filename(text.as_ptr(), none, none, 0, std::ptr::null_mut());
            if name.is_null() {
                return Err(ffi::SQLITE_NOMEM);
            }
            (name, open(base.as_ptr(), name, file.as_ptr(), flags, &raw mut got))
        };
        if code != ffi::SQLITE_OK {
            // SAFETY: made above, used by nobody else.
            unsafe { ffi::sqlite3_free_filename(name) };
            return Err(code);
        }
        // SAFETY: just opened; the value that owns it closes it.
        let own = Self { real: unsafe { RealFile::new(file) }, _memory: memory, name };
        if got & ffi::SQLITE_OPEN_READWRITE == 0 {
            return Err(ffi::SQLITE_READONLY);
        }
        Ok(own)
    }

    /// The file for reading and locking.
    pub(crate) fn real(&self) -> RealFile {
        self.real
    }
}

impl Drop for OwnFile {
    #[expect(unsafe_code, reason = "frees what SQLite allocated")]
    fn drop(&mut self) {
        self.real.close();
        // SAFETY: made by `sqlite3_create_filename` in `open`, and the file that used it is closed.
        unsafe { ffi::sqlite3_free_filename(self.name) };
    }
}
