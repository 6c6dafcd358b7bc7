//! Receives a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::format::{HEADER_BYTES, SEGMENT_BYTES, Segment, header, place, segment_offset};
use super::key::FileKey;
use crate::aead::AwsLc;
use crate::error::VaultError;
use crate::key::Locked;

/// Appends to a file that is being received. Full segments are on their way to the disk, sealed; what is left over waits in
/// memory. Without [`SealedWriter::finish`] it stays a file that no reader opens.
pub struct SealedWriter {
    path: PathBuf,
    file: File,
    cipher: Locked<AwsLc>,
    /// How many segments are in the file.
    sealed: u64,
    /// The segment after them; plain.
    tail: Segment,
    /// Its bytes, always less than a segment.
    tail_bytes: usize,
    /// Nothing was written at or after this place in the file.
    written_to: u64,
}

impl SealedWriter {
    /// Makes a file for its owner only.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`], or [`VaultError::Io`], after which there is no file.
    pub fn create(path: &Path, key: FileKey) -> Result<Self, VaultError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = options.open(path).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => VaultError::AlreadyExists { path: path.to_owned() },
            _ => VaultError::Io { action: "create", path: path.to_owned(), source },
        })?;
        if let Err(source) = file.write_all_at(&header(), 0) {
            // Left behind, it would be in the way of the next try.
            let _ = fs::remove_file(path);
            return Err(VaultError::Io { action: "write to", path: path.to_owned(), source });
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            cipher: key.cipher(),
            sealed: 0,
            tail: Segment::with_room(SEGMENT_BYTES),
            tail_bytes: 0,
            written_to: HEADER_BYTES as u64,
        })
    }

    /// Plain bytes taken so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.sealed * SEGMENT_BYTES as u64 + self.tail_bytes as u64
    }

    /// Whether no byte was taken yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes `bytes`. After an error [`SealedWriter::len`] tells how many were taken before; all of those are whole, and one
    /// may go on from there, or from an earlier place with [`SealedWriter::truncate`].
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk is full or fails, [`VaultError::Random`].
    pub fn append(&mut self, mut bytes: &[u8]) -> Result<(), VaultError> {
        loop {
            let room = SEGMENT_BYTES - self.tail_bytes;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.tail.plain_mut(self.tail_bytes + now.len())[self.tail_bytes..].copy_from_slice(now);
            if now.len() < room {
                self.tail_bytes += now.len();
                return Ok(());
            }
            self.write_tail(SEGMENT_BYTES, false)?;
            self.sealed += 1;
            self.tail_bytes = 0;
            bytes = later;
        }
    }

    /// Forgets what came after the first `len` bytes: a part that was interrupted begins again.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk fails or fewer bytes are there; [`VaultError::SegmentTampered`] where `len` is inside
    /// of a segment that was changed on the disk. After an error nothing is forgotten.
    pub fn truncate(&mut self, len: u64) -> Result<(), VaultError> {
        if len > self.len() {
            return Err(self.failed("truncate", io::Error::new(ErrorKind::InvalidInput, "it is shorter than that")));
        }
        let (segment, within) = place(len);
        if segment < self.sealed {
            let kept = if within > 0 { Some(self.read_back(segment)?) } else { None };
            let end = segment_offset(segment);
            self.file.set_len(end).map_err(|source| self.failed("truncate", source))?;
            self.tail = kept.unwrap_or_else(|| Segment::with_room(SEGMENT_BYTES));
            (self.sealed, self.written_to) = (segment, end);
        }
        self.tail_bytes = within;
        Ok(())
    }

    /// Seals the last segment, and returns how many plain bytes the file has once all of it is on the disk and in its folder.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk is full or fails, [`VaultError::Random`]. The file is then to be removed.
    pub fn finish(mut self) -> Result<u64, VaultError> {
        self.write_tail(self.tail_bytes, true)?;
        let end = segment_offset(self.sealed) + self.tail.sealed(self.tail_bytes).len() as u64;
        if self.written_to > end {
            self.file.set_len(end).map_err(|source| self.failed("truncate", source))?;
        }
        self.file.sync_all().map_err(|source| self.failed("sync", source))?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| self.failed("sync the folder of", source))?;
        Ok(self.len())
    }

    /// Writes the first `length` bytes of the tail in their place, with one call. The tail is then sealed; after an error it
    /// is plain as before.
    fn write_tail(&mut self, length: usize, last: bool) -> Result<(), VaultError> {
        self.tail.seal(&self.cipher, self.sealed, last, length)?;
        let (sealed, offset) = (self.tail.sealed(length), segment_offset(self.sealed));
        // A write that fails may have been done in part.
        self.written_to = self.written_to.max(offset + sealed.len() as u64);
        let written = self.file.write_all_at(sealed, offset);
        written.map_err(|source| {
            self.tail.open(&self.cipher, self.sealed, last, length).expect("what was just sealed opens");
            self.failed("write to", source)
        })
    }

    /// A full segment that is in the file, plain.
    fn read_back(&self, number: u64) -> Result<Segment, VaultError> {
        let mut segment = Segment::with_room(SEGMENT_BYTES);
        self.file
            .read_exact_at(segment.sealed_mut(SEGMENT_BYTES), segment_offset(number))
            .map_err(|source| self.failed("read", source))?;
        let opened = segment.open(&self.cipher, number, false, SEGMENT_BYTES);
        opened.map_err(|_| VaultError::SegmentTampered { path: self.path.clone(), segment: number })?;
        Ok(segment)
    }

    fn failed(&self, action: &'static str, source: io::Error) -> VaultError {
        VaultError::Io { action, path: self.path.clone(), source }
    }
}
