//! What somebody wants of a bubble in his list of conversations: a row in the file of his own company, whatever company the
//! bubble is of. Where there is none nothing was wished.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{ArchiveId, BubbleId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

/// What was wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish {
    /// Notifications are off.
    pub mute: bool,
    /// Off the list until something is said after this place.
    pub closed: Option<ArchiveId>,
    /// The message that he marked.
    pub bookmark: Option<ArchiveId>,
}

impl Wish {
    /// Whether a bubble whose newest message is this one stands on the list.
    #[must_use]
    pub fn lists(&self, newest: Option<ArchiveId>) -> bool {
        self.closed.is_none_or(|closed| newest.is_some_and(|newest| newest > closed))
    }
}

/// All that a person wished.
///
/// # Errors
/// When the file cannot be read.
pub fn of_owner(content: &Connection, owner: PersonNo) -> Result<HashMap<BubbleId, Wish>, StoreError> {
    let sql = "SELECT mute, closed_us, bookmark_us, bubble_id FROM bubble_conversation WHERE owner_no = ?1";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([owner.0], |r| Ok((r.get::<_, String>(3)?, read(r)?)))?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "bubble_conversation", what: e.to_string() };
    rows.map(|row| row.map(|(id, wish)| Ok((BubbleId::parse(&id).map_err(unreadable)?, wish)))?).collect()
}

/// What a person wished of one bubble.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, bubble: &BubbleId) -> Result<Wish, StoreError> {
    let sql = "SELECT mute, closed_us, bookmark_us FROM bubble_conversation WHERE owner_no = ?1 AND bubble_id = ?2";
    let found = content.prepare_cached(sql)?.query_row(params![owner.0, bubble.as_str()], read);
    Ok(found.optional()?.unwrap_or_default())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Wish> {
    let place = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(ArchiveId));
    Ok(Wish { mute: row.get(0)?, closed: place(1)?, bookmark: place(2)? })
}

/// Marks a message, or none any more.
///
/// # Errors
/// When the file cannot be written.
pub fn set_bookmark(
    content: &Connection,
    owner: PersonNo,
    bubble: &BubbleId,
    bookmark: Option<ArchiveId>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO bubble_conversation (owner_no, bubble_id, bookmark_us) VALUES (?1, ?2, ?3)
               ON CONFLICT (owner_no, bubble_id) DO UPDATE SET bookmark_us = ?3";
    content.prepare_cached(sql)?.execute(params![owner.0, bubble.as_str(), bookmark.map(|place| place.0)])?;
    Ok(())
}

/// Switches notifications off or on.
///
/// # Errors
/// When the file cannot be written.
pub fn set_mute(content: &Connection, owner: PersonNo, bubble: &BubbleId, mute: bool) -> Result<(), StoreError> {
    let sql = "INSERT INTO bubble_conversation (owner_no, bubble_id, mute) VALUES (?1, ?2, ?3)
               ON CONFLICT (owner_no, bubble_id) DO UPDATE SET mute = ?3";
    content.prepare_cached(sql)?.execute(params![owner.0, bubble.as_str(), mute])?;
    Ok(())
}

/// Takes a bubble off the list until something is said after a place, or puts it there again.
///
/// # Errors
/// When the file cannot be written.
pub fn set_closed(
    content: &Connection,
    owner: PersonNo,
    bubble: &BubbleId,
    closed: Option<ArchiveId>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO bubble_conversation (owner_no, bubble_id, closed_us) VALUES (?1, ?2, ?3)
               ON CONFLICT (owner_no, bubble_id) DO UPDATE SET closed_us = ?3";
    content.prepare_cached(sql)?.execute(params![owner.0, bubble.as_str(), closed.map(|closed| closed.0)])?;
    Ok(())
}
