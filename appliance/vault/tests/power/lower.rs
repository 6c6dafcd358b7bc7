//! The disk in memory as a VFS of SQLite's, to be put under the seal. Locks and the log's index are those of one process.

#![expect(unsafe_code, reason = "SQLite's interface of C")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError};

use libsqlite3_sys as ffi;

use super::disk::{Call, Disk, FileId, Refusal};

/// Its name.
pub(crate) const NAME: &CStr = c"power";

/// A disk that is plugged in, and what of it lives in memory only.
pub(crate) struct Slot {
    pub(crate) disk: Disk,
    locks: BTreeMap<FileId, Locks>,
    next_handle: u64,
}

#[derive(Default)]
struct Locks {
    /// Level by open file.
    levels: BTreeMap<u64, c_int>,
    index: Vec<Box<[u64]>>,
    /// Who has mapped it.
    mapped: BTreeSet<u64>,
    /// Of each lock of the index: who shares it, or who has it alone.
    shared: [Vec<u64>; 8],
    alone: [Option<u64>; 8],
}

static SLOTS: LazyLock<Mutex<HashMap<String, Arc<Mutex<Slot>>>>> = LazyLock::new(Mutex::default);

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A disk plugged in under a name: its files are `/NAME/file`.
pub(crate) struct Plugged {
    name: String,
    slot: Arc<Mutex<Slot>>,
}

impl Plugged {
    /// Under a name that no other disk has: what is open is known by its path, and lives are lived side by side.
    pub(crate) fn new(disk: Disk) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self::at(&format!("disk-{}", NEXT.fetch_add(1, Ordering::Relaxed)), disk)
    }

    /// Under a name of the caller's, where the disk's own files tell it.
    pub(crate) fn at(name: &str, disk: Disk) -> Self {
        register();
        let slot = Arc::new(Mutex::new(Slot { disk, locks: BTreeMap::new(), next_handle: 1 }));
        let before = guard(&SLOTS).insert(name.to_owned(), Arc::clone(&slot));
        assert!(before.is_none(), "two disks are called {name}");
        Self { name: name.to_owned(), slot }
    }

    pub(crate) fn disk<T>(&self, look: impl FnOnce(&mut Disk) -> T) -> T {
        look(&mut guard(&self.slot).disk)
    }

    pub(crate) fn path(&self, file: &str) -> String {
        format!("/{}/{file}", self.name)
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        guard(&SLOTS).remove(&self.name);
    }
}

/// Makes the disk known to SQLite.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let vfs = Box::new(ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: c_int::try_from(size_of::<Object>()).expect("small"),
            mxPathname: 512,
            pNext: std::ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: std::ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: None,
            xSleep: None,
            xCurrentTime: Some(current_time),
            xGetLastError: None,
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: the VFS is leaked and so lives as long as the process.
        let code = unsafe { ffi::sqlite3_vfs_register(Box::leak(vfs), 0) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes a VFS");
    });
}

#[repr(C)]
struct Object {
    methods: *const ffi::sqlite3_io_methods,
    handle: *mut Handle,
}

struct Handle {
    slot: Arc<Mutex<Slot>>,
    file: FileId,
    number: u64,
    delete_at_close: Option<String>,
    /// How much of the file may be mapped.
    mapped_max: Cell<i64>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 3,
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
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};

fn with<T>(file: *mut ffi::sqlite3_file, act: impl FnOnce(&mut Slot, &Handle) -> T) -> T {
    // SAFETY: `open` filled the object, and `close` has not been called.
    let handle = unsafe { &*(*file.cast::<Object>()).handle };
    act(&mut guard(&handle.slot), handle)
}

fn place(offset: ffi::sqlite3_int64) -> usize {
    usize::try_from(offset).expect("no negative offsets")
}

fn code(refusal: Refusal, io: c_int) -> c_int {
    match refusal {
        Refusal::Io => io,
        Refusal::Full => ffi::SQLITE_FULL,
        Refusal::Missing => ffi::SQLITE_CANTOPEN,
    }
}

fn done(result: Result<(), Refusal>, io: c_int) -> c_int {
    result.map_or_else(|refusal| code(refusal, io), |()| ffi::SQLITE_OK)
}

