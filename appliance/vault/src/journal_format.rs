//! The rollback journal's format v1: SQLite's, with headers authenticated, and pages with their checksums sealed. Everything
//! lies where SQLite puts it.
//!
//! ```text
//! header          0..28  as SQLite's (magic, records, checksum seed, pages before, sector size, page size)
//!                28..44  the segment's id, random
//!                44..68  nonce
//!                68..84  tag over all of it
//!                84..88  key epoch, big-endian
//! record           0..4  page number
//!               4..4052  content, sealed together with the last four bytes
//!            4052..4100  tag, nonce, epoch, zero: as in a page
//!            4100..4104  checksum, sealed
//! ```
//! Associated data: format version, database id, place in the file, the segment's id, and the page number or the header. So no
//! record opens in another journal, another place or as another page (D3). The name of a super-journal, at the end, is clear.

use std::sync::Arc;

use crate::aead::{AwsLc, TAG_BYTES};
use crate::page::{FORMAT_VERSION, PAGE_BYTES, Page, PageKeys, RESERVE_BYTES};
use crate::xaes::XNONCE_BYTES;

/// SQLite's magic.
pub(crate) const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// What SQLite knows of a header.
pub(crate) const HEADER_BYTES: usize = 28;
/// A header with its seal.
pub(crate) const SEALED_HEADER_BYTES: usize = 88;
/// Headers lie at multiples of this, and take it.
pub(crate) const SECTOR_BYTES: usize = 512;
/// A record.
pub(crate) const RECORD_BYTES: usize = PAGE_BYTES + 8;

const ID: std::ops::Range<usize> = HEADER_BYTES..HEADER_BYTES + 16;
const HEADER_NONCE: std::ops::Range<usize> = ID.end..ID.end + XNONCE_BYTES;
const HEADER_TAG: std::ops::Range<usize> = HEADER_NONCE.end..HEADER_NONCE.end + TAG_BYTES;
const CONTENT_BYTES: usize = PAGE_BYTES - RESERVE_BYTES;

/// What begins a segment of a journal.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    /// As SQLite knows it.
    pub(crate) bytes: [u8; HEADER_BYTES],
    /// Unlike that of any other segment.
    pub(crate) id: [u8; 16],
}

impl Header {
    /// Whether SQLite counts records by the length of the file, because nobody waited for the disk.
    pub(crate) fn is_uncounted(&self) -> bool {
        self.bytes[8..12] == [0xff; 4]
    }
}

/// A record as SQLite knows it.
pub(crate) struct Record {
    pub(crate) number: [u8; 4],
    pub(crate) page: Page,
    pub(crate) checksum: [u8; 4],
}

/// Seals and opens what a journal consists of.
pub(crate) struct JournalCipher(Arc<PageKeys>);

impl JournalCipher {
    pub(crate) fn new(keys: Arc<PageKeys>) -> Self {
        Self(keys)
    }

    /// A header for the place `at`.
    pub(crate) fn seal_header(
        &self,
        header: &Header,
        at: u64,
        nonce: &[u8; XNONCE_BYTES],
    ) -> [u8; SEALED_HEADER_BYTES] {
        let (epoch, key) = self.0.newest_journal();
        let mut sealed = [0; SEALED_HEADER_BYTES];
        sealed[..HEADER_BYTES].copy_from_slice(&header.bytes);
        sealed[ID].copy_from_slice(&header.id);
        sealed[HEADER_NONCE].copy_from_slice(nonce);
        sealed[HEADER_TAG.end..].copy_from_slice(&epoch.to_be_bytes());
        let aad = self.associated(at, &header.id, epoch, &header.bytes);
        let tag = key.seal::<AwsLc>(nonce, &aad, &mut []).expect("nothing is not too long");
        sealed[HEADER_TAG].copy_from_slice(&tag);
        sealed
    }

