//! Brings databases and files of a snapshot from a target to a folder. What lies there already and is right is left as it is,
//! so that what was cut off goes on where it was.

use super::domain::Source;
use super::keys::{BOX_TAG, RepositoryKeys, TABLE, Table};
use super::manifest::{DatabaseEntry, FileEntry, Manifest, Name, Part, parse_list, parse_listing};
use super::pack::CHUNK_BYTES_MAX;
use super::send::{PAGES_PER_CHUNK, bytes_parts, pages_parts};
use super::snapshots::{self, SnapshotName};
use super::target::Target;
use super::{BackupError, Progress};
use domain::ids::CompanyId;
use std::fs::{DirBuilder, File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{BranchKey, PageCheck, Restored, SEALED_PAGE_BYTES};

const CHUNK_BYTES: usize = PAGES_PER_CHUNK * SEALED_PAGE_BYTES;
/// What is asked for at once, at most.
const ASKED_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// What may lie between two chunks that are asked for at once.
const GAP_BYTES_MAX: u64 = 64 * 1024;

/// A snapshot at a target.
pub(super) struct Fetch<'a> {
    target: &'a dyn Target,
    keys: &'a RepositoryKeys,
    table: Table,
    /// What it holds.
    pub(super) manifest: Manifest,
    progress: &'a Arc<Progress>,
}

/// A chunk that is wanted: where it lies, and for what.
type Wanted<T> = (usize, Range<u64>, Name, T);

impl<'a> Fetch<'a> {
    /// The newest snapshot, or the one that is asked for.
    pub(super) fn open(
        target: &'a dyn Target,
        keys: &'a RepositoryKeys,
        sequence: Option<u64>,
        progress: &'a Arc<Progress>,
    ) -> Result<Self, BackupError> {
        let mut names: Vec<SnapshotName> = snapshots::list(target)?;
        names.retain(|name| sequence.is_none_or(|wanted| name.sequence == wanted));
        let none = || sequence.map_or_else(|| String::from("snapshot"), |wanted| format!("snapshot {wanted}"));
        let name = names.pop().ok_or_else(|| BackupError::NoSnapshot(none()))?;
        let manifest = snapshots::read(target, keys, &name)?;
        let sealed = target.get(TABLE, None).map_err(BackupError::target(TABLE))?;
        let table = keys.open_table(&sealed.ok_or_else(|| BackupError::Missing(TABLE.to_owned()))?)?;
        Ok(Self { target, keys, table, manifest, progress })
    }

