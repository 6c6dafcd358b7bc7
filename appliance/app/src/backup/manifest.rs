//! What a snapshot holds: the manifest, and the listings of files that it names (docs/backup.md). Both are JSON inside of what
//! is sealed; nothing in them is believed that does not fit.

use super::pack::{ChunkName, PackName};
use domain::hex;
use domain::ids::{CompanyId, Incarnation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format that this version writes and reads.
pub(super) const FORMAT: u32 = 1;
/// Files in one listing.
pub(super) const LISTED_MAX: usize = 512;
/// A listing of so many bytes is closed.
pub(super) const LISTING_BYTES: usize = 128 * 1024;
/// Chunk names in one list.
pub(super) const NAMES_PER_LIST: usize = 1024;
/// Longest path of a file, in bytes.
const PATH_BYTES_MAX: usize = 200;
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 42;

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format of this and of all that it names.
    pub format: u32,
    /// Which box.
    pub box_id: String,
    /// This life of it.
    pub incarnation: String,
    /// The lives before, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_lives: Vec<String>,
    /// Counts the snapshots of a box at this target, through all its lives.
    pub sequence: u64,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: i64,
    /// The box's name then.
    pub name: String,
    /// Version of the product that made it.
    pub version: String,
    /// Directory and small files.
    pub directory: Part,
    /// Companies by id.
    pub companies: BTreeMap<String, Part>,
    /// Companies that could not be read then, and so are not as they were then: why, and since when nothing is newer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_behind: BTreeMap<String, String>,
}

/// What belongs to one company, or to the box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// When it was as it is here, in milliseconds since 1970.
    pub as_of_ms: i64,
    /// Which of its keys open it: those of that day.
    pub key: String,
    /// The database.
    pub database: DatabaseEntry,
    /// Files and their sealed bytes, in all.
    pub files: u64,
    /// See `files`.
    pub files_bytes: u64,
    /// Files and small pictures that were missing on the box already.
    #[serde(default)]
    pub lost: u64,
    /// Chunks that list the files.
    pub listings: Vec<Name>,
    /// Packs that hold all of this.
    pub packs: Vec<Pack>,
}

/// A database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseEntry {
    /// Pages.
    pub pages: u32,
    /// SHA-256 over the trailers of all pages.
    pub sum: Name,
    /// Chunks that list the chunks of pages, in order.
    pub lists: Vec<Name>,
}

/// A file in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Where it lies in the data folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written, in nanoseconds since 1970: whether it has to be read again.
    pub written_ns: i64,
    /// Its chunks, in order.
    pub chunks: Vec<Name>,
}

/// The name of a chunk, or a sum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub(super) ChunkName);

/// The name of a pack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pack(pub(super) PackName);

macro_rules! as_digits {
    ($name:ident, $expected:literal) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::write(&self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex::write(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                hex::read(&text).map(Self).ok_or_else(|| serde::de::Error::custom($expected))
            }
        }
    };
}

as_digits!(Name, "expected 64 hexadecimal digits");
as_digits!(Pack, "expected 32 hexadecimal digits");

/// Why what was opened is no manifest or listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAManifest {
    /// Of a newer format.
    Newer(u32),
    /// Anything else.
    Unreadable(&'static str),
}

/// What every format's manifest says first.
#[derive(Deserialize)]
struct Start {
    format: u32,
}

impl Manifest {
    /// Reads an opened manifest.
    ///
    /// # Errors
    /// [`NotAManifest`].
    pub fn parse(plain: &[u8]) -> Result<Self, NotAManifest> {
        let unreadable = |_| NotAManifest::Unreadable("it is no manifest");
        let Start { format } = serde_json::from_slice(plain).map_err(unreadable)?;
        if format > FORMAT {
            return Err(NotAManifest::Newer(format));
        }
        let manifest: Self = serde_json::from_slice(plain).map_err(unreadable)?;
        let lives = manifest.earlier_lives.iter().chain([&manifest.incarnation]);
        if { lives }.any(|life| Incarnation::parse(life).is_err()) {
            return Err(NotAManifest::Unreadable("it names no life of a box"));
        }
        let ids = manifest.companies.keys().chain(manifest.left_behind.keys());
        if ids.into_iter().any(|id| CompanyId::parse(id).is_err()) {
            return Err(NotAManifest::Unreadable("it names what is no company"));
        }
        let parts = manifest.companies.values().chain([&manifest.directory]);
        if parts.into_iter().any(|part| !part.database.fits()) {
            return Err(NotAManifest::Unreadable("a database in it has no place for its pages"));
        }
        Ok(manifest)
    }

