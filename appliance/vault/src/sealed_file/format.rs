//! File format v1.
//!
//! ```text
//! 0..6  `RBSEAL`
//! 6     format version, 1
//! 7     size of a segment as a power of two, 16
//! ```
//! Then segments, each of
//! ```text
//! nonce       12 bytes, random
//! ciphertext  65536 bytes; in the last segment 0..=65535
//! tag         16 bytes
//! ```
//! Each is AES-256-GCM under the file's key. Associated data: `rainbow-edge file v1` and a zero byte, the segment's number
//! from 0 (8 bytes, big-endian), and one byte that is 1 for the last segment and 0 for all others. So no segment opens in
//! another place or file, and nothing can be cut off or added (D3). The last segment is always shorter than the others, if
//! need be empty: a file that ends with a full segment is one that was cut, or never finished.
//!
//! Nonces are random because a part that is received again seals the same segment number under the same key with other
//! bytes. GCM allows 2^32 random ones under a key: segments of 256 TiB.

use std::ops::Range;
use std::path::Path;

use zeroize::Zeroizing;

use crate::aead::{Aead as _, AwsLc, Inauthentic, NONCE_BYTES, TAG_BYTES};
use crate::error::VaultError;

const VERSION: u8 = 1;
const SEGMENT_EXPONENT: u8 = 16;
const MAGIC: &[u8; 6] = b"RBSEAL";
/// Bytes before the first segment.
pub(crate) const HEADER_BYTES: usize = 8;
/// Plain bytes of every segment but the last.
pub(crate) const SEGMENT_BYTES: usize = 1 << SEGMENT_EXPONENT;
/// What sealing adds to a segment.
pub(crate) const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;
pub(crate) const SEALED_SEGMENT_BYTES: u64 = (SEGMENT_BYTES + OVERHEAD_BYTES) as u64;

const NAME: &[u8; 21] = b"rainbow-edge file v1\0";
const ASSOCIATED_BYTES: usize = NAME.len() + 8 + 1;

/// Bytes on the disk of a finished file with `plain` bytes, for quotas and sizes.
#[must_use]
pub fn sealed_len(plain: u64) -> u64 {
    let segments = plain / SEGMENT_BYTES as u64 + 1;
    HEADER_BYTES as u64 + plain + segments * OVERHEAD_BYTES as u64
}

/// The start of each file.
pub(crate) fn header() -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..6].copy_from_slice(MAGIC);
    header[6..].copy_from_slice(&[VERSION, SEGMENT_EXPONENT]);
    header
}

/// Checks the start of a file, of which `start` may be less where the file itself is shorter.
pub(crate) fn check_header(path: &Path, start: &[u8]) -> Result<(), VaultError> {
    let header = header();
    if start == header {
        return Ok(());
    }
    if header.starts_with(start) {
        return Err(VaultError::FileTruncated { path: path.to_owned(), segment: 0 });
    }
    match start {
        [magic @ .., version, _] if magic == MAGIC && *version != VERSION => Err(VaultError::UnsupportedFormat {
            path: path.to_owned(),
            found: u16::from(*version),
            supported: u16::from(VERSION),
        }),
        _ => Err(VaultError::NotAVaultFile { path: path.to_owned() }),
    }
}

/// Where the segments of a file of `size` bytes end: the number of the last one and its plain bytes. The error is the
/// number of the segment that is not there.
pub(crate) fn last_segment(size: u64) -> Result<(u64, usize), u64> {
    let body = size.saturating_sub(HEADER_BYTES as u64);
    let number = body / SEALED_SEGMENT_BYTES;
    let rest = usize::try_from(body % SEALED_SEGMENT_BYTES).expect("less than a segment");
    rest.checked_sub(OVERHEAD_BYTES).map(|plain| (number, plain)).ok_or(number)
}

