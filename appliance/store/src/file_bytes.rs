//! The bytes of files on the disk: a staging area for what is being received or waits for the scanner, and a folder for each
//! company. All of them are sealed by the vault, each under a key of its own (D1).

use crate::StoreError;
use domain::ids::{CompanyId, FileId};
use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use vault::{FileKey, SealedReader, SealedWriter};

pub(crate) const FOLDER: &str = "files";
pub(crate) const STAGING: &str = "staging";

/// The files of a box. Everything here waits for the disk: off the async threads.
#[derive(Debug)]
pub struct FileBytes {
    root: PathBuf,
    kept: Arc<Mutex<Kept>>,
}

/// Files that are to be removed as soon as nobody keeps any.
#[derive(Debug, Default)]
struct Kept {
    keepers: usize,
    leaving: Vec<PathBuf>,
}

/// As long as this lives, no file of a company goes from the disk: who has read which there are finds them.
pub(crate) struct Keeping(Arc<Mutex<Kept>>);

impl Drop for Keeping {
    fn drop(&mut self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keepers = kept.keepers.saturating_sub(1);
        if kept.keepers > 0 {
            return;
        }
        for path in std::mem::take(&mut kept.leaving) {
            if let Err(failure) = remove(&path) {
                tracing::error!(%failure, "a file that was deleted could not be removed");
            }
        }
    }
}

/// Links files of a company into an image of the data folder, and takes out those that are not linked again.
pub(crate) struct Linking<'a> {
    bytes: &'a FileBytes,
    company: &'a CompanyId,
    image: FileBytes,
    linked: HashSet<PathBuf>,
    files: u64,
    lost: u64,
}

impl Linking<'_> {
    pub(crate) fn link(&mut self, id: &FileId, thumbnails: bool) -> Result<(), StoreError> {
        let (from, to) = (self.bytes.path(self.company, id), self.image.path(self.company, id));
        if thumbnails {
            self.link_one(&thumbnails_of(&from), thumbnails_of(&to))?;
        }
        self.files += 1;
        self.link_one(&from, to)
    }

    fn link_one(&mut self, from: &Path, to: PathBuf) -> Result<(), StoreError> {
        let source = match from.metadata() {
            // Lost before: it must not take with it what is left.
            Err(e) if e.kind() == ErrorKind::NotFound => {
                self.lost += 1;
                return Ok(());
            }
            source => source.map_err(failed(from))?,
        };
        let held = to.symlink_metadata().ok();
        if !held.is_some_and(|held| held.ino() == source.ino() && held.dev() == source.dev()) {
            remove(&to)?;
            make(to.parent().unwrap_or(&self.image.root))?;
            std::fs::hard_link(from, &to).map_err(failed(&to))?;
        }
        self.linked.insert(to);
        Ok(())
    }

    /// How many files there are, and how many pieces of them are not on the disk.
    pub(crate) fn finish(self) -> Result<(u64, u64), StoreError> {
        let folder = self.image.root.join(self.company.as_str());
        for spread in std::fs::read_dir(&folder).into_iter().flatten() {
            let spread = spread.map_err(failed(&folder))?.path();
            for entry in std::fs::read_dir(&spread).map_err(failed(&spread))? {
                let path = entry.map_err(failed(&spread))?.path();
                if !self.linked.contains(&path) {
                    remove(&path)?;
                }
            }
        }
        Ok((self.files, self.lost))
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    move |source| StoreError::File { path: path.to_owned(), source }
}

fn make(folder: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))
}

fn sync(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(failed(path)(e)),
        _ => Ok(()),
    }
}

