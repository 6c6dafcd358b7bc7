//! What this process knows of a database's write-ahead log, shared by its connections. A frame on the disk counts only
//! if it is the one that is known here, so exchanging frames under a running process is noticed (D3).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::aead::TAG_BYTES;
use crate::log_format::{FRAME_BYTES, FrameHeader, LogHeader, be32};

const AHEAD_FRAMES_MIN: u64 = 16;
const AHEAD_FRAMES_MAX: u64 = 254;

/// By page: the number of the last committed frame that holds it, and the tag in that.
pub(crate) type LastFrames = HashMap<u32, (u32, [u8; TAG_BYTES])>;

/// A frame that we wrote, or that the scan at opening approved.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// Its header as SQLite knows it.
    pub(crate) header: FrameHeader,
    /// The tag of its sealed page.
    pub(crate) tag: [u8; TAG_BYTES],
    /// See `log_format`.
    pub(crate) sync_number: u32,
}

impl Frame {
    /// The number of the page that it holds.
    pub(crate) fn page(&self) -> u32 {
        be32(&self.header, 0)
    }

    /// Whether it ends a transaction.
    pub(crate) fn commits(&self) -> bool {
        be32(&self.header, 4) != 0
    }
}

/// The log's content.
#[derive(Default)]
pub(crate) struct Log {
    /// The header as SQLite knows it; `None` where the log is empty.
    pub(crate) header: Option<LogHeader>,
    /// Frame 1 first.
    frames: Vec<Option<Frame>>,
    /// What new frames carry.
    pub(crate) sync_number: u32,
    /// Frames written that end a transaction, and how many of them are known to be on the disk.
    commits_written: u64,
    commits_synced: u64,
    /// How long the file is at least; no frame lies beyond.
    file_bytes: u64,
    /// No more is written ahead: there was no room.
    no_room: bool,
}

fn index(frame: u32) -> Option<usize> {
    usize::try_from(frame).ok()?.checked_sub(1)
}

impl Log {
    /// A log that starts anew under `header`, in the file as it is; without one, in an empty file.
    pub(crate) fn restart(&mut self, header: Option<LogHeader>) {
        let file_bytes = if header.is_some() { self.file_bytes } else { 0 };
        *self = Self { header, sync_number: 1, file_bytes, ..Self::default() };
    }

    /// The file has so many bytes.
    pub(crate) fn reaches(&mut self, bytes: u64) {
        self.file_bytes = bytes;
    }

    /// What is to be zeros, once a write ended at `end`: nothing as long as that was inside of the file. As much as the log has
    /// already, from 16 frames to 1 MiB of them, so that small logs stay small.
    pub(crate) fn ahead(&mut self, end: u64) -> Option<Range<u64>> {
        if end <= self.file_bytes {
            return None;
        }
        self.file_bytes = end;
        let room = (end / FRAME_BYTES as u64).clamp(AHEAD_FRAMES_MIN, AHEAD_FRAMES_MAX) * FRAME_BYTES as u64;
        (!self.no_room).then(|| end..end + room)
    }

    /// So far the file is zeros now, or not because there was no room.
    pub(crate) fn written_ahead(&mut self, end: Option<u64>) {
        self.no_room = end.is_none();
        self.file_bytes = self.file_bytes.max(end.unwrap_or(0));
    }

    pub(crate) fn frame(&self, frame: u32) -> Option<Frame> {
        *self.frames.get(index(frame)?)?
    }

    /// Takes note of a frame that is now on the disk.
    pub(crate) fn put(&mut self, number: u32, frame: Frame) {
        let Some(at) = index(number) else { return };
        if self.frames.len() <= at {
            self.frames.resize(at + 1, None);
        }
        self.frames[at] = Some(frame);
        self.commits_written += u64::from(frame.commits());
    }

    /// All frames are on the disk, and new ones carry `sync_number`.
    pub(crate) fn approve(&mut self, sync_number: u32) {
        self.commits_synced = self.commits_written;
        self.sync_number = sync_number;
    }

    /// What a sync that starts now will have put on the disk; for [`Log::synced`].
    pub(crate) fn sync_point(&self) -> u64 {
        self.commits_written
    }

    /// A sync that started at `point` has succeeded.
    pub(crate) fn synced(&mut self, point: u64) {
        if point > self.commits_synced {
            self.commits_synced = point;
            self.sync_number = self.sync_number.saturating_add(1);
        }
    }

    /// Forgets the frames that do not fit whole into `frames`.
    pub(crate) fn truncate(&mut self, frames: u32) {
        self.frames.truncate(usize::try_from(frames).unwrap_or(usize::MAX));
    }

    /// Of each page that a committed frame holds: the number of the last such frame, and the tag in it.
    pub(crate) fn last_frames(&self) -> LastFrames {
        let committed = self.frames.iter().rposition(|frame| frame.is_some_and(|frame| frame.commits()));
        let committed = &self.frames[..committed.map_or(0, |at| at + 1)];
        let numbered = (1..).zip(committed).filter_map(|(number, frame)| Some((number, (*frame)?)));
        numbered.map(|(number, frame)| (frame.page(), (number, frame.tag))).collect()
    }

    /// Whether some frame holds page `page`.
    pub(crate) fn has_page(&self, page: u32) -> bool {
        self.frames.iter().flatten().any(|frame| frame.page() == page)
    }
}

/// The log behind its lock.
#[derive(Default)]
pub(crate) struct LogState(RwLock<Log>);

impl LogState {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Log> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Log> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
