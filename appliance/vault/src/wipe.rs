//! Memory that is zeroed before anybody gives it back: whatever was in it ends with its owner and not when somebody else writes
//! over it (D1, D2). What an erased company said is in the caches of SQLite, passwords are in buffers of libraries that do not
//! wipe, and both are freed when they are not needed any more.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::{Once, OnceLock};

use libsqlite3_sys as ffi;

/// An allocator over another one, for a whole executable.
pub struct Wiping<A>(pub A);

/// A page of memory, as most systems have them.
const PAGE_BYTES: usize = 4096;

/// Zeroes memory that is read by nobody after that. Pages that hold nothing are left alone: a buffer that was never filled takes
/// no memory of the machine's yet, and writing to it would.
///
/// # Safety
/// So many bytes from there on belong to the caller.
#[expect(unsafe_code, reason = "memory that is given back")]
unsafe fn wipe(memory: *mut u8, bytes: usize) {
    // A compiler that sees that nobody reads it afterwards might leave it out.
    let memory = black_box(memory);
    let mut from = 0;
    while from < bytes {
        let length = (PAGE_BYTES - memory.addr().wrapping_add(from) % PAGE_BYTES).min(bytes - from);
        // SAFETY: the caller's, and within it.
        unsafe {
            let part = memory.add(from);
            if length < PAGE_BYTES || holds_something(part) {
                part.write_bytes(0, length);
            }
        }
        from += length;
    }
    black_box(memory);
}

/// Whether any byte of a page is not zero.
///
/// # Safety
/// `page` is the beginning of a page of the caller's.
#[expect(unsafe_code, reason = "memory that is given back")]
unsafe fn holds_something(page: *const u8) -> bool {
    // SAFETY: a whole page, aligned for words. Whoever had it may have written to a part of it only; where the pointer came from
    // is hidden from the compiler, and to the machine there is no memory without a content.
    let words = unsafe { std::slice::from_raw_parts(page.cast::<u64>(), PAGE_BYTES / size_of::<u64>()) };
    // In pieces that fit registers: the first that holds something ends it.
    words.chunks_exact(32).any(|piece| piece.iter().fold(0, |all, word| all | word) != 0)
}

// SAFETY: every block is the other allocator's, asked for and given back with its own layout; what is written to it is written
// while it belongs to whoever gives it back.
#[expect(unsafe_code, reason = "the contract of allocators")]
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the block has so many bytes and belongs to the caller, who gives it back.
        unsafe {
            wipe(memory, layout.size());
            self.0.dealloc(memory, layout);
        }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_bytes: usize) -> *mut u8 {
        // SAFETY: the caller promises a size that is not zero and that a layout of this alignment can have.
        let new = unsafe { self.0.alloc(Layout::from_size_align_unchecked(new_bytes, layout.align())) };
        if !new.is_null() {
            // SAFETY: both blocks have so many bytes, and the new one is nobody else's.
            unsafe {
                new.copy_from_nonoverlapping(memory, layout.size().min(new_bytes));
                self.dealloc(memory, layout);
            }
        }
        new
    }
}

/// How much of a stack the making of a key's ciphers takes, with room to spare.
const STACK_BYTES: usize = 16 * 1024;
/// How much of it a few blocks take: the widest form of AES has each of 15 round keys four times, more than there are registers.
const STACK_OF_BLOCKS_BYTES: usize = 4 * 1024;

/// Wipes the stack that a call used: values that are moved, and what a library had in hand, are left there until somebody else
/// comes so deep.
pub(crate) fn then_wipe_the_stack<T>(call: impl FnOnce() -> T) -> T {
    let answer = on_its_own_stack(call);
    wipe_the_stack::<STACK_BYTES>();
    answer
}

/// As [`then_wipe_the_stack`], of a call that does no more than encrypt a few blocks.
pub(crate) fn then_wipe_the_stack_of_blocks<T>(call: impl FnOnce() -> T) -> T {
    let answer = on_its_own_stack(call);
    wipe_the_stack::<STACK_OF_BLOCKS_BYTES>();
    answer
}

#[inline(never)]
fn on_its_own_stack<T>(call: impl FnOnce() -> T) -> T {
    call()
}

#[inline(never)]
#[expect(unsafe_code, reason = "memory of this function's own")]
fn wipe_the_stack<const BYTES: usize>() {
    let mut below = MaybeUninit::<[u8; BYTES]>::uninit();
    // SAFETY: it is this function's own variable.
    unsafe { wipe(below.as_mut_ptr().cast(), BYTES) };
    black_box(&mut below);
}

/// What SQLite would allocate with by itself.
struct Under {
    allocate: unsafe extern "C" fn(c_int) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
    size: unsafe extern "C" fn(*mut c_void) -> c_int,
}

static UNDER: OnceLock<Under> = OnceLock::new();

