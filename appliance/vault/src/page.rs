//! Page format v1, the same in the database file and in the write-ahead log, so that a sealed page may be copied from
//! one to the other.
//!
//! ```text
//!    0..4048  content, sealed with XAES-256-GCM
//! 4048..4064  tag
//! 4064..4088  nonce
//! 4088..4092  key epoch, big-endian
//! 4092..4096  zero
//! ```
//! Page 1 starts, in place of SQLite's constant text, with `RBEDGE`, the format version (2 bytes, big-endian) and the
//! database id (8 bytes); its bytes 16..24 (page size, reserve) stay clear because SQLite needs them before anything
//! else. Associated data: format version, database id, page number, epoch, and those 24 bytes on page 1. So no page
//! opens in another place, another file, or under another header (D3).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};

use crate::aead::{Aead, AwsLc, FromKey, NONCE_BYTES, TAG_BYTES};
use crate::key::{DatabaseId, DatabaseKey, Locked};
use crate::xaes::{SubkeyCache, XNONCE_BYTES, Xaes, split};

/// Bytes of a page.
pub(crate) const PAGE_BYTES: usize = 4096;
/// Bytes at the end of each page that SQLite leaves to us.
pub(crate) const RESERVE_BYTES: usize = 48;
/// The on-disk format that this build writes and reads.
pub(crate) const FORMAT_VERSION: u16 = 1;
/// What SQLite expects at the start of page 1.
pub(crate) const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

const MAGIC: &[u8; 6] = b"RBEDGE";
const CLEAR_BYTES: usize = 24;
/// Where the trailer begins: tag, nonce, epoch.
pub(crate) const CONTENT_END: usize = PAGE_BYTES - RESERVE_BYTES;
const TAG_END: usize = CONTENT_END + TAG_BYTES;
const NONCE_END: usize = TAG_END + XNONCE_BYTES;
/// Where what is sealed in a trailer ends.
pub(crate) const EPOCH_END: usize = NONCE_END + 4;

/// A page, sealed or clear.
pub(crate) type Page = [u8; PAGE_BYTES];

/// Why a page does not open.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum PageError {
    /// Page 1 does not start with our magic.
    NotAVaultFile,
    /// Page 1 has another format version.
    Format(u16),
    /// Page 1 carries another database's id.
    WrongDatabase(DatabaseId),
    /// Tag, trailer or epoch do not belong to this page in this place.
    Inauthentic,
}

/// A page that was asked to be sealed is not one that opens to the same bytes again.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Unsealable;

/// One database's keys, expanded; shared by all its files.
pub(crate) struct PageKeys {
    id: DatabaseId,
    /// Oldest first, never empty.
    epochs: Vec<EpochKeys>,
}

/// The keys of one epoch.
pub(crate) struct EpochKeys {
    epoch: u32,
    page: Xaes,
    frame_header: Xaes,
    log_header: Locked<BlockSeal>,
    journal: Xaes,
}

impl PageKeys {
    /// Expands `key`. Pages, frame headers and log headers get unrelated subkeys.
    pub(crate) fn new(key: &DatabaseKey) -> Self {
        let expand = |(epoch, secret): &(u32, crate::key::SecretKey)| EpochKeys {
            epoch: *epoch,
            page: Xaes::new(secret.derive(&[b"page"]).expose()),
            frame_header: Xaes::new(secret.derive(&[b"wal frame header"]).expose()),
            log_header: Locked::made(|| BlockSeal::from_key(secret.derive(&[b"wal header"]).expose())),
            journal: Xaes::new(secret.derive(&[b"rollback journal"]).expose()),
        };
        Self { id: key.id(), epochs: key.epochs().iter().map(expand).collect() }
    }

    /// The database id in page 1 and in all associated data.
    pub(crate) fn id(&self) -> DatabaseId {
        self.id
    }

    /// The log-header key that new logs are written under.
    pub(crate) fn newest_log_header(&self) -> &BlockSeal {
        &self.epochs[self.epochs.len() - 1].log_header
    }

    /// The newest epoch and its journal key.
    pub(crate) fn newest_journal(&self) -> (u32, &Xaes) {
        let newest = &self.epochs[self.epochs.len() - 1];
        (newest.epoch, &newest.journal)
    }

    /// The journal key of an epoch.
    pub(crate) fn journal(&self, epoch: u32) -> Option<&Xaes> {
        self.epochs.iter().find(|keys| keys.epoch == epoch).map(|keys| &keys.journal)
    }

