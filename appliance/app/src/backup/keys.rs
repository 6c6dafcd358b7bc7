//! Keys of a repository (D2, D7).
//!
//! All derive from the backup key, which derives from what the recovery key opens. But the key of each company's chunks is
//! random and stands in a table of its own, which is written anew at each run: a company that was erased is not in it any more,
//! and what older snapshots hold of it, its wrapped key included, opens nothing of it.

use super::BackupError;
use super::pack::DomainKeys;
use domain::clock::Rng;
use domain::hex;
use domain::ids::CompanyId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{BranchKey, Envelope, SecretKey};
use zeroize::{Zeroize as _, Zeroizing};

/// The object that holds the table.
pub(super) const TABLE: &str = "keys";
/// The folder of the box's own packs.
pub(super) const BOX_TAG: &str = "box";
const FORMAT: u32 = 1;

/// What opens a repository.
pub(super) struct RepositoryKeys {
    manifests: Envelope,
    table: Envelope,
    state: Envelope,
    keeper: SecretKey,
    own: SecretKey,
}

impl RepositoryKeys {
    /// From the backup key.
    #[must_use]
    pub(super) fn new(backup_key: &SecretKey) -> Self {
        let derived = |purpose: &[u8]| backup_key.derive(&[purpose]);
        Self {
            manifests: Envelope::new(&derived(b"manifests")),
            table: Envelope::new(&derived(b"company keys")),
            state: Envelope::new(&derived(b"local state")),
            keeper: derived(b"kept keys"),
            own: derived(b"box chunks"),
        }
    }

    pub(super) fn seal_manifest(&self, name: &str, plain: &[u8]) -> Result<Vec<u8>, BackupError> {
        Ok(self.manifests.seal(name.as_bytes(), plain).map_err(store::StoreError::from)?)
    }

    pub(super) fn open_manifest(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, BackupError> {
        let opened = self.manifests.open(name.as_bytes(), sealed);
        opened.ok_or_else(|| BackupError::damaged(name, "it does not open under the backup key"))
    }

    /// Seals what the box remembers of a target.
    pub(super) fn seal_state(&self, target: &str, plain: &[u8]) -> Result<Vec<u8>, BackupError> {
        Ok(self.state.seal(target.as_bytes(), plain).map_err(store::StoreError::from)?)
    }

    pub(super) fn open_state(&self, target: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        self.state.open(target.as_bytes(), sealed)
    }

    pub(super) fn of_box(&self) -> DomainKeys {
        DomainKeys::new(&self.own)
    }

    /// A branch's key of the day that a snapshot is from.
    pub(super) fn branch(
        &self,
        table: &Table,
        company: Option<&CompanyId>,
        label: &str,
    ) -> Result<BranchKey, BackupError> {
        let kept = match company {
            None => &table.directory,
            Some(id) => &table.row(id).ok_or_else(|| BackupError::Erased(id.clone()))?.branches,
        };
        let sealed = kept.get(label).and_then(|text| hex::read_all(text));
        let owner = company.map(CompanyId::as_str);
        let opened = sealed.and_then(|sealed| BranchKey::kept(&self.keeper, owner, &sealed));
        opened.ok_or_else(|| BackupError::damaged(TABLE, "a key of that day is not in it"))
    }

    /// Has the table hold the keys of today; whether they were not there.
    pub(super) fn keep(
        &self,
        table: &mut Table,
        company: Option<&CompanyId>,
        branch: &BranchKey,
    ) -> Result<bool, BackupError> {
        let kept = match company {
            None => &mut table.directory,
            Some(id) => match table.companies.get_mut(id.as_str()) {
                Some(row) => &mut row.branches,
                None => return Err(BackupError::Erased(id.clone())),
            },
        };
        if kept.contains_key(&branch.label()) {
            return Ok(false);
        }
        let sealed = branch.keep(&self.keeper, company.map(CompanyId::as_str)).map_err(store::StoreError::from)?;
        kept.insert(branch.label(), hex::write(&sealed));
        Ok(true)
    }

    pub(super) fn seal_table(&self, table: &Table) -> Result<Vec<u8>, BackupError> {
        let plain = Zeroizing::new(serde_json::to_vec(table).expect("text and numbers become JSON"));
        Ok(self.table.seal(TABLE.as_bytes(), &plain).map_err(store::StoreError::from)?)
    }

    pub(super) fn open_table(&self, sealed: &[u8]) -> Result<Table, BackupError> {
        let plain = self.table.open(TABLE.as_bytes(), sealed).map(Zeroizing::new);
        let plain = plain.ok_or_else(|| BackupError::damaged(TABLE, "it does not open under the backup key"))?;
        Table::parse(&plain)
    }
}

/// The keys of the companies that are not erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    format: u32,
    /// The directory's keys, sealed once more, by their day.
    directory: BTreeMap<String, String>,
    companies: BTreeMap<String, Row>,
    /// Tags of companies that are gone, whose packs are still to be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leaving: Vec<String>,
}

