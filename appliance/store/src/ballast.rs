//! Room that is kept for deleting (D7): where a disk is full to the last byte, even that needs some, in the log of a database. It is
//! a file of zeros in the data folder, of which a piece goes while something is deleted, and comes back after it.

use crate::free_bytes;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Its name in the data folder.
pub const BALLAST_FILE: &str = "ballast";
const BYTES: u64 = 8 * 1024 * 1024;
/// What one deletion gets at first: a log is written ahead by 1 MiB at most.
const PIECE_BYTES: u64 = 1536 * 1024;
/// It is only made where it is a small part of what is free.
const FREE_BYTES_MIN: u64 = 8 * BYTES;
/// What a file's blocks are counted in.
const BLOCK_BYTES: u64 = 512;

/// The file, of which one change at a time is made.
pub(crate) struct Ballast {
    path: PathBuf,
    changing: Mutex<()>,
}

/// A piece of the ballast that others may use, until this goes. That waits for the disk.
pub struct Lent(Arc<Ballast>);

impl Ballast {
    /// Makes it, where there is room for it.
    pub(crate) fn open(data: &Path) -> Arc<Self> {
        let ballast = Self { path: data.join(BALLAST_FILE), changing: Mutex::default() };
        if free_bytes(data).is_ok_and(|free| free >= FREE_BYTES_MIN) {
            ballast.fill();
        }
        Arc::new(ballast)
    }

    /// Gives a piece of it away; `None` where nothing is left of it.
    pub(crate) fn lend(self: &Arc<Self>) -> Option<Lent> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.path.metadata().ok()?.len();
        let cut = |file: File| file.set_len(bytes.saturating_sub(PIECE_BYTES));
        let given = bytes > 0 && OpenOptions::new().write(true).open(&self.path).and_then(cut).is_ok();
        given.then(|| Lent(Arc::clone(self)))
    }

    /// Makes it as large as it should be, or as there is room.
    fn fill(&self) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let fill = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.append(true).create(true).mode(0o600).open(&self.path)?;
            let about = file.metadata()?;
            // A copy of the data folder may have brought it without its blocks.
            let there = about.len().min(about.blocks().saturating_mul(BLOCK_BYTES));
            file.set_len(there)?;
            let zeros = vec![0; 64 * 1024];
            let mut left = BYTES.saturating_sub(there);
            while left > 0 {
                let now = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
                file.write_all(&zeros[..now])?;
                left -= now as u64;
            }
            Ok(())
        };
        if let Err(failure) = fill() {
            tracing::warn!(path = %self.path.display(), %failure, "the room for deleting on a full disk is smaller than it should be");
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.fill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_the_ballast_goes_and_comes_back_d7() {
        let folder = std::env::temp_dir().join(format!("rainbow-edge-ballast-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let ballast = Ballast::open(&folder);
        let bytes = || folder.join(BALLAST_FILE).metadata().expect("a file").len();
        assert_eq!(bytes(), BYTES);
        let lent = ballast.lend().expect("a piece");
        let more = ballast.lend().expect("another");
        assert_eq!(bytes(), BYTES - 2 * PIECE_BYTES);
        drop((lent, more));
        assert_eq!(bytes(), BYTES);
        let all: Vec<Lent> = std::iter::from_fn(|| ballast.lend()).collect();
        assert_eq!((bytes(), all.len() as u64), (0, BYTES.div_ceil(PIECE_BYTES)));
        drop(all);
        std::fs::remove_dir_all(&folder).expect("removes");
    }
}
