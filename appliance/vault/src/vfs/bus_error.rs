//! What the system does when it cannot give a byte of a mapped file, because the disk cannot read it or the file ends before,
//! is a signal that ends the process. Here it becomes zeros and a note, on the thread that reads and for the range that it
//! reads alone: zeros do not open, and whoever reads asks again by a call, which answers with an error.
//!
//! Whatever else sends that signal ends the process as before.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::ptr::null_mut;
use std::sync::OnceLock;

use nix::libc;

thread_local! {
    /// Addresses that this thread reads just now. Cells without a destructor: the handler may use them.
    static READING: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    static MISSED: Cell<bool> = const { Cell::new(false) };
}

/// How the signal was handled before, and how large the system's pages are.
struct Before {
    action: libc::sigaction,
    page_bytes: usize,
}

static BEFORE: OnceLock<Option<Before>> = OnceLock::new();

/// Some byte could not be had; what was read means nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missed;

/// Whether mapped files can be read: the handler is there.
pub(crate) fn is_guarded() -> bool {
    BEFORE.get_or_init(install).is_some()
}

/// Runs `read`, which may touch the addresses `mapped`.
pub(crate) fn guarded<T>(mapped: Range<usize>, read: impl FnOnce() -> T) -> Result<T, Missed> {
    MISSED.set(false);
    READING.set((mapped.start, mapped.end));
    let done = read();
    READING.set((0, 0));
    if MISSED.get() { Err(Missed) } else { Ok(done) }
}

#[expect(unsafe_code, reason = "the system's interface of C")]
fn install() -> Option<Before> {
    // SAFETY: all three only read and write what is passed; a zeroed `sigaction` is the default action, with every field set
    // below that this one needs; the handler is one for `SA_SIGINFO`. It is called first once `BEFORE` is set, or passes
    // the signal on to the default.
    unsafe {
        let page_bytes =
            usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).ok().filter(|bytes| bytes.is_power_of_two())?;
        let mut ours: libc::sigaction = std::mem::zeroed();
        ours.sa_sigaction = on_bus_error as *const () as usize;
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        let mut action: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(libc::SIGBUS, &raw const ours, &raw mut action) == 0).then_some(Before { action, page_bytes })
    }
}

/// Calls nothing that may not be called in a handler: `mmap` is a system call and no more on Linux.
#[expect(unsafe_code, reason = "called by the system")]
unsafe extern "C" fn on_bus_error(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    let before = BEFORE.get().and_then(Option::as_ref);
    // SAFETY: the system passes where it happened, by `SA_SIGINFO`.
    let at = unsafe { (*info).si_addr() } as usize;
    let (start, end) = READING.get();
    if let Some(before) = before
        && (start..end).contains(&at)
    {
        let page = at & !(before.page_bytes - 1);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        // SAFETY: the page lies in a mapping of a file that this very thread reads, and that is unmapped as a whole later; what
        // it reads there is meant to become zeros.
        let zeros = unsafe { libc::mmap(page as *mut c_void, before.page_bytes, libc::PROT_READ, flags, -1, 0) };
        if zeros != libc::MAP_FAILED {
            MISSED.set(true);
            return;
        }
    }
    // SAFETY: as in `install`; without a former action, the zeroed one is the default. The instruction runs again and is
    // answered by that.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        let action = before.map_or(&raw const default, |before| &raw const before.action);
        libc::sigaction(signal, action, null_mut());
    }
}
