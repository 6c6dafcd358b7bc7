//! The write-ahead log's format v1: SQLite's, with the checksums and salts of its headers sealed, because checksums
//! over clear pages would tell about them, and because an unsealed header could be forged.
//!
//! ```text
//! log header    0..16   as SQLite's (magic, version, page size, checkpoint number)
//!              16..32   sealed: salt-1, salt-2, checksum-1, checksum-2; tweak: bytes 0..16
//! frame header  0..8    as SQLite's (page number, pages after commit or 0)
//!               8..24   sealed: salt-1, sync number, checksum-1, checksum-2;
//!                       tweak: second half of the page's nonce, bytes 4..8 of the header
//! frame page            a page of format v1
//! ```
//! The sync number counts the syncs that followed a commit since the log was started. All frames of a transaction carry
//! the same one, and a frame with a higher one exists only after the lower ones were on the disk: this tells an
//! interrupted write from a change by somebody else (D3).

use crate::aead::Aead;
use crate::page::{BlockSeal, PAGE_BYTES, Page, PageCipher, PageKeys};
use crate::wipe::then_wipe_the_stack_of_blocks;

/// Bytes of the log header.
pub(crate) const LOG_HEADER_BYTES: usize = 32;
/// Bytes of a frame header.
pub(crate) const FRAME_HEADER_BYTES: usize = 24;
/// Bytes of a frame.
pub(crate) const FRAME_BYTES: usize = FRAME_HEADER_BYTES + PAGE_BYTES;

/// SQLite's magic; the lowest bit says that checksums are over big-endian words.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// A log header as SQLite writes it.
pub(crate) type LogHeader = [u8; LOG_HEADER_BYTES];
/// A frame header as SQLite writes it.
pub(crate) type FrameHeader = [u8; FRAME_HEADER_BYTES];
/// SQLite's running checksum.
pub(crate) type Checksum = (u32, u32);

/// Where frame `frame` (from 1) starts in the log.
pub(crate) fn frame_offset(frame: u32) -> u64 {
    LOG_HEADER_BYTES as u64 + (u64::from(frame) - 1) * FRAME_BYTES as u64
}

/// The frame that `offset` lies in, and where in it; `None` inside the log header or beyond what SQLite can number.
pub(crate) fn frame_at(offset: u64) -> Option<(u32, usize)> {
    let beyond = offset.checked_sub(LOG_HEADER_BYTES as u64)?;
    let frame = u32::try_from(beyond / FRAME_BYTES as u64).ok()?.checked_add(1)?;
    let within = usize::try_from(beyond % FRAME_BYTES as u64).ok()?;
    Some((frame, within))
}

/// Big-endian number at `at`.
pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_be_bytes(word)
}

fn halves<const N: usize>(bytes: &[u8; N]) -> ([u8; 16], [u8; 16]) {
    let (mut first, mut last) = ([0; 16], [0; 16]);
    first.copy_from_slice(&bytes[..16]);
    last.copy_from_slice(&bytes[N - 16..]);
    (first, last)
}

/// Seals a log header.
pub(crate) fn seal_log_header(keys: &PageKeys, header: &LogHeader) -> LogHeader {
    let (clear, secret) = halves(header);
    let mut sealed = *header;
    let seal = || keys.newest_log_header().seal(clear, secret);
    sealed[16..].copy_from_slice(&then_wipe_the_stack_of_blocks(seal));
    sealed
}

/// Opens a log header; `None` where it is not one that this database wrote.
pub(crate) fn open_log_header(keys: &PageKeys, sealed: &LogHeader) -> Option<LogHeader> {
    let (clear, secret) = halves(sealed);
    keys.log_headers().find_map(|seal: &BlockSeal| {
        let mut header = *sealed;
        header[16..].copy_from_slice(&then_wipe_the_stack_of_blocks(|| seal.open(clear, secret)));
        is_valid(&header).then_some(header)
    })
}

