//! What goes again: snapshots that are old enough, and packs that no snapshot needs.

use super::BackupError;
use super::domain::{Domain, folder, remove_packs};
use super::keys::{BOX_TAG, RepositoryKeys, Table};
use super::manifest::{Manifest, Pack, Part};
use super::snapshots::{self, SnapshotName};
use super::target::Target;
use std::collections::{HashMap, HashSet};

/// Removes snapshots from before a time, but never the newest two.
pub(super) fn expire(target: &dyn Target, before_ms: i64) -> Result<(), BackupError> {
    let names = snapshots::list(target)?;
    let stays = names.len().saturating_sub(2);
    for name in names[..stays].iter().filter(|name| name.taken_ms < before_ms) {
        let object = name.object();
        target.remove(&object).map_err(BackupError::target(&object))?;
    }
    Ok(())
}

/// Removes packs that no snapshot names, and from the table keys that none needs: the answer is whether it changed. A snapshot that
/// cannot be read might need any of them: then all of them stay.
pub(super) fn prune(
    target: &dyn Target,
    keys: &RepositoryKeys,
    newest: &Manifest,
    table: &mut Table,
    domains: &mut [(String, Domain)],
) -> Result<bool, BackupError> {
    let mut needed: HashMap<String, HashSet<Pack>> = HashMap::new();
    let mut labels = HashSet::new();
    let mut need = |manifest: &Manifest| {
        for (company, Part { key, packs, .. }) in manifest.parts() {
            labels.insert((company.as_ref().map(ToString::to_string), key.clone()));
            let tag = match company {
                None => Some(BOX_TAG.to_owned()),
                Some(id) => table.of(&id).map(|(tag, _)| tag),
            };
            if let Some(tag) = tag {
                needed.entry(tag).or_default().extend(packs);
            }
        }
    };
    // Also where the target does not list it yet.
    need(newest);
    for name in snapshots::list(target)?.iter().filter(|name| **name != SnapshotName::of(newest)) {
        need(&snapshots::read(target, keys, name)?);
    }
    for (tag, domain) in domains {
        let removed = domain.prune(target, needed.get(tag).unwrap_or(&HashSet::new()))?;
        if removed > 0 {
            tracing::info!(removed, "packs that no backup needs any more were removed");
        }
    }
    Ok(table.forget_branches(|company, label| labels.contains(&(company.map(str::to_owned), label.to_owned()))))
}

/// Removes all packs of a company that was erased: without its key they are noise.
pub(super) fn remove_erased(target: &dyn Target, tag: &str) -> Result<(), BackupError> {
    remove_packs(target, &folder(tag), &HashSet::new()).map(drop)
}
