//! Looks at sealed pages without SQLite (D3): all pages of a database in small steps, its log, and whom a damaged page belongs
//! to. Whoever looks in the background takes nothing from the system's page cache: what a step brought in goes out again, what
//! was there stays.

mod file;
mod owners;
mod raw;

pub use file::{FileExamination, SegmentDamage};
pub use owners::Owner;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::aead::TAG_BYTES;
use crate::database::{Guard, Recovery, canonical, scan_once};
use crate::disk::Disk;
use crate::error::VaultError;
use crate::key::DatabaseKey;
use crate::log_format::{FRAME_HEADER_BYTES, frame_offset};
use crate::page::{CONTENT_END, EPOCH_END, PAGE_BYTES, Page, PageCipher, tag_of};
use crate::recovery::{LOCK_PAGE, read_page};
use crate::vfs::registry::{Pin, pin};
use raw::{BLOCK_BYTES, Raw, Sweeper};

/// Pages of one block, which is what is read at once.
const BLOCK_PAGES: u32 = 16;
/// Smallest piece that a disk loses as a whole.
const SECTOR_BYTES: usize = 512;

/// What is wrong with a page or frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It is there, and does not open: changed, moved, or of another file.
    Changed,
    /// The file ends before it.
    Missing,
    /// The disk does not give it.
    Unreadable,
}

/// What one step found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Step {
    /// The page to go on with; `None` at the end.
    pub next: Option<u32>,
    /// Bytes that were looked at.
    pub bytes: u64,
    /// Pages that do not open.
    pub bad: Vec<(u32, Damage)>,
}

/// How a page was mended, or why it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mending {
    /// It is whole again, and on the disk.
    Mended,
    /// It was whole: somebody wrote it meanwhile.
    Whole,
    /// What was offered does not open in this place of this database.
    Foreign,
    /// What was offered opens, and is not known to be the version that was damaged: it may be older.
    OtherVersion,
}

/// A database that is looked at.
pub struct Examination {
    file: Raw,
    cipher: PageCipher,
    block: Box<[Page]>,
    /// Pages that a file of which some were cut off must have.
    cut: u32,
    guard: Guard,
    database: Pin,
    /// Last, because it closes what may be closed once the others are gone.
    _sweeper: Sweeper,
}

