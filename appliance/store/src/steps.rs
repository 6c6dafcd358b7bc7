//! What reading costs, for tests.

use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What reading costs, in steps of SQLite's machine.
pub(crate) fn steps<T>(content: &mut Connection, read: impl FnOnce(&Connection) -> T) -> (u64, T) {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(10, Ordering::Relaxed);
        false
    };
    content.progress_handler(10, Some(count)).expect("a handler");
    let read = read(content);
    content.progress_handler(10, None::<fn() -> bool>).expect("no handler");
    (steps.load(Ordering::Relaxed), read)
}
