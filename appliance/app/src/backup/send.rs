//! Sends an image to a target: only chunks that are not there, and the manifest last.

use super::domain::Domain;
use super::image::ImageFacts;
use super::keys::{BOX_TAG, RepositoryKeys, TABLE, Table};
use super::manifest::{
    DatabaseEntry, FORMAT, FileEntry, LISTED_MAX, LISTING_BYTES, Manifest, NAMES_PER_LIST, Name, Part, is_small_file,
};
use super::memory::Memory;
use super::pack::CHUNK_BYTES_MAX;
use super::snapshots;
use super::target::Target;
use super::{BackupError, Progress, retain};
use domain::clock::Rng;
use domain::ids::CompanyId;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{CopiedDatabase, SEALED_PAGE_BYTES};

/// Pages of one chunk: of those that changed since, as few as possible that did not.
pub(super) const PAGES_PER_CHUNK: usize = 4;
/// Bytes of a database that are read at once.
const BLOCK_BYTES: usize = 64 * PAGES_PER_CHUNK * SEALED_PAGE_BYTES;
/// The object that opens with root key or recovery key.
pub(super) const KEYRING: &str = "keyring";

/// What is sent where.
pub(super) struct Job<'a> {
    pub(super) image: &'a ImageFacts,
    pub(super) target: &'a dyn Target,
    /// What people call the target.
    pub(super) called: &'a str,
    pub(super) keys: &'a RepositoryKeys,
    /// The folder in which the box remembers.
    pub(super) folder: &'a Path,
    pub(super) rng: &'a dyn Rng,
    pub(super) progress: &'a Arc<Progress>,
    /// Nothing is taken for granted, and what is not needed any more goes.
    pub(super) full: bool,
    pub(super) keep_ms: i64,
}

/// Writes the table of keys at a target, and the copy that the box keeps.
pub(super) fn write_table(
    target: &dyn Target,
    keys: &RepositoryKeys,
    (folder, called): (&Path, &str),
    table: &Table,
) -> Result<(), BackupError> {
    let sealed = keys.seal_table(table)?;
    target.put(TABLE, &sealed).map_err(BackupError::target(TABLE))?;
    super::write_whole(&folder.join(format!("{called}.keys")), &sealed)
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The snapshot.
    pub sequence: u64,
    /// Bytes of packs that were sent.
    pub sent: u64,
    /// Bytes of all that the snapshot holds.
    pub bytes: u64,
}

