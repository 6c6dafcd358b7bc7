//! Whether databases and files are sound (D3). One pass: every seal, the logs, SQLite's own checks, rows beside files. It writes
//! nothing, mends nothing, and goes on behind whatever it finds.

mod finding;
mod pages;
mod queues;
mod rows;
mod stored;

pub(crate) use finding::ranges;
pub use finding::{Finding, Kind};
pub(crate) use pages::hurt;
pub(crate) use stored::{StoredFile, stored_after};

use super::{Subject, Survey};
use crate::StoreError;
use crate::file_bytes;
use crate::store::{COMPANIES_FOLDER, company_path};
use domain::ids::CompanyId;
use queues::Queues;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct CheckWish {
    /// One company alone, without the directory.
    pub company: Option<CompanyId>,
    /// All bytes of stored files too, not only whether they are there.
    pub files: bool,
    /// Seals of pages and logs alone.
    pub quick: bool,
    /// A server is at work on them: what is on its way is looked at again before it is told, and no look takes long.
    pub running: bool,
    /// Set by who does not want it any more.
    pub stop: Arc<AtomicBool>,
}

/// Who hears of a check.
pub trait Listener {
    /// So many bytes were looked at. The check goes on when this returns.
    fn looked(&mut self, bytes: u64);
    /// What is looked at now.
    fn at(&mut self, database: &str, what: &'static str);
    /// Something is wrong, or worth a word.
    fn found(&mut self, finding: Finding);
}

/// A check of one kind of thing, going on.
struct Check<'a> {
    survey: &'a Survey<'a>,
    wish: &'a CheckWish,
    listener: &'a mut dyn Listener,
    queues: Queues,
}

/// What ends a check early.
enum End {
    /// Nobody wants it any more.
    Unwanted,
    /// The directory cannot be read, so nobody knows what there is.
    Failed(StoreError),
}

impl From<StoreError> for End {
    fn from(failure: StoreError) -> Self {
        Self::Failed(failure)
    }
}

type Going = Result<(), End>;

impl Survey<'_> {
    /// Looks whether databases and files are sound, and tells all that is not; whether it came to the end.
    ///
    /// # Errors
    /// When the list of companies cannot be read. What else cannot be looked at is told as what is wrong with it.
    pub fn check(&self, wish: &CheckWish, listener: &mut dyn Listener) -> Result<bool, StoreError> {
        let mut check = Check { survey: self, wish, listener, queues: Queues::default() };
        match check.run() {
            Ok(()) => Ok(true),
            Err(End::Unwanted) => Ok(false),
            Err(End::Failed(failure)) => Err(failure),
        }
    }

    /// Bytes that a check of this kind will look at, about.
    #[must_use]
    pub fn check_bytes(&self, wish: &CheckWish) -> u64 {
        let companies = self.folder.join(COMPANIES_FOLDER);
        let files = file_bytes::root(self.folder);
        let Some(company) = &wish.company else {
            let directory = self.directory().place.path.metadata().map_or(0, |file| file.len());
            let stored = if wish.files && !wish.quick { bytes_below(&files) } else { 0 };
            return directory + bytes_below(&companies) + stored;
        };
        let database = company_path(self.folder, company).metadata().map_or(0, |file| file.len());
        let stored = if wish.files && !wish.quick { bytes_below(&files.join(company.as_str())) } else { 0 };
        database + stored
    }
}

/// Bytes of all files of a folder but logs.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_below(&entry.path()),
            Ok(found) if entry.path().extension().is_none_or(|extension| extension != "db-wal") => found.len(),
            _ => 0,
        })
        .sum()
}

impl Check<'_> {
    fn run(&mut self) -> Going {
        let directory = self.survey.directory();
        if self.wish.company.is_none() {
            self.database(&directory)?;
        }
        let connection = directory.reader()?;
        let all = self.survey.ids_after(&directory, &connection, None)?;
        let wanted = all.iter().filter(|id| self.wish.company.as_ref().is_none_or(|only| only == *id));
        let wanted: Vec<CompanyId> = wanted.cloned().collect();
        if let Some(missing) = self.wish.company.as_ref().filter(|_| wanted.is_empty()) {
            return Err(End::Failed(StoreError::NoCompany(missing.to_string())));
        }
        for id in &wanted {
            match self.survey.company(&directory, &connection, id)? {
                Ok(company) => self.database(&company)?,
                Err(StoreError::NoCompany(_)) => {}
                Err(problem) => self.found(id.as_str(), Kind::Key, problem.to_string()),
            }
        }
        if self.wish.company.is_none() && !self.wish.quick {
            let survey = self.survey;
            let anew = |company: &str| survey.subject(company).and_then(|subject| subject.reader()).ok();
            self.queues.compare(self.wish.running.then_some(&anew), self.listener);
            self.strangers(&all);
        }
        Ok(())
    }

    /// One database, and the files that belong to it.
    fn database(&mut self, subject: &Subject) -> Going {
        let name = subject.place.database.clone();
        if !subject.place.path.exists() {
            let told = format!("{} is missing: restore it from a backup", subject.place.path.display());
            self.found(&name, Kind::MissingFile, told);
            return Ok(());
        }
        let sealed = self.pages(subject)?;
        if self.wish.quick || !sealed {
            return Ok(());
        }
        // Looking at pages takes a while, in which the key may have been turned.
        let anew = self.survey.subject(&name);
        let subject = anew.as_ref().unwrap_or(subject);
        self.rows(subject)?;
        if subject.company.is_some() { self.stored_files(subject) } else { Ok(()) }
    }

    /// Databases and folders of companies that the directory does not know.
    fn strangers(&mut self, known: &[CompanyId]) {
        let is_known = |name: &str| known.iter().any(|id| id.as_str() == name);
        let databases = self.survey.folder.join(COMPANIES_FOLDER);
        for path in entries(&databases) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let company = name.split('.').next().unwrap_or_default();
            if !is_known(company) {
                self.found("directory", Kind::Orphan, format!("{} belongs to no company", path.display()));
            }
        }
        for path in entries(&file_bytes::root(self.survey.folder)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name != file_bytes::STAGING && !is_known(&name) {
                self.found("directory", Kind::Orphan, format!("{} belongs to no company", path.display()));
            }
        }
    }

    fn found(&mut self, database: &str, kind: Kind, text: String) {
        self.listener.found(Finding { database: database.to_owned(), kind, text });
    }

    fn looked(&mut self, bytes: u64) -> Going {
        self.listener.looked(bytes);
        if self.wish.stop.load(Ordering::Relaxed) { Err(End::Unwanted) } else { Ok(()) }
    }
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort_unstable();
    paths
}
