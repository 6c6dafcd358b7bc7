//! Memory for keys: pages that the system writes neither to swap nor into a core dump, and that are wiped when a key goes (D1).
//!
//! Keys lie there, 32 bytes each, and what the key of a database or a file is made to seal with: round keys, some hundred bytes
//! each, of which the first are the key. Subkeys for single writers lie in ordinary memory: they are many, and of short life.

use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroize as _;

const KEY_BYTES: usize = 32;
type Slot = [u8; KEY_BYTES];
/// What is asked of the system at once: 512 keys. Less may be locked by default than a box with many companies needs.
const CHUNK_BYTES: NonZeroUsize = NonZeroUsize::new(16 * 1024).expect("it is not zero");
/// Slots have 32 bytes, or a power of two more: so many sizes.
const SIZES: usize = 7;

/// A slot that nobody uses.
struct Free(NonNull<u8>);

// SAFETY: a slot is plain memory that lives as long as the process, and whoever holds it is its only owner.
#[expect(unsafe_code, reason = "memory that is asked of the system")]
unsafe impl Send for Free {}

/// By size, the smallest first.
static FREE: [Mutex<Vec<Free>>; SIZES] = [const { Mutex::new(Vec::new()) }; SIZES];
/// The system has once refused to lock.
static UNLOCKED: AtomicBool = AtomicBool::new(false);

/// A value in such memory.
pub(crate) struct Locked<T = Slot>(NonNull<T>);

// SAFETY: it owns the value as a box does.
#[expect(unsafe_code, reason = "memory that is asked of the system")]
unsafe impl<T: Send> Send for Locked<T> {}

// SAFETY: the value is written only before `Self` exists and when it is dropped; between, it is only read.
#[expect(unsafe_code, reason = "memory that is asked of the system")]
unsafe impl<T: Sync> Sync for Locked<T> {}

/// Whether all keys are in memory that is never swapped out. The system allows each user so much (`ulimit -l`).
#[must_use]
pub fn keys_are_locked() -> bool {
    // There may have been none yet.
    drop(Locked::new(&[0; KEY_BYTES]));
    !UNLOCKED.load(Ordering::Relaxed)
}

impl Locked {
    /// Copies a key there.
    #[expect(unsafe_code, reason = "memory that is asked of the system")]
    pub(super) fn new(key: &Slot) -> Self {
        let slot = take(size_of::<Slot>()).cast::<Slot>();
        // SAFETY: nobody else has this slot, and it is large enough and aligned: it is bytes.
        unsafe { slot.as_ptr().copy_from_nonoverlapping(key, 1) };
        Self(slot)
    }

    /// The key.
    pub(super) fn get(&self) -> &Slot {
        self
    }
}

impl<T> Locked<T> {
    /// Puts there what `make` makes, and wipes the stack that it was made on: a value that is moved leaves its bytes behind.
    pub(crate) fn made(make: impl FnOnce() -> T) -> Self {
        const { assert!(align_of::<T>() <= KEY_BYTES && size_of::<T>() <= KEY_BYTES << (SIZES - 1)) };
        crate::wipe::then_wipe_the_stack(|| Self::placed(make()))
    }

    #[expect(unsafe_code, reason = "memory that is asked of the system")]
    fn placed(value: T) -> Self {
        let slot = take(size_of::<T>()).cast::<T>();
        // SAFETY: nobody else has this slot, which is large enough; it begins at a multiple of its size, so it is aligned.
        unsafe { slot.as_ptr().write(value) };
        Self(slot)
    }
}

impl<T> Deref for Locked<T> {
    type Target = T;

    #[expect(unsafe_code, reason = "memory that is asked of the system")]
    fn deref(&self) -> &T {
        // SAFETY: the value is there, lives as long as `self`, and is not written while that is borrowed.
        unsafe { self.0.as_ref() }
    }
}

