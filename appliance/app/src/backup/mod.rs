//! Backups (D7): snapshots of the whole box, sealed, to several targets; verified by restoring them; restored by one command.
//! What lies at a target, and why it is so, is told in docs/backup.md.

mod copies;
mod desk;
mod domain;
mod error;
mod fetch;
mod forget;
mod image;
mod keys;
mod manifest;
mod memory;
mod pack;
mod progress;
mod restore;
mod retain;
mod run;
mod schedule;
mod send;
mod snapshots;
mod state;
mod target;
mod verify;

pub use desk::{BackupSettings, Desk, NamedTarget};
pub use error::BackupError;
pub(crate) use forget::forget;
pub use keys::Table;
pub use manifest::{Manifest, NotAManifest, parse_list, parse_listing};
pub use pack::{Index, sealed_index};
pub use progress::{Far, Progress};
pub use restore::{Plan, Restore, UNFINISHED};
pub use run::{Outcome, Wish, begin, end, list_at, run, verify};
pub use schedule::keep;
pub use send::Sent;
pub use snapshots::SnapshotName;
pub use state::{Failure, Standing, TargetState, alarms, standing};
pub use target::{OBJECT_BYTES_MAX, Object, Target, TargetError};
pub use verify::Verified;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Where a box keeps image, scratch folder and what it remembers, in its data folder.
pub const FOLDER: &str = "backup";
/// What a file's blocks are counted in.
const BLOCK_BYTES: u64 = 512;

/// Writes a file whole or not at all, readable by its owner alone.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".fresh");
    let fresh = PathBuf::from(fresh);
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)
    };
    write().map_err(BackupError::file(path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

pub(crate) fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::file(folder))
}

/// Bytes that the files below a folder take on the disk: one that is as long as it will be has not all of them yet.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    let taken = |about: &std::fs::Metadata| about.len().min(about.blocks().saturating_mul(BLOCK_BYTES));
    bytes.map(|(path, about)| if about.is_dir() { bytes_below(&path) } else { taken(&about) }).sum()
}
