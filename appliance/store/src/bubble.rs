//! What a bubble is called and looks like, in the file of its company.

use crate::{StoreError, word};
use domain::ids::BubbleId;
use rusqlite::{Connection, OptionalExtension, params};

/// A bubble's number in its company's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BubbleNo(pub i64);

/// How a bubble presents itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// What clients keep with it: a JSON object.
    pub custom_data: String,
    /// Words by which clients sort it: a JSON list.
    pub tags: String,
    /// Wishes of its organizer that clients act on: a JSON object.
    pub wishes: String,
    /// When its picture changed, in milliseconds since 1970; `None`: it has none.
    pub avatar_ms: Option<i64>,
}

/// Adds a bubble.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, id: &BubbleId, new: &Description, now_ms: i64) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO bubble (id, name, topic, custom_data, tags, wishes, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id.as_str(), new.name, new.topic, new.custom_data, new.tags, new.wishes, now_ms],
    )?;
    Ok(())
}

/// A bubble by id.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, id: &BubbleId) -> Result<Option<(BubbleNo, Description)>, StoreError> {
    let sql = "SELECT no, name, topic, custom_data, tags, wishes, avatar_ms FROM bubble WHERE id = ?1";
    let found = content.prepare_cached(sql)?.query_row([id.as_str()], |r| {
        let description = Description {
            name: r.get(1)?,
            topic: r.get(2)?,
            custom_data: r.get(3)?,
            tags: r.get(4)?,
            wishes: r.get(5)?,
            avatar_ms: r.get(6)?,
        };
        Ok((BubbleNo(r.get(0)?), description))
    });
    Ok(found.optional()?)
}

/// A bubble's number.
///
/// # Errors
/// When the file cannot be read.
pub fn number(content: &Connection, id: &BubbleId) -> Result<Option<BubbleNo>, StoreError> {
    let sql = "SELECT no FROM bubble WHERE id = ?1";
    Ok(content.prepare_cached(sql)?.query_row([id.as_str()], |r| Ok(BubbleNo(r.get(0)?))).optional()?)
}

/// Writes everything but the picture.
///
/// # Errors
/// When the file cannot be written.
pub fn update(content: &Connection, no: BubbleNo, new: &Description) -> Result<(), StoreError> {
    content.execute(
        "UPDATE bubble SET name = ?2, topic = ?3, custom_data = ?4, tags = ?5, wishes = ?6 WHERE no = ?1",
        params![no.0, new.name, new.topic, new.custom_data, new.tags, new.wishes],
    )?;
    Ok(())
}

/// Writes the picture, or takes it off.
///
/// # Errors
/// When the file cannot be written.
pub fn set_avatar(
    content: &Connection,
    no: BubbleNo,
    picture: Option<(&str, &[u8])>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let (kind, bytes, at_ms) = match picture {
        Some((kind, bytes)) => (Some(kind), Some(bytes), Some(now_ms)),
        None => (None, None, None),
    };
    content.execute(
        "UPDATE bubble SET avatar = ?2, avatar_type = ?3, avatar_ms = ?4 WHERE no = ?1",
        params![no.0, bytes, kind, at_ms],
    )?;
    Ok(())
}

/// A bubble's picture: its type and its bytes.
///
/// # Errors
/// When the file cannot be read.
pub fn avatar(content: &Connection, id: &BubbleId) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let sql = "SELECT avatar_type, avatar FROM bubble WHERE id = ?1 AND avatar IS NOT NULL";
    Ok(content.prepare_cached(sql)?.query_row([id.as_str()], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

/// Removes everything that was said in a bubble, and its polls; how far each person has read stays.
///
/// # Errors
/// When the file cannot be written.
pub fn empty(content: &Connection, no: BubbleNo) -> Result<(), StoreError> {
    word::remove_bubble(content, no)?;
    content.execute("DELETE FROM poll WHERE bubble_no = ?1", [no.0])?;
    Ok(())
}

/// Removes a bubble with everything that was said in it; idempotent.
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, id: &BubbleId) -> Result<(), StoreError> {
    let Some(no) = number(content, id)? else { return Ok(()) };
    word::remove_bubble(content, no)?;
    for sql in [
        "DELETE FROM bubble_reader WHERE bubble_no = ?1",
        "DELETE FROM poll WHERE bubble_no = ?1",
        "DELETE FROM bubble WHERE no = ?1",
    ] {
        content.execute(sql, [no.0])?;
    }
    Ok(())
}
