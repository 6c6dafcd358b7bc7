//! The rollback journal of who asked for one (see [`crate::Disk::with_journals`]). SQLite writes a record as number, page and
//! checksum; they go to the file together, once the last of them is known.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::sync::Arc;

use super::base::RealFile;
use super::main_file::{ODD_WRITE, Read, Stop, UNSEALABLE};
use super::registry::{Database, Failure};
use crate::journal_format::{
    HEADER_BYTES, Header, JournalCipher, MAGIC, RECORD_BYTES, Record, SEALED_HEADER_BYTES, SECTOR_BYTES,
};
use crate::page::{PAGE_BYTES, Page};

/// An open journal of one connection.
pub(crate) struct JournalFile {
    pub(crate) real: RealFile,
    pub(crate) database: Arc<Database>,
    cipher: JournalCipher,
    /// Headers by place: those that this connection wrote, or read and found sound.
    segments: BTreeMap<u64, Header>,
    /// Four bytes whose meaning shows by what follows, and the page that did.
    held: Option<Held>,
    /// Where the record opened last begins, and its checksum.
    opened: Option<(u64, [u8; 4])>,
}

struct Held {
    at: u64,
    word: [u8; 4],
    page: Option<Box<Page>>,
}

const CHECKSUM_AT: u64 = 4 + PAGE_BYTES as u64;

impl JournalFile {
    pub(crate) fn new(real: RealFile, database: Arc<Database>) -> Self {
        let cipher = JournalCipher::new(database.keys());
        Self { real, database, cipher, segments: BTreeMap::new(), held: None, opened: None }
    }

    /// Reads what SQLite knows of a header or a record.
    pub(crate) fn read(&mut self, buffer: &mut [u8], offset: u64) -> Result<Read, Stop> {
        self.flush()?;
        if buffer.len() == MAGIC.len() && offset.is_multiple_of(SECTOR_BYTES as u64) {
            return self.read_magic(buffer, offset);
        }
        if let Ok(page) = <&mut Page>::try_from(&mut *buffer) {
            return self.read_page(page, offset.checked_sub(4).ok_or(ODD_WRITE)?);
        }
        if let Some((at, checksum)) = self.opened
            && buffer.len() == 4
            && offset == at + CHECKSUM_AT
        {
            buffer.copy_from_slice(&checksum);
            return Ok(Read::Whole);
        }
        if let Some((at, header)) = self.segments.range(..=offset).next_back()
            && let Ok(within) = usize::try_from(offset - at)
            && let Some(bytes) = header.bytes.get(within..within + buffer.len())
        {
            buffer.copy_from_slice(bytes);
            return Ok(Read::Whole);
        }
        Ok(if self.real.read(buffer, offset)? { Read::Whole } else { Read::BeyondEnd })
    }

    /// A header, or none. At the start of the file there is one, sound, or one that was wiped; anything else was changed.
    fn read_magic(&mut self, buffer: &mut [u8], offset: u64) -> Result<Read, Stop> {
        let mut sealed = [0; SEALED_HEADER_BYTES];
        let whole = self.real.read(&mut sealed, offset)?;
        buffer.copy_from_slice(&sealed[..MAGIC.len()]);
        self.segments.remove(&offset);
        if *buffer == MAGIC {
            let header = self.cipher.open_header(&sealed, offset).ok_or(Failure::Journal(offset))?;
            self.segments.insert(offset, header);
        } else if offset == 0 && buffer.iter().any(|byte| *byte != 0) {
            return Err(Failure::Journal(offset).into());
        }
        if whole { Ok(Read::Whole) } else { Ok(Read::BeyondEnd) }
    }

    fn read_page(&mut self, page: &mut Page, at: u64) -> Result<Read, Stop> {
        self.opened = None;
        let mut sealed = [0; RECORD_BYTES];
        if !self.real.read(&mut sealed, at)? {
            page.fill(0);
            return Ok(Read::BeyondEnd);
        }
        let (_, segment) = self.segments.range(..at).next_back().ok_or(Failure::Journal(at))?;
        match self.cipher.open_record(&sealed, (&segment.id, at)) {
            Some(record) => {
                *page = record.page;
                self.opened = Some((at, record.checksum));
                Ok(Read::Whole)
            }
            // Nobody waited for these records, so a torn one is the end: its checksum, left as it is, says so.
            None if segment.is_uncounted() => {
                page.fill(0);
                Ok(Read::Whole)
            }
            None => Err(Failure::Journal(at).into()),
        }
    }

