//! What somebody wants of a bubble in his list of conversations: a row in the file of his own company, whatever company the
//! bubble is of. Where there is none nothing was wished.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{ArchiveId, BubbleId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// What was wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish {
    /// Notifications are off.
    pub mute: bool,
    /// Off the list until something is said after this place.
    pub closed: Option<ArchiveId>,
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
    let sql = "SELECT bubble_id, mute, closed_us FROM bubble_conversation WHERE owner_no = ?1";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([owner.0], |r| {
        let wish = Wish { mute: r.get(1)?, closed: r.get::<_, Option<i64>>(2)?.map(ArchiveId) };
        Ok((r.get::<_, String>(0)?, wish))
    })?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "bubble_conversation", what: e.to_string() };
    rows.map(|row| row.map(|(id, wish)| Ok((BubbleId::parse(&id).map_err(unreadable)?, wish)))?).collect()
}

/// What a person wished of one bubble.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, bubble: &BubbleId) -> Result<Wish, StoreError> {
    let sql = "SELECT mute, closed_us FROM bubble_conversation WHERE owner_no = ?1 AND bubble_id = ?2";
    let found = content.prepare_cached(sql)?.query_row(params![owner.0, bubble.as_str()], |r| {
        Ok(Wish { mute: r.get(0)?, closed: r.get::<_, Option<i64>>(1)?.map(ArchiveId) })
    });
    Ok(found.optional()?.unwrap_or_default())
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
