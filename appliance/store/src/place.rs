//! Which database an error is about: SQLite's own errors name neither file nor page.

use crate::StoreError;
use crate::store::{DIRECTORY, company_path, directory_path};
use domain::ids::CompanyId;
use rusqlite::{Connection, Error as Sqlite};
use std::error::Error;
use std::path::{Path, PathBuf};
use vault::{DatabaseKey, Role};

/// A database as people know it, and its file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `directory` or the company's id.
    pub(crate) database: String,
    /// The file.
    pub(crate) path: PathBuf,
}

impl Place {
    /// The directory of a data folder.
    pub(crate) fn of_directory(folder: &Path) -> Self {
        Self { database: DIRECTORY.to_owned(), path: directory_path(folder) }
    }

    /// A company's database in a data folder.
    pub(crate) fn of_company(folder: &Path, id: &CompanyId) -> Self {
        Self { database: id.to_string(), path: company_path(folder, id) }
    }

    /// A connection that only reads.
    pub(crate) fn reader(&self, key: &DatabaseKey) -> Result<Connection, StoreError> {
        let opened = vault::open(&self.path, key, Role::Reader);
        opened.map(|(connection, _)| connection).map_err(StoreError::vault(&self.database))
    }

    /// Names database, file and, as far as the vault knows it, page (D3) in an error that SQLite gave on this database.
    /// Other errors stay as they are.
    pub(crate) fn name_in<E>(&self, error: E) -> E
    where
        E: Error + From<StoreError> + 'static,
    {
        match failure_in(&error) {
            Some(failure) => E::from(self.failed(failure)),
            None => error,
        }
    }

    /// What a failed call of SQLite on this database means.
    pub(crate) fn failed(&self, failure: Sqlite) -> StoreError {
        StoreError::vault(&self.database)(vault::diagnose(&self.path, failure))
    }
}

/// SQLite's failure among the causes of `error`; `None` where the vault has explained it already.
fn failure_in(error: &(dyn Error + 'static)) -> Option<Sqlite> {
    let mut cause = Some(error);
    while let Some(unexplained) = cause.filter(|cause| !cause.is::<vault::VaultError>()) {
        if let Some(Sqlite::SqliteFailure(code, message)) = unexplained.downcast_ref() {
            return Some(Sqlite::SqliteFailure(*code, message.clone()));
        }
        cause = unexplained.source();
    }
    None
}