/// Lets SQLite wipe what it frees: pages of its caches, values and texts of statements. Only before its first use; later calls
/// change nothing.
#[expect(unsafe_code, reason = "SQLite's configuration")]
pub(crate) fn begin_in_sqlite() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut under = MaybeUninit::<ffi::sqlite3_mem_methods>::zeroed();
        // SAFETY: this operation takes a pointer to such a table, which it fills.
        let told = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, under.as_mut_ptr()) };
        if told != ffi::SQLITE_OK {
            return;
        }
        // SAFETY: every bit pattern of the table is a value: its functions may be absent.
        let under = unsafe { under.assume_init() };
        let (Some(allocate), Some(free), Some(size)) = (under.xMalloc, under.xFree, under.xSize) else { return };
        let mut ours = ffi::sqlite3_mem_methods { xFree: Some(give_back), xRealloc: Some(reallocate), ..under };
        if UNDER.set(Under { allocate, free, size }).is_ok() {
            // SAFETY: this operation takes a pointer to such a table, which it copies. Where SQLite is in use already it refuses.
            let _ = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw mut ours) };
        }
    });
}

fn under() -> &'static Under {
    UNDER.get().expect("it is set before SQLite knows of us")
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn give_back(memory: *mut c_void) {
    let Under { free, size, .. } = under();
    // SAFETY: SQLite gives back a block of its own, whose size the allocator knows.
    unsafe {
        wipe(memory.cast(), usize::try_from(size(memory)).unwrap_or_default());
        free(memory);
    }
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn reallocate(memory: *mut c_void, bytes: c_int) -> *mut c_void {
    let Under { allocate, size, .. } = under();
    // SAFETY: SQLite asks for so many bytes in place of a block of its own; the new one is nobody else's.
    unsafe {
        let new = allocate(bytes);
        if !new.is_null() {
            let kept = size(memory).min(bytes);
            new.cast::<u8>().copy_from_nonoverlapping(memory.cast(), usize::try_from(kept).unwrap_or_default());
            give_back(memory);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::System;
    use std::sync::Mutex;

    /// Keeps what is given back, so that it can be looked at.
    struct Keeping(Mutex<Vec<(usize, usize)>>);

    // SAFETY: the system's allocator, of which nothing is given back.
    #[expect(unsafe_code, reason = "an allocator for a test")]
    unsafe impl GlobalAlloc for Keeping {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
            self.0.lock().expect("no test panics with it").push((memory as usize, layout.size()));
        }
    }

    #[test]
    #[expect(unsafe_code, reason = "memory by hand")]
    fn memory_is_zero_when_it_is_given_back_and_moving_it_keeps_what_was_in_it_d1() {
        let wiping = Wiping(Keeping(Mutex::default()));
        let layout = Layout::from_size_align(1000, 16).expect("a layout");
        // SAFETY: the layouts are those that the blocks were asked for with, and nothing is given back in truth.
        unsafe {
            let first = wiping.alloc(layout);
            first.write_bytes(7, 1000);
            let second = wiping.realloc(first, layout, 3000);
            assert!(std::slice::from_raw_parts(second, 1000).iter().all(|byte| *byte == 7));
            let third = wiping.realloc(second, Layout::from_size_align(3000, 16).expect("a layout"), 10);
            assert_eq!(std::slice::from_raw_parts(third, 10), [7; 10]);
            wiping.dealloc(third, Layout::from_size_align(10, 16).expect("a layout"));
            let given_back = wiping.0.0.lock().expect("no panic");
            assert_eq!(given_back.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>(), [1000, 3000, 10]);
            for (at, bytes) in given_back.iter() {
                let left = std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(*at), *bytes);
                assert!(left.iter().all(|byte| *byte == 0), "{bytes} bytes were given back as they were");
            }
        }
    }

    #[test]
    #[expect(unsafe_code, reason = "memory by hand")]
    fn every_byte_of_a_long_block_goes_wherever_it_begins_and_pages_that_hold_nothing_stay_so_d1() {
        for begin in [0, 1, 8, 4095] {
            for at in [0, 1, 4094, 4095, 4096, 9000, 12_287, 16_383] {
                let mut memory = vec![0_u8; 20_480];
                memory[begin + at] = 7;
                // SAFETY: the bytes are this test's.
                unsafe { wipe(memory.as_mut_ptr().add(begin), 16_384) };
                assert!(memory.iter().all(|byte| *byte == 0), "{begin} {at}");
            }
        }
        let resident =
            || std::fs::read_to_string("/proc/self/statm").expect("a count").split(' ').nth(1).map(str::to_owned);
        let pages = || resident().and_then(|pages| pages.parse::<usize>().ok()).expect("a number");
        let layout = Layout::from_size_align(64 * 1024 * 1024, PAGE_BYTES).expect("a layout");
        // SAFETY: the block is given back as it was asked for.
        unsafe {
            let memory = System.alloc(layout);
            let before = pages();
            wipe(memory, layout.size());
            let more = pages().saturating_sub(before);
            System.dealloc(memory, layout);
            assert!(more < 8_192, "wiping 16384 pages that nobody had used took {more}");
        }
    }
}