    /// Takes a header, a part of one, a part of a record, or the name of a super-journal.
    pub(crate) fn write(&mut self, buffer: &[u8], offset: u64) -> Result<(), Stop> {
        self.database.check_writable()?;
        if let Ok(word) = <[u8; 4]>::try_from(buffer) {
            return self.write_word(word, offset);
        }
        if let Ok(page) = <&Page>::try_from(buffer) {
            let held = self.held.as_mut().filter(|held| held.page.is_none() && offset == held.at + 4);
            held.ok_or(ODD_WRITE)?.page = Some(Box::new(*page));
            return Ok(());
        }
        // No page is that short.
        let names = |held: &Held| held.page.is_none() && offset == held.at + 4 && buffer.len() < SECTOR_BYTES;
        let names_super_journal = self.held.as_ref().is_some_and(names);
        self.flush()?;
        if names_super_journal || buffer == MAGIC || buffer == [0] {
            return Ok(self.real.write(buffer, offset)?);
        }
        if buffer.len() == SECTOR_BYTES && offset.is_multiple_of(SECTOR_BYTES as u64) {
            let mut header = Header { bytes: [0; HEADER_BYTES], id: [0; 16] };
            header.bytes.copy_from_slice(&buffer[..HEADER_BYTES]);
            getrandom::fill(&mut header.id).map_err(Failure::Random)?;
            return self.write_header(header, offset, SECTOR_BYTES);
        }
        if buffer == [0; HEADER_BYTES] && offset == 0 {
            self.segments.clear();
            return Ok(self.real.write(&[0; SEALED_HEADER_BYTES], 0)?);
        }
        let known = self.segments.get(&offset).copied().filter(|_| buffer.len() == 12);
        let mut header = known.ok_or(ODD_WRITE)?;
        header.bytes[..12].copy_from_slice(buffer);
        self.write_header(header, offset, SEALED_HEADER_BYTES)
    }

    fn write_header(&mut self, header: Header, at: u64, length: usize) -> Result<(), Stop> {
        let mut sector = [0; SECTOR_BYTES];
        let sealed = self.cipher.seal_header(&header, at, &self.database.next_nonce()?);
        sector[..SEALED_HEADER_BYTES].copy_from_slice(&sealed);
        self.real.write(&sector[..length], at)?;
        self.segments.insert(at, header);
        Ok(())
    }

    fn write_word(&mut self, word: [u8; 4], offset: u64) -> Result<(), Stop> {
        let completes = |held: &Held| held.page.is_some() && offset == held.at + CHECKSUM_AT;
        let Some(Held { at, word: number, page: Some(page) }) = self.held.take_if(|held| completes(held)) else {
            self.flush()?;
            self.held = Some(Held { at: offset, word, page: None });
            return Ok(());
        };
        let (_, segment) = self.segments.range(..at).next_back().ok_or(ODD_WRITE)?;
        let record = Record { number, page: *page, checksum: word };
        let nonce = self.database.next_nonce()?;
        let sealed = self.cipher.seal_record(&record, (&segment.id, at), &nonce).ok_or(UNSEALABLE)?;
        Ok(self.real.write(&sealed, at)?)
    }

    /// Writes four bytes that were no page's number. A page without its checksum is none.
    fn flush(&mut self) -> Result<(), Stop> {
        match self.held.take() {
            Some(Held { at, word, page: None }) => Ok(self.real.write(&word, at)?),
            _ => Ok(()),
        }
    }

    /// Bytes of the file.
    pub(crate) fn size(&mut self) -> Result<u64, Stop> {
        self.flush()?;
        Ok(self.real.size()?)
    }

    /// Cuts the journal.
    pub(crate) fn truncate(&mut self, size: u64) -> Result<(), Stop> {
        self.flush()?;
        self.database.check_writable()?;
        self.segments.retain(|at, _| *at < size);
        Ok(self.real.truncate(size)?)
    }

    /// Syncs; after a failure nothing more is written.
    pub(crate) fn sync(&mut self, flags: c_int) -> Result<(), Stop> {
        self.flush()?;
        self.database.check_writable()?;
        self.real.sync(flags).map_err(|code| {
            self.database.sync_failed();
            Stop::System(code)
        })
    }

    /// Writes what is held before the file is closed.
    pub(crate) fn finish(&mut self) -> Result<(), Stop> {
        self.flush()
    }
}
