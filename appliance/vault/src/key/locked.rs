//! Memory for keys: pages that the system writes neither to swap nor into a core dump, and that are wiped when a key goes (D1).
//!
//! Only keys lie there, 32 bytes each: locking every allocation would cost several times what sealing does. What is made of a
//! key to seal with (round keys, at most some KiB for each open file) lies in ordinary memory and is wiped when it goes.

use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroize as _;

const KEY_BYTES: usize = 32;
type Slot = [u8; KEY_BYTES];
/// What is asked of the system at once: 512 keys. Less may be locked by default than a box with many companies needs.
const CHUNK_BYTES: NonZeroUsize = NonZeroUsize::new(16 * 1024).expect("it is not zero");

/// A slot that nobody uses.
struct Free(NonNull<Slot>);

// SAFETY: a slot is plain memory that lives as long as the process, and whoever holds it is its only owner.
#[expect(unsafe_code, reason = "memory that is asked of the system")]
unsafe impl Send for Free {}

static FREE: Mutex<Vec<Free>> = Mutex::new(Vec::new());
/// The system has once refused to lock.
static UNLOCKED: AtomicBool = AtomicBool::new(false);

/// A key in such memory.
pub(super) struct Locked(Free);

// SAFETY: the slot is written only before the value exists and when it is dropped; between, it is only read.
#[expect(unsafe_code, reason = "memory that is asked of the system")]
unsafe impl Sync for Locked {}

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
        let slot = take();
        // SAFETY: nobody else has this slot, and it is large enough and aligned: it is bytes.
        unsafe { slot.0.as_ptr().write(*key) };
        Self(slot)
    }

    /// The key.
    #[expect(unsafe_code, reason = "memory that is asked of the system")]
    pub(super) fn get(&self) -> &Slot {
        // SAFETY: the slot is initialised, lives as long as the process, and is not written while `self` is borrowed.
        unsafe { self.0.0.as_ref() }
    }
}

impl Clone for Locked {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

impl Drop for Locked {
    #[expect(unsafe_code, reason = "memory that is asked of the system")]
    fn drop(&mut self) {
        let slot = self.0.0;
        // SAFETY: as in `new`: `self` is the only owner, and goes.
        unsafe { (*slot.as_ptr()).zeroize() };
        FREE.lock().unwrap_or_else(PoisonError::into_inner).push(Free(slot));
    }
}

fn take() -> Free {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.is_empty() {
        free.extend(ask_for_more());
    }
    free.pop().expect("a chunk has slots")
}

/// Pages of the system's own, never given back.
#[expect(unsafe_code, reason = "asks the system for memory")]
fn ask_for_more() -> impl Iterator<Item = Free> {
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
    let start = NonNull::new(start.cast::<Slot>()).expect("no mapping lies at zero");
    // SAFETY: every slot lies inside the mapping.
    (0..length / KEY_BYTES).map(move |at| Free(unsafe { start.add(at) }))
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
        let flags = flags_at(keys[999].0.0.as_ptr() as usize);
        assert!(flags.contains(" dd"), "it would be dumped: {flags}");
        assert_eq!(flags.contains(" lo"), keys_are_locked(), "{flags}");
        drop(keys);
        // Slots come back, and hold nothing of what was there.
        let free = FREE.lock().expect("no test panics with it");
        // SAFETY: free slots are initialised memory of the mapping, and the list is locked.
        #[expect(unsafe_code, reason = "reads what was wiped")]
        let wiped = free.iter().all(|slot| unsafe { slot.0.as_ref() } == &[0; 32]);
        assert!(wiped, "a key was left behind");
    }
}
