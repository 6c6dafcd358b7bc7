//! Organizations: companies that see one another as one (B4).

use crate::StoreError;
use domain::ids::OrganizationId;
use rusqlite::{Connection, OptionalExtension, params};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, as the box owner calls it.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// Adds an organization; `false`: its name is taken.
///
/// # Errors
/// When the directory cannot be written.
pub fn insert(directory: &Connection, new: &Organization) -> Result<bool, StoreError> {
    let sql = "INSERT INTO organization (id, name, created_ms) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING";
    Ok(directory.execute(sql, params![new.id.as_str(), new.name, new.created_ms])? == 1)
}

/// Whether there is such an organization.
///
/// # Errors
/// When the directory cannot be read.
pub fn exists(directory: &Connection, id: &OrganizationId) -> Result<bool, StoreError> {
    let found: Option<i64> =
        directory.query_row("SELECT 1 FROM organization WHERE id = ?1", [id.as_str()], |r| r.get(0)).optional()?;
    Ok(found.is_some())
}

/// Every organization, by name.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(directory: &Connection) -> Result<Vec<Organization>, StoreError> {
    let mut statement = directory.prepare("SELECT id, name, created_ms FROM organization ORDER BY name")?;
    let rows = statement.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?)))?;
    rows.map(|row| {
        let (id, name, created_ms) = row?;
        let id =
            OrganizationId::parse(&id).map_err(|e| StoreError::Row { table: "organization", what: e.to_string() })?;
        Ok(Organization { id, name, created_ms })
    })
    .collect()
}
