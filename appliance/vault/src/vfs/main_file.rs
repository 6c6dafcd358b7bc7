//! The database file: whole sealed pages, nothing else.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use libsqlite3_sys as ffi;

use super::base::{Code, RealFile};
use super::copying;
use super::mapping::MappedFile;
use super::registry::{Database, Failure};
use crate::page::{PAGE_BYTES, Page, PageCipher, PageError, RESERVE_BYTES, SQLITE_MAGIC, tag_of};

/// An open database file of one connection.
pub(crate) struct MainFile {
    pub(crate) real: RealFile,
    pub(crate) database: Arc<Database>,
    cipher: PageCipher,
    mapped: MappedFile,
}

/// What a read brings.
pub(crate) enum Read {
    Whole,
    /// The file ends before; SQLite takes the missing bytes as zero.
    BeyondEnd,
}

/// Why a call does not succeed: the system's answer, or ours.
pub(crate) enum Stop {
    System(Code),
    Ours(Failure),
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Self::System(code)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Ours(failure)
    }
}

/// Names what SQLite asked for when a write has a shape that the format does not have.
pub(crate) const ODD_WRITE: Failure = Failure::Refused("write a part of a page");
pub(crate) const ODD_READ: Failure = Failure::Refused("read across pages");
pub(crate) const UNSEALABLE: Failure = Failure::Refused("write a page with a used reserve");

impl MainFile {
    pub(crate) fn new(real: RealFile, database: Arc<Database>) -> Self {
        let cipher = PageCipher::new(Arc::clone(database.live_keys()));
        if database.main_pages.load(Ordering::Acquire) == 0 {
            // Nobody looked at it before: it was admitted, or is new.
            let pages = real.size().unwrap_or(0) / PAGE_BYTES as u64;
            database.main_pages.fetch_max(u32::try_from(pages).unwrap_or(u32::MAX), Ordering::AcqRel);
        }
        Self { real, database, cipher, mapped: MappedFile::new(real) }
    }

    /// Gives up the mapping, as before the file is closed; the next read makes another one.
    pub(crate) fn release(&mut self) {
        self.mapped.unmap();
    }

    /// Reads `buffer` from inside one page.
    pub(crate) fn read(&mut self, buffer: &mut [u8], offset: u64) -> Result<Read, Stop> {
        let (number, within) = page_at(offset).ok_or(ODD_READ)?;
        if let Ok(page) = <&mut Page>::try_from(&mut *buffer)
            && within == 0
        {
            return self.read_page(page, number);
        }
        let wanted = within..within + buffer.len();
        let mut page = [0; PAGE_BYTES];
        let read = match self.read_page(&mut page, number) {
            Err(Stop::Ours(Failure::Page(1, PageError::Inauthentic))) if self.database.log.read().has_page(1) => {
                page = bootstrap_page(2);
                Read::Whole
            }
            // The journal holds the page as it was before the write that a crash cut short.
            Err(Stop::Ours(Failure::Page(1, PageError::Inauthentic))) if self.database.has_journal() => {
                page = bootstrap_page(1);
                Read::Whole
            }
            read => read?,
        };
        buffer.copy_from_slice(page.get(wanted).ok_or(ODD_READ)?);
        Ok(read)
    }

    fn read_page(&mut self, page: &mut Page, number: u32) -> Result<Read, Stop> {
        let file_pages = self.database.main_pages.load(Ordering::Acquire);
        let cipher = &mut self.cipher;
        if let Some(Ok(())) = self.mapped.with_page(number, file_pages, |sealed| cipher.open_to(sealed, number, page)) {
            return Ok(Read::Whole);
        }
        let whole = self.mapped.read(page, u64::from(number - 1) * PAGE_BYTES as u64)?;
        if !whole && number > self.database.main_pages.load(Ordering::Acquire) {
            page.fill(0);
            return Ok(Read::BeyondEnd);
        }
        // A page cut short fails here too: its trailer is missing.
        self.cipher.open(page, number).map_err(|error| Failure::Page(number, error))?;
        Ok(Read::Whole)
    }

