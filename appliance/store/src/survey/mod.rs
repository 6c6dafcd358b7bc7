//! All databases of a box to look at, whether it is served at the time or not: nothing is written, no log is copied back. What a
//! crash left torn at the end of a log is dropped, as any opening does it.

pub(crate) mod check;
mod facts;

pub use facts::{DatabaseFacts, Inside};

use crate::companies::{self, CompanyEntry};
use crate::place::Place;
use crate::store::{DIRECTORY, Store, company_path};
use crate::{Branch, StoreError, migrate};
use domain::ids::CompanyId;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::borrow::Cow;
use std::path::Path;
use vault::{DatabaseKey, FileWrapping, Vault};

/// Looks at the databases of a data folder. Everything here waits for the disk: off the async threads.
pub struct Survey<'a> {
    folder: &'a Path,
    keys: Keys<'a>,
}

/// Where keys come from.
enum Keys<'a> {
    /// Nobody turns them meanwhile.
    Still(&'a Vault),
    /// Asked anew each time: they may be turned between two looks (D2).
    Served(&'a Store),
}

/// One database that is looked at.
pub(crate) struct Subject {
    pub(crate) place: Place,
    pub(crate) key: DatabaseKey,
    /// What the keys of its files are wrapped with.
    pub(crate) file_wrapping: FileWrapping,
    /// `None` is the directory.
    pub(crate) company: Option<CompanyEntry>,
}

impl<'a> Survey<'a> {
    /// Looks at `folder`, which this process holds.
    #[must_use]
    pub fn new(folder: &'a Path, vault: &'a Vault) -> Self {
        Self { folder, keys: Keys::Still(vault) }
    }

    /// Looks at what `store` serves.
    pub(crate) fn of(store: &'a Store) -> Self {
        Self { folder: store.folder(), keys: Keys::Served(store) }
    }

    /// What each database is: at most `limit` of them, those after `after` by name; the directory comes first.
    ///
    /// # Errors
    /// When the directory does not open. What is wrong with a company's database is told in its place.
    pub fn facts(&self, after: Option<&str>, limit: usize) -> Result<Vec<DatabaseFacts>, StoreError> {
        let directory = self.directory();
        let connection = directory.reader()?;
        let mut facts = Vec::new();
        if after.is_none() {
            facts.push(directory.facts());
        }
        for id in self.ids_after(&directory, &connection, after)? {
            if facts.len() >= limit {
                break;
            }
            facts.push(match self.company(&directory, &connection, &id)? {
                Ok(company) => company.facts(),
                Err(problem) => DatabaseFacts::unopened(id.as_str(), &company_path(self.folder, &id), &problem),
            });
        }
        Ok(facts)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder
    }

    /// The keys as they are now.
    pub(crate) fn vault(&self) -> Cow<'a, Vault> {
        match self.keys {
            Keys::Still(vault) => Cow::Borrowed(vault),
            Keys::Served(store) => Cow::Owned(store.vault().clone()),
        }
    }

    /// The directory.
    pub(crate) fn directory(&self) -> Subject {
        let place = Place::of_directory(self.folder);
        let branch = self.vault().directory_key();
        Subject { place, key: branch.database_key(), file_wrapping: branch.file_wrapping(), company: None }
    }

    /// A database by its name.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`]; a key that does not open; a directory that cannot be read.
    pub(crate) fn subject(&self, name: &str) -> Result<Subject, StoreError> {
        let (branch, directory) = (Branch::named(name)?, self.directory());
        let Branch::Company(id) = branch else { return Ok(directory) };
        let connection = directory.reader()?;
        self.company(&directory, &connection, &id)?
    }

    /// Companies after one, by id.
    pub(crate) fn ids_after(
        &self,
        directory: &Subject,
        connection: &Connection,
        after: Option<&str>,
    ) -> Result<Vec<CompanyId>, StoreError> {
        let after = after.filter(|after| *after != DIRECTORY);
        let ids = companies::ids(connection).map_err(|error| directory.place.name_in(error))?;
        Ok(ids.into_iter().filter(|id| after.is_none_or(|after| id.as_str() > after)).collect())
    }

    /// A company's database; the inner error is about its key alone.
    pub(crate) fn company(
        &self,
        directory: &Subject,
        connection: &Connection,
        id: &CompanyId,
    ) -> Result<Result<Subject, StoreError>, StoreError> {
        let entry = companies::find(connection, id).map_err(|error| directory.place.name_in(error))?;
        let Some(entry) = entry else { return Ok(Err(StoreError::NoCompany(id.to_string()))) };
        let opened = self.vault().open_company_key(id.as_str(), &entry.wrapped_key);
        Ok(opened.map_err(StoreError::vault(id.as_str())).map(|key| Subject {
            place: Place::of_company(self.folder, id),
            key: key.database_key(),
            file_wrapping: key.file_wrapping(),
            company: Some(entry),
        }))
    }
}

impl Subject {
    /// A connection that reads, and leaves the log as it is when it is closed.
    pub(crate) fn reader(&self) -> Result<Connection, StoreError> {
        // Without one, SQLite makes an empty one and takes it away again.
        let has_log = self.place.path.with_extension("db-wal").exists();
        let connection = self.place.reader(&self.key)?;
        let kept = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log);
        kept.map_err(|failure| self.place.failed(failure))?;
        Ok(connection)
    }

    /// The newest schema step that this executable knows.
    pub(crate) fn schema_known(&self) -> usize {
        if self.company.is_some() { migrate::COMPANY.len() } else { migrate::DIRECTORY.len() }
    }
}
