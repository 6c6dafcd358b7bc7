//! Shows that a backup can be restored, by restoring it: databases whole, files some at a time, into a folder beside the data.

use super::fetch::{Fetch, make};
use super::image::room_for;
use super::keys::RepositoryKeys;
use super::manifest::{FileEntry, Name, Part};
use super::send::database_path;
use super::target::Target;
use super::{BackupError, Progress};
use domain::ids::CompanyId;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::CompanyInside;

/// Files that are restored at once, in bytes.
const FILES_AT_ONCE: u64 = 256 * 1024 * 1024;

/// What was restored and found to be what was backed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Number of the snapshot.
    pub sequence: u64,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: i64,
    /// Databases that opened.
    pub databases: u64,
    /// Files that opened.
    pub files: u64,
    /// Bytes of both.
    pub bytes: u64,
}

/// What is verified, and where.
pub(super) struct Verification<'a> {
    pub(super) target: &'a dyn Target,
    pub(super) keys: &'a RepositoryKeys,
    /// The folder that is restored into.
    pub(super) scratch: &'a Path,
    pub(super) sequence: Option<u64>,
    pub(super) reserve_bytes: u64,
    pub(super) progress: &'a Arc<Progress>,
}

impl Verification<'_> {
    pub(super) fn run(&self) -> Result<Verified, BackupError> {
        let emptied = empty(self.scratch);
        let verified = emptied.and_then(|()| self.restore());
        empty(self.scratch)?;
        verified
    }

    fn restore(&self) -> Result<Verified, BackupError> {
        let fetch = Fetch::open(self.target, self.keys, self.sequence, self.progress)?;
        let (manifest, restored) = (&fetch.manifest, fetch.restored(self.scratch)?);
        make(&self.scratch.join("companies"))?;
        let databases = manifest.parts().map(|(_, part)| part.database.bytes()).sum::<u64>();
        let files = manifest.parts().map(|(_, part)| part.files_bytes).fold(0, u64::saturating_add);
        room_for(self.scratch, databases + files.min(FILES_AT_ONCE), self.reserve_bytes)?;
        self.progress.begin("verifying", manifest.bytes());
        let mut verified = Verified {
            sequence: manifest.sequence,
            taken_ms: manifest.taken_ms,
            databases: 1,
            files: 0,
            bytes: manifest.bytes(),
        };
        let source = fetch.source(None, &manifest.directory)?;
        let path = self.scratch.join(database_path(None));
        fetch.database(&source, &manifest.directory.database, &path, &mut restored.directory_pages())?;
        same_sum(&path, &manifest.directory)?;
        let companies = restored.directory()?;
        fetch.files(&source, (None, &manifest.directory), |files| {
            self.some_files(&fetch, &source, &files, |_| Ok(()))
        })?;
        for id in &companies {
            let Some(part) = manifest.companies.get(id.as_str()) else {
                if manifest.left_behind.contains_key(id.as_str()) {
                    continue;
                }
                return Err(BackupError::Differs(format!("company {id} is not in it")));
            };
            let source = match fetch.source(Some(id), part) {
                // Since then.
                Err(BackupError::Erased(_)) => continue,
                source => source?,
            };
            let path = self.scratch.join(database_path(Some(id)));
            fetch.database(&source, &part.database, &path, &mut restored.company_pages(id)?)?;
            same_sum(&path, part)?;
            let inside = restored.company(id)?;
            verified.databases += 1;
            verified.files += self.company_files(&fetch, &source, (id, part), &inside)?;
            drop(inside);
            std::fs::remove_file(&path).map_err(BackupError::file(&path))?;
        }
        Ok(verified)
    }

    /// Restores each file of a company, reads it under its key, and finds that none is missing.
    fn company_files(
        &self,
        fetch: &Fetch<'_>,
        source: &super::domain::Source,
        (company, part): (&CompanyId, &Part),
        inside: &CompanyInside,
    ) -> Result<u64, BackupError> {
        let mut wanted = inside.files()?;
        let mut files = 0;
        fetch.files(source, (Some(company), part), |entries| {
            self.some_files(fetch, source, &entries, |entry| {
                let id = wanted.remove(&PathBuf::from(&entry.path));
                let id = id.ok_or_else(|| BackupError::Differs(format!("{} belongs to nothing", entry.path)))?;
                files += 1;
                Ok(inside.file_opens(&self.scratch.join(&entry.path), &id)?)
            })
        })?;
        if wanted.len() as u64 == part.lost {
            return Ok(files);
        }
        let missing = wanted.keys().next().map(|path| path.display().to_string()).unwrap_or_default();
        Err(BackupError::Differs(format!("{} files are missing, {missing} among them", wanted.len())))
    }

    fn some_files(
        &self,
        fetch: &Fetch<'_>,
        source: &super::domain::Source,
        entries: &[FileEntry],
        mut each: impl FnMut(&FileEntry) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let mut rest = entries;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take_while(|entry| {
                bytes += entry.bytes;
                bytes <= FILES_AT_ONCE
            });
            let (now, later) = rest.split_at(fit.count().max(1));
            room_for(self.scratch, now.iter().map(|entry| entry.bytes).sum(), self.reserve_bytes)?;
            fetch.bring_files(source, now, self.scratch)?;
            for entry in now {
                each(entry)?;
                let path = self.scratch.join(&entry.path);
                std::fs::remove_file(&path).map_err(BackupError::file(&path))?;
            }
            rest = later;
        }
        Ok(())
    }
}

/// Every page is the one that was backed up.
pub(super) fn same_sum(path: &Path, part: &Part) -> Result<(), BackupError> {
    let sum = store::sum_of(path).map_err(store::StoreError::from)?;
    if Name(sum) == part.database.sum {
        return Ok(());
    }
    Err(BackupError::Differs(format!("pages of {} are others", path.display())))
}

fn empty(folder: &Path) -> Result<(), BackupError> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(BackupError::file(folder)(e)),
        _ => Ok(()),
    }
}