impl Job<'_> {
    pub(super) fn run(&self) -> Result<Sent, BackupError> {
        self.own_it()?;
        let mut table = self.table()?;
        let previous = self.previous()?;
        let mut memory = Memory::read(&self.memory_file(), self.called, self.keys);
        self.progress.begin("sending", self.image.bytes());
        let (mut parts, mut domains, mut sent) = (BTreeMap::new(), Vec::new(), 0);
        for database in &self.image.databases {
            let company = database.company.as_ref();
            let (tag, keys) = match company {
                None => (BOX_TAG.to_owned(), self.keys.of_box()),
                Some(id) => table.of(id).ok_or_else(|| BackupError::Erased(id.clone()))?,
            };
            let remembered = memory.packs.remove(&tag).unwrap_or_default();
            let mut domain = Domain::open(self.target, &tag, keys, remembered)?;
            if self.full {
                domain.leave(&memory.sparse);
            }
            let part = self.part(&mut domain, database, &mut memory);
            // What was sent is remembered also where the rest was not.
            sent += domain.sent();
            match part {
                Ok(part) => parts.insert(company.cloned(), part),
                Err(failure) => {
                    memory.packs.insert(tag, domain.into_packs());
                    memory.write(&self.memory_file(), self.called, self.keys)?;
                    return Err(failure);
                }
            };
            domains.push((tag, domain));
        }
        let manifest = self.manifest(parts, previous)?;
        self.progress.goes_on().map_err(BackupError::target("the manifest"))?;
        snapshots::write(self.target, self.keys, &manifest)?;
        memory.sparse = domains.iter().flat_map(|(_, domain)| domain.sparse()).collect();
        retain::expire(self.target, self.image.taken_ms - self.keep_ms)?;
        if self.full && retain::prune(self.target, self.keys, &manifest, &mut table, &mut domains)? {
            self.write_table(&table)?;
        }
        memory.packs = domains.into_iter().map(|(tag, domain)| (tag, domain.into_packs())).collect();
        memory.write(&self.memory_file(), self.called, self.keys)?;
        Ok(Sent { sequence: manifest.sequence, sent, bytes: manifest.bytes() })
    }

    fn memory_file(&self) -> PathBuf {
        self.folder.join(format!("{}.memory", self.called))
    }

    /// The keyring lies there in clear, as it does in the data folder: it opens nothing by itself.
    fn own_it(&self) -> Result<(), BackupError> {
        let there = self.target.get(KEYRING, None).map_err(BackupError::target(KEYRING))?;
        let Some(there) = there else { return self.put(KEYRING, &self.image.keyring) };
        let found = store::keyring_box_id(&there).ok_or_else(|| BackupError::damaged(KEYRING, "it is no keyring"))?;
        if found != self.image.box_id {
            return Err(BackupError::Foreign { found, own: self.image.box_id.clone() });
        }
        if there == self.image.keyring { Ok(()) } else { self.put(KEYRING, &self.image.keyring) }
    }

    fn put(&self, object: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.target.put(object, bytes).map_err(BackupError::target(object))
    }

    /// The table of keys with the companies of this snapshot and no others; written before anything else of them. The box keeps
    /// a copy: without the table all of a target's packs would be lost.
    fn table(&self) -> Result<Table, BackupError> {
        let copy = self.folder.join(format!("{}.keys", self.called));
        let there = self.target.get(TABLE, None).map_err(BackupError::target(TABLE))?;
        let missing = there.is_none();
        let sealed = there.or_else(|| std::fs::read(&copy).ok());
        let mut table = sealed.map(|sealed| self.keys.open_table(&sealed)).transpose()?.unwrap_or_default();
        let mut changed = table.follow(&self.image.companies(), self.rng);
        for database in &self.image.databases {
            changed |= self.keys.keep(&mut table, database.company.as_ref(), &database.key)?;
        }
        if missing || changed || !copy.exists() {
            self.write_table(&table)?;
        }
        if !table.leaving().is_empty() {
            for tag in table.leaving() {
                retain::remove_erased(self.target, &tag)?;
            }
            table.forget_leaving();
            self.write_table(&table)?;
        }
        Ok(table)
    }

    fn write_table(&self, table: &Table) -> Result<(), BackupError> {
        write_table(self.target, self.keys, (self.folder, self.called), table)
    }

    /// The newest snapshot, unless another life of this box made it (H7).
    fn previous(&self) -> Result<Option<Manifest>, BackupError> {
        let Some(newest) = snapshots::list(self.target)?.pop() else { return Ok(None) };
        let manifest = snapshots::read(self.target, self.keys, &newest)?;
        if self.image.lives.contains(&manifest.incarnation) {
            return Ok(Some(manifest));
        }
        Err(BackupError::Fenced { at: domain::clock::iso8601(manifest.taken_ms) })
    }

    fn part(&self, domain: &mut Domain, of: &CopiedDatabase, memory: &mut Memory) -> Result<Part, BackupError> {
        let (company, copied, key) = (of.company.as_ref(), of.copied, of.key.label());
        let path = self.image.root.join(database_path(company));
        let lists = self.database(domain, &path)?;
        let database = DatabaseEntry { pages: copied.pages, sum: Name(copied.sum), lists };
        let mut listing = Listing::new(self, domain, memory.files(company));
        match company {
            None => listing.small_files()?,
            Some(id) => listing.files(&self.image.root.join("files").join(id.as_str()))?,
        }
        let Listed { names: listings, plain, files, bytes: files_bytes } = listing.finish()?;
        memory.listings.insert(company.map(ToString::to_string).unwrap_or_default(), plain);
        domain.flush(self.target, self.image.taken_ms, self.rng)?;
        let as_of_ms = self.image.taken_ms;
        Ok(Part { as_of_ms, key, database, files, files_bytes, lost: of.lost, listings, packs: domain.used() })
    }

    fn keep(&self, domain: &mut Domain, name: Name, plain: &[u8]) -> Result<(), BackupError> {
        domain.keep(self.target, (self.image.taken_ms, self.rng), name, || Ok(plain))
    }

    /// Pages are known by their trailers, so only those that are sent are looked at whole.
    fn database(&self, domain: &mut Domain, path: &Path) -> Result<Vec<Name>, BackupError> {
        let file = File::open(path).map_err(BackupError::file(path))?;
        let bytes = file.metadata().map_err(BackupError::file(path))?.len();
        let (mut block, mut at, mut names, mut lists) = (vec![0; BLOCK_BYTES], 0, Vec::new(), Vec::new());
        while at < bytes {
            self.progress.goes_on().map_err(BackupError::target("a database"))?;
            let length = usize::try_from(bytes - at).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
            file.read_exact_at(&mut block[..length], at).map_err(BackupError::file(path))?;
            for chunk in block[..length].chunks(PAGES_PER_CHUNK * SEALED_PAGE_BYTES) {
                let name = domain
                    .name(pages_parts(names.len() + lists.len() * NAMES_PER_LIST, chunk).iter().map(AsRef::as_ref));
                self.keep(domain, name, chunk)?;
                names.push(name);
                if names.len() == NAMES_PER_LIST {
                    lists.push(self.list(domain, &std::mem::take(&mut names))?);
                }
            }
            at += length as u64;
            self.progress.more(length as u64);
        }
        if !names.is_empty() {
            lists.push(self.list(domain, &names)?);
        }
        Ok(lists)
    }

    fn list(&self, domain: &mut Domain, names: &[Name]) -> Result<Name, BackupError> {
        let plain: Vec<u8> = names.iter().flat_map(|name| name.0).collect();
        let name = domain.name([&b"list"[..], &plain]);
        self.keep(domain, name, &plain)?;
        Ok(name)
    }

    /// Companies that could not be read are as they were in the snapshot before.
    fn manifest(
        &self,
        mut parts: BTreeMap<Option<CompanyId>, Part>,
        previous: Option<Manifest>,
    ) -> Result<Manifest, BackupError> {
        let directory = parts.remove(&None).ok_or_else(|| BackupError::Missing(String::from("the directory")))?;
        let mut companies: BTreeMap<String, Part> =
            parts.into_iter().filter_map(|(id, part)| Some((id?.to_string(), part))).collect();
        let sequence = previous.as_ref().map_or(0, |previous| previous.sequence) + 1;
        let mut before = previous.map(|previous| previous.companies).unwrap_or_default();
        for id in self.image.failed.keys() {
            if let Some(part) = before.remove(id.as_str()) {
                companies.insert(id.to_string(), part);
            }
        }
        Ok(Manifest {
            format: FORMAT,
            box_id: self.image.box_id.clone(),
            incarnation: self.image.lives.first().cloned().unwrap_or_default(),
            earlier_lives: self.image.lives.iter().skip(1).cloned().collect(),
            sequence,
            taken_ms: self.image.taken_ms,
            name: self.image.name.clone(),
            version: self.image.version.to_owned(),
            directory,
            companies,
            left_behind: self.image.failed.iter().map(|(id, why)| (id.to_string(), why.clone())).collect(),
        })
    }
}

