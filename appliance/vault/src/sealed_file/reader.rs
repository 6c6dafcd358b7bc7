//! Reads a finished file in ranges.

use std::fs::File;
use std::io::{self, ErrorKind, IoSliceMut};
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, fadvise};
use rustix::io::{ReadWriteFlags, preadv2};
use zeroize::Zeroize as _;

use super::format::{
    HEADER_BYTES, OVERHEAD_BYTES, SEALED_SEGMENT_BYTES, SEGMENT_BYTES, Segment, check_header, last_segment, open_in,
    place, plain_in, segment_offset,
};
use super::key::FileKey;
use crate::aead::AwsLc;
use crate::error::VaultError;
use crate::key::Locked;

/// Whether a reader may wait for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// As long as it takes: off the threads that others wait for.
    ForDisk,
    /// Not at all.
    Never,
}

/// Some of a file: plain bytes, and where they are among others that mean nothing.
#[derive(Debug)]
pub struct Piece {
    /// Holds them.
    pub bytes: Vec<u8>,
    /// Where they are, in order.
    pub parts: Vec<Range<usize>>,
}

/// Reads ranges of a finished file; of the file only the segments that they touch are read and opened.
pub struct SealedReader {
    path: PathBuf,
    file: File,
    cipher: Locked<AwsLc>,
    len: u64,
    last: u64,
    segment: Segment,
    /// Which one `segment` holds, opened.
    held: Option<u64>,
}

impl SealedReader {
    /// Opens a file and checks that it ends where it was finished.
    ///
    /// # Errors
    /// [`VaultError::FileTruncated`] where it has no end, [`VaultError::SegmentTampered`] where what should be its end does
    /// not open, [`VaultError::NotAVaultFile`], [`VaultError::UnsupportedFormat`], [`VaultError::Io`].
    pub fn open(path: &Path, key: FileKey) -> Result<Self, VaultError> {
        let failed = |source| VaultError::Io { action: "open", path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut start = [0; HEADER_BYTES];
        let start = &mut start[..usize::try_from(size).map_or(HEADER_BYTES, |size| size.min(HEADER_BYTES))];
        file.read_exact_at(start, 0).map_err(failed)?;
        check_header(path, start)?;
        let (last, rest) =
            last_segment(size).map_err(|segment| VaultError::FileTruncated { path: path.to_owned(), segment })?;
        let room = if last > 0 { SEGMENT_BYTES } else { rest };
        let mut reader = Self {
            path: path.to_owned(),
            file,
            cipher: key.cipher(),
            len: last * SEGMENT_BYTES as u64 + rest as u64,
            last,
            segment: Segment::with_room(room),
            held: None,
        };
        reader.load(last)?;
        Ok(reader)
    }

    /// Plain bytes of the file.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The plain bytes from `offset` to the end of its segment, at most 64 KiB; none only at and after the end of the file.
    ///
    /// # Errors
    /// [`VaultError::SegmentTampered`], [`VaultError::FileTruncated`] where it was cut since it was opened,
    /// [`VaultError::Io`].
    pub fn read_at(&mut self, offset: u64) -> Result<&[u8], VaultError> {
        if offset >= self.len {
            return Ok(&[]);
        }
        let (number, within) = place(offset);
        if self.held != Some(number) {
            self.load(number)?;
        }
        Ok(&self.segment.plain(self.bytes_of(number))[within..])
    }

    /// The plain bytes from `offset` on to the end of a segment, of at most so many segments: read by one call and opened where
    /// they lie. `None`: not all of them are in memory, and [`Wait::Never`] was said.
    ///
    /// # Errors
    /// As [`SealedReader::read_at`].
    pub fn read_piece(&self, offset: u64, segments_max: usize, wait: Wait) -> Result<Option<Piece>, VaultError> {
        let (first, within) = place(offset.min(self.len));
        let count = if offset >= self.len { 0 } else { self.last - first + 1 };
        let count = count.min(u64::try_from(segments_max).unwrap_or(u64::MAX));
        let lengths = (first..first + count).map(|number| self.bytes_of(number) + OVERHEAD_BYTES);
        let mut bytes = vec![0; lengths.clone().sum()];
        match wait {
            Wait::ForDisk => self.file.read_exact_at(&mut bytes, segment_offset(first)),
            Wait::Never if self.is_in_memory(&mut bytes, segment_offset(first)) => Ok(()),
            Wait::Never => return Ok(None),
        }
        .map_err(|source| self.failed(first, source))?;
        let (mut rest, mut begin, mut parts) = (&mut bytes[..], 0, Vec::new());
        for (number, length) in (first..).zip(lengths) {
            let (sealed, later) = rest.split_at_mut(length);
            let opened = open_in(sealed, &self.cipher, number, number == self.last);
            opened.map_err(|_| VaultError::SegmentTampered { path: self.path.clone(), segment: number })?;
            let plain = plain_in(length);
            let skipped = if number == first { within } else { 0 };
            parts.push(begin + plain.start + skipped..begin + plain.end);
            (rest, begin) = (later, begin + length);
        }
        Ok(Some(Piece { bytes, parts }))
    }

    /// Reads what is in the system's memory; `false` when it is not, or the file system cannot tell.
    fn is_in_memory(&self, bytes: &mut [u8], offset: u64) -> bool {
        let wanted = bytes.len();
        let read = preadv2(&self.file, &mut [IoSliceMut::new(bytes)], offset, ReadWriteFlags::NOWAIT);
        read == Ok(wanted)
    }

    /// Has the disk read what will be asked for next, while nobody waits for it. That it does not is no error.
    pub fn ask_ahead(&self, offset: u64, segments: u64) {
        let bytes = NonZeroU64::new(segments * SEALED_SEGMENT_BYTES);
        let _ = fadvise(&self.file, segment_offset(place(offset).0), bytes, Advice::WillNeed);
    }

    /// Plain bytes of a segment.
    fn bytes_of(&self, number: u64) -> usize {
        if number == self.last { place(self.len).1 } else { SEGMENT_BYTES }
    }

    fn load(&mut self, number: u64) -> Result<(), VaultError> {
        self.held = None;
        let length = self.bytes_of(number);
        let sealed = self.segment.sealed_mut(length);
        self.file.read_exact_at(sealed, segment_offset(number)).map_err(|source| self.failed(number, source))?;
        if self.segment.open(&self.cipher, number, number == self.last, length).is_err() {
            self.segment.sealed_mut(length).zeroize();
            return Err(VaultError::SegmentTampered { path: self.path.clone(), segment: number });
        }
        self.held = Some(number);
        Ok(())
    }

    fn failed(&self, segment: u64, source: io::Error) -> VaultError {
        let path = self.path.clone();
        match source.kind() {
            ErrorKind::UnexpectedEof => VaultError::FileTruncated { path, segment },
            _ => VaultError::Io { action: "read", path, source },
        }
    }
}