impl FileBytes {
    /// Opens the files of a data folder. What is in the staging area is removed: its keys went with the process that had
    /// them.
    pub(crate) fn open(data: &Path) -> Result<Self, StoreError> {
        let root = root(data);
        let staging = root.join(STAGING);
        match std::fs::remove_dir_all(&staging) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(failed(&staging)(e)),
            _ => {}
        }
        make(&staging)?;
        Ok(Self { root, kept: Arc::default() })
    }

    /// From now on no file of a company goes from the disk, until the answer does.
    pub(crate) fn keep(&self) -> Keeping {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).keepers += 1;
        Keeping(Arc::clone(&self.kept))
    }

    /// For links of a company's files into an image of the data folder.
    pub(crate) fn linking<'a>(&'a self, company: &'a CompanyId, image: &Path) -> Result<Linking<'a>, StoreError> {
        let image = FileBytes { root: image.join(FOLDER), kept: Arc::default() };
        make(&image.root)?;
        Ok(Linking { bytes: self, company, image, linked: HashSet::new(), files: 0, lost: 0 })
    }

    /// Begins to receive a file in the staging area; what was received of it before is gone.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn receive(&self, id: &FileId, key: FileKey) -> Result<SealedWriter, StoreError> {
        let path = self.staged_path(id);
        remove(&path)?;
        Ok(SealedWriter::create(&path, key)?)
    }

    /// Reads a file of the staging area that was received whole.
    ///
    /// # Errors
    /// When it is not there, or was changed (D3).
    pub fn read_staged(&self, id: &FileId, key: FileKey) -> Result<SealedReader, StoreError> {
        Ok(SealedReader::open(&self.staged_path(id), key)?)
    }

    /// Takes a file out of the staging area for good; idempotent.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn discard(&self, id: &FileId) -> Result<(), StoreError> {
        remove(&self.staged_path(id))
    }

    /// Writes the small pictures of a file beside it, in place of earlier ones. They count for nothing until their row says so.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_thumbnails(
        &self,
        company: &CompanyId,
        id: &FileId,
        key: FileKey,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let (staged, to) = (thumbnails_of(&self.staged_path(id)), thumbnails_of(&self.path(company, id)));
        remove(&staged)?;
        let mut writer = SealedWriter::create(&staged, key)?;
        let written = writer.append(bytes).and_then(|()| writer.finish().map(drop)).map_err(StoreError::from);
        let moved = written.and_then(|()| std::fs::rename(&staged, &to).map_err(failed(&to)));
        moved.inspect_err(|_| drop(remove(&staged)))?;
        sync(to.parent().unwrap_or(&self.root))
    }

    /// Reads the small pictures of a file.
    ///
    /// # Errors
    /// When they are not there, or were changed (D3).
    pub fn read_thumbnails(&self, company: &CompanyId, id: &FileId, key: FileKey) -> Result<SealedReader, StoreError> {
        Ok(SealedReader::open(&thumbnails_of(&self.path(company, id)), key)?)
    }

    /// Moves a file from the staging area into its company's folder. It counts for nothing until its row says so.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn publish(&self, company: &CompanyId, id: &FileId) -> Result<(), StoreError> {
        let (from, to) = (self.staged_path(id), self.path(company, id));
        let folder = to.parent().unwrap_or(&self.root);
        if !folder.is_dir() {
            make(folder)?;
            for parent in folder.ancestors().skip(1).take(2) {
                sync(parent)?;
            }
        }
        std::fs::rename(&from, &to).map_err(failed(&from))?;
        sync(folder)
    }

    /// Moves a file back into the staging area: its row could not be written.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn take_back(&self, company: &CompanyId, id: &FileId) -> Result<(), StoreError> {
        let (from, to) = (self.path(company, id), self.staged_path(id));
        std::fs::rename(&from, &to).map_err(failed(&from))
    }

    /// Reads a file of a company.
    ///
    /// # Errors
    /// When it is not there, or was changed (D3).
    pub fn read(&self, company: &CompanyId, id: &FileId, key: FileKey) -> Result<SealedReader, StoreError> {
        Ok(SealedReader::open(&self.path(company, id), key)?)
    }

    /// Removes the small pictures of a file; idempotent.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove_thumbnails(&self, company: &CompanyId, id: &FileId) -> Result<(), StoreError> {
        self.let_go(thumbnails_of(&self.path(company, id)))
    }

    /// Removes a file of a company with its small pictures; idempotent.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, company: &CompanyId, id: &FileId) -> Result<(), StoreError> {
        let path = self.path(company, id);
        self.let_go(thumbnails_of(&path)).and(self.let_go(path))
    }

    /// Removes a file, at once or when nobody keeps any. What a cut leaves then belongs to no row.
    fn let_go(&self, path: PathBuf) -> Result<(), StoreError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.keepers > 0 {
            kept.leaving.push(path);
            return Ok(());
        }
        drop(kept);
        remove(&path)
    }

    /// Removes all files of a company; idempotent.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn remove_company(&self, company: &CompanyId) -> Result<(), StoreError> {
        let folder = self.root.join(company.as_str());
        match std::fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(failed(&folder)(e)),
            _ => sync(&self.root),
        }
    }

    /// Whether so many bytes more leave free what others need.
    ///
    /// # Errors
    /// Where they do not: an error of a full disk.
    pub fn room_for(&self, bytes: u64, reserve_bytes: u64) -> Result<(), StoreError> {
        if free_bytes(&self.root)? < bytes.saturating_add(reserve_bytes) {
            return Err(failed(&self.root)(ErrorKind::StorageFull.into()));
        }
        Ok(())
    }

    fn staged_path(&self, id: &FileId) -> PathBuf {
        self.root.join(STAGING).join(id.as_str())
    }

    /// Spread over 256 folders by the end of the id, which is random.
    fn path(&self, company: &CompanyId, id: &FileId) -> PathBuf {
        place(&self.root, company.as_str(), id.as_str())
    }
}

/// Bytes that are free for this process on the disk of a folder.
///
/// # Errors
/// When the system does not say.
pub fn free_bytes(folder: &Path) -> Result<u64, StoreError> {
    let found = rustix::fs::statvfs(folder).map_err(|e| failed(folder)(e.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Where the files of a data folder lie.
pub(crate) fn root(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// Where a company's file lies below that.
fn place(root: &Path, company: &str, id: &str) -> PathBuf {
    let spread = id.get(id.len().saturating_sub(2)..).unwrap_or_default();
    root.join(company).join(spread).join(id)
}

/// Where a company's file, or its small pictures, lie in a data folder.
#[must_use]
pub fn stored_at(company: &str, file: &str, small: bool) -> PathBuf {
    let path = place(Path::new(FOLDER), company, file);
    if small { thumbnails_of(&path) } else { path }
}

/// Ids have no dot, so this is no file's name.
fn thumbnails_of(file: &Path) -> PathBuf {
    file.with_extension("small")
}
