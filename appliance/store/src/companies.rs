//! The directory's list of companies: opaque ids, modes and wrapped keys, no names (decision 8).

use crate::StoreError;
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use domain::visibility::Visibility;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A company as the directory knows it.
#[derive(Debug, Clone)]
pub struct CompanyEntry {
    /// Its id.
    pub id: CompanyId,
    /// Customer, partner or the default company.
    pub kind: CompanyKind,
    /// Its mode (B2).
    pub visibility: Visibility,
    /// Its database key, wrapped by the root key.
    pub wrapped_key: Vec<u8>,
}

/// Adds a company whose file stands already. `false`: a company of that name exists.
///
/// # Errors
/// When the directory cannot be written.
pub fn insert(directory: &Connection, new: &CompanyEntry, name_hash: &[u8], now_ms: i64) -> Result<bool, StoreError> {
    let changed = directory.execute(
        "INSERT INTO company (id, kind, visibility, name_hash, wrapped_key, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (name_hash) DO NOTHING",
        params![new.id.as_str(), kind_name(new.kind), new.visibility.name(), name_hash, new.wrapped_key, now_ms],
    )?;
    Ok(changed == 1)
}

/// One company by id.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, id: &CompanyId) -> Result<Option<CompanyEntry>, StoreError> {
    one(directory, "SELECT id, kind, visibility, wrapped_key FROM company WHERE id = ?1", params![id.as_str()])
}

/// One company by the keyed hash of its name.
///
/// # Errors
/// When the directory cannot be read.
pub fn find_by_name(directory: &Connection, name_hash: &[u8]) -> Result<Option<CompanyEntry>, StoreError> {
    one(directory, "SELECT id, kind, visibility, wrapped_key FROM company WHERE name_hash = ?1", params![name_hash])
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

fn one(directory: &Connection, sql: &str, by: &[&dyn rusqlite::ToSql]) -> Result<Option<CompanyEntry>, StoreError> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let row: Option<(String, String, String, Vec<u8>)> =
        directory.prepare_cached(sql)?.query_row(by, read).optional()?;
    row.map(|(id, kind, visibility, wrapped_key)| {
        let unknown = |what: &str| StoreError::Row { table: "company", what: format!("unknown {what}") };
        Ok(CompanyEntry {
            id: parse_id(&id)?,
            kind: parse_kind(&kind).ok_or_else(|| unknown("kind"))?,
            visibility: Visibility::parse(&visibility).ok_or_else(|| unknown("visibility"))?,
            wrapped_key,
        })
    })
    .transpose()
}

fn parse_id(id: &str) -> Result<CompanyId, StoreError> {
    CompanyId::parse(id).map_err(|e| StoreError::Row { table: "company", what: e.to_string() })
}

const KINDS: [(CompanyKind, &str); 3] =
    [(CompanyKind::EndCustomer, "end_customer"), (CompanyKind::Partner, "partner"), (CompanyKind::Default, "default")];

fn kind_name(kind: CompanyKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("end_customer", |(_, name)| name)
}

fn parse_kind(name: &str) -> Option<CompanyKind> {
    KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
}
