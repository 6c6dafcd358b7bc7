//! A company's own page: the one row of its file that says who it is.

use crate::StoreError;
use domain::ids::{CompanyId, Incarnation};
use rusqlite::{Connection, params};

/// The company as its members see it.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// Its people may share files, as long as nothing else is said of one (C7).
    pub shares_files: bool,
}

/// Writes the row into a new file.
///
/// # Errors
/// When the file has one already.
pub fn insert(content: &Connection, new: &Company, incarnation: &Incarnation) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO company (id, company_id, name, incarnation, created_ms, shares_files) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        params![new.id.as_str(), new.name, incarnation.as_str(), new.created_ms, new.shares_files],
    )?;
    Ok(())
}

/// What a company has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Accounts.
    pub people: u64,
    /// Messages, of two people and in bubbles.
    pub messages: u64,
    /// Bubbles.
    pub bubbles: u64,
    /// Shared files.
    pub files: u64,
    /// Plain bytes of those.
    pub file_bytes: u64,
}

/// Counts what the company has.
///
/// # Errors
/// When the file cannot be read.
pub fn census(content: &Connection) -> Result<Census, StoreError> {
    let sql =
        "SELECT (SELECT COUNT(*) FROM user), (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM bubble_message),
         (SELECT COUNT(*) FROM bubble), (SELECT COUNT(*) FROM file),
         (SELECT COALESCE(SUM(size_bytes), 0) FROM file WHERE state <> 'refused')";
    let census = content.prepare(sql)?.query_row([], |r| {
        let (people, messages, bubbles) = (r.get(0)?, r.get(1)?, r.get(2)?);
        Ok(Census { people, messages, bubbles, files: r.get(3)?, file_bytes: r.get(4)? })
    })?;
    Ok(census)
}

/// Gives the company another name.
///
/// # Errors
/// When the file cannot be written.
pub fn rename(content: &Connection, name: &str) -> Result<(), StoreError> {
    content.execute("UPDATE company SET name = ?1", [name])?;
    Ok(())
}

/// Lets its people share files, or ends it.
///
/// # Errors
/// When the file cannot be written.
pub fn set_shares_files(content: &Connection, shares: bool) -> Result<(), StoreError> {
    content.execute("UPDATE company SET shares_files = ?1", [shares])?;
    Ok(())
}

/// This life of the file (decision 13).
///
/// # Errors
/// When the file cannot be read.
pub fn incarnation(content: &Connection) -> Result<Incarnation, StoreError> {
    let text: String = content.prepare_cached("SELECT incarnation FROM company")?.query_row([], |r| r.get(0))?;
    Incarnation::parse(&text).map_err(|e| StoreError::Row { table: "company", what: e.to_string() })
}

/// Reads the row.
///
/// # Errors
/// When the file cannot be read.
pub fn read(content: &Connection) -> Result<Company, StoreError> {
    let (id, name, created_ms, shares_files): (String, String, i64, bool) = content
        .prepare_cached("SELECT company_id, name, created_ms, shares_files FROM company")?
        .query_row([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
    let id = CompanyId::parse(&id).map_err(|e| StoreError::Row { table: "company", what: e.to_string() })?;
    Ok(Company { id, name, created_ms, shares_files })
}