    /// Companies by id, each with its part.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Option<CompanyId>, &Part)> {
        let companies = self.companies.iter().filter_map(|(id, part)| Some((Some(CompanyId::parse(id).ok()?), part)));
        std::iter::once((None, &self.directory)).chain(companies)
    }

    /// Bytes that a restore of it writes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parts()
            .map(|(_, part)| part.database.bytes().saturating_add(part.files_bytes))
            .fold(0, u64::saturating_add)
    }
}

impl DatabaseEntry {
    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.pages) * store::SEALED_PAGE_BYTES as u64
    }

    /// How many chunks hold its pages.
    pub(super) fn chunks(&self) -> usize {
        usize::try_from(self.pages).unwrap_or(usize::MAX).div_ceil(super::send::PAGES_PER_CHUNK)
    }

    fn fits(&self) -> bool {
        self.pages > 0 && self.lists.len() == self.chunks().div_ceil(NAMES_PER_LIST)
    }
}

/// Reads an opened listing of files of `company`, or of the box; `None` where it is none, or names a place that is not theirs.
#[must_use]
pub fn parse_listing(plain: &[u8], company: Option<&CompanyId>) -> Option<Vec<FileEntry>> {
    let files: Vec<FileEntry> = serde_json::from_slice(plain).ok()?;
    let below = company.map(|id| format!("files/{id}/"));
    let fits = |file: &FileEntry| {
        let own = match &below {
            Some(below) => file.path.starts_with(below.as_str()),
            None => is_small_file(&file.path),
        };
        own && is_plain_path(&file.path)
            && file.bytes <= FILE_BYTES_MAX
            && file.chunks.len() as u64 == file.bytes.div_ceil(super::pack::CHUNK_BYTES_MAX as u64)
    };
    (files.len() <= LISTED_MAX && files.iter().all(fits)).then_some(files)
}

/// Whether a path leads below the folder that it is taken from, without a detour.
fn is_plain_path(path: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._-/".contains(&c);
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.len() <= PATH_BYTES_MAX && path.bytes().all(plain) && path.split('/').all(part)
}

/// Whether a file right in the data folder is part of backups: configuration and certificates that people laid there. What the
/// box makes there itself is not, and never its root key. Marks of the databases, and what scrubbing found, are of that disk: where
/// they are newer than the databases beside them, they would tell of an older state, and of damage that is none (D3).
#[must_use]
pub(super) fn is_small_file(name: &str) -> bool {
    const OURS: [&str; 10] = [
        store::BALLAST_FILE,
        "keyring.json",
        "anchor.sealed",
        "scrub.json",
        "lock",
        "admin.sock",
        "init.unfinished",
        "restore.unfinished",
        "restored.json",
        "lost+found",
    ];
    let ends = [".db", ".db-wal", ".new", ".fresh", ".unfinished"];
    is_plain_path(name)
        && !name.contains('/')
        && !["directory.db", "root.key"].iter().any(|start| name.starts_with(start))
        && !OURS.contains(&name)
        && !ends.iter().any(|end| name.ends_with(end))
}

/// What a list of chunk names holds; `None` where it holds anything else.
#[must_use]
pub fn parse_list(plain: &[u8]) -> Option<Vec<Name>> {
    let (names, rest) = plain.as_chunks::<32>();
    (rest.is_empty() && names.len() <= NAMES_PER_LIST).then(|| names.iter().map(|name| Name(*name)).collect())
}