    /// The epoch that pages are sealed under.
    pub(crate) fn newest_epoch(&self) -> u32 {
        self.epochs[self.epochs.len() - 1].epoch
    }

    /// All log-header keys, newest first: a log header names no epoch.
    pub(crate) fn log_headers(&self) -> impl Iterator<Item = &BlockSeal> {
        self.epochs.iter().rev().map(|epoch| &*epoch.log_header)
    }
}

/// One database's keys as they are now. They change while it is open, when its key is turned (D2).
pub(crate) struct LiveKeys {
    /// Counts the changes, so that whoever seals or opens a page sees one without a lock.
    changes: AtomicU64,
    current: RwLock<Arc<PageKeys>>,
}

impl LiveKeys {
    /// Expands `key`.
    pub(crate) fn new(key: &DatabaseKey) -> Arc<Self> {
        Arc::new(Self { changes: AtomicU64::new(0), current: RwLock::new(Arc::new(PageKeys::new(key))) })
    }

    /// The keys of now.
    pub(crate) fn now(&self) -> Arc<PageKeys> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on pages are sealed under the newest epoch of `key`, and those of its epochs open.
    pub(crate) fn replace(&self, key: &DatabaseKey) {
        let keys = Arc::new(PageKeys::new(key));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = keys;
        self.changes.fetch_add(1, Ordering::Release);
    }
}

/// Seals one 16-byte block as a keyed permutation chosen by a 16-byte tweak: `E(block ^ E(tweak))`. Changing any bit of
/// the sealed block or the tweak gives an unrelated block, which the constants inside reveal.
pub(crate) struct BlockSeal(Aes256);

impl FromKey for BlockSeal {
    fn from_key(key: &[u8; 32]) -> Self {
        Self(Aes256::new(key.into()))
    }
}

impl BlockSeal {
    /// Seals `block`.
    pub(crate) fn seal(&self, tweak: [u8; 16], block: [u8; 16]) -> [u8; 16] {
        let mut sealed = xor(block, self.encrypt(tweak));
        self.0.encrypt_block((&mut sealed).into());
        sealed
    }

    /// Undoes [`BlockSeal::seal`].
    pub(crate) fn open(&self, tweak: [u8; 16], sealed: [u8; 16]) -> [u8; 16] {
        let mut block = sealed;
        self.0.decrypt_block((&mut block).into());
        xor(block, self.encrypt(tweak))
    }

    fn encrypt(&self, mut block: [u8; 16]) -> [u8; 16] {
        self.0.encrypt_block((&mut block).into());
        block
    }
}

fn xor(a: [u8; 16], b: [u8; 16]) -> [u8; 16] {
    (u128::from_ne_bytes(a) ^ u128::from_ne_bytes(b)).to_ne_bytes()
}

/// Seals and opens pages. One per open file, because it caches subkeys without a lock.
pub(crate) struct PageCipher<A = AwsLc> {
    live: Arc<LiveKeys>,
    /// What of `live` this cipher knows, and after how many changes.
    keys: Arc<PageKeys>,
    seen_changes: u64,
    /// Beside each epoch of `keys`: its page and frame-header subkeys.
    caches: Vec<(SubkeyCache<A>, SubkeyCache<BlockSeal>)>,
}

impl<A: Aead> PageCipher<A> {
    /// A cipher with empty caches.
    pub(crate) fn new(live: Arc<LiveKeys>) -> Self {
        let seen_changes = live.changes.load(Ordering::Acquire);
        let keys = live.now();
        let caches = keys.epochs.iter().map(|_| Default::default()).collect();
        Self { live, keys, seen_changes, caches }
    }

    /// Learns keys that changed. A page under a new epoch is on the disk only after the change.
    fn keep_up(&mut self) {
        let changes = self.live.changes.load(Ordering::Acquire);
        if changes != self.seen_changes {
            self.keys = self.live.now();
            self.caches = self.keys.epochs.iter().map(|_| Default::default()).collect();
            self.seen_changes = changes;
        }
    }

