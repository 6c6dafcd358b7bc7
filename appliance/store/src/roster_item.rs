//! What people noted in their own rosters (RFC 6121, 2): names of their own, and people outside of the network.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::UserId;
use rusqlite::{Connection, OptionalExtension, params};

/// Everything that somebody noted: whom, and under which name; empty when without one.
///
/// # Errors
/// When the file cannot be read.
pub fn of(content: &Connection, owner: PersonNo) -> Result<Vec<(UserId, String)>, StoreError> {
    let mut statement = content.prepare_cached("SELECT user_id, name FROM roster_item WHERE owner_no = ?1")?;
    let rows = statement.query_map([owner.0], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
    rows.map(|row| {
        let (id, name) = row?;
        let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "roster_item", what: e.to_string() };
        Ok((UserId::parse(&id).map_err(unreadable)?, name))
    })
    .collect()
}

/// The name under which somebody noted a person; `None`: not noted.
///
/// # Errors
/// When the file cannot be read.
pub fn name(content: &Connection, owner: PersonNo, user: &UserId) -> Result<Option<String>, StoreError> {
    Ok(content
        .prepare_cached("SELECT name FROM roster_item WHERE owner_no = ?1 AND user_id = ?2")?
        .query_row(params![owner.0, user.as_str()], |r| r.get(0))
        .optional()?)
}

/// Notes a person, or the newest name.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, owner: PersonNo, user: &UserId, name: &str) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO roster_item (owner_no, user_id, name) VALUES (?1, ?2, ?3)
             ON CONFLICT (owner_no, user_id) DO UPDATE SET name = ?3",
        )?
        .execute(params![owner.0, user.as_str(), name])?;
    Ok(())
}

/// Takes a note away; `false`: there was none.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, user: &UserId) -> Result<bool, StoreError> {
    let removed = content
        .prepare_cached("DELETE FROM roster_item WHERE owner_no = ?1 AND user_id = ?2")?
        .execute(params![owner.0, user.as_str()])?;
    Ok(removed == 1)
}
