//! Restores a box onto a folder that holds none (D7). What was cut off is gone on with by the same command; until the end there
//! is no box in the folder, so nobody serves half of one.

use super::fetch::{Fetch, make};
use super::image::{RESTORED_FILE, room_for};
use super::keys::RepositoryKeys;
use super::manifest::{Manifest, Part};
use super::send::{KEYRING, database_path};
use super::target::{Patient, Target};
use super::verify::same_sum;
use super::{BackupError, Progress, write_whole};
use domain::clock::Rng;
use domain::ids::{CompanyId, Incarnation};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{KEYRING_FILE, Keyring, Purpose, Restored, RootSource, Vault};

/// The folder in the data folder that says that a restore goes on; holds the keyring until the end.
pub const UNFINISHED: &str = "restore.unfinished";
/// In it: which snapshot is being restored.
const CHOSEN: &str = "snapshot";

/// What is restored from where.
pub struct Restore<'a> {
    /// Where the backups are.
    pub target: &'a dyn Target,
    /// The recovery key, or another that opens the root.
    pub source: &'a RootSource,
    /// The data folder.
    pub to: &'a Path,
    /// Which snapshot; the newest, or the one that was begun with.
    pub sequence: Option<u64>,
    /// Chance.
    pub rng: &'a dyn Rng,
    /// How far it is.
    pub progress: &'a Arc<Progress>,
}

/// What a restore brings, or would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Number of the snapshot.
    pub sequence: u64,
    /// When it was taken: what came later is lost.
    pub taken_ms: i64,
    /// Name of the box.
    pub name: String,
    /// Version of the product that made it.
    pub version: String,
    /// Companies.
    pub companies: u64,
    /// Files.
    pub files: u64,
    /// Bytes of all.
    pub bytes: u64,
    /// Companies that are older than the rest or missing, and why.
    pub left_behind: Vec<(String, String)>,
    /// Companies that were erased since.
    pub erased: Vec<CompanyId>,
    /// How many files were missing on the box already.
    pub lost: u64,
    /// Whether an earlier try is gone on with.
    pub resumed: bool,
}

