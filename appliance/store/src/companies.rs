//! The directory's list of companies: opaque ids, modes and wrapped keys, no names (decision 8).

use crate::StoreError;
use domain::company::CompanyKind;
use domain::ids::{CompanyId, OrganizationId};
use domain::relations::CompanyFacts;
use domain::visibility::Visibility;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A company as the directory knows it.
#[derive(Debug, Clone)]
pub struct CompanyEntry {
    /// Its id.
    pub id: CompanyId,
    /// Kind, mode, organization and partner.
    pub facts: CompanyFacts,
    /// Its database key, wrapped by the root key.
    pub wrapped_key: Vec<u8>,
}

const SELECT: &str = "SELECT id, kind, visibility, organization_id, partner_id, wrapped_key FROM company";

/// Adds a company whose file stands already. `false`: a company of that name exists.
///
/// # Errors
/// When the directory cannot be written.
pub fn insert(directory: &Connection, new: &CompanyEntry, name_hash: &[u8], now_ms: i64) -> Result<bool, StoreError> {
    let changed = directory.execute(
        "INSERT INTO company (id, kind, visibility, organization_id, partner_id, name_hash, wrapped_key, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (name_hash) DO NOTHING",
        params![
            new.id.as_str(),
            new.facts.kind.name(),
            new.facts.visibility.name(),
            new.facts.organization.as_ref().map(OrganizationId::as_str),
            new.facts.partner.as_ref().map(CompanyId::as_str),
            name_hash,
            new.wrapped_key,
            now_ms
        ],
    )?;
    Ok(changed == 1)
}

/// Writes mode, organization and partner; the kind never changes.
///
/// # Errors
/// When the directory cannot be written.
pub fn update(directory: &Connection, id: &CompanyId, facts: &CompanyFacts) -> Result<(), StoreError> {
    directory.execute(
        "UPDATE company SET visibility = ?2, organization_id = ?3, partner_id = ?4 WHERE id = ?1",
        params![
            id.as_str(),
            facts.visibility.name(),
            facts.organization.as_ref().map(OrganizationId::as_str),
            facts.partner.as_ref().map(CompanyId::as_str)
        ],
    )?;
    Ok(())
}

/// Gives a company another wrapped key.
///
/// # Errors
/// When the directory cannot be written.
pub fn set_wrapped_key(directory: &Connection, id: &CompanyId, wrapped_key: &[u8]) -> Result<(), StoreError> {
    directory.execute("UPDATE company SET wrapped_key = ?2 WHERE id = ?1", params![id.as_str(), wrapped_key])?;
    Ok(())
}

/// Gives a company's name another keyed hash; idempotent. `false`: another company has that name.
///
/// # Errors
/// When the directory cannot be written.
pub fn rename(directory: &Connection, id: &CompanyId, name_hash: &[u8]) -> Result<bool, StoreError> {
    let sql = "UPDATE OR IGNORE company SET name_hash = ?2 WHERE id = ?1";
    Ok(directory.execute(sql, params![id.as_str(), name_hash])? == 1)
}

/// Takes every company out of the directory, with all that names its members.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_all(directory: &Connection) -> Result<(), StoreError> {
    directory.execute_batch(
        "DELETE FROM block; DELETE FROM invitation; DELETE FROM network; DELETE FROM visible_by;
         DELETE FROM member; DELETE FROM login; DELETE FROM company;",
    )?;
    Ok(())
}

/// One company by id.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, id: &CompanyId) -> Result<Option<CompanyEntry>, StoreError> {
    let sql = format!("{SELECT} WHERE id = ?1");
    directory.prepare_cached(&sql)?.query_row(params![id.as_str()], read).optional()?.transpose()
}

/// One company by the keyed hash of its name.
///
/// # Errors
/// When the directory cannot be read.
pub fn find_by_name(directory: &Connection, name_hash: &[u8]) -> Result<Option<CompanyEntry>, StoreError> {
    let sql = format!("{SELECT} WHERE name_hash = ?1");
    directory.prepare_cached(&sql)?.query_row(params![name_hash], read).optional()?.transpose()
}

/// Every company.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(directory: &Connection) -> Result<Vec<CompanyEntry>, StoreError> {
    let mut statement = directory.prepare(SELECT)?;
    let rows = statement.query_map([], read)?;
    rows.map(|row| row?).collect()
}

/// The ids of all companies.
///
/// # Errors
/// When the directory cannot be read.
pub fn ids(directory: &Connection) -> Result<Vec<CompanyId>, StoreError> {
    let mut statement = directory.prepare_cached("SELECT id FROM company ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    ids.map(|id| parse_id(&id?)).collect()
}

type Columns = (String, String, String, Option<String>, Option<String>);

fn read(row: &Row<'_>) -> rusqlite::Result<Result<CompanyEntry, StoreError>> {
    let columns: Columns = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
    let wrapped_key = row.get(5)?;
    Ok(entry(columns, wrapped_key))
}

fn entry(
    (id, kind, visibility, organization, partner): Columns,
    wrapped_key: Vec<u8>,
) -> Result<CompanyEntry, StoreError> {
    let unknown = |what: &str| StoreError::Row { table: "company", what: format!("unknown {what}") };
    let organization = organization.map(|id| OrganizationId::parse(&id)).transpose();
    let facts = CompanyFacts {
        kind: CompanyKind::parse(&kind).ok_or_else(|| unknown("kind"))?,
        visibility: Visibility::parse(&visibility).ok_or_else(|| unknown("visibility"))?,
        organization: organization.map_err(|_| unknown("organization"))?,
        partner: partner.map(|id| parse_id(&id)).transpose()?,
    };
    Ok(CompanyEntry { id: parse_id(&id)?, facts, wrapped_key })
}

fn parse_id(id: &str) -> Result<CompanyId, StoreError> {
    CompanyId::parse(id).map_err(|e| StoreError::Row { table: "company", what: e.to_string() })
}