/// Where a database lies in a data folder.
pub(super) fn database_path(company: Option<&CompanyId>) -> PathBuf {
    company.map_or_else(|| PathBuf::from("directory.db"), |id| PathBuf::from(format!("companies/{id}.db")))
}

/// What names the chunk `number` of a database.
pub(super) fn pages_parts(number: usize, pages: &[u8]) -> Vec<Vec<u8>> {
    let start = [b"pages".to_vec(), (number as u64).to_be_bytes().to_vec()];
    let trailers = pages.chunks(SEALED_PAGE_BYTES).map(|page| store::trailer(page).to_vec());
    start.into_iter().chain(trailers).collect()
}

/// What names a chunk of a file.
pub(super) fn bytes_parts(bytes: &[u8]) -> [&[u8]; 2] {
    [&b"bytes"[..], bytes]
}

/// Files as they are listed.
struct Listing<'a, 'b> {
    job: &'a Job<'a>,
    domain: &'b mut Domain,
    known: HashMap<String, FileEntry>,
    entries: Vec<FileEntry>,
    entries_bytes: usize,
    names: Vec<Name>,
    plain: Vec<Vec<u8>>,
    files: u64,
    files_bytes: u64,
    buffer: Vec<u8>,
}

/// What was listed.
struct Listed {
    names: Vec<Name>,
    plain: Vec<Vec<u8>>,
    files: u64,
    bytes: u64,
}

