//! The image: a folder that holds the box as it was at one moment, from which targets are served. Databases are copied page by
//! page where they changed, files are links; so a slow target holds up neither writers nor logs.

use super::fetch::make;
use super::manifest::is_small_file;
use super::{BackupError, Progress, write_whole};
use crate::App;
use domain::ids::CompanyId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{CopiedDatabase, KEYRING_FILE, SEALED_PAGE_BYTES, StoreError};

/// Largest file right in the data folder that is part of a backup, and how many of them are.
const SMALL_FILE_BYTES_MAX: u64 = 1024 * 1024;
const SMALL_FILES_MAX: usize = 64;
/// Lives that are remembered.
const LIVES_MAX: usize = 32;
/// Names the lives before, in the data folder of a box that was restored.
pub(super) const RESTORED_FILE: &str = "restored.json";

/// What an image holds.
pub(super) struct ImageFacts {
    pub(super) root: PathBuf,
    pub(super) taken_ms: i64,
    pub(super) box_id: String,
    /// This life of the box, then those before.
    pub(super) lives: Vec<String>,
    pub(super) name: String,
    pub(super) version: &'static str,
    pub(super) keyring: Vec<u8>,
    pub(super) databases: Vec<CopiedDatabase>,
    /// Companies that could not be read, and why.
    pub(super) failed: BTreeMap<CompanyId, String>,
    /// How long all writers stood still.
    pub(super) still_for: Duration,
}

impl ImageFacts {
    /// All companies of the box, read or not.
    pub(super) fn companies(&self) -> Vec<CompanyId> {
        let read = self.databases.iter().filter_map(|database| database.company.clone());
        read.chain(self.failed.keys().cloned()).collect()
    }

    /// Bytes of the databases.
    pub(super) fn bytes(&self) -> u64 {
        self.databases.iter().map(|database| u64::from(database.copied.pages) * SEALED_PAGE_BYTES as u64).sum()
    }

    /// How long all writers stood still, in microseconds.
    pub(super) fn still_us(&self) -> u64 {
        u64::try_from(self.still_for.as_micros()).unwrap_or(u64::MAX)
    }

    /// Files that are lost on the box itself.
    pub(super) fn lost(&self) -> u64 {
        self.databases.iter().map(|database| database.lost).sum()
    }
}

/// Makes the image of now.
pub(super) async fn take(
    app: &App,
    folder: &Path,
    (all, reserve_bytes): (bool, u64),
    progress: &Arc<Progress>,
) -> Result<ImageFacts, BackupError> {
    let moment = app.store.moment().await?;
    let (still_for, taken_ms) = (moment.still_for(), app.clock.now_ms());
    let (name, own) = (app.name(), app.incarnation());
    let (store, progress, root) = (Arc::clone(&app.store), Arc::clone(progress), folder.join("image"));
    let work = move || {
        make(&root)?;
        let data = store.folder();
        let databases_bytes = moment.pages() * SEALED_PAGE_BYTES as u64;
        room_for(&root, databases_bytes.saturating_sub(databases_in(&root)), reserve_bytes)?;
        progress.begin("reading", databases_bytes);
        let made = moment.write_image(&root, all, &|pages| progress.more(pages * SEALED_PAGE_BYTES as u64))?;
        take_small_files(data, &root)?;
        let keyring = data.join(KEYRING_FILE);
        let keyring = std::fs::read(&keyring).map_err(BackupError::file(&keyring))?;
        let lives = std::iter::once(own).chain(earlier_lives(data)).collect();
        let failed = made.failed.into_iter().map(|(id, why)| (id, why.to_string())).collect();
        let (box_id, version, databases) = (store.box_id(), env!("CARGO_PKG_VERSION"), made.databases);
        Ok(ImageFacts { root, taken_ms, box_id, lives, name, version, keyring, databases, failed, still_for })
    };
    let working = tokio::task::spawn_blocking(work).await;
    working.unwrap_or_else(|_| Err(StoreError::Fault(String::from("the image of a backup")).into()))
}

/// Whether so many bytes more leave free what others need.
pub(super) fn room_for(folder: &Path, needed: u64, reserve: u64) -> Result<(), BackupError> {
    let free = store::free_bytes(folder)?;
    if free >= needed.saturating_add(reserve) {
        return Ok(());
    }
    Err(BackupError::NoRoom { folder: folder.to_owned(), needed, free, reserve })
}

/// Bytes of the databases that an earlier image left.
fn databases_in(root: &Path) -> u64 {
    let companies = std::fs::read_dir(root.join("companies")).into_iter().flatten().flatten();
    let of_companies = companies.filter_map(|entry| entry.metadata().ok());
    let directory = root.join("directory.db").metadata().ok();
    of_companies.chain(directory).map(|about| about.len()).sum()
}

fn take_small_files(data: &Path, root: &Path) -> Result<(), BackupError> {
    let names = |folder: &Path| -> Result<Vec<String>, BackupError> {
        let entries = std::fs::read_dir(folder).map_err(BackupError::file(folder))?;
        let names = entries.flatten().filter(|entry| entry.metadata().is_ok_and(|about| about.is_file()));
        Ok(names.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_small_file(name)).collect())
    };
    let mut there = names(data)?;
    there.sort_unstable();
    there.truncate(SMALL_FILES_MAX);
    for gone in names(root)?.iter().filter(|name| !there.contains(name)) {
        let path = root.join(gone);
        std::fs::remove_file(&path).map_err(BackupError::file(&path))?;
    }
    for name in &there {
        let path = data.join(name);
        if path.metadata().map_err(BackupError::file(&path))?.len() <= SMALL_FILE_BYTES_MAX {
            let bytes = std::fs::read(&path).map_err(BackupError::file(&path))?;
            write_whole(&root.join(name), &bytes)?;
        }
    }
    Ok(())
}

/// The lives of a box that was restored, the latest first.
pub(super) fn earlier_lives(data: &Path) -> Vec<String> {
    let lives = std::fs::read(data.join(RESTORED_FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let lives: Vec<String> = lives.unwrap_or_default();
    lives.into_iter().take(LIVES_MAX).collect()
}
