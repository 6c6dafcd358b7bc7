//! That a company was written out in clear, in the directory.

use crate::StoreError;
use crate::survey::Survey;
use domain::ids::CompanyId;
use rusqlite::{Connection, params};

impl Survey<'_> {
    /// The newest exports, the newest last.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn exports(&self, limit: u32) -> Result<Vec<ExportNote>, StoreError> {
        let directory = self.directory();
        latest(&directory.reader()?, limit).map_err(|error| directory.place.name_in(error))
    }
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportNote {
    /// Of which company, by id.
    pub company: String,
    /// Where to, as whoever did it said.
    pub target: String,
    /// When it began, in milliseconds since 1970.
    pub begun_ms: i64,
}

/// Notes that exports begin.
///
/// # Errors
/// When the directory cannot be written.
pub fn note(directory: &Connection, companies: &[CompanyId], target: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO company_export (company_id, target, begun_ms) VALUES (?1, ?2, ?3)";
    let mut statement = directory.prepare_cached(sql)?;
    for id in companies {
        statement.execute(params![id.as_str(), target, now_ms])?;
    }
    Ok(())
}

/// The newest exports, the newest last.
///
/// # Errors
/// When the directory cannot be read.
pub fn latest(directory: &Connection, limit: u32) -> Result<Vec<ExportNote>, StoreError> {
    // A directory that no box of this version has opened yet knows of none.
    if !directory.table_exists(None, "company_export")? {
        return Ok(Vec::new());
    }
    let sql = "SELECT company_id, target, begun_ms FROM company_export ORDER BY no DESC LIMIT ?1";
    let mut statement = directory.prepare_cached(sql)?;
    let notes = statement
        .query_map([limit], |r| Ok(ExportNote { company: r.get(0)?, target: r.get(1)?, begun_ms: r.get(2)? }))?;
    let mut notes: Vec<ExportNote> = notes.collect::<Result<_, _>>()?;
    notes.reverse();
    Ok(notes)
}
