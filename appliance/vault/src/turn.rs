//! Turning a database's key while it is in use (D2). New pages are sealed under the newest epoch at once; this finds those
//! that are still sealed under an earlier one, and seals them anew. How far it is, is a fact of the file: every page names its
//! epoch. So nothing has to be remembered, and a crash takes nothing back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libsqlite3_sys as ffi;
use rusqlite::Connection;

use crate::database::{Guard, canonical, failure, scan_once, verifies};
use crate::disk::Disk;
use crate::error::VaultError;
use crate::key::DatabaseKey;
use crate::log_format::{FRAME_BYTES, frame_offset};
use crate::page::{EPOCH_AT, PAGE_BYTES, PageCipher, RESERVE_BYTES};
use crate::recovery::LOCK_PAGE;
use crate::vfs::base::OwnFile;
use crate::vfs::registry::{self, Pin, pin};

/// Pages that are read by one call.
const RUN_PAGES: usize = 16;
/// The end of no sealed page.
const GONE: [u8; RESERVE_BYTES] = [0; RESERVE_BYTES];

/// Some pages of a database that are still sealed under an earlier epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Their numbers.
    pub pages: Vec<u32>,
    /// Those that do not open: sealing them anew would fail, and take with it whatever else is in the transaction.
    pub damaged: Vec<u32>,
    /// Where to look on; `None` at the end of the file.
    pub next: Option<u32>,
    /// Pages of the whole file.
    pub of: u32,
}

/// From now on the database at `path`, where this process has it open, is written under the newest epoch of `key`, and what
/// is sealed under any other epoch of it is read. Whoever opens it may still come with the key before.
///
/// `key` is kept safe already: pages may be sealed under it as soon as this is called. An epoch may be missing once neither
/// [`stale_pages`] nor [`has_stale_frames`] finds anything.
///
/// # Errors
/// [`VaultError::WrongKey`] where it has no epoch in common with the key before.
pub fn turn(path: &Path, key: &DatabaseKey) -> Result<(), VaultError> {
    registry::turn(&canonical(path)?, key)
}

/// Looks at up to `looked_at_max` pages of the database file from page `from` (1 is the first) and gives those that are sealed
/// under an earlier epoch than the newest. Those whose newer form is in the log only are among them.
///
/// # Errors
/// As [`open`](crate::open).
pub fn stale_pages(path: &Path, key: &DatabaseKey, from: u32, looked_at_max: u32) -> Result<Stale, VaultError> {
    let (path, database) = known(path, key)?;
    let guard = Guard::open(&database)?;
    let main = guard.real();
    let size = main.size().map_err(|code| failure(&path, code))?;
    let of = u32::try_from(size / PAGE_BYTES as u64).unwrap_or(u32::MAX);
    let newest = database.keys().newest_epoch();
    let end = from.saturating_add(looked_at_max).min(of.saturating_add(1));
    let mut cipher = PageCipher::new(Arc::clone(database.live_keys()));
    let (mut pages, mut damaged) = (Vec::new(), Vec::new());
    let mut run = vec![[0; PAGE_BYTES]; RUN_PAGES];
    for first in (from.max(1)..end).step_by(RUN_PAGES) {
        let run = &mut run[..RUN_PAGES.min((end - first) as usize)];
        let at = u64::from(first - 1) * PAGE_BYTES as u64;
        let whole = main.read(run.as_flattened_mut(), at).map_err(|code| failure(&path, code))?;
        for (number, page) in (first..end).zip(run).filter(|(number, _)| *number != LOCK_PAGE) {
            let trailer = page.last_chunk().unwrap_or(&GONE);
            // Where the file became shorter meanwhile there are zeros.
            if epoch_in(trailer) == newest || !whole && *trailer == GONE {
                continue;
            }
            let opens = cipher.open(page, number).is_ok() || verifies(&database, &guard, &mut cipher, number);
            if opens { pages.push(number) } else { damaged.push(number) }
        }
    }
    Ok(Stale { pages, damaged, next: (end <= of).then_some(end), of })
}

/// Whether the write-ahead log holds a page that is sealed under an earlier epoch than the newest.
///
/// # Errors
/// As [`open`](crate::open).
pub fn has_stale_frames(path: &Path, key: &DatabaseKey) -> Result<bool, VaultError> {
    let (_, database) = known(path, key)?;
    let (log_path, base) = (database.log_path(), database.over().base);
    let failed = |code| failure(&log_path, code);
    let newest = database.keys().newest_epoch();
    if !base.has(&log_path).map_err(failed)? {
        return Ok(false);
    }
    let log = OwnFile::open(base, &log_path, ffi::SQLITE_OPEN_WAL).map_err(failed)?;
    let mut end = GONE;
    for number in 1.. {
        let at = frame_offset(number) + (FRAME_BYTES - RESERVE_BYTES) as u64;
        if !log.real().read(&mut end, at).map_err(failed)? {
            break;
        }
        // Zeros were written ahead of the frames to come: no sealed page ends so.
        if end != GONE && epoch_in(&end) != newest {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Seals pages anew: in the transaction that `writer` is in, each is written as it is. A page that is not there any more is
/// left alone.
///
/// # Errors
/// Where a page does not open: it is damaged, and stays as it is.
pub fn reseal(writer: &Connection, pages: &[u32]) -> rusqlite::Result<()> {
    let mut touch = writer.prepare_cached("UPDATE sqlite_dbpage SET data = data WHERE pgno = ?1")?;
    pages.iter().try_for_each(|number| touch.execute([number]).map(|_| ()))
}

fn known(path: &Path, key: &DatabaseKey) -> Result<(PathBuf, Pin), VaultError> {
    let path = canonical(path)?;
    let database = pin(&path, Disk::system(&path)?.over, key)?;
    // The guard keeps others out only where nobody has it open yet; whoever looks has.
    drop(scan_once(&database)?);
    Ok((path, database))
}

/// The epoch in the end of a sealed page.
fn epoch_in(end: &[u8; RESERVE_BYTES]) -> u32 {
    let at = EPOCH_AT.0 - (PAGE_BYTES - RESERVE_BYTES);
    let mut epoch = [0; EPOCH_AT.1];
    epoch.copy_from_slice(&end[at..at + EPOCH_AT.1]);
    u32::from_be_bytes(epoch)
}
