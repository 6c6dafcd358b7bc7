//! What a sealed snapshot of some companies holds of others: the names of people whom they have to do with.

use super::people::Outsider;
use crate::place::Place;
use crate::{Store, StoreError};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use vault::{DatabaseKey, Role};

impl Store {
    /// Puts names into the directory of a snapshot, which is sealed as the box's own is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn lay_down_names(&self, snapshot: &Path, names: &[Outsider]) -> Result<(), StoreError> {
        put(snapshot, &self.vault().directory_key().database_key(), names)
    }
}

fn put(snapshot: &Path, key: &DatabaseKey, names: &[Outsider]) -> Result<(), StoreError> {
    let place = Place::of_directory(snapshot);
    let (connection, _) = vault::open(&place.path, key, Role::Writer).map_err(StoreError::vault(&place.database))?;
    let put = || -> Result<(), StoreError> {
        connection.execute_batch(
            "BEGIN IMMEDIATE; CREATE TABLE outsider (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;",
        )?;
        let mut statement = connection.prepare("INSERT OR REPLACE INTO outsider VALUES (?1, ?2)")?;
        for one in names {
            statement.execute([&one.id, &one.name])?;
        }
        drop(statement);
        Ok(connection.execute_batch("COMMIT")?)
    };
    put().map_err(|error| place.name_in(error))?;
    connection.close().map_err(|(_, failure)| place.failed(failure))
}

/// The names of a snapshot by id; `None`: it is none.
pub(super) fn names(directory: &Connection) -> Result<Option<BTreeMap<String, String>>, StoreError> {
    if !directory.table_exists(None, "outsider")? {
        return Ok(None);
    }
    let mut statement = directory.prepare("SELECT id, name FROM outsider")?;
    let names = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(Some(names.collect::<Result<_, _>>()?))
}