impl Clone for Locked {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

impl<T> Drop for Locked<T> {
    #[expect(unsafe_code, reason = "memory that is asked of the system")]
    fn drop(&mut self) {
        let bytes = self.0.cast::<u8>();
        // SAFETY: as in `placed`: `self` is the only owner, and goes. Nobody reads the value after its end.
        unsafe {
            self.0.as_ptr().drop_in_place();
            std::slice::from_raw_parts_mut(bytes.as_ptr(), size_of::<T>()).zeroize();
        }
        let free = &FREE[size_of_slot(size_of::<T>())];
        free.lock().unwrap_or_else(PoisonError::into_inner).push(Free(bytes));
    }
}

/// Which of the sizes of slots is large enough.
const fn size_of_slot(bytes: usize) -> usize {
    let mut size = 0;
    while KEY_BYTES << size < bytes {
        size += 1;
    }
    size
}

fn take(bytes: usize) -> NonNull<u8> {
    let size = size_of_slot(bytes);
    let mut free = FREE[size].lock().unwrap_or_else(PoisonError::into_inner);
    if free.is_empty() {
        free.extend(ask_for_more(KEY_BYTES << size));
    }
    free.pop().expect("a chunk has slots").0
}

/// Pages of the system's own, never given back.
#[expect(unsafe_code, reason = "asks the system for memory")]
fn ask_for_more(slot_bytes: usize) -> impl Iterator<Item = Free> {
    let length = CHUNK_BYTES.get();
    // SAFETY: a new private mapping of no file touches nothing that is there.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            length,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert!(start != libc::MAP_FAILED, "the system has no memory left for a key");
    // SAFETY: the mapping was just made, with this length. A refusal changes nothing.
    let kept = unsafe {
        let locked = libc::mlock(start, length) == 0;
        libc::madvise(start, length, libc::MADV_DONTDUMP) == 0 && locked
    };
    if !kept {
        UNLOCKED.store(true, Ordering::Relaxed);
    }
    let start = NonNull::new(start.cast::<u8>()).expect("no mapping lies at zero");
    // SAFETY: every slot lies inside the mapping.
    (0..length / slot_bytes).map(move |at| Free(unsafe { start.add(at * slot_bytes) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the system says of the mapping that holds an address.
    fn flags_at(address: usize) -> String {
        let told = std::fs::read_to_string("/proc/self/smaps").expect("Linux tells");
        let mut inside = false;
        for line in told.lines() {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let bounds = range.and_then(|(from, to)| {
                Some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
            });
            match (bounds, line.strip_prefix("VmFlags:")) {
                (Some((from, to)), _) => inside = (from..to).contains(&address),
                (None, Some(flags)) if inside => return flags.to_owned(),
                _ => {}
            }
        }
        panic!("no mapping holds {address:x}");
    }

    #[test]
    fn keys_lie_where_neither_swap_nor_core_dump_reaches_and_are_wiped_when_they_go_d1() {
        let keys: Vec<Locked> = (0..1000_u16).map(|n| Locked::new(&[n.to_le_bytes()[0]; 32])).collect();
        for (number, key) in (0..1000_u16).zip(&keys) {
            assert_eq!(*key.clone().get(), [number.to_le_bytes()[0]; 32]);
        }
        let flags = flags_at(keys[999].0.as_ptr() as usize);
        assert!(flags.contains(" dd"), "it would be dumped: {flags}");
        assert_eq!(flags.contains(" lo"), keys_are_locked(), "{flags}");
        drop(keys);
        // Slots come back, and hold nothing of what was there.
        assert!(free_slots_are_zero(KEY_BYTES), "a key was left behind");
    }

    fn free_slots_are_zero(slot_bytes: usize) -> bool {
        let free = FREE[size_of_slot(slot_bytes)].lock().expect("no test panics with it");
        // SAFETY: free slots are initialised memory of the mapping, and the list is locked.
        #[expect(unsafe_code, reason = "reads what was wiped")]
        let bytes = |slot: &Free| unsafe { std::slice::from_raw_parts(slot.0.as_ptr(), slot_bytes) };
        !free.is_empty() && free.iter().all(|slot| bytes(slot).iter().all(|byte| *byte == 0))
    }

    #[test]
    fn what_is_made_of_a_key_lies_there_too_and_its_end_is_run_and_wiped_d1() {
        struct Ends<'a>([u64; 100], &'a AtomicBool);
        impl Drop for Ends<'_> {
            fn drop(&mut self) {
                self.1.store(true, Ordering::Relaxed);
            }
        }
        let ended = AtomicBool::new(false);
        let made: Vec<_> = (0..40).map(|_| Locked::made(|| Ends([0x0123_4567; 100], &ended))).collect();
        assert!(made.iter().all(|one| (**one).0 == [0x0123_4567; 100]));
        let flags = flags_at(made[20].0.as_ptr() as usize);
        assert!(flags.contains(" dd"), "it would be dumped: {flags}");
        assert_eq!(made[20].0.as_ptr() as usize % align_of::<Ends>(), 0);
        drop(made);
        assert!(ended.into_inner() && free_slots_are_zero(1024));
    }
}
