//! The file object that SQLite sees, and its methods: reads and writes go through the seal, the rest to the base VFS.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use libsqlite3_sys as ffi;

use super::base::RealFile;
use super::copying;
use super::journal_file::JournalFile;
use super::log_file::LogFile;
use super::main_file::{MainFile, Read, Stop, code_of};
use super::registry::{Database, release};

/// The kinds of files that exist; SQLite's other kinds are refused when it asks to open them.
pub(crate) enum Sealed {
    Main(MainFile),
    Log(LogFile),
    Journal(JournalFile),
    /// A super-journal: names of journals, clear.
    Names(RealFile),
}

impl Sealed {
    fn real(&self) -> RealFile {
        match self {
            Self::Main(main) => main.real,
            Self::Log(log) => log.real,
            Self::Journal(journal) => journal.real,
            Self::Names(names) => *names,
        }
    }

    fn database(&self) -> Option<&Database> {
        match self {
            Self::Main(main) => Some(&main.database),
            Self::Log(log) => Some(&log.database),
            Self::Journal(journal) => Some(&journal.database),
            Self::Names(_) => None,
        }
    }

    /// SQLite's code for the result of a call, whose reason is kept where it is ours.
    fn code(&self, result: Result<(), Stop>) -> c_int {
        match result {
            Ok(()) => ffi::SQLITE_OK,
            Err(Stop::System(code)) => code,
            Err(Stop::Ours(failure)) => {
                if let Some(database) = self.database() {
                    database.record(failure);
                }
                code_of(failure)
            }
        }
    }
}

/// SQLite's file object: its part, then ours. The base VFS's object follows in the same allocation.
#[repr(C)]
pub(crate) struct FileObject {
    pub(crate) methods: *const ffi::sqlite3_io_methods,
    /// From `Box::into_raw`; freed by `close`.
    pub(crate) sealed: *mut Sealed,
}

/// Version 2: no `xFetch`, so SQLite never maps the file and sees sealed bytes.
pub(crate) static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Runs `body` on the file; a panic must not cross into C and becomes an I/O error.
#[expect(unsafe_code, reason = "takes SQLite's file object back")]
fn with(file: *mut ffi::sqlite3_file, body: impl FnOnce(&mut Sealed) -> c_int) -> c_int {
    // SAFETY: SQLite passes the object that `open` filled, keeps it alive until `close`, and uses a file from one
    // thread at a time; `sealed` is not null between the two.
    let sealed = unsafe { &mut *(*file.cast::<FileObject>()).sealed };
    catch_unwind(AssertUnwindSafe(|| body(sealed))).unwrap_or(ffi::SQLITE_IOERR)
}

fn position(amount: c_int, offset: ffi::sqlite3_int64) -> Option<(usize, u64)> {
    Some((usize::try_from(amount).ok()?, u64::try_from(offset).ok()?))
}

#[expect(unsafe_code, reason = "frees the file object's own part")]
unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let object = file.cast::<FileObject>();
    // SAFETY: SQLite closes a file once, and `open` made the box.
    let mut sealed = unsafe { Box::from_raw((*object).sealed) };
    let finished = match &mut *sealed {
        Sealed::Log(log) => log.finish(),
        Sealed::Journal(journal) => journal.finish(),
        Sealed::Main(main) => {
            main.release();
            Ok(())
        }
        Sealed::Names(_) => Ok(()),
    };
    let finished = sealed.code(finished);
    let closed = sealed.real().close();
    if let Sealed::Main(main) = &*sealed {
        release(&main.database);
    }
    if closed == ffi::SQLITE_OK { finished } else { closed }
}

#[expect(unsafe_code, reason = "SQLite's buffer")]
unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    with(file, |sealed| {
        let Some((amount, offset)) = position(amount, offset) else {
            return ffi::SQLITE_IOERR_READ;
        };
        // SAFETY: SQLite gives a buffer of `amount` initialised bytes that nobody else uses during the call.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), amount) };
        let result = match sealed {
            Sealed::Main(main) => main.read(buffer, offset),
            Sealed::Log(log) => log.read(buffer, offset),
            Sealed::Journal(journal) => journal.read(buffer, offset),
            Sealed::Names(names) => names
                .read(buffer, offset)
                .map(|whole| if whole { Read::Whole } else { Read::BeyondEnd })
                .map_err(Stop::System),
        };
        match result {
            Ok(Read::Whole) => ffi::SQLITE_OK,
            Ok(Read::BeyondEnd) => ffi::SQLITE_IOERR_SHORT_READ,
            Err(stop) => sealed.code(Err(stop)),
        }
    })
}

