//! A checkpoint copies pages from the log to the database. Sealed, they are the same in both, so they are copied as they are:
//! nothing is opened, and nothing sealed anew (D7).
//!
//! SQLite brackets the copying by two file controls, and between them does nothing else on the thread than read a page of the
//! log and write it to the database.

use std::cell::Cell;

use super::registry::Database;
use crate::aead::TAG_BYTES;

/// A sealed page that was read to be written: its number and tag.
type Passing = (u32, [u8; TAG_BYTES]);

thread_local! {
    static COPYING: Cell<Option<(*const Database, Option<Passing>)>> = const { Cell::new(None) };
}

/// From now on this thread copies the log of `database`.
pub(crate) fn begin(database: &Database) {
    COPYING.set(Some((database, None)));
}

/// The copying is over, however it ended.
pub(crate) fn end() {
    COPYING.set(None);
}

/// Whether this thread copies the log of `database` just now.
pub(crate) fn is_on(database: &Database) -> bool {
    COPYING.get().is_some_and(|(copied, _)| std::ptr::eq(copied, database))
}

/// Takes note of a sealed page that SQLite holds now.
pub(crate) fn read(database: &Database, page: Passing) {
    COPYING.set(Some((database, Some(page))));
}

/// Whether `page` is the sealed page that was read last. It may be written once.
pub(crate) fn write(database: &Database, page: Passing) -> bool {
    let held = COPYING.replace(Some((database, None)));
    held.is_some_and(|(_, held)| held == Some(page))
}