    /// Writes one whole page. Pages before it that SQLite never wrote, because they came and went within one transaction, are
    /// sealed as zeros: it reads them where it copies all pages, and a page without a seal is one that somebody blanked.
    pub(crate) fn write(&mut self, buffer: &[u8], offset: u64) -> Result<(), Stop> {
        self.database.check_writable()?;
        let page = <&Page>::try_from(buffer).map_err(|_| ODD_WRITE)?;
        let (number, 0) = page_at(offset).ok_or(ODD_WRITE)? else {
            return Err(ODD_WRITE.into());
        };
        if number > self.database.main_pages.load(Ordering::Acquire).saturating_add(1) {
            self.fill_holes(number)?;
        }
        if copying::is_on(&self.database) {
            // It is that page, sealed, or nothing that may be written.
            if !copying::write(&self.database, (number, tag_of(page))) {
                return Err(Failure::Refused("copy something else than a page of the log").into());
            }
            self.real.write(page, offset)?;
        } else {
            self.write_sealed(page, number)?;
        }
        self.database.main_pages.fetch_max(number, Ordering::AcqRel);
        Ok(())
    }

    /// Seals zeros where the file has nothing yet before page `number`. The first page of a new file comes with its commit, at
    /// the latest.
    fn fill_holes(&mut self, number: u32) -> Result<(), Stop> {
        let there = u32::try_from(self.real.size()?.div_ceil(PAGE_BYTES as u64)).unwrap_or(u32::MAX);
        (there.saturating_add(1).max(2)..number).try_for_each(|hole| self.write_sealed(&[0; PAGE_BYTES], hole))
    }

    fn write_sealed(&mut self, page: &Page, number: u32) -> Result<(), Stop> {
        let nonce = self.database.next_nonce()?;
        let mut sealed = *page;
        self.cipher.seal(&mut sealed, number, &nonce).map_err(|_| UNSEALABLE)?;
        Ok(self.real.write(&sealed, u64::from(number - 1) * PAGE_BYTES as u64)?)
    }

    /// Bytes of the file. What is known of its length is asked of nobody: SQLite wants it for each transaction.
    pub(crate) fn size(&self) -> Result<u64, Stop> {
        match self.database.main_pages.load(Ordering::Acquire) {
            0 => Ok(self.real.size()?),
            pages => Ok(u64::from(pages) * PAGE_BYTES as u64),
        }
    }

    /// Cuts the file to whole pages.
    pub(crate) fn truncate(&mut self, size: u64) -> Result<(), Stop> {
        self.database.check_writable()?;
        let (next, 0) = page_at(size).ok_or(ODD_WRITE)? else {
            return Err(ODD_WRITE.into());
        };
        // First the expectation, so that a reader at the old end finds it changed before the file is.
        self.database.main_pages.store(next - 1, Ordering::Release);
        self.real.truncate(size)?;
        Ok(())
    }

    /// Syncs; after a failure nothing more is written.
    pub(crate) fn sync(&mut self, flags: c_int) -> Result<(), Stop> {
        self.database.check_writable()?;
        self.real.sync(flags).map_err(|code| {
            self.database.sync_failed();
            Stop::System(code)
        })
    }
}

/// The page (from 1) that `offset` lies in, and where in it.
fn page_at(offset: u64) -> Option<(u32, usize)> {
    let number = u32::try_from(offset / PAGE_BYTES as u64).ok()?.checked_add(1)?;
    let within = usize::try_from(offset % PAGE_BYTES as u64).ok()?;
    Some((number, within))
}

/// What SQLite needs of page 1 before it reads the log: enough to go on to the log, where the valid page 1 is. A crash
/// while the log was copied back may have torn the one in the main file.
/// `mode` is SQLite's number of how changes are made: 1 by a journal, 2 by the log.
fn bootstrap_page(mode: u8) -> Page {
    let mut page = [0; PAGE_BYTES];
    page[..16].copy_from_slice(SQLITE_MAGIC);
    let size = u16::try_from(PAGE_BYTES).expect("4096 fits").to_be_bytes();
    page[16..18].copy_from_slice(&size);
    let reserve = u8::try_from(RESERVE_BYTES).expect("48 fits");
    // The mode for writing and reading, reserve, and SQLite's three fixed payload fractions.
    page[18..24].copy_from_slice(&[mode, mode, reserve, 64, 32, 32]);
    page
}

/// SQLite's code for a failure of ours.
pub(crate) fn code_of(failure: Failure) -> Code {
    match failure {
        Failure::Page(_, PageError::Inauthentic) | Failure::Frame(_) | Failure::Journal(_) => ffi::SQLITE_IOERR_DATA,
        Failure::Page(..) => ffi::SQLITE_NOTADB,
        Failure::Refused(_) | Failure::NotSynced | Failure::Random(_) => ffi::SQLITE_IOERR_WRITE,
    }
}