#[expect(unsafe_code, reason = "SQLite's buffer")]
unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    buffer: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    with(file, |sealed| {
        let Some((amount, offset)) = position(amount, offset) else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        // SAFETY: SQLite gives a buffer of `amount` bytes that nobody writes during the call.
        let buffer = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), amount) };
        let result = match sealed {
            Sealed::Main(main) => main.write(buffer, offset),
            Sealed::Log(log) => log.write(buffer, offset),
            Sealed::Journal(journal) => journal.write(buffer, offset),
            Sealed::Names(names) => names.write(buffer, offset).map_err(Stop::System),
        };
        sealed.code(result)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    with(file, |sealed| {
        let Ok(size) = u64::try_from(size) else {
            return ffi::SQLITE_IOERR_TRUNCATE;
        };
        let result = match sealed {
            Sealed::Main(main) => main.truncate(size),
            Sealed::Log(log) => log.truncate(size),
            Sealed::Journal(journal) => journal.truncate(size),
            Sealed::Names(names) => names.truncate(size).map_err(Stop::System),
        };
        sealed.code(result)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    with(file, |sealed| {
        let result = match sealed {
            Sealed::Main(main) => main.sync(flags),
            Sealed::Log(log) => log.sync(flags),
            Sealed::Journal(journal) => journal.sync(flags),
            Sealed::Names(names) => names.sync(flags).map_err(Stop::System),
        };
        sealed.code(result)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut ffi::sqlite3_int64) -> c_int {
    with(file, |sealed| {
        let size = match sealed {
            Sealed::Main(main) => main.size(),
            Sealed::Log(log) => log.size(),
            Sealed::Journal(journal) => journal.size(),
            Sealed::Names(names) => names.size().map_err(Stop::System),
        };
        match size.map(i64::try_from) {
            Ok(Ok(size)) => {
                // SAFETY: SQLite gives a place for one number.
                unsafe { out.write(size) };
                ffi::SQLITE_OK
            }
            Ok(Err(_)) => ffi::SQLITE_IOERR_FSTAT,
            Err(stop) => sealed.code(Err(stop)),
        }
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    with(file, |sealed| sealed.real().lock(level))
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    with(file, |sealed| sealed.real().unlock(level))
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    with(file, |sealed| sealed.real().check_reserved_lock(out))
}

/// A call of our own, beside SQLite's: no memory of the system's is kept for the database file.
pub(crate) const RELEASE: c_int = 0x5242_0001;

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    with(file, |sealed| match operation {
        ffi::SQLITE_FCNTL_MMAP_SIZE => {
            // SAFETY: for this operation SQLite gives a place for one 64-bit number.
            unsafe { argument.cast::<i64>().write(0) };
            ffi::SQLITE_OK
        }
        RELEASE => {
            if let Sealed::Main(main) = sealed {
                main.release();
            }
            ffi::SQLITE_OK
        }
        // Room allocated ahead would be pages without a seal.
        ffi::SQLITE_FCNTL_CHUNK_SIZE | ffi::SQLITE_FCNTL_SIZE_HINT => ffi::SQLITE_OK,
        ffi::SQLITE_FCNTL_CKPT_START => {
            if let Sealed::Main(main) = sealed {
                copying::begin(&main.database);
            }
            sealed.real().control(operation, argument)
        }
        // SQLite syncs what a checkpoint has copied only where that reached the end of the log, on the thread that did: while
        // others copy, that is the writer, and all who wait for a commit would wait for it too (D7).
        ffi::SQLITE_FCNTL_CKPT_DONE => {
            copying::end();
            let synced = match sealed {
                Sealed::Main(main) => main.sync(ffi::SQLITE_SYNC_NORMAL),
                Sealed::Log(_) | Sealed::Journal(_) | Sealed::Names(_) => Ok(()),
            };
            sealed.code(synced)
        }
        // These would change or bypass what the seal relies on.
        ffi::SQLITE_FCNTL_POWERSAFE_OVERWRITE
        | ffi::SQLITE_FCNTL_BEGIN_ATOMIC_WRITE
        | ffi::SQLITE_FCNTL_COMMIT_ATOMIC_WRITE
        | ffi::SQLITE_FCNTL_ROLLBACK_ATOMIC_WRITE
        | ffi::SQLITE_FCNTL_FILE_POINTER
        | ffi::SQLITE_FCNTL_NULL_IO => ffi::SQLITE_NOTFOUND,
        _ => sealed.real().control(operation, argument),
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    with(file, |sealed| sealed.real().sector_size())
}

/// Only the promise that lets SQLite write a log page in one piece: no reads of part pages, no batches.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    with(file, |sealed| sealed.real().characteristics() & ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE)
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    with(file, |sealed| sealed.real().shm_map(page, size, extend, out))
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    with(file, |sealed| sealed.real().shm_lock(offset, count, flags))
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    with(file, |sealed| {
        sealed.real().shm_barrier();
        ffi::SQLITE_OK
    });
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    with(file, |sealed| sealed.real().shm_unmap(delete))
}
