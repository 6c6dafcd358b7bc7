//! What one person sees of the exchange in a bubble: how far it was read, whether it makes a sound, whether it is listed.

use crate::StoreError;
use crate::bubble::BubbleNo;
use crate::person::PersonNo;
use domain::ids::{ArchiveId, ConversationId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A person's view of a bubble.
#[derive(Debug, Clone)]
pub struct BubbleConversation {
    /// Its id in the person's list.
    pub id: ConversationId,
    /// Notifications are off.
    pub mute: bool,
    /// It stands in the person's list.
    pub open: bool,
    /// Everything until there was read.
    pub read: ArchiveId,
    /// Everything until there is hidden from the person.
    pub cleared: ArchiveId,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// Puts a bubble into a person's list under `fresh`, unless it was there before: then it is listed again.
///
/// # Errors
/// When the file cannot be written.
pub fn open(
    content: &Connection,
    bubble: BubbleNo,
    person: PersonNo,
    fresh: &ConversationId,
    now_ms: i64,
) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO bubble_conversation (bubble_no, person_no, id, open, created_ms) VALUES (?1, ?2, ?3, 1, ?4)
             ON CONFLICT (bubble_no, person_no) DO UPDATE SET open = 1",
        )?
        .execute(params![bubble.0, person.0, fresh.as_str(), now_ms])?;
    Ok(())
}

/// A person's view of a bubble.
///
/// # Errors
/// When the file cannot be read.
pub fn find(
    content: &Connection,
    bubble: BubbleNo,
    person: PersonNo,
) -> Result<Option<BubbleConversation>, StoreError> {
    let sql = "SELECT id, mute, open, read_us, cleared_us, created_ms FROM bubble_conversation
               WHERE bubble_no = ?1 AND person_no = ?2";
    content.prepare_cached(sql)?.query_row([bubble.0, person.0], read).optional()?.transpose()
}

/// Notes how far a person has read, or received; `false`: it was so already.
///
/// # Errors
/// When the file cannot be written.
pub fn mark(
    content: &Connection,
    bubble: BubbleNo,
    person: PersonNo,
    up_to: ArchiveId,
    read: bool,
) -> Result<bool, StoreError> {
    let sql = "UPDATE bubble_conversation SET received_us = max(received_us, ?3), read_us = iif(?4, ?3, read_us)
               WHERE bubble_no = ?1 AND person_no = ?2 AND (received_us < ?3 OR (?4 AND read_us < ?3))";
    Ok(content.prepare_cached(sql)?.execute(params![bubble.0, person.0, up_to.0, read])? == 1)
}

/// Writes whether a person's view is listed and makes a sound.
///
/// # Errors
/// When the file cannot be written.
pub fn set(
    content: &Connection,
    bubble: BubbleNo,
    person: PersonNo,
    (open, mute): (bool, bool),
) -> Result<(), StoreError> {
    let sql = "UPDATE bubble_conversation SET open = ?3, mute = ?4 WHERE bubble_no = ?1 AND person_no = ?2";
    content.execute(sql, params![bubble.0, person.0, open, mute])?;
    Ok(())
}

/// Hides everything up to a place from a person; others keep it.
///
/// # Errors
/// When the file cannot be written.
pub fn clear(content: &Connection, bubble: BubbleNo, person: PersonNo, up_to: ArchiveId) -> Result<(), StoreError> {
    let sql = "UPDATE bubble_conversation SET cleared_us = max(cleared_us, ?3) WHERE bubble_no = ?1 AND person_no = ?2";
    content.execute(sql, [bubble.0, person.0, up_to.0])?;
    Ok(())
}

/// How many people of a bubble have received and read a message, its sender not counted.
///
/// # Errors
/// When the file cannot be read.
pub fn readers(
    content: &Connection,
    bubble: BubbleNo,
    archive: ArchiveId,
    sender: PersonNo,
) -> Result<(u32, u32), StoreError> {
    let sql = "SELECT count(*) FILTER (WHERE received_us >= ?2), count(*) FILTER (WHERE read_us >= ?2)
               FROM bubble_conversation WHERE bubble_no = ?1 AND person_no <> ?3";
    Ok(content.prepare_cached(sql)?.query_row([bubble.0, archive.0, sender.0], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<BubbleConversation, StoreError>> {
    let id: String = row.get(0)?;
    let (mute, open, created_ms) = (row.get(1)?, row.get(2)?, row.get(5)?);
    let (read, cleared) = (ArchiveId(row.get(3)?), ArchiveId(row.get(4)?));
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "bubble_conversation", what: e.to_string() };
    let view = |id| BubbleConversation { id, mute, open, read, cleared, created_ms };
    Ok(ConversationId::parse(&id).map_err(unreadable).map(view))
}
