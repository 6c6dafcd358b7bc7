//! Messages that somebody keeps at hand: where they stand, never what they say.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{ArchiveId, PinId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its id.
    pub id: PinId,
    /// The place of the message in the archive of its conversation.
    pub archive: ArchiveId,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// The conversation that pins are of: the id of a person or of a bubble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// Whose or which.
    pub id: String,
    /// It is a bubble.
    pub is_bubble: bool,
}

/// Pins a message; one that is pinned already stays as it is.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, owner: PersonNo, of: &Of, new: &Pin) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO pin (id, owner_no, peer_id, in_bubble, message_us, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (owner_no, in_bubble, peer_id, message_us) DO NOTHING",
        params![new.id.as_str(), owner.0, of.id, of.is_bubble, new.archive.0, new.created_ms],
    )?;
    Ok(())
}

/// A person's pins of a conversation, the newest message first.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, owner: PersonNo, of: &Of) -> Result<Vec<Pin>, StoreError> {
    let sql = "SELECT id, message_us, created_ms FROM pin WHERE owner_no = ?1 AND in_bubble = ?2 AND peer_id = ?3
               ORDER BY message_us DESC";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map(params![owner.0, of.is_bubble, of.id], read)?;
    rows.map(|row| row?).collect()
}

/// Pins another message in the place of one; `false`: no such pin.
///
/// # Errors
/// When the file cannot be written.
pub fn move_to(
    content: &Connection,
    owner: PersonNo,
    of: &Of,
    id: &PinId,
    archive: ArchiveId,
) -> Result<bool, StoreError> {
    let found: Option<i64> = content
        .query_row(
            "SELECT message_us FROM pin WHERE id = ?1 AND owner_no = ?2 AND in_bubble = ?3 AND peer_id = ?4",
            params![id.as_str(), owner.0, of.is_bubble, of.id],
            |r| r.get(0),
        )
        .optional()?;
    let Some(before) = found else { return Ok(false) };
    if before != archive.0 {
        content.execute(
            "DELETE FROM pin WHERE owner_no = ?1 AND in_bubble = ?2 AND peer_id = ?3 AND message_us = ?4",
            params![owner.0, of.is_bubble, of.id, archive.0],
        )?;
        content.execute("UPDATE pin SET message_us = ?2 WHERE id = ?1", params![id.as_str(), archive.0])?;
    }
    Ok(true)
}

/// Takes a pin off; `false`: no such pin.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, of: &Of, id: &PinId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM pin WHERE id = ?1 AND owner_no = ?2 AND in_bubble = ?3 AND peer_id = ?4";
    Ok(content.execute(sql, params![id.as_str(), owner.0, of.is_bubble, of.id])? == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Pin, StoreError>> {
    let (id, archive, created_ms): (String, _, _) = (row.get(0)?, ArchiveId(row.get(1)?), row.get(2)?);
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "pin", what: e.to_string() };
    Ok(PinId::parse(&id).map_err(unreadable).map(|id| Pin { id, archive, created_ms }))
}
