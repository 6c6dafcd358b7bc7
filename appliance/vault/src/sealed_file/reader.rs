//! Reads a finished file in ranges.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroize as _;

use super::format::{HEADER_BYTES, SEGMENT_BYTES, Segment, check_header, last_segment, place, segment_offset};
use super::key::FileKey;
use crate::aead::AwsLc;
use crate::error::VaultError;

/// Reads ranges of a finished file; of the file only the segments that they touch are read and opened.
pub struct SealedReader {
    path: PathBuf,
    file: File,
    cipher: AwsLc,
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
