//! What happens before SQLite sees a database that this process had not open: the write-ahead log is read and judged.
//!
//! Each commit is synced before the next begins, so an interrupted write can damage only the last transaction, whose
//! frames all carry the same sync number. A damaged frame with a later sync number behind it was therefore whole on the
//! disk once and has been changed since: that is an error, and nothing is dropped. A damaged frame without one is the
//! torn end of a transaction that was never acknowledged, and goes. The log is written ahead in zeros: a place of zeros alone
//! without a later frame behind it was never written, or is of that transaction.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use libsqlite3_sys as ffi;

use crate::database::{Recovery, failure};
use crate::error::VaultError;
use crate::log_format::{
    Checksum, FRAME_BYTES, FRAME_HEADER_BYTES, LOG_HEADER_BYTES, LogHeader, OpenHeader, be32, checksum, frame_offset,
    generation, open_frame_header, open_log_header, seed, sqlite_frame_header,
};
use crate::page::{PAGE_BYTES, Page, PageCipher, PageError, check_header, tag_of};
use crate::vfs::base::{OwnFile, RealFile};
use crate::vfs::registry::{Database, lock_page, page_error};
use crate::vfs::{Frame, approve_log};

/// A log restarted more often than this since a frame was written would be needed for a false "not ours".
const RESTARTS_MAX: u32 = 1 << 20;
/// SQLite never uses the page that its locks lie on.
pub(crate) const LOCK_PAGE: u32 = 0x4000_0000 / 4096 + 1;
/// What is written to the log at once.
const FRAMES_AT_ONCE: usize = 16;
/// How many pages are tried before a key is called wrong.
const PAGES_TRIED: u32 = 16;

/// Judges main file and log, drops a torn end, and makes the rest known to the VFS. The caller holds the lock on `main`.
pub(crate) fn recover(database: &Database, main: RealFile) -> Result<Recovery, VaultError> {
    let size = main.size().map_err(|code| unreadable(database, code))?;
    let first = read_page(main, 1).map_err(|code| unreadable(database, code))?;
    let id = database.keys().id();
    check_header(&first, id).map_err(|error| page_error(database.path().to_owned(), id, 1, error))?;

    let mut scan = Scan::open(database)?;
    scan.run(main)?;
    if scan.log_bytes == 0 && database.has_journal() {
        // What SQLite rolls back first may be torn until then.
        database.main_pages.store(u32::try_from(size / PAGE_BYTES as u64).unwrap_or(u32::MAX), Ordering::Release);
        return scan.finish();
    }
    if size < PAGE_BYTES as u64 && !scan.commits_page(1) {
        return Err(VaultError::Truncated { path: database.path().to_owned(), page: 1, pages: 1 });
    }
    let pages = scan.check_first_page(main, &first)?;
    let main_pages = u32::try_from(size / PAGE_BYTES as u64).unwrap_or(u32::MAX);
    scan.check_no_page_missing(main_pages, pages)?;
    let recovery = scan.finish()?;
    database.main_pages.store(main_pages, Ordering::Release);
    Ok(recovery)
}

fn unreadable(database: &Database, code: i32) -> VaultError {
    failure(database.path(), code)
}

/// A page of the main file, sealed; zero where the file ends before.
pub(crate) fn read_page(main: RealFile, number: u32) -> Result<Page, i32> {
    let mut page = [0; PAGE_BYTES];
    main.read(&mut page, u64::from(number - 1) * PAGE_BYTES as u64)?;
    Ok(page)
}