    /// Seals `page` as page `number` under the newest epoch. `nonce` was never used before.
    pub(crate) fn seal(&mut self, page: &mut Page, number: u32, nonce: &[u8; XNONCE_BYTES]) -> Result<(), Unsealable> {
        self.keep_up();
        // SQLite's log checksums cover the reserve, and what opens again has it zero.
        if number == 0 || page[CONTENT_END..].iter().any(|byte| *byte != 0) {
            return Err(Unsealable);
        }
        if number == 1 {
            if page[..16] != SQLITE_MAGIC[..] {
                return Err(Unsealable);
            }
            page[..6].copy_from_slice(MAGIC);
            page[6..8].copy_from_slice(&FORMAT_VERSION.to_be_bytes());
            page[8..16].copy_from_slice(&self.keys.id);
        }
        let newest = self.keys.epochs.len() - 1;
        let epoch = &self.keys.epochs[newest];
        let aad = AssociatedData::new(&self.keys, page, number, epoch.epoch);
        let (prefix, suffix) = split(nonce);
        let subkey = self.caches[newest].0.subkey(&epoch.page, &prefix);
        let content = &mut page[content_start(number)..CONTENT_END];
        let tag = subkey.seal(&suffix, aad.bytes(), content).map_err(|_| Unsealable)?;
        page[CONTENT_END..TAG_END].copy_from_slice(&tag);
        page[TAG_END..NONCE_END].copy_from_slice(nonce);
        page[NONCE_END..EPOCH_END].copy_from_slice(&epoch.epoch.to_be_bytes());
        Ok(())
    }

    /// Opens `page` in place as page `number`: SQLite's bytes, with the reserve zero. After an error it is all zero.
    pub(crate) fn open(&mut self, page: &mut Page, number: u32) -> Result<(), PageError> {
        self.keep_up();
        let opened = self.try_open(page, number);
        if opened.is_err() {
            page.fill(0);
        }
        opened
    }

    /// [`PageCipher::open`] of a page that stays as it is, to another.
    pub(crate) fn open_to(&mut self, sealed: &Page, number: u32, page: &mut Page) -> Result<(), PageError> {
        self.keep_up();
        let opened = self.try_open_to(sealed, number, page);
        if opened.is_err() {
            page.fill(0);
        }
        opened
    }

    fn try_open_to(&mut self, sealed: &Page, number: u32, page: &mut Page) -> Result<(), PageError> {
        let start = content_start(number);
        let (subkey, suffix, aad) = self.opening(sealed, number)?;
        let content = (&sealed[start..CONTENT_END], &tag_of(sealed));
        let opened = subkey.open_to(&suffix, aad.bytes(), content, &mut page[start..CONTENT_END]);
        opened.map_err(|_| PageError::Inauthentic)?;
        page[..start].copy_from_slice(&sealed[..start]);
        finish(page, number);
        Ok(())
    }

    fn try_open(&mut self, page: &mut Page, number: u32) -> Result<(), PageError> {
        let tag = tag_of(page);
        let (subkey, suffix, aad) = self.opening(page, number)?;
        let content = &mut page[content_start(number)..CONTENT_END];
        subkey.open(&suffix, aad.bytes(), content, &tag).map_err(|_| PageError::Inauthentic)?;
        finish(page, number);
        Ok(())
    }

    /// What a sealed page says that it is to be opened with.
    fn opening(&mut self, sealed: &Page, number: u32) -> Result<(&A, [u8; NONCE_BYTES], AssociatedData), PageError> {
        if number == 1 {
            check_header(sealed, self.keys.id)?;
        }
        let at = self.epoch_of(sealed).ok_or(PageError::Inauthentic)?;
        if sealed[EPOCH_END..] != [0; PAGE_BYTES - EPOCH_END] {
            return Err(PageError::Inauthentic);
        }
        let epoch = &self.keys.epochs[at];
        let aad = AssociatedData::new(&self.keys, sealed, number, epoch.epoch);
        let (prefix, suffix) = split(&nonce_of(sealed));
        Ok((self.caches[at].0.subkey(&epoch.page, &prefix), suffix, aad))
    }

    /// The frame-header seal that belongs to a sealed page's epoch and nonce, and the nonce's second half.
    pub(crate) fn frame_seal(&mut self, sealed: &Page) -> Option<(&BlockSeal, [u8; 12])> {
        let at = self.epoch_of(sealed)?;
        let (prefix, suffix) = split(&nonce_of(sealed));
        let seal = self.caches[at].1.subkey(&self.keys.epochs[at].frame_header, &prefix);
        Some((seal, suffix))
    }

    fn epoch_of(&self, sealed: &Page) -> Option<usize> {
        let bytes = sealed[NONCE_END..EPOCH_END].try_into().ok()?;
        let epoch = u32::from_be_bytes(bytes);
        self.keys.epochs.iter().position(|keys| keys.epoch == epoch)
    }
}

