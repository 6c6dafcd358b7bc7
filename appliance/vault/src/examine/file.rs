use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Damage;
use super::raw::Raw;
use crate::aead::AwsLc;
use crate::error::VaultError;
use crate::key::Locked;
use crate::sealed_file::FileKey;
use crate::sealed_file::format::{
    HEADER_BYTES, OVERHEAD_BYTES, SEGMENT_BYTES, check_header, header, last_segment, open_in, sealed_len,
    segment_offset,
};

/// A segment that does not open.
pub type SegmentDamage = (u64, Damage);

/// A stored file that is looked at. Its plain length is known from elsewhere, so what was cut off counts segment by segment.
pub struct FileExamination {
    path: PathBuf,
    raw: Raw,
    cipher: Locked<AwsLc>,
    last: u64,
    last_bytes: usize,
    room: Vec<u8>,
}

impl FileExamination {
    /// Begins to look at a file of `plain` bytes. What its start says is looked at now.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::NotAVaultFile`], [`VaultError::UnsupportedFormat`], [`VaultError::FileTruncated`] where
    /// not even its start is there.
    pub fn open(path: &Path, key: &FileKey, plain: u64) -> Result<Self, VaultError> {
        let failed = |source| VaultError::Io { action: "open", path: path.to_owned(), source };
        let raw = Raw::of(Arc::new(File::open(path).map_err(failed)?));
        let mut start = [0; HEADER_BYTES];
        let got = raw.read(&mut start, 0);
        check_header(path, &start[..got.bytes])?;
        Ok(Self::over(path, raw, key, plain))
    }

    fn over(path: &Path, raw: Raw, key: &FileKey, plain: u64) -> Self {
        let (last, last_bytes) = last_segment(sealed_len(plain)).expect("the length of a whole file");
        let room = vec![0; SEGMENT_BYTES + OVERHEAD_BYTES];
        Self { path: path.to_owned(), raw, cipher: key.cipher(), last, last_bytes, room }
    }

    /// Segments of the whole file.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.last + 1
    }

    /// Bytes that are there beyond the end.
    #[must_use]
    pub fn surplus_bytes(&self) -> u64 {
        let end = segment_offset(self.last) + (self.last_bytes + OVERHEAD_BYTES) as u64;
        self.raw.size().saturating_sub(end)
    }

    /// Looks at one segment: how many bytes that were, and what is wrong.
    pub fn look(&mut self, number: u64) -> (u64, Option<Damage>) {
        let length = self.sealed_bytes(number);
        let got = self.raw.read(&mut self.room[..length], segment_offset(number));
        let damage = if got.bytes < length {
            Some(if got.failed { Damage::Unreadable } else { Damage::Missing })
        } else {
            let opened = open_in(&mut self.room[..length], &self.cipher, number, number == self.last);
            opened.is_err().then_some(Damage::Changed)
        };
        self.room[..length].fill(0);
        (length as u64, damage)
    }

    /// Puts a segment of a backup in the place of a damaged one, and waits for the disk. Files never change, so any that opens
    /// in this place is the right one; `false`: this one does not.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk does not take it.
    pub fn mend(&mut self, number: u64, offered: &[u8]) -> Result<bool, VaultError> {
        if number > self.last || offered.len() != self.sealed_bytes(number) {
            return Ok(false);
        }
        self.room[..offered.len()].copy_from_slice(offered);
        let opened = open_in(&mut self.room[..offered.len()], &self.cipher, number, number == self.last);
        self.room[..offered.len()].fill(0);
        if opened.is_err() {
            return Ok(false);
        }
        let write = || {
            let file = OpenOptions::new().write(true).open(&self.path)?;
            file.write_all_at(offered, segment_offset(number))?;
            file.sync_data()
        };
        write().map_err(|source| VaultError::Io { action: "mend", path: self.path.clone(), source })?;
        Ok(true)
    }

    /// Makes the start of a file whose start is damaged or which is gone, for [`FileExamination::mend`] to fill.
    ///
    /// # Errors
    /// [`VaultError::Io`] where the disk does not take it.
    pub fn begin_anew(path: &Path, key: &FileKey, plain: u64) -> Result<Self, VaultError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let open = || {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
            file.write_all_at(&header(), 0)?;
            file.sync_all()?;
            Ok(file)
        };
        let file = open().map_err(|source| VaultError::Io { action: "mend", path: path.to_owned(), source })?;
        Ok(Self::over(path, Raw::of(Arc::new(file)), key, plain))
    }

    /// Where a segment lies in its file, and how many bytes it has there.
    #[must_use]
    pub fn place(&self, number: u64) -> (u64, usize) {
        (segment_offset(number), self.sealed_bytes(number))
    }

    fn sealed_bytes(&self, number: u64) -> usize {
        OVERHEAD_BYTES + if number == self.last { self.last_bytes } else { SEGMENT_BYTES }
    }
}
