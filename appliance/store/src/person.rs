//! Numbers of people inside one company's file; foreign people get one when they first write.

use crate::StoreError;
use domain::ids::{CompanyId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

/// A person's number in this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonNo(pub i64);

/// The number of a person.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, id: &UserId) -> Result<Option<PersonNo>, StoreError> {
    let no = content
        .prepare_cached("SELECT no FROM person WHERE id = ?1")?
        .query_row([id.as_str()], |r| r.get(0))
        .optional()?;
    Ok(no.map(PersonNo))
}

/// Whose number it is.
///
/// # Errors
/// When the file cannot be read.
pub fn id(content: &Connection, no: PersonNo) -> Result<Option<UserId>, StoreError> {
    let id: Option<String> =
        content.prepare_cached("SELECT id FROM person WHERE no = ?1")?.query_row([no.0], |r| r.get(0)).optional()?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "person", what: e.to_string() };
    id.map(|id| UserId::parse(&id).map_err(unreadable)).transpose()
}

/// The number of a person, given on first use.
///
/// # Errors
/// When the file cannot be written.
pub fn enter(content: &Connection, id: &UserId, company: &CompanyId) -> Result<PersonNo, StoreError> {
    if let Some(no) = find(content, id)? {
        return Ok(no);
    }
    content
        .prepare_cached("INSERT INTO person (id, company_id) VALUES (?1, ?2)")?
        .execute(params![id.as_str(), company.as_str()])?;
    Ok(PersonNo(content.last_insert_rowid()))
}
