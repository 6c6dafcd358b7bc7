//! Groups of contacts in one person's list.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{GroupId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub comment: String,
    /// Shown first.
    pub favorite: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

const SELECT: &str = "SELECT id, name, comment, favorite, created_ms FROM contact_group";

/// Adds a group.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, owner: PersonNo, new: &Group) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO contact_group (id, owner_no, name, comment, favorite, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![new.id.as_str(), owner.0, new.name, new.comment, new.favorite, new.created_ms],
    )?;
    Ok(())
}

/// Writes name, comment and whether it is a favourite.
///
/// # Errors
/// When the file cannot be written.
pub fn update(content: &Connection, owner: PersonNo, group: &Group) -> Result<(), StoreError> {
    content.execute(
        "UPDATE contact_group SET name = ?3, comment = ?4, favorite = ?5 WHERE id = ?1 AND owner_no = ?2",
        params![group.id.as_str(), owner.0, group.name, group.comment, group.favorite],
    )?;
    Ok(())
}

/// Deletes a group with its list; the people stay.
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, id: &GroupId) -> Result<(), StoreError> {
    content.execute("DELETE FROM contact_group_member WHERE group_id = ?1", [id.as_str()])?;
    content.execute("DELETE FROM contact_group WHERE id = ?1", [id.as_str()])?;
    Ok(())
}

/// One group of a person.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, id: &GroupId) -> Result<Option<Group>, StoreError> {
    let sql = format!("{SELECT} WHERE owner_no = ?1 AND id = ?2");
    content.prepare_cached(&sql)?.query_row(params![owner.0, id.as_str()], read).optional()?.transpose()
}

/// A person's groups, by name.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, owner: PersonNo) -> Result<Vec<Group>, StoreError> {
    let sql = format!("{SELECT} WHERE owner_no = ?1 ORDER BY name, id");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map([owner.0], read)?;
    rows.map(|row| row?).collect()
}

/// Puts somebody into a group, or takes them out; `false`: it was so already.
///
/// # Errors
/// When the file cannot be written.
pub fn set_member(content: &Connection, id: &GroupId, person: PersonNo, on: bool) -> Result<bool, StoreError> {
    let sql = if on {
        "INSERT INTO contact_group_member (group_id, person_no) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM contact_group_member WHERE group_id = ?1 AND person_no = ?2"
    };
    Ok(content.execute(sql, params![id.as_str(), person.0])? == 1)
}

/// Who is in a group.
///
/// # Errors
/// When the file cannot be read.
pub fn members(content: &Connection, id: &GroupId) -> Result<Vec<UserId>, StoreError> {
    let mut statement = content.prepare_cached(
        "SELECT p.id FROM contact_group_member m JOIN person p ON p.no = m.person_no WHERE m.group_id = ?1 ORDER BY p.no",
    )?;
    let rows = statement.query_map([id.as_str()], |r| r.get::<_, String>(0))?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "person", what: e.to_string() };
    rows.map(|id| UserId::parse(&id?).map_err(unreadable)).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Group, StoreError>> {
    let id: String = row.get(0)?;
    let (name, comment, favorite, created_ms) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "contact_group", what: e.to_string() };
    Ok(GroupId::parse(&id).map_err(unreadable).map(|id| Group { id, name, comment, favorite, created_ms }))
}