/// Makes free pages of a database that was rolled back whole again. SQLite does not journal what it overwrites on them, so a
/// crash may have torn one, and it still reads them where it copies all pages. The caller keeps others from writing.
pub(crate) fn mend_free_pages(database: &Database, main: RealFile) -> Result<(), VaultError> {
    let failed = |code| unreadable(database, code);
    let mut cipher: PageCipher = PageCipher::new(Arc::clone(database.live_keys()));
    let mut open = |number| -> Result<Option<Page>, VaultError> {
        let mut page = read_page(main, number).map_err(failed)?;
        Ok(cipher.open(&mut page, number).is_ok().then_some(page))
    };
    let (mut trunk, pages) = open(1)?.map_or((0, 0), |first| (be32(&first, 32), be32(&first, 28)));
    let mut torn = Vec::new();
    // No list is longer than the database, whatever it says.
    for _ in 0..pages {
        let Some(list) = open(trunk.max(1))?.filter(|_| trunk > 1) else { break };
        let leaves = usize::try_from(be32(&list, 4)).unwrap_or(0).min(PAGE_BYTES / 4 - 2);
        for leaf in (0..leaves).map(|at| be32(&list, 8 + 4 * at)).filter(|leaf| (2..=pages).contains(leaf)) {
            if open(leaf)?.is_none() {
                torn.push(leaf);
            }
        }
        trunk = be32(&list, 0);
    }
    for number in torn {
        let mut page = [0; PAGE_BYTES];
        let nonce = database.next_nonce().map_err(|failure| database.explain(failure))?;
        cipher.seal(&mut page, number, &nonce).map_err(|_| failed(ffi::SQLITE_INTERNAL))?;
        main.write(&page, u64::from(number - 1) * PAGE_BYTES as u64).map_err(failed)?;
    }
    main.sync(ffi::SQLITE_SYNC_NORMAL).map_err(failed)
}

/// What a place in the log holds.
enum Found {
    /// A whole frame of the current generation; `page` is open.
    Current(OpenHeader, [u8; 16]),
    /// A whole frame from before the log was restarted.
    Old,
    /// Zeros, as the log is written ahead: nothing was written here yet, or it did not arrive.
    Blank,
    /// Neither.
    Damaged,
}

struct Scan<'a> {
    database: &'a Database,
    cipher: PageCipher,
    log: Option<OwnFile>,
    log_bytes: u64,
    header: Option<LogHeader>,
    /// The frames that continue the checksum, committed or not.
    frames: Vec<Frame>,
    /// How many of them are committed.
    committed: usize,
    commits: u32,
    torn_bytes: u64,
    /// The page of the frame read last, open.
    page: Page,
}

impl<'a> Scan<'a> {
    fn open(database: &'a Database) -> Result<Self, VaultError> {
        let (path, base) = (database.log_path(), database.over().base);
        let open =
            || if base.has(&path)? { OwnFile::open(base, &path, ffi::SQLITE_OPEN_WAL).map(Some) } else { Ok(None) };
        let log = open().map_err(|code| failure(&path, code))?;
        let log_bytes = log.as_ref().map_or(Ok(0), |log| log.real().size()).map_err(|code| failure(&path, code))?;
        Ok(Self {
            database,
            cipher: PageCipher::new(Arc::clone(database.live_keys())),
            log_bytes,
            log,
            header: None,
            frames: Vec::new(),
            committed: 0,
            commits: 0,
            torn_bytes: 0,
            page: [0; PAGE_BYTES],
        })
    }

