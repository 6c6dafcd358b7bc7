//! A folder into which a box was restored, and which nobody serves yet (D7): whether all of it opens, and what has to change
//! before somebody does.

use crate::companies;
use crate::place::Place;
use crate::{StoreError, erasure, file, installation, stored_at, thumbnail};
use domain::ids::{CompanyId, FileId, Incarnation};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vault::{BranchKey, DatabaseKey, FileKey, FileWrapping, PageCheck, Role, SealedReader, Vault};

/// The folder, and the keys of the day from which it is.
pub struct Restored<'a> {
    folder: &'a Path,
    directory: BranchKey,
    companies: BTreeMap<CompanyId, BranchKey>,
}

/// A company's database that opened, whole.
pub struct CompanyInside {
    connection: Connection,
    wrapping: FileWrapping,
    company: CompanyId,
}

impl<'a> Restored<'a> {
    /// A folder that this process alone uses.
    #[must_use]
    pub fn new(folder: &'a Path, directory: BranchKey, companies: BTreeMap<CompanyId, BranchKey>) -> Self {
        Self { folder, directory, companies }
    }

    /// Looks at pages of the directory.
    #[must_use]
    pub fn directory_pages(&self) -> PageCheck {
        PageCheck::new(&self.directory.database_key())
    }

    /// Looks at pages of a company's database.
    ///
    /// # Errors
    /// Where its key is not there.
    pub fn company_pages(&self, id: &CompanyId) -> Result<PageCheck, StoreError> {
        Ok(PageCheck::new(&self.company_key(id)?.database_key()))
    }

    fn company_key(&self, id: &CompanyId) -> Result<&BranchKey, StoreError> {
        self.companies.get(id).ok_or_else(|| StoreError::NoCompany(id.to_string()))
    }

    /// Opens the directory: every page, and SQLite's own check. The answer is its companies.
    ///
    /// # Errors
    /// Names what is damaged.
    pub fn directory(&self) -> Result<Vec<CompanyId>, StoreError> {
        let place = Place::of_directory(self.folder);
        let connection = opened(&place, &self.directory.database_key())?;
        companies::ids(&connection).map_err(|error| place.name_in(error))
    }

    /// Opens a company's database likewise.
    ///
    /// # Errors
    /// Names what is damaged.
    pub fn company(&self, id: &CompanyId) -> Result<CompanyInside, StoreError> {
        let (place, key) = (Place::of_company(self.folder, id), self.company_key(id)?);
        let (connection, wrapping) = (opened(&place, &key.database_key())?, key.file_wrapping());
        Ok(CompanyInside { connection, wrapping, company: id.clone() })
    }

    /// Begins another life of the box (H7): nobody is signed in any more, and who knew the old life can tell the two apart. Keys
    /// are stored under the root key of now; companies that are `gone` leave the directory too.
    ///
    /// # Errors
    /// When a database cannot be written.
    pub fn begin_another_life(&self, vault: &Vault, gone: &[CompanyId], fresh: &Incarnation) -> Result<(), StoreError> {
        for (id, key) in &self.companies {
            let place = Place::of_company(self.folder, id);
            let connection = writer(&place, &key.database_key())?;
            let ended = connection.execute_batch("DELETE FROM fast_token; DELETE FROM session;");
            ended.map_err(|failure| place.failed(failure))?;
            connection.close().map_err(|(_, failure)| place.failed(failure))?;
        }
        let place = Place::of_directory(self.folder);
        let connection = writer(&place, &self.directory.database_key())?;
        let change = || -> Result<(), StoreError> {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            installation::begin_another_life(&connection, fresh)?;
            for (id, key) in &self.companies {
                let wrapped = vault.wrap_company_key(id.as_str(), key).map_err(StoreError::vault(id.as_str()))?;
                companies::set_wrapped_key(&connection, id, &wrapped)?;
            }
            gone.iter().try_for_each(|id| erasure::take_out(&connection, id).map(drop))?;
            Ok(connection.execute_batch("COMMIT")?)
        };
        change().map_err(|error| place.name_in(error))?;
        connection.close().map_err(|(_, failure)| place.failed(failure))
    }
}

fn writer(place: &Place, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let opened = vault::open(&place.path, key, Role::Writer);
    opened.map(|(connection, _)| connection).map_err(StoreError::vault(&place.database))
}

/// Every page opens, and SQLite finds nothing wrong either.
fn opened(place: &Place, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let damaged = vault::verify(&place.path, key).map_err(StoreError::vault(&place.database))?;
    if let Some(page) = damaged.first() {
        let source = vault::VaultError::PageTampered { path: place.path.clone(), page: *page };
        return Err(StoreError::Vault { database: place.database.clone(), source });
    }
    let connection = place.reader(key)?;
    let found: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|failure| place.failed(failure))?;
    if found == "ok" {
        return Ok(connection);
    }
    Err(StoreError::Row { table: "sqlite_schema", what: format!("{}: {found}", place.database) })
}

impl CompanyInside {
    /// Where the files of this company lie in a data folder, small pictures among them, with what their keys are sealed for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn files(&self) -> Result<BTreeMap<PathBuf, FileId>, StoreError> {
        let mut files = BTreeMap::new();
        file::kept(&self.connection, |id, thumbnails| {
            let at = |small| stored_at(self.company.as_str(), id.as_str(), small);
            if thumbnails {
                files.insert(at(true), id.clone());
            }
            files.insert(at(false), id);
            Ok(())
        })?;
        Ok(files)
    }

    /// Reads a file from its first byte to its last: all of it opens under its key.
    ///
    /// # Errors
    /// Names what is damaged.
    pub fn file_opens(&self, at: &Path, id: &FileId) -> Result<(), StoreError> {
        let small = at.extension().is_some();
        let wrapped = if small {
            thumbnail::wrapped_key(&self.connection, id)?
        } else {
            file::wrapped_key(&self.connection, id)?
        };
        let wrapped = wrapped.ok_or_else(|| StoreError::Row { table: "file", what: format!("{id} has no key") })?;
        let sealed_for = if small { thumbnail::sealed_for(id) } else { id.to_string() };
        let mut reader = SealedReader::open(at, FileKey::unwrap(&self.wrapping, &sealed_for, &wrapped)?)?;
        let mut offset = 0;
        loop {
            match reader.read_at(offset)?.len() {
                0 => return Ok(()),
                more => offset += more as u64,
            }
        }
    }
}