    /// What was restored into a folder, with the keys of the snapshot's day.
    pub(super) fn restored<'f>(&self, folder: &'f Path) -> Result<Restored<'f>, BackupError> {
        let companies = self.manifest.parts().filter_map(|(company, part)| Some((company?, part)));
        let companies = companies.filter(|(company, _)| !self.is_erased(company)).map(|(company, part)| {
            let branch = self.keys.branch(&self.table, Some(&company), &part.key)?;
            Ok((company, branch))
        });
        Ok(Restored::new(folder, self.directory_key()?, companies.collect::<Result<_, BackupError>>()?))
    }

    /// The directory's keys of that day.
    pub(super) fn directory_key(&self) -> Result<BranchKey, BackupError> {
        self.keys.branch(&self.table, None, &self.manifest.directory.key)
    }

    /// Whether a company's key is gone.
    pub(super) fn is_erased(&self, company: &CompanyId) -> bool {
        self.table.of(company).is_none()
    }

    /// Packs of a company, or of the box; [`BackupError::Erased`] for one whose key is gone.
    pub(super) fn source(&self, company: Option<&CompanyId>, part: &Part) -> Result<Source, BackupError> {
        let (tag, keys) = match company {
            None => (BOX_TAG.to_owned(), self.keys.of_box()),
            Some(id) => self.table.of(id).ok_or_else(|| BackupError::Erased(id.clone()))?,
        };
        Source::open(self.target, &tag, keys, &part.packs)
    }

    /// Brings a database to `path`.
    pub(super) fn database(
        &self,
        source: &Source,
        entry: &DatabaseEntry,
        path: &Path,
        pages: &mut PageCheck,
    ) -> Result<(), BackupError> {
        let file = open(path)?;
        let bytes = entry.bytes();
        file.set_len(bytes).map_err(BackupError::file(path))?;
        let mut wanted: Vec<Wanted<u64>> = Vec::new();
        let mut number = 0;
        for list in &entry.lists {
            let plain = source.chunk(self.target, list)?;
            let names = parse_list(&plain).ok_or_else(|| BackupError::damaged("a snapshot", "a list in it is none"))?;
            for name in names {
                let at = (number * CHUNK_BYTES) as u64;
                let mut held = vec![0; length_at(at, bytes, CHUNK_BYTES)];
                file.read_exact_at(&mut held, at).map_err(BackupError::file(path))?;
                let first = u32::try_from(number * PAGES_PER_CHUNK + 1).unwrap_or(u32::MAX);
                let same = source.name(pages_parts(number, &held).iter().map(AsRef::as_ref)) == name;
                if same && pages.opens(first, &held) {
                    self.progress.more(held.len() as u64);
                } else {
                    let (pack, range) = source.place(&name)?;
                    wanted.push((pack, range, name, at));
                }
                number += 1;
            }
        }
        if number != entry.chunks() {
            return Err(BackupError::damaged("a snapshot", "a database in it has holes"));
        }
        self.bring(source, wanted, |at, plain| {
            if plain.len() != length_at(*at, bytes, CHUNK_BYTES) {
                return Err(BackupError::damaged("a snapshot", "a chunk of a database has another size"));
            }
            file.write_all_at(plain, *at).map_err(BackupError::file(path))
        })?;
        file.sync_all().map_err(BackupError::file(path))
    }

    /// The files of a part, some at a time.
    pub(super) fn files(
        &self,
        source: &Source,
        (company, part): (Option<&CompanyId>, &Part),
        mut some: impl FnMut(Vec<FileEntry>) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        for listing in &part.listings {
            let plain = source.chunk(self.target, listing)?;
            let files = parse_listing(&plain, company);
            some(files.ok_or_else(|| BackupError::damaged("a snapshot", "a listing in it is none"))?)?;
        }
        Ok(())
    }

    /// Brings files below `root`.
    pub(super) fn bring_files(&self, source: &Source, files: &[FileEntry], root: &Path) -> Result<(), BackupError> {
        let mut wanted: Vec<Wanted<(usize, u64)>> = Vec::new();
        let paths: Vec<PathBuf> = files.iter().map(|entry| root.join(&entry.path)).collect();
        for (nth, (entry, path)) in files.iter().zip(&paths).enumerate() {
            make(path.parent().unwrap_or(root))?;
            let file = open(path)?;
            file.set_len(entry.bytes).map_err(BackupError::file(path))?;
            for (number, name) in entry.chunks.iter().enumerate() {
                let at = (number * CHUNK_BYTES_MAX) as u64;
                let mut held = vec![0; length_at(at, entry.bytes, CHUNK_BYTES_MAX)];
                file.read_exact_at(&mut held, at).map_err(BackupError::file(path))?;
                if source.name(bytes_parts(&held)) == *name {
                    self.progress.more(held.len() as u64);
                } else {
                    let (pack, range) = source.place(name)?;
                    wanted.push((pack, range, *name, (nth, at)));
                }
            }
        }
        self.bring(source, wanted, |(nth, at), plain| {
            let (entry, path) = (&files[*nth], &paths[*nth]);
            if plain.len() != length_at(*at, entry.bytes, CHUNK_BYTES_MAX) {
                return Err(BackupError::damaged("a snapshot", "a chunk of a file has another size"));
            }
            open(path)?.write_all_at(plain, *at).map_err(BackupError::file(path))
        })?;
        for path in &paths {
            open(path)?.sync_all().map_err(BackupError::file(path))?;
        }
        Ok(())
    }

    /// A page of a database as it is in the snapshot, sealed.
    pub(super) fn page(&self, company: Option<&CompanyId>, page: u32) -> Result<Option<Vec<u8>>, BackupError> {
        let Some(part) = self.part(company) else { return Ok(None) };
        let source = self.source(company, part)?;
        let nth = page.saturating_sub(1) as usize;
        let mut chunk = nth / PAGES_PER_CHUNK;
        for list in &part.database.lists {
            let plain = source.chunk(self.target, list)?;
            let names = parse_list(&plain).ok_or_else(|| BackupError::damaged("a snapshot", "a list in it is none"))?;
            if let Some(name) = names.get(chunk) {
                let pages = source.chunk(self.target, name)?;
                let at = nth % PAGES_PER_CHUNK * SEALED_PAGE_BYTES;
                return Ok(pages.get(at..at + SEALED_PAGE_BYTES).map(<[u8]>::to_vec));
            }
            chunk -= names.len();
        }
        Ok(None)
    }

    /// Bytes of a file of the data folder as they are in the snapshot.
    pub(super) fn bytes(
        &self,
        company: &CompanyId,
        path: &Path,
        bytes: Range<u64>,
    ) -> Result<Option<Vec<u8>>, BackupError> {
        let Some(part) = self.part(Some(company)) else { return Ok(None) };
        let source = self.source(Some(company), part)?;
        let mut found = None;
        self.files(&source, (Some(company), part), |files| {
            found = found.take().or_else(|| files.into_iter().find(|entry| Path::new(&entry.path) == path));
            Ok(())
        })?;
        let Some(entry) = found.filter(|entry| bytes.end <= entry.bytes) else { return Ok(None) };
        let size = CHUNK_BYTES_MAX as u64;
        let chunks = index(bytes.start / size)..index(bytes.end.div_ceil(size));
        let mut plain = Vec::new();
        for name in entry.chunks.get(chunks).unwrap_or_default() {
            plain.extend(source.chunk(self.target, name)?);
        }
        let from = index(bytes.start % size);
        Ok(plain.get(from..from + index(bytes.end - bytes.start)).map(<[u8]>::to_vec))
    }

    fn part(&self, company: Option<&CompanyId>) -> Option<&Part> {
        match company {
            None => Some(&self.manifest.directory),
            Some(id) => self.manifest.companies.get(id.as_str()),
        }
    }

    /// Reads what is wanted in the order in which it lies, neighbours at once.
    fn bring<T: Ord>(
        &self,
        source: &Source,
        mut wanted: Vec<Wanted<T>>,
        mut take: impl FnMut(&T, &[u8]) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        wanted.sort_by(|one, other| (one.0, one.1.start, &one.3).cmp(&(other.0, other.1.start, &other.3)));
        let mut rest = &wanted[..];
        while let Some((pack, first, ..)) = rest.first() {
            self.progress.goes_on().map_err(BackupError::target("a pack"))?;
            let (mut end, mut count) = (first.end, 0);
            for (of, range, ..) in rest {
                let near = of == pack && range.start <= end + GAP_BYTES_MAX;
                if !near || range.end.max(end) - first.start > ASKED_BYTES_MAX {
                    break;
                }
                (end, count) = (end.max(range.end), count + 1);
            }
            let (now, later) = rest.split_at(count.max(1));
            let bytes = source.read(self.target, *pack, first.start..end)?;
            for (pack, range, name, of) in now {
                let place = |at: u64| usize::try_from(at - first.start).unwrap_or(usize::MAX);
                let plain = source.open_chunk(*pack, name, &bytes[place(range.start)..place(range.end)])?;
                take(of, &plain)?;
                self.progress.more(plain.len() as u64);
            }
            rest = later;
        }
        Ok(())
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn length_at(at: u64, bytes: u64, most: usize) -> usize {
    usize::try_from(bytes.saturating_sub(at)).unwrap_or(usize::MAX).min(most)
}

/// A file for its owner only, with what it holds.
fn open(path: &Path) -> Result<File, BackupError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map_err(BackupError::file(path))
}

pub(super) fn make(folder: &Path) -> Result<(), BackupError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(BackupError::file(folder))
}
