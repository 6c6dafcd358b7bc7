//! A database as it is at one moment, for backups (D7): sealed pages are copied as they lie, nothing is sealed anew.
//!
//! A read transaction keeps SQLite from overwriting what it sees: a checkpoint copies no frame of the log into the main file
//! that came after it, and the log does not start anew before all that it sees is in the main file. So a page is, by its tag,
//! either in the frame that was known at that moment, or in the main file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use libsqlite3_sys as ffi;
use rusqlite::Connection;

use crate::database::{Role, failure, open_on};
use crate::disk::Disk;
use crate::envelope::to_array;
use crate::error::VaultError;
use crate::key::DatabaseKey;
use crate::log_format::{FRAME_HEADER_BYTES, frame_offset};
use crate::page::{LiveKeys, PAGE_BYTES, Page, PageCipher, RESERVE_BYTES, tag_of};
use crate::recovery::LOCK_PAGE;
use crate::vfs::LastFrames;
use crate::vfs::base::OwnFile;
use crate::vfs::registry::{Pin, page_error, pin};

/// Bytes of a sealed page.
pub const SEALED_PAGE_BYTES: usize = PAGE_BYTES;
/// Pages that are read at once.
const PAGES_AT_ONCE: u32 = 64;

/// The end of a sealed page, which names exactly this sealing of it: tag, nonce, key epoch. Empty where `page` is shorter.
#[must_use]
pub fn trailer(page: &[u8]) -> &[u8] {
    page.get(PAGE_BYTES - RESERVE_BYTES..PAGE_BYTES).unwrap_or_default()
}

/// A connection that can hold a database still.
pub struct Ready {
    path: PathBuf,
    database: Pin,
    connection: Connection,
}

/// A database at one moment; as long as this is kept, its log cannot start anew.
pub struct Still {
    path: PathBuf,
    database: Pin,
    connection: Connection,
    pages: u32,
    /// Of each page that the log holds: its last frame, and the tag in it.
    logged: LastFrames,
}

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Pages of the database.
    pub pages: u32,
    /// Pages that were written, because the copy held others.
    pub changed: u32,
    /// SHA-256 over the trailers of all pages, in order.
    pub sum: [u8; 32],
}

impl Ready {
    /// Opens a database that is open already.
    ///
    /// # Errors
    /// As [`crate::open`].
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, VaultError> {
        let disk = Disk::system(path)?;
        let path = path.canonicalize().map_err(|source| io_error("open", path, source))?;
        let database = pin(&path, disk.over, key)?;
        let (connection, _) = open_on(disk, &path, key, Role::Reader)?;
        Ok(Self { path, database, connection })
    }

    /// Holds the database as it is now. The caller keeps its writer from committing meanwhile.
    ///
    /// # Errors
    /// [`VaultError::Sqlite`].
    pub fn hold(self) -> Result<Still, VaultError> {
        let Self { path, database, connection } = self;
        let begin = || -> rusqlite::Result<u32> {
            connection.execute_batch("BEGIN")?;
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            connection.query_row("PRAGMA page_count", [], |row| row.get(0))
        };
        let pages = begin().map_err(|source| crate::diagnose(&path, source))?;
        let logged = database.log.read().last_frames();
        Ok(Still { path, database, connection, pages, logged })
    }
}

impl Still {
    /// Pages of the database.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Reads the database as it was.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Makes the file at `copy`, which may hold an earlier copy, hold the pages of this moment. Pages that it does not hold
    /// yet are opened before they are written, with `all` every page is: what does not open is never copied.
    ///
    /// # Errors
    /// [`VaultError::PageTampered`], [`VaultError::Io`]; then the file is no copy of anything until the next success.
    pub fn copy(&self, copy: &Path, all: bool) -> Result<Copied, VaultError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(copy).map_err(|source| io_error("open", copy, source))?;
        let held = file.metadata().map_err(|source| io_error("read", copy, source))?.len();
        let bytes = u64::from(self.pages) * PAGE_BYTES as u64;
        if held > bytes {
            file.set_len(bytes).map_err(|source| io_error("cut", copy, source))?;
        }
        let mut copying = Copying::new(self, file, copy, all)?;
        let mut first = 1;
        while first <= self.pages {
            let count = PAGES_AT_ONCE.min(self.pages - first + 1);
            copying.some(first, count)?;
            first = first.saturating_add(count);
        }
        copying.finish(bytes)
    }
}

/// One copy as it is made.
struct Copying<'a> {
    of: &'a Still,
    main: OwnFile,
    log: Option<OwnFile>,
    cipher: PageCipher,
    file: File,
    path: &'a Path,
    all: bool,
    changed: u32,
    sum: digest::Context,
}

impl<'a> Copying<'a> {
    fn new(of: &'a Still, file: File, path: &'a Path, all: bool) -> Result<Self, VaultError> {
        let base = of.database.over().base;
        let open = |path: &Path, kind| OwnFile::open(base, path, kind).map_err(|code| failure(path, code));
        let main = open(&of.path, ffi::SQLITE_OPEN_MAIN_DB)?;
        let log_path = of.database.log_path();
        let log = (!of.logged.is_empty()).then(|| open(&log_path, ffi::SQLITE_OPEN_WAL)).transpose()?;
        let cipher = PageCipher::new(Arc::clone(of.database.live_keys()));
        Ok(Self { of, main, log, cipher, file, path, all, changed: 0, sum: digest::Context::new(&digest::SHA256) })
    }