/// What SQLite knows of an opened page that is not sealed.
fn finish(page: &mut Page, number: u32) {
    page[CONTENT_END..].fill(0);
    if number == 1 {
        page[..16].copy_from_slice(SQLITE_MAGIC);
    }
}

/// What the tag covers beside the content.
struct AssociatedData {
    bytes: [u8; 18 + CLEAR_BYTES],
    length: usize,
}

impl AssociatedData {
    fn new(keys: &PageKeys, page: &Page, number: u32, epoch: u32) -> Self {
        let mut bytes = [0; 18 + CLEAR_BYTES];
        bytes[..2].copy_from_slice(&FORMAT_VERSION.to_be_bytes());
        bytes[2..10].copy_from_slice(&keys.id);
        bytes[10..14].copy_from_slice(&number.to_be_bytes());
        bytes[14..18].copy_from_slice(&epoch.to_be_bytes());
        bytes[18..].copy_from_slice(&page[..CLEAR_BYTES]);
        Self { bytes, length: 18 + content_start(number) }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Checks the clear start of page 1.
pub(crate) fn check_header(page: &Page, id: DatabaseId) -> Result<(), PageError> {
    if page[..6] != MAGIC[..] {
        return Err(PageError::NotAVaultFile);
    }
    let version = u16::from_be_bytes([page[6], page[7]]);
    if version != FORMAT_VERSION {
        return Err(PageError::Format(version));
    }
    let mut found = DatabaseId::default();
    found.copy_from_slice(&page[8..16]);
    if found == id { Ok(()) } else { Err(PageError::WrongDatabase(found)) }
}

fn content_start(number: u32) -> usize {
    if number == 1 { CLEAR_BYTES } else { 0 }
}

/// A sealed page's tag: names exactly this sealing of it.
pub(crate) fn tag_of(sealed: &Page) -> [u8; TAG_BYTES] {
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&sealed[CONTENT_END..TAG_END]);
    tag
}

/// Where in a page its key epoch stands, and how many bytes it takes.
pub(crate) const EPOCH_AT: (usize, usize) = (NONCE_END, EPOCH_END - NONCE_END);

/// A sealed page's nonce.
pub(crate) fn nonce_of(sealed: &Page) -> [u8; XNONCE_BYTES] {
    let mut nonce = [0; XNONCE_BYTES];
    nonce.copy_from_slice(&sealed[TAG_END..NONCE_END]);
    nonce
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use zeroize::Zeroizing;

    use super::*;
    use crate::aead::RustCrypto;
    use crate::error::hex;
    use crate::key::SecretKey;
    use crate::log_format::{open_frame_header, seal_frame_header};
    use crate::nonce::NonceSource;

    const NONCE: [u8; XNONCE_BYTES] = *b"ABCDEFGHIJKLMNOPQRSTUVWX";

    fn keys(id: u8) -> Arc<LiveKeys> {
        let epochs = [(3, 0x11), (7, 0x22)];
        let secret = |byte| SecretKey::new(Zeroizing::new([byte; 32]));
        let epochs = epochs.map(|(epoch, byte)| (epoch, secret(byte))).to_vec();
        LiveKeys::new(&DatabaseKey::new([id; 8], epochs))
    }

    /// A page as SQLite would write it: counting bytes, and on page 1 SQLite's header.
    fn clear(number: u32) -> Page {
        let mut page = [0; PAGE_BYTES];
        for (at, byte) in page[..CONTENT_END].iter_mut().enumerate() {
            *byte = u8::try_from(at % 251).expect("below 251");
        }
        if number == 1 {
            page[..16].copy_from_slice(SQLITE_MAGIC);
            page[16..24].copy_from_slice(&[0x10, 0, 2, 2, 48, 64, 32, 32]);
        }
        page
    }

    fn sealed_by<A: Aead>(number: u32) -> Page {
        let mut page = clear(number);
        PageCipher::<A>::new(keys(0xdb)).seal(&mut page, number, &NONCE).expect("seals");
        page
    }

    fn frame_header() -> [u8; 24] {
        let mut header = [0; 24];
        for (at, byte) in (0_u8..).zip(&mut header) {
            *byte = at;
        }
        header
    }

    /// Format v1 is final: this file never changes.
    #[test]
    fn format_v1_is_as_committed_d1() {
        let mut lines = include_str!("../tests/vectors/page_v1.txt").lines();
        for number in [1, 2] {
            let expected = lines.next().expect("a line");
            assert_eq!(hex(&sealed_by::<AwsLc>(number)), expected, "page {number}");
            assert_eq!(hex(&sealed_by::<RustCrypto>(number)), expected, "page {number}, portable");
            let mut page = sealed_by::<AwsLc>(number);
            PageCipher::<RustCrypto>::new(keys(0xdb)).open(&mut page, number).expect("opens");
            assert_eq!(page, clear(number));
        }
        let mut cipher = PageCipher::<AwsLc>::new(keys(0xdb));
        let page = sealed_by::<AwsLc>(2);
        let header = seal_frame_header(&mut cipher, &frame_header(), 0x0102_0304, &page).expect("seals");
        assert_eq!(hex(&header), lines.next().expect("a line"));
        let open = open_frame_header(&mut cipher, &header, &page).expect("opens");
        assert_eq!((open.generation, open.sync_number), (0x0809_0a0b, 0x0102_0304));
        assert_eq!(open.checksum, (0x1011_1213, 0x1415_1617));
    }

    #[test]
    fn a_page_opens_only_in_its_place_file_and_header_d3() {
        let open = |page: &Page, number, id| {
            let mut page = *page;
            PageCipher::<AwsLc>::new(keys(id)).open(&mut page, number).inspect_err(|_| {
                assert_eq!(page, [0; PAGE_BYTES], "a refused page must not be read");
            })
        };
        let (first, second) = (sealed_by::<AwsLc>(1), sealed_by::<AwsLc>(2));
        assert_eq!(open(&second, 2, 0xdb), Ok(()));
        assert_eq!(open(&second, 3, 0xdb), Err(PageError::Inauthentic));
        assert_eq!(open(&second, 2, 0xdc), Err(PageError::Inauthentic));
        assert_eq!(open(&second, 1, 0xdb), Err(PageError::NotAVaultFile));
        assert_eq!(open(&first, 1, 0xdc), Err(PageError::WrongDatabase([0xdb; 8])));
        for (at, error) in [
            (5, PageError::NotAVaultFile),
            (7, PageError::Format(0)),
            (20, PageError::Inauthentic),
            (4050, PageError::Inauthentic),
            (4070, PageError::Inauthentic),
            (4091, PageError::Inauthentic),
            (4095, PageError::Inauthentic),
        ] {
            let mut changed = first;
            changed[at] ^= 1;
            assert_eq!(open(&changed, 1, 0xdb), Err(error), "byte {at}");
        }
    }

    #[test]
    fn what_would_not_open_to_the_same_bytes_is_not_sealed_d1() {
        let mut cipher = PageCipher::<AwsLc>::new(keys(0xdb));
        let mut used_reserve = clear(2);
        used_reserve[4095] = 1;
        assert_eq!(cipher.seal(&mut used_reserve, 2, &NONCE), Err(Unsealable));
        let mut headless = clear(2);
        assert_eq!(cipher.seal(&mut headless, 1, &NONCE), Err(Unsealable));
        assert_eq!(cipher.seal(&mut clear(2), 0, &NONCE), Err(Unsealable));
    }

    #[test]
    fn a_changed_frame_header_opens_to_nothing_like_it_d3() {
        let mut cipher = PageCipher::<AwsLc>::new(keys(0xdb));
        let page = sealed_by::<AwsLc>(2);
        let header = seal_frame_header(&mut cipher, &frame_header(), 9, &page).expect("seals");
        for bit in 32..24 * 8 {
            let mut changed = header;
            changed[bit / 8] ^= 1 << (bit % 8);
            let open = open_frame_header(&mut cipher, &changed, &page).expect("the epoch is known");
            assert_ne!(open.generation, 0x0809_0a0b, "bit {bit}");
        }
    }

    #[test]
    fn nonces_never_repeat_over_a_hundred_thousand_pages_d1() {
        let (mut cipher, mut source) = (PageCipher::<AwsLc>::new(keys(0xdb)), NonceSource::new());
        let (mut nonces, mut tags) = (HashSet::new(), HashSet::new());
        for written in 0..100_000_u64 {
            let nonce = source.next(Duration::from_micros(written * 20)).expect("random bytes");
            let mut page = clear(2);
            cipher.seal(&mut page, 2, &nonce).expect("seals");
            assert_eq!(nonce_of(&page), nonce);
            assert!(nonces.insert(nonce) && tags.insert(tag_of(&page)), "page {written}");
        }
    }
}
