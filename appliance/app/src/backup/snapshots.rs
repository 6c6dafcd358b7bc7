//! Snapshots at a target: one sealed manifest each.

use super::BackupError;
use super::keys::RepositoryKeys;
use super::manifest::{FORMAT, Manifest, NotAManifest};
use super::target::Target;

const FOLDER: &str = "snapshots";

/// What a snapshot is called: its number and time, so that a list of names tells what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotName {
    /// Counts the snapshots of a box.
    pub sequence: u64,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: i64,
}

impl std::fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:010}-{:014}", self.sequence, self.taken_ms)
    }
}

impl SnapshotName {
    /// Reads what is written so, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sequence, taken_ms) = text.split_once('-')?;
        let name = Self { sequence: sequence.parse().ok()?, taken_ms: taken_ms.parse().ok()? };
        (name.to_string() == text).then_some(name)
    }

    /// The name of a snapshot of this manifest.
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self { sequence: manifest.sequence, taken_ms: manifest.taken_ms }
    }

    pub(super) fn object(&self) -> String {
        format!("{FOLDER}/{self}")
    }
}

/// All of them, the newest last.
pub(super) fn list(target: &dyn Target) -> Result<Vec<SnapshotName>, BackupError> {
    let objects = target.list(FOLDER).map_err(BackupError::target(FOLDER))?;
    let mut names: Vec<_> = objects.iter().filter_map(|object| SnapshotName::parse(&object.name)).collect();
    names.sort_unstable();
    Ok(names)
}

pub(super) fn read(target: &dyn Target, keys: &RepositoryKeys, name: &SnapshotName) -> Result<Manifest, BackupError> {
    let object = name.object();
    let sealed = target.get(&object, None).map_err(BackupError::target(&object))?;
    let sealed = sealed.ok_or_else(|| BackupError::Missing(object.clone()))?;
    let plain = keys.open_manifest(&object, &sealed)?;
    let manifest = Manifest::parse(&plain).map_err(|wrong| match wrong {
        NotAManifest::Newer(found) => BackupError::Newer { object: object.clone(), found, known: FORMAT },
        NotAManifest::Unreadable(why) => BackupError::damaged(&object, why),
    })?;
    if SnapshotName::of(&manifest) == *name {
        Ok(manifest)
    } else {
        Err(BackupError::damaged(&object, "it is another snapshot"))
    }
}

pub(super) fn write(target: &dyn Target, keys: &RepositoryKeys, manifest: &Manifest) -> Result<(), BackupError> {
    let object = SnapshotName::of(manifest).object();
    let plain = serde_json::to_vec(manifest).expect("text and numbers become JSON");
    target.put(&object, &keys.seal_manifest(&object, &plain)?).map_err(BackupError::target(&object))
}