/// One company.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Under what its packs lie: tells nothing about it.
    tag: String,
    /// 64 hexadecimal digits.
    key: String,
    /// The company's own keys, sealed once more, by their day.
    branches: BTreeMap<String, String>,
}

impl Drop for Row {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({})", self.tag)
    }
}

impl Default for Table {
    fn default() -> Self {
        Self { format: FORMAT, directory: BTreeMap::new(), companies: BTreeMap::new(), leaving: Vec::new() }
    }
}

impl Table {
    /// Reads an opened table.
    ///
    /// # Errors
    /// [`BackupError::Newer`], [`BackupError::Damaged`].
    pub fn parse(plain: &[u8]) -> Result<Self, BackupError> {
        let table: Self =
            serde_json::from_slice(plain).map_err(|_| BackupError::damaged(TABLE, "it is no table of keys"))?;
        if table.format > FORMAT {
            return Err(BackupError::Newer { object: TABLE.to_owned(), found: table.format, known: FORMAT });
        }
        let fits = |(id, row): (&String, &Row)| {
            CompanyId::parse(id).is_ok() && hex::read::<8>(&row.tag).is_some() && hex::read::<32>(&row.key).is_some()
        };
        let tags = table.leaving.iter().all(|tag| hex::read::<8>(tag).is_some());
        if tags && table.companies.iter().all(fits) {
            Ok(table)
        } else {
            Err(BackupError::damaged(TABLE, "it is no table of keys"))
        }
    }

    /// Takes out companies that are gone and gives new ones keys; whether anything changed.
    pub(super) fn follow(&mut self, companies: &[CompanyId], rng: &dyn Rng) -> bool {
        let before = self.companies.clone();
        let stays = |id: &String| companies.iter().any(|company| company.as_str() == id);
        self.leaving.extend(self.companies.iter().filter(|(id, _)| !stays(id)).map(|(_, row)| row.tag.clone()));
        self.companies.retain(|id, _| stays(id));
        for id in companies {
            self.companies.entry(id.to_string()).or_insert_with(|| {
                let (mut tag, mut key) = ([0; 8], Zeroizing::new([0; 32]));
                rng.fill(&mut tag);
                rng.fill(&mut *key);
                Row { tag: hex::write(&tag), key: hex::write(&*key), branches: BTreeMap::new() }
            });
        }
        self.companies != before
    }

    /// Forgets the key of a company that was erased; whether it was there. Its packs are left to the next run.
    pub(super) fn erase(&mut self, company: &CompanyId) -> bool {
        let row = self.companies.remove(company.as_str());
        self.leaving.extend(row.as_ref().map(|row| row.tag.clone()));
        row.is_some()
    }

    fn row(&self, company: &CompanyId) -> Option<&Row> {
        self.companies.get(company.as_str())
    }

    /// Keeps keys of the days that `needed` names; whether any went.
    pub(super) fn forget_branches(&mut self, needed: impl Fn(Option<&str>, &str) -> bool) -> bool {
        let count = |table: &Self| {
            table.directory.len() + table.companies.values().map(|row| row.branches.len()).sum::<usize>()
        };
        let before = count(self);
        self.directory.retain(|label, _| needed(None, label));
        for (id, row) in &mut self.companies {
            row.branches.retain(|label, _| needed(Some(id), label));
        }
        count(self) != before
    }

    /// Where a company's packs lie, and their keys; `None`: it is not in the table.
    pub(super) fn of(&self, company: &CompanyId) -> Option<(String, DomainKeys)> {
        let row = self.row(company)?;
        let key = SecretKey::new(Zeroizing::new(hex::read(&row.key)?));
        Some((row.tag.clone(), DomainKeys::new(&key)))
    }

    /// Where the packs of companies lie that are gone.
    pub(super) fn leaving(&self) -> Vec<String> {
        self.leaving.clone()
    }

    /// The packs of those are gone too.
    pub(super) fn forget_leaving(&mut self) {
        self.leaving.clear();
    }
}
