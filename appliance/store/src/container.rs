//! Folders of bubbles in one person's list.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{BubbleId, ContainerId, NotAnId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: ContainerId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

const SELECT: &str = "SELECT id, name, description, created_ms FROM bubble_container";

/// Adds a folder.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, owner: PersonNo, new: &Container) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO bubble_container (id, owner_no, name, description, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![new.id.as_str(), owner.0, new.name, new.description, new.created_ms],
    )?;
    Ok(())
}

/// Writes name and description.
///
/// # Errors
/// When the file cannot be written.
pub fn update(content: &Connection, owner: PersonNo, container: &Container) -> Result<(), StoreError> {
    content.execute(
        "UPDATE bubble_container SET name = ?3, description = ?4 WHERE id = ?1 AND owner_no = ?2",
        params![container.id.as_str(), owner.0, container.name, container.description],
    )?;
    Ok(())
}

/// Deletes a folder; its bubbles are in none then.
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, owner: PersonNo, id: &ContainerId) -> Result<(), StoreError> {
    let sql = "DELETE FROM bubble_container WHERE id = ?1 AND owner_no = ?2";
    content.execute(sql, params![id.as_str(), owner.0])?;
    Ok(())
}

/// One folder of a person.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, id: &ContainerId) -> Result<Option<Container>, StoreError> {
    let sql = format!("{SELECT} WHERE owner_no = ?1 AND id = ?2");
    content.prepare_cached(&sql)?.query_row(params![owner.0, id.as_str()], read).optional()?.transpose()
}

/// A person's folders, by name.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, owner: PersonNo) -> Result<Vec<Container>, StoreError> {
    let sql = format!("{SELECT} WHERE owner_no = ?1 ORDER BY name, id");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map([owner.0], read)?;
    rows.map(|row| row?).collect()
}

/// Puts a bubble into a folder, out of the one in which it was; `false`: it was there already.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, owner: PersonNo, id: &ContainerId, bubble: &BubbleId) -> Result<bool, StoreError> {
    let sql = "INSERT INTO contained_bubble (owner_no, bubble_id, container_id) VALUES (?1, ?2, ?3)
               ON CONFLICT (owner_no, bubble_id) DO UPDATE SET container_id = ?3 WHERE container_id <> ?3";
    Ok(content.prepare_cached(sql)?.execute(params![owner.0, bubble.as_str(), id.as_str()])? == 1)
}

/// Takes a bubble out of the folder in which it is; `false`: it was in none.
///
/// # Errors
/// When the file cannot be written.
pub fn take_out(content: &Connection, owner: PersonNo, bubble: &BubbleId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM contained_bubble WHERE owner_no = ?1 AND bubble_id = ?2";
    Ok(content.prepare_cached(sql)?.execute(params![owner.0, bubble.as_str()])? == 1)
}

/// In which folder each bubble of a person is; of those that are in none there is nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn contained(content: &Connection, owner: PersonNo) -> Result<BTreeMap<BubbleId, ContainerId>, StoreError> {
    let sql = "SELECT bubble_id, container_id FROM contained_bubble WHERE owner_no = ?1";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([owner.0], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
    let pair = |row: rusqlite::Result<(String, String)>| {
        let (bubble, container) = row?;
        Ok((BubbleId::parse(&bubble).map_err(unreadable)?, ContainerId::parse(&container).map_err(unreadable)?))
    };
    rows.map(pair).collect()
}

fn unreadable(e: NotAnId) -> StoreError {
    StoreError::Row { table: "bubble_container", what: e.to_string() }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Container, StoreError>> {
    let id: String = row.get(0)?;
    let (name, description, created_ms) = (row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(ContainerId::parse(&id).map_err(unreadable).map(|id| Container { id, name, description, created_ms }))
}