impl Examination {
    /// Begins to look. A database that is not open in this process is recovered as [`crate::open`] does it; the second value
    /// says what was found.
    ///
    /// # Errors
    /// As [`crate::open`], except that a damaged page is not an error.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<(Self, Recovery), VaultError> {
        let path = canonical(path)?;
        let database = pin(&path, Disk::system(&path)?.over, key)?;
        let mut cut = 0;
        let (recovery, guard) = match scan_once(&database) {
            Ok(scanned) => scanned,
            Err(VaultError::PageTampered { .. }) => (Recovery::default(), None),
            Err(VaultError::Truncated { pages, .. }) => {
                cut = pages;
                (Recovery::default(), None)
            }
            Err(error) => return Err(error),
        };
        let guard = guard.map_or_else(|| Guard::open(&database), Ok)?;
        let cipher = PageCipher::new(Arc::clone(database.live_keys()));
        let file = raw::kept(&path)?;
        let block = vec![[0; PAGE_BYTES]; BLOCK_PAGES as usize].into_boxed_slice();
        Ok((Self { file, cipher, block, cut, guard, database, _sweeper: Sweeper }, recovery))
    }

    /// Pages that the file must have. The log may hold more.
    #[must_use]
    pub fn pages(&self) -> u32 {
        let there = self.file.size().div_ceil(PAGE_BYTES as u64);
        let known = self.database.main_pages.load(Ordering::Acquire).max(self.cut);
        known.max(u32::try_from(there).unwrap_or(u32::MAX))
    }

    /// Looks at some pages, from page `from` on: at least one block of 16, at most so many blocks.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the system gives nothing at all.
    pub fn step(&mut self, from: u32, blocks: u32) -> Result<Step, VaultError> {
        let mut step = Step { next: Some(from.max(1)), ..Step::default() };
        for _ in 0..blocks.max(1) {
            let Some(first) = step.next else { break };
            let pages = self.pages();
            if first > pages {
                step.next = None;
                break;
            }
            let last = first.saturating_add(BLOCK_PAGES - 1).min(pages);
            self.look(first, last, &mut step);
            step.next = (last < pages).then(|| last + 1);
        }
        Ok(step)
    }

    fn look(&mut self, first: u32, last: u32, step: &mut Step) {
        let offset = u64::from(first - 1) * PAGE_BYTES as u64;
        let wanted = usize::try_from(last - first + 1).unwrap_or(0);
        let block = self.block.as_flattened_mut();
        let read = self.file.read(&mut block[..wanted * PAGE_BYTES], offset);
        step.bytes += (wanted * PAGE_BYTES) as u64;
        for (number, at) in (first..=last).zip(0..) {
            let there = read.bytes >= (at + 1) * PAGE_BYTES;
            let opens = there && self.cipher.open(&mut self.block[at], number).is_ok();
            if !opens
                && number != LOCK_PAGE
                && let Some(damage) = self.damage(number)
            {
                step.bad.push((number, damage));
            }
        }
        // What was opened is nobody's business any more.
        self.block.as_flattened_mut()[..wanted * PAGE_BYTES].fill(0);
    }

    /// What is wrong with a page that did not open at first. A checkpoint may have been writing it: then a later try finds it
    /// whole, or in the log.
    fn damage(&mut self, number: u32) -> Option<Damage> {
        const TRIES: u32 = 3;
        let mut damage = Damage::Changed;
        for _ in 0..TRIES {
            if self.database.log.read().has_page(number) {
                return None;
            }
            match self.sealed(number) {
                Ok(mut page) => {
                    if self.cipher.open(&mut page, number).is_ok() {
                        return None;
                    }
                    damage = Damage::Changed;
                }
                Err(missing) => damage = missing,
            }
            if number > self.pages() {
                // Somebody made the file shorter meanwhile.
                return None;
            }
        }
        Some(damage)
    }

    /// A page of the file as it lies there.
    fn sealed(&self, number: u32) -> Result<Page, Damage> {
        let mut page = [0; PAGE_BYTES];
        let read = self.file.read(&mut page, u64::from(number - 1) * PAGE_BYTES as u64);
        match read.bytes {
            PAGE_BYTES => Ok(page),
            _ if read.failed => Err(Damage::Unreadable),
            _ => Err(Damage::Missing),
        }
    }

    /// Looks at all frames of the log; the numbers of those that do not open or are not the ones that were written.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the log cannot be opened.
    pub fn bad_frames(&mut self) -> Result<Vec<u32>, VaultError> {
        let path = self.database.log_path();
        let log = match File::open(&path) {
            Ok(log) => Raw::of(Arc::new(log)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(VaultError::Io { action: "open", path, source }),
        };
        let mut bad = Vec::new();
        for number in 1.. {
            match self.frame_opens(&log, number) {
                None => break,
                Some(true) => {}
                Some(false) if self.frame_settles(&log, number) => {}
                Some(false) => bad.push(number),
            }
        }
        Ok(bad)
    }

    /// Whether a frame that did not open soon does, or is gone: the log may be begun anew just now, and what is on the disk is ahead
    /// of what is known of it.
    fn frame_settles(&mut self, log: &Raw, number: u32) -> bool {
        const TRIES: u32 = 20;
        (0..TRIES).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            self.frame_opens(log, number) != Some(false)
        })
    }

    /// Whether a known frame is on the disk as it was written; `None` behind the last.
    fn frame_opens(&mut self, log: &Raw, number: u32) -> Option<bool> {
        let frame = self.database.log.read().frame(number)?;
        let mut page = [0; PAGE_BYTES];
        let read = log.read(&mut page, frame_offset(number) + FRAME_HEADER_BYTES as u64);
        let known = read.bytes == PAGE_BYTES && tag_of(&page) == frame.tag;
        Some(known && self.cipher.open(&mut page, frame.page()).is_ok())
    }

    /// Puts a page of a backup in the place of a damaged one, and waits for the disk. It must open as this page of this database,
    /// and be the very version that was damaged: an older one would be valid, and wrong. That it is shows where something of the
    /// damaged page is left: its tag and nonce, or any sector of 512 bytes, of which no two sealings have one alike.
    ///
    /// The caller keeps others from committing meanwhile.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk does not take it.
    pub fn mend(&mut self, number: u32, offered: &[u8]) -> Result<Mending, VaultError> {
        let Ok(offered) = <&Page>::try_from(offered) else { return Ok(Mending::Foreign) };
        if number == 0 || number == LOCK_PAGE || self.cipher.open(&mut offered.clone(), number).is_err() {
            return Ok(Mending::Foreign);
        }
        if self.damage(number).is_none() {
            return Ok(Mending::Whole);
        }
        // Unreadable and missing sectors read as zero, which no sealed sector is.
        let there = read_page(self.guard.real(), number).unwrap_or([0; PAGE_BYTES]);
        if !is_same_version(&there, offered) {
            return Ok(Mending::OtherVersion);
        }
        let offset = u64::from(number - 1) * PAGE_BYTES as u64;
        let written = self.guard.real().write(offered, offset);
        let synced = written.and_then(|()| self.guard.real().sync(libsqlite3_sys::SQLITE_SYNC_NORMAL));
        let failed = |code| crate::database::failure(self.database.path(), code);
        synced.map_err(failed).map(|()| Mending::Mended)
    }
}

/// Whether something of a damaged page is left that only this sealing of it has.
fn is_same_version(damaged: &Page, offered: &Page) -> bool {
    let trailer = CONTENT_END..EPOCH_END;
    let has_tag = damaged[CONTENT_END..CONTENT_END + TAG_BYTES] != [0; TAG_BYTES];
    let is_left = |(left, whole): (&[u8], &[u8])| left == whole;
    let sectors = damaged.chunks_exact(SECTOR_BYTES).zip(offered.chunks_exact(SECTOR_BYTES));
    (has_tag && damaged[trailer.clone()] == offered[trailer]) || sectors.into_iter().any(is_left)
}

const _: () = assert!(BLOCK_BYTES == BLOCK_PAGES as usize * PAGE_BYTES);
