//! What people noted in their own rosters (RFC 6121, 2): names of their own, people outside of the network, and any other address.

use crate::StoreError;
use crate::person::PersonNo;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What somebody noted about one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Noted {
    /// Empty when without one.
    pub name: String,
    /// Groups that are noted here: those of whom the owner may know are groups of the company.
    pub groups: Vec<String>,
    /// The owner asked to be let in by somebody who may not exist.
    pub asked: bool,
    /// What the owner said in asking, as XML.
    pub said: String,
}

const COLUMNS: &str = "name, groups, asked, said";

fn noted(row: &Row<'_>, first: usize) -> rusqlite::Result<Noted> {
    let groups: String = row.get(first + 1)?;
    let groups = groups.lines().map(str::to_owned).collect();
    Ok(Noted { name: row.get(first)?, groups, asked: row.get(first + 2)?, said: row.get(first + 3)? })
}

/// Everything that somebody noted, each with its key.
///
/// # Errors
/// When the file cannot be read.
pub fn of(content: &Connection, owner: PersonNo) -> Result<Vec<(String, Noted)>, StoreError> {
    let sql = format!("SELECT user_id, {COLUMNS} FROM roster_item WHERE owner_no = ?1");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map([owner.0], |row| Ok((row.get(0)?, noted(row, 1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How much somebody noted.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection, owner: PersonNo) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM roster_item WHERE owner_no = ?1";
    let count: i64 = content.prepare_cached(sql)?.query_row([owner.0], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// What somebody noted of one key; `None`: nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, key: &str) -> Result<Option<Noted>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM roster_item WHERE owner_no = ?1 AND user_id = ?2");
    let mut statement = content.prepare_cached(&sql)?;
    Ok(statement.query_row(params![owner.0, key], |row| noted(row, 0)).optional()?)
}

/// Notes a key, or what is newest of it.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, owner: PersonNo, key: &str, new: &Noted) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO roster_item (owner_no, user_id, name, groups, asked, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (owner_no, user_id) DO UPDATE SET name = ?3, groups = ?4, asked = ?5, said = ?6",
        )?
        .execute(params![owner.0, key, new.name, new.groups.join("\n"), new.asked, new.said])?;
    Ok(())
}

/// Takes a note away; `false`: there was none.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, key: &str) -> Result<bool, StoreError> {
    let removed = content
        .prepare_cached("DELETE FROM roster_item WHERE owner_no = ?1 AND user_id = ?2")?
        .execute(params![owner.0, key])?;
    Ok(removed == 1)
}