/// Where a segment starts in its file.
pub(crate) fn segment_offset(number: u64) -> u64 {
    HEADER_BYTES as u64 + number * SEALED_SEGMENT_BYTES
}

/// Splits a place in the plain bytes into a segment and a place in it.
pub(crate) fn place(offset: u64) -> (u64, usize) {
    let within = usize::try_from(offset % SEGMENT_BYTES as u64).expect("less than a segment");
    (offset / SEGMENT_BYTES as u64, within)
}

/// What the tag of a segment covers beside its bytes.
fn associated_data(number: u64, last: bool) -> [u8; ASSOCIATED_BYTES] {
    let mut data = [0; ASSOCIATED_BYTES];
    data[..NAME.len()].copy_from_slice(NAME);
    data[NAME.len()..ASSOCIATED_BYTES - 1].copy_from_slice(&number.to_be_bytes());
    data[ASSOCIATED_BYTES - 1] = u8::from(last);
    data
}

/// Room for one segment as it lies in the file, sealed and opened in place; wiped when dropped.
pub(crate) struct Segment(Zeroizing<Vec<u8>>);

impl Segment {
    /// Room for a segment of up to `plain` bytes.
    pub(crate) fn with_room(plain: usize) -> Self {
        Self(Zeroizing::new(vec![0; plain + OVERHEAD_BYTES]))
    }

    /// The first `length` plain bytes.
    pub(crate) fn plain(&self, length: usize) -> &[u8] {
        &self.0[NONCE_BYTES..NONCE_BYTES + length]
    }

    /// The first `length` plain bytes, to fill.
    pub(crate) fn plain_mut(&mut self, length: usize) -> &mut [u8] {
        &mut self.0[NONCE_BYTES..NONCE_BYTES + length]
    }

    /// The bytes in the file of a segment with `length` plain bytes.
    pub(crate) fn sealed(&self, length: usize) -> &[u8] {
        &self.0[..length + OVERHEAD_BYTES]
    }

    /// The bytes in the file of a segment with `length` plain bytes, to fill.
    pub(crate) fn sealed_mut(&mut self, length: usize) -> &mut [u8] {
        &mut self.0[..length + OVERHEAD_BYTES]
    }

    /// Seals the first `length` plain bytes under a fresh nonce.
    pub(crate) fn seal(&mut self, cipher: &AwsLc, number: u64, last: bool, length: usize) -> Result<(), VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
        let associated = associated_data(number, last);
        let tag = cipher.seal(&nonce, &associated, self.plain_mut(length)).expect("a segment is within GCM's limits");
        let sealed = self.sealed_mut(length);
        sealed[..NONCE_BYTES].copy_from_slice(&nonce);
        sealed[NONCE_BYTES + length..].copy_from_slice(&tag);
        Ok(())
    }

    /// Opens what [`Segment::seal`] made. After an error the plain bytes mean nothing.
    pub(crate) fn open(&mut self, cipher: &AwsLc, number: u64, last: bool, length: usize) -> Result<(), Inauthentic> {
        open_in(self.sealed_mut(length), cipher, number, last)
    }
}

/// Opens a segment where it lies: its plain bytes are [`plain_in`] it from then on. After an error they mean nothing.
pub(crate) fn open_in(sealed: &mut [u8], cipher: &AwsLc, number: u64, last: bool) -> Result<(), Inauthentic> {
    let (mut nonce, mut tag) = ([0; NONCE_BYTES], [0; TAG_BYTES]);
    let plain = plain_in(sealed.len());
    nonce.copy_from_slice(&sealed[..NONCE_BYTES]);
    tag.copy_from_slice(&sealed[plain.end..]);
    cipher.open(&nonce, &associated_data(number, last), &mut sealed[plain], &tag)
}

/// Where the plain bytes are in a segment of so many bytes.
pub(crate) fn plain_in(sealed: usize) -> Range<usize> {
    NONCE_BYTES..sealed - TAG_BYTES
}
