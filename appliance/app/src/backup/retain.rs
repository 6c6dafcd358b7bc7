//! What goes again: snapshots that are old enough, and packs that no snapshot needs.

use super::domain::{Domain, folder, packs_in};
use super::keys::{BOX_TAG, RepositoryKeys, Table};
use super::manifest::{Manifest, Pack};
use super::target::Target;
use super::{BackupError, snapshots};
use domain::hex;
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

/// Removes packs that no snapshot names, and from the table keys that none needs: the answer is whether it changed. A snapshot that cannot be read might need any of them: then all of them stay.
pub(super) fn prune(
    target: &dyn Target,
    keys: &RepositoryKeys,
    newest: &Manifest,
    table: &mut Table,
    domains: &mut [(String, Domain)],
) -> Result<bool, BackupError> {
    let mut needed: HashMap<String, HashSet<Pack>> = HashMap::new();
    let mut labels = HashSet::new();
    let mut manifests = vec![newest.clone()];
    for name in snapshots::list(target)? {
        if name.sequence != newest.sequence {
            manifests.push(snapshots::read(target, keys, &name)?);
        }
        for (company, label, part) in manifests.drain(..).flat_map(into_parts) {
            labels.insert((company.clone(), label));
            let tag = match company {
                None => Some(BOX_TAG.to_owned()),
                Some(id) => domain::ids::CompanyId::parse(&id).ok().and_then(|id| Some(table.of(&id)?.0)),
            };
            if let Some(tag) = tag {
                needed.entry(tag).or_default().extend(part);
            }
        }
    }
    for (tag, domain) in domains {
        let removed = domain.prune(target, needed.get(tag).unwrap_or(&HashSet::new()))?;
        if removed > 0 {
            tracing::info!(removed, "packs that no backup needs any more were removed");
        }
    }
    Ok(table.forget_branches(|company, label| labels.contains(&(company.map(str::to_owned), label.to_owned()))))
}

fn into_parts(manifest: Manifest) -> Vec<(Option<String>, String, Vec<Pack>)> {
    let Manifest { directory, companies, .. } = manifest;
    let companies = companies.into_iter().map(|(id, part)| (Some(id), part.key, part.packs));
    std::iter::once((None, directory.key, directory.packs)).chain(companies).collect()
}

/// Removes all packs of a company that was erased: without its key they are noise.
pub(super) fn remove_packs(target: &dyn Target, tag: &str) -> Result<(), BackupError> {
    let folder = folder(tag);
    for name in packs_in(target, &folder)?.into_keys() {
        let object = format!("{folder}/{}", hex::write(&name));
        target.remove(&object).map_err(BackupError::target(&object))?;
    }
    Ok(())
}