    fn some(&mut self, first: u32, count: u32) -> Result<(), VaultError> {
        let offset = u64::from(first - 1) * PAGE_BYTES as u64;
        let length = usize::try_from(count).unwrap_or(0) * PAGE_BYTES;
        let (mut source, mut held) = (vec![0; length], vec![0; length]);
        self.main.real().read(&mut source, offset).map_err(|code| failure(&self.of.path, code))?;
        read_there(&self.file, &mut held, offset).map_err(|source| io_error("read", self.path, source))?;
        let pages = source.chunks_exact_mut(PAGE_BYTES).zip(held.chunks_exact(PAGE_BYTES));
        for (number, (page, held)) in (first..).zip(pages) {
            if number == LOCK_PAGE {
                continue;
            }
            let page = <&mut Page>::try_from(page).expect("chunks are pages");
            self.page(number, page)?;
            self.sum.update(trailer(page));
            let differs = trailer(page) != trailer(held);
            if differs || self.all {
                let mut opened = *page;
                self.cipher.open(&mut opened, number).map_err(|error| self.damaged(number, error))?;
            }
            if differs || (self.all && page[..] != *held) {
                let at = u64::from(number - 1) * PAGE_BYTES as u64;
                self.file.write_all_at(page, at).map_err(|source| io_error("write to", self.path, source))?;
                self.changed += 1;
            }
        }
        Ok(())
    }

    /// Puts the page of that moment in the place of what the main file holds now.
    fn page(&self, number: u32, page: &mut Page) -> Result<(), VaultError> {
        let Some(&(frame, tag)) = self.of.logged.get(&number) else { return Ok(()) };
        if let Some(log) = &self.log {
            let mut logged = [0; PAGE_BYTES];
            let offset = frame_offset(frame) + FRAME_HEADER_BYTES as u64;
            let read = log.real().read(&mut logged, offset).map_err(|code| failure(&self.of.path, code))?;
            if read && tag_of(&logged) == tag {
                *page = logged;
                return Ok(());
            }
        }
        // The log has started anew: then this page is in the main file.
        if tag_of(page) == tag { Ok(()) } else { Err(self.damaged(number, crate::page::PageError::Inauthentic)) }
    }

    fn damaged(&self, number: u32, error: crate::page::PageError) -> VaultError {
        page_error(self.of.path.clone(), self.of.database.keys().id(), number, error)
    }

    fn finish(self, bytes: u64) -> Result<Copied, VaultError> {
        // A page that is never used may be the last.
        self.file.set_len(bytes).map_err(|source| io_error("cut", self.path, source))?;
        self.file.sync_all().map_err(|source| io_error("sync", self.path, source))?;
        Ok(Copied { pages: self.of.pages, changed: self.changed, sum: to_array(self.sum.finish().as_ref()) })
    }
}

/// What [`Copied::sum`] is of the database file at `path`, which nobody has open.
///
/// # Errors
/// [`VaultError::Io`].
pub fn sum_of(path: &Path) -> Result<[u8; 32], VaultError> {
    let file = File::open(path).map_err(|source| io_error("open", path, source))?;
    let bytes = file.metadata().map_err(|source| io_error("read", path, source))?.len();
    let pages = u32::try_from(bytes / PAGE_BYTES as u64).unwrap_or(u32::MAX);
    let mut sum = digest::Context::new(&digest::SHA256);
    let mut end = [0; RESERVE_BYTES];
    for number in (1..=pages).filter(|number| *number != LOCK_PAGE) {
        let at = u64::from(number) * PAGE_BYTES as u64 - RESERVE_BYTES as u64;
        file.read_exact_at(&mut end, at).map_err(|source| io_error("read", path, source))?;
        sum.update(&end);
    }
    Ok(to_array(sum.finish().as_ref()))
}

/// Whether sealed pages open, which lie one after another from page `first` on; pages of nothing but zeros do not.
pub struct PageCheck(PageCipher);

impl PageCheck {
    /// For pages of one database.
    #[must_use]
    pub fn new(key: &DatabaseKey) -> Self {
        Self(PageCipher::new(LiveKeys::new(key)))
    }

    /// Whether all of them do.
    pub fn opens(&mut self, first: u32, pages: &[u8]) -> bool {
        let mut numbered = (first..).zip(pages.chunks(PAGE_BYTES));
        numbered.all(|(number, page)| {
            let page = <&Page>::try_from(page);
            number == LOCK_PAGE || page.is_ok_and(|page| self.0.open(&mut page.clone(), number).is_ok())
        })
    }
}

/// Reads what is there; what is not stays zero.
fn read_there(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64)? {
            0 => return Ok(()),
            more => read += more,
        }
    }
    Ok(())
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> VaultError {
    VaultError::Io { action, path: path.to_owned(), source }
}