impl<'a, 'b> Listing<'a, 'b> {
    fn new(job: &'a Job<'a>, domain: &'b mut Domain, known: HashMap<String, FileEntry>) -> Self {
        Self {
            job,
            domain,
            known,
            entries: Vec::new(),
            entries_bytes: 0,
            names: Vec::new(),
            plain: Vec::new(),
            files: 0,
            files_bytes: 0,
            buffer: Vec::new(),
        }
    }

    /// Configuration and certificates.
    fn small_files(&mut self) -> Result<(), BackupError> {
        for path in sorted(&self.job.image.root)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if path.is_file() && is_small_file(&name) {
                self.add(name, &path)?;
            }
        }
        Ok(())
    }

    /// Files of a company; those of one folder are listed together, so that a new one changes one listing.
    fn files(&mut self, folder: &Path) -> Result<(), BackupError> {
        for spread in sorted(folder)? {
            for path in sorted(&spread)? {
                let below = path.strip_prefix(&self.job.image.root).ok().and_then(Path::to_str).map(str::to_owned);
                if let Some(below) = below {
                    self.add(below, &path)?;
                }
            }
            self.close()?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, path: &Path) -> Result<(), BackupError> {
        let about = path.metadata().map_err(BackupError::file(path))?;
        let written_ns = about.mtime().saturating_mul(1_000_000_000).saturating_add(about.mtime_nsec());
        let same = |entry: &FileEntry| entry.bytes == about.len() && entry.written_ns == written_ns;
        let entry = match self.known.remove(&name).filter(same) {
            Some(entry) if self.is_there(&entry) => entry,
            _ => FileEntry { bytes: about.len(), written_ns, chunks: self.read(path, about.len())?, path: name },
        };
        self.job.progress.more(entry.bytes);
        self.files += 1;
        self.files_bytes += entry.bytes;
        self.entries_bytes += 120 + 67 * entry.chunks.len();
        self.entries.push(entry);
        if self.entries.len() == LISTED_MAX || self.entries_bytes >= LISTING_BYTES { self.close() } else { Ok(()) }
    }

    /// Whether all chunks of a file that was read before are at the target; then they are used once more.
    fn is_there(&mut self, entry: &FileEntry) -> bool {
        let missing = || Err(BackupError::Missing(String::new()));
        let (target, moment) = (self.job.target, (self.job.image.taken_ms, self.job.rng));
        entry.chunks.iter().all(|name| self.domain.has(name))
            && entry.chunks.iter().all(|name| self.domain.keep(target, moment, *name, missing).is_ok())
    }

    fn read(&mut self, path: &Path, bytes: u64) -> Result<Vec<Name>, BackupError> {
        let mut file = File::open(path).map_err(BackupError::file(path))?.take(bytes);
        let mut names = Vec::new();
        loop {
            self.job.progress.goes_on().map_err(BackupError::target("a file"))?;
            self.buffer.clear();
            let chunk = file.by_ref().take(CHUNK_BYTES_MAX as u64);
            let read = { chunk }.read_to_end(&mut self.buffer).map_err(BackupError::file(path))?;
            if read == 0 {
                return Ok(names);
            }
            let name = self.domain.name(bytes_parts(&self.buffer));
            self.job.keep(self.domain, name, &self.buffer)?;
            names.push(name);
        }
    }

    fn close(&mut self) -> Result<(), BackupError> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let plain = serde_json::to_vec(&self.entries).expect("text and numbers become JSON");
        let name = self.domain.name([&b"listing"[..], &plain]);
        self.job.keep(self.domain, name, &plain)?;
        self.names.push(name);
        self.plain.push(plain);
        self.entries.clear();
        self.entries_bytes = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<Listed, BackupError> {
        self.close()?;
        Ok(Listed { names: self.names, plain: self.plain, files: self.files, bytes: self.files_bytes })
    }
}

/// What is in a folder, by name; nothing where there is none.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(BackupError::file(folder))?,
    };
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(BackupError::file(folder))?;
    paths.sort_unstable();
    Ok(paths)
}