    fn log_failed(&self, code: i32) -> VaultError {
        failure(&self.database.log_path(), code)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), VaultError> {
        let Some(log) = &self.log else { return Ok(()) };
        match log.real().read(buffer, offset) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.log_failed(ffi::SQLITE_IOERR_SHORT_READ)),
            Err(code) => Err(self.log_failed(code)),
        }
    }

    fn frames_in_file(&self) -> u32 {
        let beyond = self.log_bytes.saturating_sub(LOG_HEADER_BYTES as u64);
        u32::try_from(beyond / FRAME_BYTES as u64).unwrap_or(u32::MAX)
    }

    /// Reads the log up to the last commit, and judges what follows.
    fn run(&mut self, main: RealFile) -> Result<(), VaultError> {
        if self.log_bytes < LOG_HEADER_BYTES as u64 {
            self.torn_bytes = self.log_bytes;
            return Ok(());
        }
        let mut sealed = [0; LOG_HEADER_BYTES];
        self.read_at(&mut sealed, 0)?;
        let Some(header) = open_log_header(&self.database.keys(), &sealed) else {
            return self.judge_damaged_header(main);
        };
        self.header = Some(header);
        let stopped_at = self.follow_checksums(&header)?;
        self.judge_rest(&header, stopped_at)
    }

    /// The header is synced before any frame is written, so frames behind a damaged one mean that it was changed.
    fn judge_damaged_header(&mut self, main: RealFile) -> Result<(), VaultError> {
        if self.log_bytes == LOG_HEADER_BYTES as u64 {
            self.torn_bytes = self.log_bytes;
            return Ok(());
        }
        if self.key_opens_something(main) {
            return Err(VaultError::WalHeaderTampered { path: self.database.log_path() });
        }
        Err(VaultError::WrongKey { path: self.database.path().to_owned() })
    }

    /// Takes frames as long as each continues the checksum; returns the number of the first that does not.
    fn follow_checksums(&mut self, header: &LogHeader) -> Result<u32, VaultError> {
        let mut sum = seed(header);
        for number in 1..=self.frames_in_file() {
            let Found::Current(open, tag) = self.read_frame(header, number)? else {
                return Ok(number);
            };
            let frame_header = sqlite_frame_header(header, &open);
            sum = frame_checksum(header, &frame_header, &self.page, sum);
            if sum != open.checksum {
                return Ok(number);
            }
            self.frames.push(Frame { header: frame_header, tag, sync_number: open.sync_number });
            if open.pages_after_commit != 0 {
                self.committed = self.frames.len();
                self.commits += 1;
            }
        }
        Ok(self.frames_in_file().saturating_add(1))
    }

    fn read_frame(&mut self, header: &LogHeader, number: u32) -> Result<Found, VaultError> {
        let mut frame = [0; FRAME_BYTES];
        self.read_at(&mut frame, frame_offset(number))?;
        if is_blank(&frame) {
            return Ok(Found::Blank);
        }
        let (frame_header, page) = frame.split_at(FRAME_HEADER_BYTES);
        let mut sealed_header = [0; FRAME_HEADER_BYTES];
        sealed_header.copy_from_slice(frame_header);
        self.page.copy_from_slice(page);
        let tag = tag_of(&self.page);
        let opened = open_frame_header(&mut self.cipher, &sealed_header, &self.page);
        let Some(open) = opened.filter(|open| open.page != 0) else {
            return Ok(Found::Damaged);
        };
        if self.cipher.open(&mut self.page, open.page).is_err() {
            return Ok(Found::Damaged);
        }
        let restarts = generation(header).wrapping_sub(open.generation);
        Ok(match restarts {
            0 => Found::Current(open, tag),
            1..=RESTARTS_MAX => Found::Old,
            _ => Found::Damaged,
        })
    }

    /// Looks at everything from the first frame that does not continue the checksum.
    fn judge_rest(&mut self, header: &LogHeader, stopped_at: u32) -> Result<(), VaultError> {
        let torn_transaction = self.next_sync_number();
        let committed = u32::try_from(self.committed).unwrap_or(u32::MAX);
        let mut torn_end = frame_offset(committed.saturating_add(1));
        if stopped_at > committed + 1 {
            torn_end = frame_offset(stopped_at);
        }
        let mut nothing_at_end = false;
        for number in stopped_at..=self.frames_in_file() {
            match self.read_frame(header, number)? {
                Found::Current(open, _) if open.sync_number > torn_transaction => {
                    return Err(VaultError::WalFrameTampered { path: self.database.log_path(), frame: stopped_at });
                }
                Found::Old => nothing_at_end = true,
                Found::Blank => nothing_at_end = self.rest_is_blank(number)?,
                Found::Current(..) | Found::Damaged => {
                    nothing_at_end = false;
                    torn_end = frame_offset(number.saturating_add(1));
                }
            }
        }
        if !nothing_at_end {
            torn_end = self.log_bytes;
        }
        let committed_end = frame_offset(committed.saturating_add(1));
        self.torn_bytes = torn_end.saturating_sub(committed_end);
        Ok(())
    }

    /// Whether what follows frame `number` and is no whole frame is zeros too.
    fn rest_is_blank(&self, number: u32) -> Result<bool, VaultError> {
        let from = frame_offset(number.saturating_add(1));
        let mut rest = [0; FRAME_BYTES];
        let Some(length) = self.log_bytes.checked_sub(from).filter(|length| *length < FRAME_BYTES as u64) else {
            return Ok(true);
        };
        let rest = &mut rest[..usize::try_from(length).unwrap_or(0)];
        self.read_at(rest, from)?;
        Ok(is_blank(rest))
    }

    /// What the frames of the transaction after the last commit carry.
    fn next_sync_number(&self) -> u32 {
        let last = self.committed.checked_sub(1).map_or(0, |at| self.frames[at].sync_number);
        last.saturating_add(1)
    }

    /// Checks that page 1 opens, from the log or else from the main file, and says how many pages the database has.
    fn check_first_page(&mut self, main: RealFile, first: &Page) -> Result<u32, VaultError> {
        let committed = &self.frames[..self.committed];
        let last = committed.last().map(|frame| be32(&frame.header, 4));
        if let Some(pages) = last
            && self.commits_page(1)
        {
            return Ok(pages);
        }
        let mut page = *first;
        match self.cipher.open(&mut page, 1) {
            Ok(()) => Ok(last.unwrap_or(be32(&page, 28))),
            Err(PageError::Inauthentic) if self.header.is_none() && !self.key_opens_something(main) => {
                Err(VaultError::WrongKey { path: self.database.path().to_owned() })
            }
            Err(error) => {
                let path = self.database.path().to_owned();
                Err(page_error(path, self.database.keys().id(), 1, error))
            }
        }
    }

    fn commits_page(&self, page: u32) -> bool {
        self.frames[..self.committed].iter().any(|frame| frame.page() == page)
    }

    /// Whether any of the first pages opens: if none does, the key is wrong rather than a page.
    fn key_opens_something(&mut self, main: RealFile) -> bool {
        (1..=PAGES_TRIED)
            .any(|number| read_page(main, number).is_ok_and(|mut page| self.cipher.open(&mut page, number).is_ok()))
    }

    /// Each page beyond the main file is in the log, those too that came and went in one transaction: `secure_delete` has them
    /// written.
    fn check_no_page_missing(&self, main_pages: u32, pages: u32) -> Result<(), VaultError> {
        if main_pages >= pages {
            return Ok(());
        }
        let in_log: HashSet<u32> = self.frames[..self.committed].iter().map(Frame::page).collect();
        let never_written = lock_page();
        let missing = (main_pages + 1..=pages).find(|page| *page != never_written && !in_log.contains(page));
        missing.map_or(Ok(()), |page| Err(VaultError::Truncated { path: self.database.path().to_owned(), page, pages }))
    }

    /// Puts the last transaction on the disk once more, and waits for it: its program may have ended before the sync, or
    /// because that failed, and then the system shows what no disk holds.
    fn settle(&self) -> Result<(), VaultError> {
        let (Some(log), Some(last)) = (&self.log, self.frames.last()) else { return Ok(()) };
        let earlier = self.frames.partition_point(|frame| frame.sync_number < last.sync_number);
        let place = |frames: usize| frame_offset(u32::try_from(frames).unwrap_or(u32::MAX).saturating_add(1));
        let (mut at, end) = (place(earlier), place(self.frames.len()));
        let mut bytes = vec![0; FRAMES_AT_ONCE * FRAME_BYTES];
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(usize::MAX).min(bytes.len());
            self.read_at(&mut bytes[..length], at)?;
            log.real().write(&bytes[..length], at).map_err(|code| self.log_failed(code))?;
            at += length as u64;
        }
        log.real().sync(ffi::SQLITE_SYNC_NORMAL).map_err(|code| self.log_failed(code))
    }

    /// Drops the torn end, if any, and tells the VFS what is left.
    fn finish(mut self) -> Result<Recovery, VaultError> {
        let sync_number = self.next_sync_number();
        self.frames.truncate(self.committed);
        let committed = u32::try_from(self.committed).unwrap_or(u32::MAX);
        let mut file_bytes = self.log_bytes;
        if self.torn_bytes > 0 {
            let keep = if committed == 0 { 0 } else { frame_offset(committed.saturating_add(1)) };
            if let Some(log) = &self.log {
                let cut = log.real().truncate(keep).and_then(|()| log.real().sync(ffi::SQLITE_SYNC_NORMAL));
                cut.map_err(|code| self.log_failed(code))?;
            }
            if keep == 0 {
                self.header = None;
            }
            file_bytes = keep;
        }
        self.settle()?;
        approve_log(self.database, self.header, self.frames, (sync_number, file_bytes));
        Ok(Recovery { commits: self.commits, frames: committed, torn_bytes: self.torn_bytes })
    }
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// SQLite's checksum over a frame.
fn frame_checksum(log: &LogHeader, header: &[u8; FRAME_HEADER_BYTES], page: &Page, from: Checksum) -> Checksum {
    checksum(log, page, checksum(log, &header[..8], from))
}
