//! Reads beside SQLite. POSIX drops all locks that a process has on a file when it closes any descriptor of it: so one that was
//! opened here stays open until nobody in this process has the database open.

use std::collections::HashMap;
use std::fs::File;
use std::io::IoSliceMut;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use rustix::fs::{Advice, fadvise};
use rustix::io::{ReadWriteFlags, preadv2};

use crate::error::VaultError;
use crate::vfs::registry::{lock, while_closed};

/// What is read at once.
pub(super) const BLOCK_BYTES: usize = 64 * 1024;

/// `RWF_DONTCACHE` of Linux 6.14: what a read brings in goes out again, what was there stays. Where there is none, a read that must
/// not wait tells what is there, as long as the disk is slower than the processor.
const DONTCACHE: ReadWriteFlags = ReadWriteFlags::from_bits_retain(0x80);

static KEPT: LazyLock<Mutex<HashMap<PathBuf, Arc<File>>>> = LazyLock::new(Mutex::default);

/// A file that is read beside those who use it.
#[derive(Clone)]
pub(super) struct Raw(Arc<File>);

/// How a read went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Got {
    /// Bytes from the start that are there.
    pub(super) bytes: usize,
    /// The system refused to go on.
    pub(super) failed: bool,
}

/// The descriptor of a database for looking, which is opened once.
pub(super) fn kept(path: &Path) -> Result<Raw, VaultError> {
    let mut kept = lock(&KEPT);
    if let Some(file) = kept.get(path) {
        return Ok(Raw(Arc::clone(file)));
    }
    let file = File::open(path).map_err(|source| VaultError::Io { action: "open", path: path.to_owned(), source })?;
    let file = Arc::new(file);
    kept.insert(path.to_owned(), Arc::clone(&file));
    Ok(Raw::of(file))
}

/// Closes the descriptors of databases that nobody has open any more.
pub(super) struct Sweeper;

impl Drop for Sweeper {
    fn drop(&mut self) {
        let mut kept = lock(&KEPT);
        let paths: Vec<PathBuf> = kept.keys().cloned().collect();
        for path in paths {
            while_closed(&path, || drop(kept.remove(&path)));
        }
    }
}

impl Raw {
    /// Reads are single blocks: the system need not guess what comes next.
    pub(super) fn of(file: Arc<File>) -> Self {
        // That it does not take advice is no error.
        let _ = fadvise(&*file, 0, None, Advice::Random);
        Self(file)
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Fills `buffer` as far as the file goes. What was in the system's memory stays there, what was not is not left there.
    pub(super) fn read(&self, buffer: &mut [u8], offset: u64) -> Got {
        if self.read_by(DONTCACHE, buffer, offset) == buffer.len() {
            return Got { bytes: buffer.len(), failed: false };
        }
        let warm = self.read_by(ReadWriteFlags::NOWAIT, buffer, offset);
        if warm == buffer.len() {
            return Got { bytes: warm, failed: false };
        }
        let (cold, failed) = self.read_from_disk(&mut buffer[warm..], offset + warm as u64);
        if let Some(length) = NonZeroU64::new(cold as u64) {
            let _ = fadvise(&*self.0, offset + warm as u64, Some(length), Advice::DontNeed);
        }
        Got { bytes: warm + cold, failed }
    }

    /// Bytes that are read so at once; none where the system does not know how.
    fn read_by(&self, how: ReadWriteFlags, buffer: &mut [u8], offset: u64) -> usize {
        preadv2(&*self.0, &mut [IoSliceMut::new(buffer)], offset, how).unwrap_or(0)
    }

    fn read_from_disk(&self, buffer: &mut [u8], offset: u64) -> (usize, bool) {
        let mut done = 0;
        while done < buffer.len() {
            match self.0.read_at(&mut buffer[done..], offset + done as u64) {
                Ok(0) => return (done, false),
                Ok(more) => done += more,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return (done, true),
            }
        }
        (done, false)
    }
}
