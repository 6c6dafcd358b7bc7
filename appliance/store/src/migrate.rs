//! Schema versions: each step only adds what the version before can live with (decision 14).

use crate::StoreError;
use rusqlite::Connection;

/// The directory's steps, in order; step N leads to `user_version` N.
pub(crate) const DIRECTORY: &[&str] = &[include_str!("../migrations/directory-1.sql")];
/// A company's steps, in order.
pub(crate) const COMPANY: &[&str] = &[include_str!("../migrations/company-1.sql")];

/// Brings a database to the newest version, each step in a transaction of its own.
pub(crate) fn migrate(database: &str, connection: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::NewerSchema { database: database.to_owned(), found, known });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for (index, step) in steps.iter().enumerate().skip(done) {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {};\nCOMMIT;", index + 1))?;
    }
    Ok(())
}
