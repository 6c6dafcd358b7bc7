use super::checksum::Checksum;
use super::scan::Scanner;
use super::thumbnail::Pictures;
use super::{Progress, Scan};
use domain::ids::{FileId, UserId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use store::{FileKey, SealedWriter};
use tokio::sync::watch;

/// What the operator may set about files.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// Largest file, in bytes.
    pub size_limit_bytes: u64,
    /// Largest part that clients are told to send and to ask for, in bytes.
    pub chunk_bytes: u32,
    /// Files of one person together, in bytes.
    pub quota_bytes: u64,
    /// Bytes of the disk that files leave free.
    pub reserve_bytes: u64,
}

/// Files on their way: being received, or held for the scanner. All of it is in memory only, keys above all.
#[derive(Default)]
pub(crate) struct Desk {
    uploads: Mutex<HashMap<FileId, Arc<Upload>>>,
    held: Mutex<HashMap<FileId, Scan>>,
    pub(super) scanner: OnceLock<Scanner>,
    /// What the scanner says of itself.
    pub(super) version: Mutex<Option<String>>,
    pub(super) pictures: Pictures,
}

/// A file that is being received.
pub(super) struct Upload {
    pub(super) owner: UserId,
    pub(super) size_bytes: u64,
    /// Counts requests that receive for it: the latest one is right, those before have lost their client.
    pub(super) turn: watch::Sender<u64>,
    /// Where it goes on when it is cut now: known while a part comes, too.
    pub(super) progress: Mutex<Progress>,
    /// When something came last, in milliseconds since 1970.
    pub(super) used_ms: AtomicI64,
    pub(super) received: Arc<tokio::sync::Mutex<Received>>,
}

/// What has come of a file.
#[derive(Default)]
pub(super) struct Received {
    /// Gone while a task writes with it; gone for good when that panicked.
    pub(super) writer: Option<SealedWriter>,
    pub(super) key: Option<FileKey>,
    /// Where each part begins.
    pub(super) parts: Vec<u64>,
    /// Of all that has come.
    pub(super) md5: Checksum,
    /// Whether the last of them came whole.
    pub(super) whole: bool,
    /// The first bytes, which say what it is.
    pub(super) head: Vec<u8>,
}

impl Received {
    /// Where it goes on.
    pub(super) fn progress(&self) -> Progress {
        let begun = self.parts.len();
        let next_part = if self.whole { begun } else { begun.saturating_sub(1) };
        let received_bytes = match (self.whole, self.parts.last()) {
            (false, Some(begins)) => *begins,
            _ => self.writer.as_ref().map_or(0, SealedWriter::len),
        };
        Progress { next_part, received_bytes }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(super) fn upload(&self, id: &FileId) -> Option<Arc<Upload>> {
        lock(&self.uploads).get(id).cloned()
    }

    /// Enters an upload, unless there is one; `None` when there are too many, all together or of its owner.
    pub(super) fn enter(&self, id: &FileId, new: Upload, (all_max, own_max): (usize, usize)) -> Option<Arc<Upload>> {
        let mut uploads = lock(&self.uploads);
        if let Some(known) = uploads.get(id) {
            // From here on it is not idle any more, before anything has come.
            known.used_ms.store(new.used_ms.into_inner(), Ordering::Relaxed);
            return Some(Arc::clone(known));
        }
        let own = uploads.values().filter(|upload| upload.owner == new.owner).count();
        if uploads.len() >= all_max || own >= own_max {
            return None;
        }
        let upload = Arc::new(new);
        uploads.insert(id.clone(), Arc::clone(&upload));
        Some(upload)
    }

    pub(super) fn forget_upload(&self, id: &FileId) {
        lock(&self.uploads).remove(id);
    }

    /// Takes out uploads that nobody has gone on with since a time.
    pub(super) fn take_idle(&self, ms: i64) -> Vec<FileId> {
        let idle = |_: &FileId, upload: &mut Arc<Upload>| upload.used_ms.load(Ordering::Relaxed) < ms;
        lock(&self.uploads).extract_if(idle).map(|(id, _)| id).collect()
    }

    pub(super) fn hold(&self, scan: Scan) {
        lock(&self.held).insert(scan.id.clone(), scan);
    }

    pub(super) fn held(&self, id: &FileId) -> Option<Scan> {
        lock(&self.held).get(id).cloned()
    }

    pub(super) fn release(&self, id: &FileId) -> Option<Scan> {
        lock(&self.held).remove(id)
    }

    /// Files that wait for the scanner since before a time.
    pub(super) fn held_since(&self, ms: i64) -> Vec<FileId> {
        lock(&self.held).values().filter(|scan| scan.held_ms < ms).map(|scan| scan.id.clone()).collect()
    }

    /// How many files are being received.
    pub(crate) fn upload_count(&self) -> usize {
        lock(&self.uploads).len()
    }

    /// How many pictures wait to be made small.
    pub(crate) fn picture_count(&self) -> usize {
        self.pictures.waiting()
    }

    /// How many files wait for the scanner.
    pub(crate) fn held_count(&self) -> usize {
        lock(&self.held).len()
    }
}