/// Whether SQLite would take this header for a log of pages of our size.
pub(crate) fn is_valid(header: &LogHeader) -> bool {
    be32(header, 0) & !1 == MAGIC
        && be32(header, 4) == VERSION
        && usize::try_from(be32(header, 8)) == Ok(PAGE_BYTES)
        && checksum(header, &header[..24], (0, 0)) == seed(header)
}

/// The checksum that the first frame continues.
pub(crate) fn seed(header: &LogHeader) -> Checksum {
    (be32(header, 24), be32(header, 28))
}

/// The log's generation: SQLite's salt-1, one more at each restart of the log.
pub(crate) fn generation(header: &LogHeader) -> u32 {
    be32(header, 16)
}

/// SQLite's checksum of `bytes` (whole pairs of words) continued from `from`, in the word order that `header` names.
pub(crate) fn checksum(header: &LogHeader, bytes: &[u8], from: Checksum) -> Checksum {
    let big_endian = be32(header, 0) & 1 == 1;
    let word = |word: &[u8]| {
        let word = [word[0], word[1], word[2], word[3]];
        if big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    };
    bytes.chunks_exact(8).fold(from, |(s0, s1), pair| {
        let s0 = s0.wrapping_add(word(&pair[..4])).wrapping_add(s1);
        (s0, s1.wrapping_add(word(&pair[4..])).wrapping_add(s0))
    })
}

/// What a frame header says once opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenHeader {
    /// The page's number.
    pub(crate) page: u32,
    /// Pages of the database after this commit; 0 for a frame that does not commit.
    pub(crate) pages_after_commit: u32,
    /// The log's generation when it was written.
    pub(crate) generation: u32,
    /// See the module's description.
    pub(crate) sync_number: u32,
    /// SQLite's running checksum up to and including this frame.
    pub(crate) checksum: Checksum,
}

/// Seals a frame header over its sealed page.
pub(crate) fn seal_frame_header<A: Aead>(
    cipher: &mut PageCipher<A>,
    header: &FrameHeader,
    sync_number: u32,
    sealed_page: &Page,
) -> Option<FrameHeader> {
    let mut secret = [0; 16];
    secret[..4].copy_from_slice(&header[8..12]);
    secret[4..8].copy_from_slice(&sync_number.to_be_bytes());
    secret[8..].copy_from_slice(&header[16..]);
    let mut sealed = *header;
    let (seal, nonce) = cipher.frame_seal(sealed_page)?;
    sealed[8..].copy_from_slice(&seal.seal(frame_tweak(nonce, header), secret));
    Some(sealed)
}

/// Opens a frame header over its sealed page; `None` where the page's epoch is unknown.
pub(crate) fn open_frame_header<A: Aead>(
    cipher: &mut PageCipher<A>,
    sealed: &FrameHeader,
    sealed_page: &Page,
) -> Option<OpenHeader> {
    let (seal, nonce) = cipher.frame_seal(sealed_page)?;
    let secret = seal.open(frame_tweak(nonce, sealed), halves(sealed).1);
    Some(OpenHeader {
        page: be32(sealed, 0),
        pages_after_commit: be32(sealed, 4),
        generation: be32(&secret, 0),
        sync_number: be32(&secret, 4),
        checksum: (be32(&secret, 8), be32(&secret, 12)),
    })
}

fn frame_tweak(nonce: [u8; 12], header: &FrameHeader) -> [u8; 16] {
    let mut tweak = [0; 16];
    tweak[..12].copy_from_slice(&nonce);
    tweak[12..].copy_from_slice(&header[4..8]);
    tweak
}

/// The header that SQLite wrote for a frame of the log `log`.
pub(crate) fn sqlite_frame_header(log: &LogHeader, open: &OpenHeader) -> FrameHeader {
    let mut header = [0; FRAME_HEADER_BYTES];
    header[..4].copy_from_slice(&open.page.to_be_bytes());
    header[4..8].copy_from_slice(&open.pages_after_commit.to_be_bytes());
    header[8..16].copy_from_slice(&log[16..24]);
    header[16..20].copy_from_slice(&open.checksum.0.to_be_bytes());
    header[20..].copy_from_slice(&open.checksum.1.to_be_bytes());
    header
}
