//! The database file, mapped for reading, so that a page is opened straight from the system's memory to SQLite's, with no
//! call and no copy between (D7).
//!
//! SQLite's own VFS maps the file and holds the descriptor: closing one of ours would drop the process's locks. The mapping
//! stays as it is while pages are read from it, and is made anew where the file has grown well beyond it. Pages that it does not
//! have, and all pages once a read of it went wrong (`bus_error.rs`), are read by calls.

use std::ops::Range;
use std::ptr::NonNull;

use super::base::{Code, RealFile};
use super::bus_error::{guarded, is_guarded};
use crate::page::{PAGE_BYTES, Page};

/// A file grows by so many pages, or by an eighth, before it is mapped anew.
const GROWTH_PAGES: u32 = 256;

/// A database file of one connection, mapped where that goes.
pub(crate) struct MappedFile {
    real: RealFile,
    mapped: Option<Mapped>,
    /// Nothing is mapped any more.
    refused: bool,
}

struct Mapped {
    start: NonNull<u8>,
    pages: u32,
}

impl Mapped {
    fn addresses(&self) -> Range<usize> {
        let start = self.start.as_ptr() as usize;
        start..start + self.pages as usize * PAGE_BYTES
    }
}

impl MappedFile {
    pub(crate) fn new(real: RealFile) -> Self {
        Self { real, mapped: None, refused: false }
    }

    /// Shows page `number` of a file of `file_pages`, sealed, to `open`, and gives what that answers. `None` where the page is
    /// not mapped, or could not be read: then a call says why.
    pub(crate) fn with_page<T>(&mut self, number: u32, file_pages: u32, open: impl FnOnce(&Page) -> T) -> Option<T> {
        // A file that others cut is read by calls from where it ends now.
        if number > file_pages {
            return None;
        }
        if self.mapped.as_ref().is_none_or(|mapped| number > mapped.pages) {
            self.map(file_pages);
        }
        let mapped = self.mapped.as_ref().filter(|mapped| number <= mapped.pages)?;
        let answer = guarded(mapped.addresses(), || open(mapped.page(number)));
        if answer.is_err() {
            self.give_up();
        }
        answer.ok()
    }

    /// Reads by a call: as [`RealFile::read`], which takes from the mapping what it can.
    pub(crate) fn read(&mut self, buffer: &mut [u8], offset: u64) -> Result<bool, Code> {
        let Some(mapped) = &self.mapped else { return self.real.read(buffer, offset) };
        // SQLite may have mapped a last page that is not whole.
        let mut addresses = mapped.addresses();
        addresses.end += PAGE_BYTES;
        if let Ok(read) = guarded(addresses, || self.real.read(buffer, offset)) {
            return read;
        }
        self.give_up();
        self.real.read(buffer, offset)
    }

    fn map(&mut self, file_pages: u32) {
        let mapped_pages = self.mapped.as_ref().map_or(0, |mapped| mapped.pages);
        let grown = file_pages.saturating_sub(mapped_pages);
        if self.refused || self.mapped.is_some() && grown < GROWTH_PAGES.max(mapped_pages / 8) {
            return;
        }
        self.unmap();
        if !is_guarded() {
            self.refused = true;
            return;
        }
        match self.real.map() {
            Some((start, bytes)) => {
                let pages = u32::try_from(bytes / PAGE_BYTES as u64).unwrap_or(u32::MAX);
                self.mapped = Some(Mapped { start, pages });
            }
            // Of a file of a few pages SQLite maps nothing.
            None => self.refused = file_pages > GROWTH_PAGES,
        }
    }

    /// Until a page is asked for again.
    pub(crate) fn unmap(&mut self) {
        if let Some(mapped) = self.mapped.take() {
            self.real.unmap(mapped.start);
        }
    }

    fn give_up(&mut self) {
        self.unmap();
        self.real.map_no_more();
        self.refused = true;
    }
}

impl Mapped {
    #[expect(unsafe_code, reason = "reads mapped memory")]
    fn page(&self, number: u32) -> &Page {
        // SAFETY: so many whole pages are mapped from `start`, until `unmap` takes this value. The memory is the file: it is ours
        // alone, by its lock, and SQLite writes no page that a connection might read just now (a checkpoint copies back only
        // what all readers read from the log).
        unsafe { self.start.add((number as usize - 1) * PAGE_BYTES).cast::<Page>().as_ref() }
    }
}