    /// The header at the place `at`; `None` where it is not one that this database's key made for that place.
    pub(crate) fn open_header(&self, sealed: &[u8; SEALED_HEADER_BYTES], at: u64) -> Option<Header> {
        let mut header = Header { bytes: [0; HEADER_BYTES], id: [0; 16] };
        header.bytes.copy_from_slice(&sealed[..HEADER_BYTES]);
        header.id.copy_from_slice(&sealed[ID]);
        let epoch = u32::from_be_bytes(sealed[HEADER_TAG.end..].try_into().ok()?);
        let (nonce, tag) = (sealed[HEADER_NONCE].try_into().ok()?, sealed[HEADER_TAG].try_into().ok()?);
        let aad = self.associated(at, &header.id, epoch, &header.bytes);
        self.0.journal(epoch)?.open::<AwsLc>(nonce, &aad, &mut [], tag).ok()?;
        Some(header)
    }

    /// A record of the segment `id` for the place `at`; `None` where the page's reserve is in use.
    pub(crate) fn seal_record(
        &self,
        record: &Record,
        (id, at): (&[u8; 16], u64),
        nonce: &[u8; XNONCE_BYTES],
    ) -> Option<[u8; RECORD_BYTES]> {
        let (content, reserve) = record.page.split_at(CONTENT_BYTES);
        if reserve.iter().any(|byte| *byte != 0) {
            return None;
        }
        let (epoch, key) = self.0.newest_journal();
        let mut secret = [0; CONTENT_BYTES + 4];
        secret[..CONTENT_BYTES].copy_from_slice(content);
        secret[CONTENT_BYTES..].copy_from_slice(&record.checksum);
        let tag = key.seal::<AwsLc>(nonce, &self.associated(at, id, epoch, &record.number), &mut secret).ok()?;
        let mut sealed = [0; RECORD_BYTES];
        sealed[..4].copy_from_slice(&record.number);
        let (page, checksum) = sealed[4..].split_at_mut(PAGE_BYTES);
        let (content, trailer) = page.split_at_mut(CONTENT_BYTES);
        content.copy_from_slice(&secret[..CONTENT_BYTES]);
        checksum.copy_from_slice(&secret[CONTENT_BYTES..]);
        trailer[..TAG_BYTES].copy_from_slice(&tag);
        trailer[TAG_BYTES..TAG_BYTES + XNONCE_BYTES].copy_from_slice(nonce);
        trailer[TAG_BYTES + XNONCE_BYTES..][..4].copy_from_slice(&epoch.to_be_bytes());
        Some(sealed)
    }

    /// The record of the segment `id` at the place `at`; `None` where it is not that.
    pub(crate) fn open_record(&self, sealed: &[u8; RECORD_BYTES], (id, at): (&[u8; 16], u64)) -> Option<Record> {
        let number: [u8; 4] = sealed[..4].try_into().ok()?;
        let (content, rest) = sealed[4..].split_at(CONTENT_BYTES);
        let (trailer, checksum) = rest.split_at(RESERVE_BYTES);
        let (tag, trailer) = trailer.split_at(TAG_BYTES);
        let (nonce, trailer) = trailer.split_at(XNONCE_BYTES);
        let (epoch, zero) = trailer.split_at(4);
        let epoch = u32::from_be_bytes(epoch.try_into().ok()?);
        let mut secret = [0; CONTENT_BYTES + 4];
        secret[..CONTENT_BYTES].copy_from_slice(content);
        secret[CONTENT_BYTES..].copy_from_slice(checksum);
        let aad = self.associated(at, id, epoch, &number);
        self.0.journal(epoch)?.open::<AwsLc>(nonce.try_into().ok()?, &aad, &mut secret, tag.try_into().ok()?).ok()?;
        if zero.iter().any(|byte| *byte != 0) {
            return None;
        }
        let mut page = [0; PAGE_BYTES];
        page[..CONTENT_BYTES].copy_from_slice(&secret[..CONTENT_BYTES]);
        Some(Record { number, page, checksum: secret[CONTENT_BYTES..].try_into().ok()? })
    }

    fn associated(&self, at: u64, id: &[u8; 16], epoch: u32, rest: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(66);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        bytes.extend_from_slice(&self.0.id());
        bytes.extend_from_slice(&at.to_be_bytes());
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&epoch.to_be_bytes());
        bytes.extend_from_slice(rest);
        bytes
    }
}
