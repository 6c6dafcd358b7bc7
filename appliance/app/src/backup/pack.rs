//! Packs: objects of bounded size that hold chunks of one company, or of the box (docs/backup.md).
//!
//! ```text
//! 0..6   `RBPACK`
//! 6..8   format version, big-endian
//!        sealed chunks, one after another
//!        sealed index: of each chunk its name (32 bytes) and the length of it sealed (4, big-endian)
//!        length of the sealed index (4, big-endian)
//!        `RBPE`
//! ```

use super::BackupError;
use std::ops::Range;
use store::{Envelope, KeyedHash, SecretKey};

/// The format that this version writes and reads.
pub(super) const VERSION: u16 = 1;
/// A pack that has grown so far is written.
pub(super) const PACK_BYTES: usize = 8 * 1024 * 1024;
/// Chunks of one pack.
const CHUNKS_MAX: usize = 1024;
/// Plain bytes of one chunk.
pub(super) const CHUNK_BYTES_MAX: usize = 1024 * 1024;
/// What the index and what ends a pack take at most: read at once.
pub(super) const END_BYTES_MAX: u64 = (CHUNKS_MAX * ENTRY_BYTES + Envelope::OVERHEAD_BYTES + TAIL_BYTES) as u64;

const MAGIC: &[u8; 6] = b"RBPACK";
const END: &[u8; 4] = b"RBPE";
const HEADER_BYTES: usize = 8;
const TAIL_BYTES: usize = 8;
const ENTRY_BYTES: usize = 36;

/// The name of a chunk: a keyed hash of what it holds.
pub(super) type ChunkName = [u8; 32];
/// The name of a pack: random.
pub(super) type PackName = [u8; 16];

/// What seals and names the chunks of one company, or of the box.
pub(super) struct DomainKeys {
    chunks: Envelope,
    index: Envelope,
    names: KeyedHash,
}

impl DomainKeys {
    pub(super) fn new(key: &SecretKey) -> Self {
        let derived = |purpose: &[u8]| key.derive(&[purpose]);
        Self {
            chunks: Envelope::new(&derived(b"chunks")),
            index: Envelope::new(&derived(b"pack index")),
            names: KeyedHash::new(&derived(b"chunk names")),
        }
    }

    /// What a chunk is called that holds these parts.
    pub(super) fn name<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> ChunkName {
        self.names.of(parts)
    }

    /// Opens a sealed chunk.
    pub(super) fn open(&self, name: &ChunkName, sealed: &[u8]) -> Option<Vec<u8>> {
        self.chunks.open(&about_chunk(name), sealed)
    }
}

fn about_chunk(name: &ChunkName) -> Vec<u8> {
    [&b"rainbow-edge backup chunk v1\0"[..], name].concat()
}

fn about_index(pack: &PackName, body: usize) -> Vec<u8> {
    [&b"rainbow-edge backup pack v1\0"[..], pack, &(body as u64).to_be_bytes()].concat()
}

/// Which chunks a pack holds, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index(pub(super) Vec<(ChunkName, Range<u64>)>);

impl Index {
    /// Reads an opened index; `None` where it is none.
    #[must_use]
    pub fn parse(plain: &[u8]) -> Option<Self> {
        if !plain.len().is_multiple_of(ENTRY_BYTES) || plain.len() / ENTRY_BYTES > CHUNKS_MAX {
            return None;
        }
        let mut at = HEADER_BYTES as u64;
        let entry = |entry: &[u8]| {
            let (name, length) = entry.split_first_chunk::<32>()?;
            let length = u32::from_be_bytes(length.try_into().ok()?);
            let fits = usize::try_from(length).ok()? <= CHUNK_BYTES_MAX + Envelope::OVERHEAD_BYTES;
            let range = at..at + u64::from(length);
            at = range.end;
            fits.then_some((*name, range))
        };
        plain.chunks_exact(ENTRY_BYTES).map(entry).collect::<Option<_>>().map(Self)
    }

    /// What [`Index::parse`] reads.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(self.0.len() * ENTRY_BYTES);
        for (name, range) in &self.0 {
            plain.extend_from_slice(name);
            let length = u32::try_from(range.end - range.start).expect("a chunk is small");
            plain.extend_from_slice(&length.to_be_bytes());
        }
        plain
    }

    fn body(&self) -> u64 {
        self.0.last().map_or(HEADER_BYTES as u64, |(_, range)| range.end)
    }
}

/// A pack that is being filled.
#[derive(Default)]
pub(super) struct Filling {
    bytes: Vec<u8>,
    index: Index,
}

impl Filling {
    /// Adds a chunk. `true`: it is full now.
    pub(super) fn add(&mut self, keys: &DomainKeys, name: &ChunkName, plain: &[u8]) -> Result<bool, BackupError> {
        let sealed = keys.chunks.seal(&about_chunk(name), plain).map_err(store::StoreError::from)?;
        if self.bytes.is_empty() {
            self.bytes.reserve(PACK_BYTES + CHUNK_BYTES_MAX);
            self.bytes.extend_from_slice(MAGIC);
            self.bytes.extend_from_slice(&VERSION.to_be_bytes());
        }
        let start = self.bytes.len() as u64;
        self.bytes.extend_from_slice(&sealed);
        self.index.0.push((*name, start..self.bytes.len() as u64));
        Ok(self.bytes.len() >= PACK_BYTES || self.index.0.len() >= CHUNKS_MAX)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.index.0.is_empty()
    }

    /// The whole pack under its name.
    pub(super) fn finish(self, keys: &DomainKeys, name: &PackName) -> Result<(Vec<u8>, Index), BackupError> {
        let Self { mut bytes, index } = self;
        let about = about_index(name, bytes.len());
        let sealed = keys.index.seal(&about, &index.write()).map_err(store::StoreError::from)?;
        let length = u32::try_from(sealed.len()).expect("an index is small");
        bytes.extend_from_slice(&sealed);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(END);
        Ok((bytes, index))
    }
}

/// Reads the index of a pack of `size` bytes from its last bytes.
pub(super) fn index(keys: &DomainKeys, name: &PackName, size: u64, end: &[u8]) -> Option<Index> {
    let (body, sealed) = sealed_index(size, end)?;
    let index = Index::parse(&keys.index.open(&about_index(name, body), sealed)?)?;
    (index.body() == body as u64).then_some(index)
}

/// Where the sealed index of a pack begins, and the index, from the pack's last bytes; `None` where they end no pack.
#[must_use]
pub fn sealed_index(size: u64, end: &[u8]) -> Option<(usize, &[u8])> {
    let (rest, tail) = end.split_last_chunk::<TAIL_BYTES>()?;
    let (length, magic) = tail.split_first_chunk::<4>()?;
    if magic != END {
        return None;
    }
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let sealed = &rest[rest.len().checked_sub(length)?..];
    let body = usize::try_from(size).ok()?.checked_sub(length + TAIL_BYTES)?;
    (body >= HEADER_BYTES).then_some((body, sealed))
}

/// What format the first bytes of a pack say it has; `None` where it is none.
#[must_use]
pub(super) fn version(start: &[u8]) -> Option<u16> {
    let rest = start.strip_prefix(MAGIC)?;
    rest.first_chunk().map(|version| u16::from_be_bytes(*version))
}
