//! All databases of a box at one moment, for backups (D7): every writer stands still for the milliseconds in which read
//! transactions begin, then goes on. No effect of one database on another can so be in a backup without its cause.

use crate::blocking::blocking;
use crate::database::Barrier;
use crate::file_bytes::Keeping;
use crate::store::{COMPANIES_FOLDER, DIRECTORY, company_path, directory_path};
use crate::{Database, Store, StoreError, companies, file};
use domain::ids::CompanyId;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vault::{BranchKey, Ready, Still};

/// Companies may come and go while they are opened; then it is tried again.
const TRIES: u32 = 5;
const ALL: &str = "a moment of all databases";
/// Time for the writers to finish what they are at.
const STILL_WITHIN: Duration = Duration::from_secs(10);

/// The databases of a box as they were at one moment.
pub struct Moment {
    directory: Held,
    companies: Vec<(CompanyId, Held)>,
    unreadable: Vec<(CompanyId, StoreError)>,
    still_for: Duration,
    /// Until it goes, no file of a company is removed from the disk.
    keeping: Option<Keeping>,
    store: Arc<Store>,
}

/// A database that is held.
struct Held {
    still: Still,
    /// The keys of that moment.
    key: BranchKey,
    name: String,
    /// Kept open as long.
    _database: Arc<Database>,
}

/// What a copy of one database holds.
#[derive(Debug, Clone)]
pub struct CopiedDatabase {
    /// The company; `None`: the directory.
    pub company: Option<CompanyId>,
    /// What opens it.
    pub key: BranchKey,
    /// Its pages.
    pub copied: vault::Copied,
    /// Files of the company.
    pub files: u64,
    /// Files and small pictures whose rows are there and whose bytes are not on the disk any more.
    pub lost: u64,
}

/// What an image holds.
#[derive(Debug, Default)]
pub struct Image {
    /// Databases that are in it.
    pub databases: Vec<CopiedDatabase>,
    /// Companies that could not be copied, and why. Of one whose copy failed the image holds what means nothing.
    pub failed: Vec<(CompanyId, StoreError)>,
}

impl Store {
    /// Holds all databases as they are now. Companies that do not open are named and left out: they take no other with them
    /// (B1).
    ///
    /// # Errors
    /// When the directory cannot be read, or a writer does not come to a halt.
    pub async fn moment(self: &Arc<Self>) -> Result<Moment, StoreError> {
        for _ in 0..TRIES {
            let (open, unreadable) = self.open_all().await?;
            let databases: Vec<_> = open.iter().map(|(_, database)| Arc::clone(database)).collect();
            let ready = blocking(ALL, move || ready(&open)).await?;
            let barrier = Barrier::raise(&databases, STILL_WITHIN).await?;
            let (begun, store) = (Instant::now(), Arc::clone(self));
            let keeping = self.files().keep();
            let held = blocking(ALL, move || Ok((hold(ready)?, store.vault().directory_key()))).await?;
            let still_for = begun.elapsed();
            drop(barrier);
            let store = Arc::clone(self);
            let moment = move || store.moment_of(held, databases, unreadable, (still_for, keeping));
            if let Some(moment) = blocking(ALL, moment).await? {
                return Ok(moment);
            }
        }
        Err(StoreError::Fault(String::from("a moment of all databases: companies came and went all the time")))
    }

    async fn open_all(self: &Arc<Self>) -> Result<(Opened, Vec<(CompanyId, StoreError)>), StoreError> {
        let ids = self.directory().read(companies::ids).await?;
        let (mut open, mut unreadable) = (vec![(None, Arc::clone(self.directory()))], Vec::new());
        for id in ids {
            match self.company(&id).await {
                Ok(database) => open.push((Some(id), database)),
                // Gone meanwhile.
                Err(StoreError::NoCompany(_)) => {}
                Err(failure) => unreadable.push((id, failure)),
            }
        }
        Ok((open, unreadable))
    }

    /// `None`: the companies of that moment are not those that are held.
    fn moment_of(
        self: &Arc<Self>,
        (held, key): (Vec<(Option<CompanyId>, Still)>, BranchKey),
        databases: Vec<Arc<Database>>,
        unreadable: Vec<(CompanyId, StoreError)>,
        (still_for, keeping): (Duration, Keeping),
    ) -> Result<Option<Moment>, StoreError> {
        let mut held = held.into_iter().zip(databases);
        let first = held.next().ok_or_else(|| StoreError::Closed(DIRECTORY.to_owned()))?;
        let ((_, still), database) = first;
        let directory = Held { still, key, name: DIRECTORY.to_owned(), _database: database };
        let entries = companies::all(directory.still.connection())?;
        let by_id: BTreeMap<_, _> = entries.iter().map(|entry| (&entry.id, entry)).collect();
        let key = |id: &CompanyId| by_id.get(id).map(|entry| self.branch_of(entry));
        let mut companies = Vec::new();
        for ((company, still), database) in held {
            let Some((id, key)) = company.and_then(|id| Some((id.clone(), key(&id)?))) else { return Ok(None) };
            let name = id.to_string();
            companies.push((id, Held { still, key: key?, name, _database: database }));
        }
        let known = companies.iter().map(|(id, _)| id).chain(unreadable.iter().map(|(id, _)| id));
        if !known.collect::<BTreeSet<_>>().into_iter().eq(by_id.into_keys()) {
            return Ok(None);
        }
        let (store, keeping) = (Arc::clone(self), Some(keeping));
        Ok(Some(Moment { directory, companies, unreadable, still_for, keeping, store }))
    }
}