/// The disk and the file's name on it.
fn split(name: *const c_char) -> Option<(Arc<Mutex<Slot>>, String)> {
    // SAFETY: SQLite passes NUL-terminated names.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let (slot, file) = name.strip_prefix('/')?.split_once('/')?;
    Some((Arc::clone(guard(&SLOTS).get(slot)?), file.to_owned()))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for the object.
    unsafe { (*file.cast::<Object>()).methods = std::ptr::null() };
    let Some((slot, name)) = split(name) else { return ffi::SQLITE_CANTOPEN };
    let mut inside = guard(&slot);
    let id = match inside.disk.open(&name, flags & ffi::SQLITE_OPEN_CREATE != 0) {
        Ok(id) => id,
        Err(refusal) => return code(refusal, ffi::SQLITE_CANTOPEN),
    };
    let number = inside.next_handle;
    inside.next_handle += 1;
    drop(inside);
    let delete_at_close = (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then_some(name);
    let handle = Handle { slot, file: id, number, delete_at_close, mapped_max: Cell::new(0) };
    let handle = Box::into_raw(Box::new(handle));
    // SAFETY: as above; `out` is null or a place for one number.
    unsafe {
        file.cast::<Object>().write(Object { methods: &raw const METHODS, handle });
        if !out.is_null() {
            out.write(flags);
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and `open` made the box.
    let handle = unsafe { Box::from_raw((*file.cast::<Object>()).handle) };
    let mut slot = guard(&handle.slot);
    if let Some(locks) = slot.locks.get_mut(&handle.file) {
        locks.levels.remove(&handle.number);
        locks.leave(handle.number);
    }
    if let Some(name) = &handle.delete_at_close {
        let _ = slot.disk.delete(name, false);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    to: *mut c_void,
    amount: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives a buffer of `amount` bytes.
    let buffer = unsafe { std::slice::from_raw_parts_mut(to.cast::<u8>(), place(amount.into())) };
    with(file, |slot, handle| match slot.disk.read(handle.file, place(at), buffer) {
        Ok(length) if length == buffer.len() => ffi::SQLITE_OK,
        Ok(length) => {
            buffer[length..].fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Err(refusal) => code(refusal, ffi::SQLITE_IOERR_READ),
    })
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives a buffer of `amount` bytes.
    let buffer = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), place(amount.into())) };
    with(file, |slot, handle| done(slot.disk.write(handle.file, place(at), buffer), ffi::SQLITE_IOERR_WRITE))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    with(file, |slot, handle| done(slot.disk.truncate(handle.file, place(size)), ffi::SQLITE_IOERR_TRUNCATE))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    with(file, |slot, handle| done(slot.disk.sync(handle.file), ffi::SQLITE_IOERR_FSYNC))
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut ffi::sqlite3_int64) -> c_int {
    with(file, |slot, handle| match slot.disk.size(handle.file) {
        Ok(size) => {
            // SAFETY: SQLite gives a place for one number.
            unsafe { out.write(i64::try_from(size).expect("small")) };
            ffi::SQLITE_OK
        }
        Err(refusal) => code(refusal, ffi::SQLITE_IOERR_FSTAT),
    })
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    with(file, |slot, handle| {
        if let Err(refusal) = slot.disk.ask(Call::Lock, handle.file) {
            return code(refusal, ffi::SQLITE_IOERR_LOCK);
        }
        let levels = &mut slot.locks.entry(handle.file).or_default().levels;
        let highest = levels.iter().filter(|(other, _)| **other != handle.number).map(|(_, level)| *level).max();
        let highest = highest.unwrap_or(ffi::SQLITE_LOCK_NONE);
        let refused = match level {
            ffi::SQLITE_LOCK_SHARED => highest >= ffi::SQLITE_LOCK_PENDING,
            ffi::SQLITE_LOCK_RESERVED => highest >= ffi::SQLITE_LOCK_RESERVED,
            _ => highest >= ffi::SQLITE_LOCK_SHARED,
        };
        if refused {
            return ffi::SQLITE_BUSY;
        }
        let held = levels.entry(handle.number).or_insert(level);
        *held = level.max(*held);
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    with(file, |slot, handle| {
        slot.locks.entry(handle.file).or_default().levels.insert(handle.number, level);
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    with(file, |slot, handle| {
        if let Err(refusal) = slot.disk.ask(Call::Lock, handle.file) {
            return code(refusal, ffi::SQLITE_IOERR_CHECKRESERVEDLOCK);
        }
        let levels = &slot.locks.entry(handle.file).or_default().levels;
        let reserved = levels.values().any(|level| *level >= ffi::SQLITE_LOCK_RESERVED);
        // SAFETY: SQLite gives a place for one number.
        unsafe { out.write(reserved.into()) };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    if operation != ffi::SQLITE_FCNTL_MMAP_SIZE {
        return ffi::SQLITE_NOTFOUND;
    }
    with(file, |slot, handle| {
        if let Err(refusal) = slot.disk.ask(Call::Control, handle.file) {
            return code(refusal, ffi::SQLITE_IOERR);
        }
        // SAFETY: for this operation SQLite and the vault pass a limit, and take the one before.
        unsafe {
            let limit = argument.cast::<i64>().replace(handle.mapped_max.get());
            if limit >= 0 {
                handle.mapped_max.set(limit);
            }
        }
        ffi::SQLITE_OK
    })
}

/// The whole file, where it has bytes.
unsafe extern "C" fn fetch(
    file: *mut ffi::sqlite3_file,
    at: ffi::sqlite3_int64,
    _: c_int,
    out: *mut *mut c_void,
) -> c_int {
    with(file, |slot, handle| {
        let (start, answer) = match slot.disk.map(handle.file) {
            Ok(start) if at == 0 && handle.mapped_max.get() > 0 => (start, ffi::SQLITE_OK),
            Ok(_) => (std::ptr::null_mut(), ffi::SQLITE_OK),
            Err(refusal) => (std::ptr::null_mut(), code(refusal, ffi::SQLITE_IOERR)),
        };
        // SAFETY: SQLite gives a place for one pointer; the bytes stay where they are until the disk is gone.
        unsafe { out.write(start.cast()) };
        answer
    })
}

unsafe extern "C" fn unfetch(_: *mut ffi::sqlite3_file, _: ffi::sqlite3_int64, _: *mut c_void) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    512
}

/// The promise of every disk since long: a write changes no byte beside it.
unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

impl Locks {
    fn leave(&mut self, who: u64) {
        self.shared.iter_mut().for_each(|holders| holders.retain(|holder| *holder != who));
        self.alone.iter_mut().filter(|holder| **holder == Some(who)).for_each(|holder| *holder = None);
    }

    fn take(&mut self, who: u64, slots: std::ops::Range<usize>, flags: c_int) -> c_int {
        let shared = flags & ffi::SQLITE_SHM_SHARED != 0;
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            for slot in slots {
                self.shared[slot].retain(|holder| *holder != who);
                self.alone[slot] = self.alone[slot].filter(|holder| *holder != who);
            }
            return ffi::SQLITE_OK;
        }
        let others = |slot: &usize| {
            let alone = self.alone[*slot].is_some_and(|holder| holder != who);
            alone || !shared && self.shared[*slot].iter().any(|holder| *holder != who)
        };
        if slots.clone().any(|slot| others(&slot)) {
            return ffi::SQLITE_BUSY;
        }
        for slot in slots {
            if shared {
                self.shared[slot].push(who);
            } else {
                self.alone[slot] = Some(who);
            }
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    with(file, |slot, handle| {
        if let Err(refusal) = slot.disk.ask(Call::Index, handle.file) {
            return code(refusal, ffi::SQLITE_IOERR_SHMMAP);
        }
        let locks = slot.locks.entry(handle.file).or_default();
        locks.mapped.insert(handle.number);
        let index = &mut locks.index;
        let (page, size) = (place(page.into()), place(size.into()));
        while extend != 0 && index.len() <= page {
            index.push(vec![0_u64; size / size_of::<u64>()].into_boxed_slice());
        }
        let region = index.get_mut(page).map_or(std::ptr::null_mut(), |region| region.as_mut_ptr().cast());
        // SAFETY: SQLite gives a place for one pointer; the region lives until the last file is closed.
        unsafe { out.write(region) };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    with(file, |slot, handle| {
        let takes = flags & ffi::SQLITE_SHM_UNLOCK == 0;
        if takes && let Err(refusal) = slot.disk.ask(Call::IndexLock, handle.file) {
            return code(refusal, ffi::SQLITE_IOERR_SHMLOCK);
        }
        let (from, count) = (place(offset.into()), place(count.into()));
        slot.locks.entry(handle.file).or_default().take(handle.number, from..from + count, flags)
    })
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    with(file, |_, _| std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst));
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    with(file, |slot, handle| {
        let locks = slot.locks.entry(handle.file).or_default();
        locks.leave(handle.number);
        locks.mapped.remove(&handle.number);
        // With the last connection the index goes, as memory does.
        if locks.mapped.is_empty() {
            locks.index.clear();
        }
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let Some((slot, name)) = split(name) else { return ffi::SQLITE_IOERR_DELETE };
    match guard(&slot).disk.delete(&name, sync_folder != 0) {
        Err(Refusal::Missing) => ffi::SQLITE_IOERR_DELETE_NOENT,
        result => done(result, ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    let there = split(name).map_or(Ok(false), |(slot, name)| guard(&slot).disk.has(&name));
    match there {
        Ok(there) => {
            // SAFETY: SQLite gives a place for one number.
            unsafe { out.write(there.into()) };
            ffi::SQLITE_OK
        }
        Err(refusal) => code(refusal, ffi::SQLITE_IOERR_ACCESS),
    }
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    if split(name).is_some_and(|(slot, name)| guard(&slot).disk.name(&name).is_err()) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: SQLite passes a NUL-terminated name and `room` bytes.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > place(room.into()) {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), out.cast::<u8>(), bytes.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite gives a place for one number.
    unsafe { out.write(2_460_000.5) };
    ffi::SQLITE_OK
}
