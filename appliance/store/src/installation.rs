//! The box itself: one row of the directory.

use crate::StoreError;
use domain::ids::Incarnation;
use rusqlite::{Connection, OptionalExtension, params};

/// What `init` fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Host name under which the box is reached; may change.
    pub name: String,
    /// XMPP domain; never changes once the box is in use (decision 4).
    pub domain: String,
    /// This life of the directory (decision 13).
    pub incarnation: Incarnation,
}

/// Writes the row of a new box.
///
/// # Errors
/// When there is one already.
pub fn insert(directory: &Connection, new: &Installation, now_ms: i64) -> Result<(), StoreError> {
    directory.execute(
        "INSERT INTO box (id, name, domain, incarnation, created_ms) VALUES (1, ?1, ?2, ?3, ?4)",
        params![new.name, new.domain, new.incarnation.as_str(), now_ms],
    )?;
    Ok(())
}

/// The row; `None` before `init` is complete.
///
/// # Errors
/// When the directory cannot be read.
pub fn read(directory: &Connection) -> Result<Option<Installation>, StoreError> {
    let row: Option<(String, String, String)> = directory
        .query_row("SELECT name, domain, incarnation FROM box", [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    row.map(|(name, domain, incarnation)| {
        let incarnation =
            Incarnation::parse(&incarnation).map_err(|e| StoreError::Row { table: "box", what: e.to_string() })?;
        Ok(Installation { name, domain, incarnation })
    })
    .transpose()
}

/// Gives the box another host name.
///
/// # Errors
/// When the directory cannot be written.
pub fn rename(directory: &Connection, name: &str) -> Result<(), StoreError> {
    directory.execute("UPDATE box SET name = ?1", [name])?;
    Ok(())
}

/// From now on this is another life of the box.
///
/// # Errors
/// When the directory cannot be written.
pub(crate) fn begin_another_life(directory: &Connection, fresh: &Incarnation) -> Result<(), StoreError> {
    directory.execute("UPDATE box SET incarnation = ?1", [fresh.as_str()])?;
    Ok(())
}

/// Gives a box that nobody has used yet its name and its domain.
///
/// # Errors
/// When the directory cannot be written.
pub fn settle(directory: &Connection, name: &str, domain: &str) -> Result<(), StoreError> {
    directory.execute("UPDATE box SET name = ?1, domain = ?2", [name, domain])?;
    Ok(())
}