type Opened = Vec<(Option<CompanyId>, Arc<Database>)>;

fn ready(open: &Opened) -> Result<Vec<(Option<CompanyId>, Ready)>, StoreError> {
    open.iter().map(|(company, database)| Ok((company.clone(), database.log().look(Ready::open)?))).collect()
}

fn hold(ready: Vec<(Option<CompanyId>, Ready)>) -> Result<Vec<(Option<CompanyId>, Still)>, StoreError> {
    let each = |(company, ready): (Option<CompanyId>, Ready)| {
        let still = ready.hold().map_err(StoreError::vault(name_of(company.as_ref())))?;
        Ok((company, still))
    };
    ready.into_iter().map(each).collect()
}

fn name_of(company: Option<&CompanyId>) -> &str {
    company.map_or(DIRECTORY, CompanyId::as_str)
}

impl Moment {
    /// How long all writers stood still.
    #[must_use]
    pub fn still_for(&self) -> Duration {
        self.still_for
    }

    /// Lets go of all companies but these.
    ///
    /// # Errors
    /// Where one of them is not held, and why.
    pub fn only(&mut self, companies: &[CompanyId]) -> Result<(), StoreError> {
        self.companies.retain(|(id, _)| companies.contains(id));
        let unreadable = std::mem::take(&mut self.unreadable).into_iter().find(|(id, _)| companies.contains(id));
        match unreadable {
            Some((_, why)) => Err(why),
            None => Ok(()),
        }
    }

    /// Pages of all databases.
    #[must_use]
    pub fn pages(&self) -> u64 {
        let all = std::iter::once(&self.directory).chain(self.companies.iter().map(|(_, held)| held));
        all.map(|held| u64::from(held.still.pages())).sum()
    }

    /// Makes the folder `image` hold databases and files of this moment, in the places that they have in the data folder, and
    /// no others. Files are linked, not copied; of databases only pages that changed are written, and with `all` every page is
    /// opened. Waits for the disk.
    ///
    /// # Errors
    /// When the disk refuses, or the directory's own pages do not open.
    pub fn write_image(mut self, image: &Path, all: bool, copied: &dyn Fn(u64)) -> Result<Image, StoreError> {
        let mut made = Image { failed: std::mem::take(&mut self.unreadable), ..Image::default() };
        let folder = image.join(COMPANIES_FOLDER);
        make(&folder)?;
        // Files first: until they are linked nothing may be removed.
        let companies = std::mem::take(&mut self.companies);
        let mut linked = Vec::new();
        for (id, held) in companies {
            match self.link_files(&id, &held, image) {
                Ok(files) => linked.push((id, held, files)),
                Err(failure) if failure.is_full_disk() => return Err(failure),
                Err(failure) => made.failed.push((id, failure)),
            }
        }
        drop(self.keeping.take());
        let directory = copy(&self.directory, &directory_path(image), all)?;
        copied(u64::from(directory.pages));
        made.databases.push(CopiedDatabase {
            company: None,
            key: self.directory.key.clone(),
            copied: directory,
            files: 0,
            lost: 0,
        });
        for (id, held, (files, lost)) in linked {
            match copy(&held, &company_path(image, &id), all) {
                Ok(of) => {
                    copied(u64::from(of.pages));
                    made.databases.push(CopiedDatabase { company: Some(id), key: held.key, copied: of, files, lost });
                }
                Err(failure) if failure.is_full_disk() => return Err(failure),
                Err(failure) => made.failed.push((id, failure)),
            }
        }
        self.remove_others(image, &made)?;
        Ok(made)
    }

    fn link_files(&self, id: &CompanyId, held: &Held, image: &Path) -> Result<(u64, u64), StoreError> {
        let mut linking = self.store.files().linking(id, image)?;
        file::kept(held.still.connection(), |file, thumbnails| linking.link(&file, thumbnails))?;
        linking.finish()
    }

    /// What belongs to companies that were not there any more.
    fn remove_others(&self, image: &Path, made: &Image) -> Result<(), StoreError> {
        let there: Vec<&CompanyId> = made.databases.iter().filter_map(|database| database.company.as_ref()).collect();
        let stays = |name: &str| there.iter().any(|id| name.strip_suffix(".db").unwrap_or(name) == id.as_str());
        for folder in [image.join(COMPANIES_FOLDER), image.join(crate::file_bytes::FOLDER)] {
            let failed = |source| StoreError::File { path: folder.clone(), source };
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.map_err(failed)?.path();
                if path.file_name().and_then(|name| name.to_str()).is_some_and(stays) {
                    continue;
                }
                let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
                removed.map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn copy(held: &Held, to: &Path, all: bool) -> Result<vault::Copied, StoreError> {
    held.still.copy(to, all).map_err(StoreError::vault(&held.name))
}

fn make(folder: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| StoreError::File { path: folder.to_owned(), source })
}