impl Restore<'_> {
    /// Looks what a restore would bring; writes nothing but a folder that says that one goes on, and not even that with
    /// `only_look`.
    ///
    /// # Errors
    /// [`BackupError`], in words for the person at the console.
    pub fn run(&self, only_look: bool) -> Result<Plan, BackupError> {
        let patient = Patient::new(self.target, self.progress);
        let keyring = patient.get(KEYRING, None).map_err(BackupError::target(KEYRING))?;
        let keyring = keyring.ok_or(BackupError::NoRepository)?;
        let staged = self.to.join(UNFINISHED);
        let resumed = staged.exists();
        let looked_at = if only_look { self.scratch_for_keyring() } else { staged.clone() };
        make(&looked_at)?;
        write_whole(&looked_at.join(KEYRING_FILE), &keyring)?;
        let vault = Keyring::open(&looked_at, self.source).map_err(store::StoreError::from);
        if only_look || (vault.is_err() && !resumed) {
            // As it was before.
            std::fs::remove_dir_all(&looked_at).map_err(BackupError::file(&looked_at))?;
        }
        let mut vault = vault?;
        let keys = RepositoryKeys::new(&Purpose::BackupRepository.of(&vault));
        let sequence = self.sequence.or_else(|| chosen(&staged));
        let fetch = Fetch::open(&patient, &keys, sequence, self.progress);
        let fetch = fetch.inspect_err(|_| {
            if !resumed && !only_look {
                // Nothing was begun.
                let _ = std::fs::remove_dir_all(&staged);
            }
        })?;
        if fetch.manifest.box_id != vault.box_id() {
            return Err(BackupError::damaged("the snapshot", "it is of another box than the keyring"));
        }
        let plan = plan(&fetch, resumed);
        if only_look {
            return Ok(plan);
        }
        write_whole(&staged.join(CHOSEN), fetch.manifest.sequence.to_string().as_bytes())?;
        room_for(self.to, plan.bytes.saturating_sub(super::bytes_below(self.to)), 0)?;
        self.progress.begin("restoring", plan.bytes);
        let restored = fetch.restored(self.to)?;
        self.bring(&fetch, &restored)?;
        self.check(&fetch, &restored)?;
        if fetch.directory_key()?.label() != vault.directory_key().label() {
            vault.set_directory_key(&staged, fetch.directory_key()?).map_err(store::StoreError::from)?;
        }
        self.finish(&fetch.manifest, (&vault, &restored), &plan.erased)?;
        Ok(plan)
    }

    fn scratch_for_keyring(&self) -> PathBuf {
        let mut random = [0; 8];
        self.rng.fill(&mut random);
        std::env::temp_dir().join(format!("rainbow-edge-keyring-{}", domain::hex::write(&random)))
    }

    fn bring(&self, fetch: &Fetch<'_>, restored: &Restored<'_>) -> Result<(), BackupError> {
        let manifest = &fetch.manifest;
        make(&self.to.join("companies"))?;
        remove_logs(self.to)?;
        let source = fetch.source(None, &manifest.directory)?;
        let path = self.to.join(database_path(None));
        fetch.database(&source, &manifest.directory.database, &path, &mut restored.directory_pages())?;
        same_sum(&path, &manifest.directory)?;
        fetch.files(&source, (None, &manifest.directory), |files| fetch.bring_files(&source, &files, self.to))?;
        for (id, part) in companies_of(fetch) {
            let source = fetch.source(Some(&id), part)?;
            let path = self.to.join(database_path(Some(&id)));
            fetch.database(&source, &part.database, &path, &mut restored.company_pages(&id)?)?;
            same_sum(&path, part)?;
            let of = (Some(&id), part);
            fetch.files(&source, of, |files| fetch.bring_files(&source, &files, self.to))?;
        }
        Ok(())
    }

    /// Everything opens.
    fn check(&self, fetch: &Fetch<'_>, restored: &Restored<'_>) -> Result<(), BackupError> {
        self.progress.begin("checking", fetch.manifest.bytes());
        restored.directory()?;
        for (id, _) in companies_of(fetch) {
            let inside = restored.company(&id)?;
            for (path, id) in inside.files()? {
                let at = self.to.join(&path);
                match at.metadata() {
                    // Lost before the snapshot; the plan says how many.
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                    about => self.progress.more(about.map_err(BackupError::file(&at))?.len()),
                }
                inside.file_opens(&at, &id)?;
            }
        }
        Ok(())
    }

    /// Another life of the box begins, and last its keyring makes it a box.
    fn finish(
        &self,
        manifest: &Manifest,
        (vault, restored): (&Vault, &Restored<'_>),
        gone: &[CompanyId],
    ) -> Result<(), BackupError> {
        let fresh = Incarnation::random(self.rng);
        let lives: Vec<String> =
            std::iter::once(&manifest.incarnation).chain(&manifest.earlier_lives).cloned().collect();
        let lives = serde_json::to_vec(&lives).expect("text becomes JSON");
        write_whole(&self.to.join(RESTORED_FILE), &lives)?;
        restored.begin_another_life(vault, gone, &fresh)?;
        let staged = self.to.join(UNFINISHED);
        let keyring = self.to.join(KEYRING_FILE);
        std::fs::rename(staged.join(KEYRING_FILE), &keyring).map_err(BackupError::file(&keyring))?;
        super::sync_folder(self.to)?;
        std::fs::remove_dir_all(&staged).map_err(BackupError::file(&staged))
    }
}

/// An earlier try may have been cut off at its very end, where databases are written to.
fn remove_logs(to: &Path) -> Result<(), BackupError> {
    let folders = [to.to_owned(), to.join("companies")];
    for entry in folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "db-wal") {
            std::fs::remove_file(&path).map_err(BackupError::file(&path))?;
        }
    }
    Ok(())
}

fn companies_of<'f>(fetch: &'f Fetch<'_>) -> impl Iterator<Item = (CompanyId, &'f Part)> {
    let parts = fetch.manifest.parts().filter_map(|(company, part)| Some((company?, part)));
    parts.filter(|(company, _)| !fetch.is_erased(company))
}

fn plan(fetch: &Fetch<'_>, resumed: bool) -> Plan {
    let manifest = &fetch.manifest;
    let erased: Vec<CompanyId> =
        manifest.parts().filter_map(|(company, _)| company).filter(|company| fetch.is_erased(company)).collect();
    let parts = || manifest.parts().filter(|(company, _)| company.as_ref().is_none_or(|id| !erased.contains(id)));
    Plan {
        sequence: manifest.sequence,
        taken_ms: manifest.taken_ms,
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        companies: parts().filter(|(company, _)| company.is_some()).count() as u64,
        files: parts().map(|(_, part)| part.files).fold(0, u64::saturating_add),
        bytes: parts()
            .map(|(_, part)| part.database.bytes().saturating_add(part.files_bytes))
            .fold(0, u64::saturating_add),
        left_behind: manifest.left_behind.iter().map(|(id, why)| (id.clone(), why.clone())).collect(),
        lost: parts().map(|(_, part)| part.lost).fold(0, u64::saturating_add),
        erased,
        resumed,
    }
}

/// A later snapshot may have come since the first try: the one that was begun with is gone on with.
fn chosen(staged: &Path) -> Option<u64> {
    std::fs::read_to_string(staged.join(CHOSEN)).ok()?.trim().parse().ok()
}
