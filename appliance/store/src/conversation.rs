//! Conversations: what one person sees of the exchange with another.

use crate::person::PersonNo;
use crate::{StoreError, message};
use domain::ids::{ArchiveId, ConversationId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A conversation in its owner's list.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// With whom.
    pub peer: UserId,
    /// The peer's number in this file.
    pub peer_no: PersonNo,
    /// Notifications are off.
    pub mute: bool,
    /// Messages that the owner has not read.
    pub unread: u32,
    /// The newest message.
    pub last: Option<LastMessage>,
    /// The place of the newest message in the archive, cleared or not: what lists are in the order of.
    pub latest: ArchiveId,
    /// The message that the owner marked.
    pub bookmark: Option<Bookmark>,
    /// When it was opened first, in milliseconds since 1970.
    pub created_ms: i64,
}

/// A message that somebody marked in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// Its place in the archive.
    pub archive: ArchiveId,
    /// The id that its sender gave it.
    pub message_id: String,
    /// Messages of others after it, counted up to a hundred.
    pub later: u32,
}

/// The newest message of a conversation.
#[derive(Debug, Clone)]
pub struct LastMessage {
    /// When, in milliseconds since 1970.
    pub sent_at_ms: i64,
    /// Its text.
    pub text: String,
    /// Who wrote it.
    pub sender: UserId,
}

/// Where a message goes in its conversation.
#[derive(Debug, Clone, Copy)]
pub struct Noted {
    /// The message.
    pub archive: ArchiveId,
    /// It counts as unread.
    pub unread: bool,
}

const COLUMNS: &str = "SELECT c.id, p.id, c.peer_no, c.mute, c.unread, c.created_ms, m.stamp_us, m.body, s.id, c.last_us,
            b.stamp_us, b.stanza_id, iif(b.stamp_us IS NULL, 0, (SELECT count(*) FROM (SELECT 1 FROM message l
                WHERE l.low_no = b.low_no AND l.high_no = b.high_no AND l.stamp_us > b.stamp_us AND l.sender_no = c.peer_no
                AND l.kept = 1 AND l.about IS NULL LIMIT 100)))";
const WITH: &str = "JOIN person p ON p.no = c.peer_no
     LEFT JOIN message m ON m.stamp_us = c.last_us AND c.last_us > c.cleared_us
     LEFT JOIN person s ON s.no = m.sender_no
     LEFT JOIN message b ON b.stamp_us = c.bookmark_us AND c.bookmark_us > c.cleared_us";

/// Notes a message in a person's list, opening the conversation under a `fresh` id if there was none.
///
/// # Errors
/// When the file cannot be written.
pub fn note(
    content: &Connection,
    owner: PersonNo,
    peer: PersonNo,
    fresh: impl FnOnce() -> ConversationId,
    noted: Noted,
) -> Result<(), StoreError> {
    let known = content
        .prepare_cached(
            "UPDATE conversation SET open = 1, unread = unread + ?3, last_us = ?4, entry_us = ?4
             WHERE owner_no = ?1 AND peer_no = ?2",
        )?
        .execute(params![owner.0, peer.0, noted.unread, noted.archive.0])?;
    if known == 0 {
        content
            .prepare_cached(
                "INSERT INTO conversation (owner_no, peer_no, id, open, unread, last_us, entry_us, created_ms)
                 VALUES (?1, ?2, ?3, 1, ?4, ?5, ?5, ?6)",
            )?
            .execute(params![
                owner.0,
                peer.0,
                fresh().as_str(),
                noted.unread,
                noted.archive.0,
                noted.archive.stamp_ms()
            ])?;
    }
    Ok(())
}

/// Notes an entry about a message in a person's conversation: nothing of it is unread or shown in a list.
///
/// # Errors
/// When the file cannot be written.
pub fn note_entry(content: &Connection, owner: PersonNo, peer: PersonNo, entry: ArchiveId) -> Result<(), StoreError> {
    content
        .prepare_cached("UPDATE conversation SET entry_us = ?3 WHERE owner_no = ?1 AND peer_no = ?2")?
        .execute([owner.0, peer.0, entry.0])?;
    Ok(())
}

/// How far a conversation reaches in its owner's archive.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// With whom.
    pub peer: PersonNo,
    /// Its newest entry.
    pub newest: ArchiveId,
    /// What the owner cleared ends here.
    pub cleared: ArchiveId,
}

/// All conversations of a person, open or not, with entries after a place; newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn reaches(content: &Connection, owner: PersonNo, after: ArchiveId) -> Result<Vec<Reach>, StoreError> {
    let sql = "SELECT peer_no, entry_us, cleared_us FROM conversation WHERE owner_no = ?1 AND entry_us > ?2
               ORDER BY entry_us DESC";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([owner.0, after.0], |r| {
        Ok(Reach { peer: PersonNo(r.get(0)?), newest: ArchiveId(r.get(1)?), cleared: ArchiveId(r.get(2)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Opens a conversation by hand; keeps what was there.
///
/// # Errors
/// When the file cannot be written.
pub fn open(
    content: &Connection,
    owner: PersonNo,
    peer: PersonNo,
    fresh_id: &ConversationId,
    now_ms: i64,
) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO conversation (owner_no, peer_no, id, open, created_ms) VALUES (?1, ?2, ?3, 1, ?4)
         ON CONFLICT (owner_no, peer_no) DO UPDATE SET open = 1",
        params![owner.0, peer.0, fresh_id.as_str(), now_ms],
    )?;
    Ok(())
}

/// Takes a conversation off the list; its messages stay. `false`: it was not on it.
///
/// # Errors
/// When the file cannot be written.
pub fn close(content: &Connection, owner: PersonNo, id: &ConversationId) -> Result<bool, StoreError> {
    let changed = content.execute(
        "UPDATE conversation SET open = 0 WHERE owner_no = ?1 AND id = ?2 AND open = 1",
        params![owner.0, id.as_str()],
    )?;
    Ok(changed == 1)
}

/// Switches notifications off or on. `false`: no such conversation.
///
/// # Errors
/// When the file cannot be written.
pub fn set_mute(content: &Connection, owner: PersonNo, id: &ConversationId, mute: bool) -> Result<bool, StoreError> {
    let changed = content.execute(
        "UPDATE conversation SET mute = ?3 WHERE owner_no = ?1 AND id = ?2 AND open = 1",
        params![owner.0, id.as_str(), mute],
    )?;
    Ok(changed == 1)
}

/// Marks a message of a conversation, or none any more. `false`: no such conversation.
///
/// # Errors
/// When the file cannot be written.
pub fn set_bookmark(
    content: &Connection,
    owner: PersonNo,
    id: &ConversationId,
    bookmark: Option<ArchiveId>,
) -> Result<bool, StoreError> {
    let changed = content.execute(
        "UPDATE conversation SET bookmark_us = ?3 WHERE owner_no = ?1 AND id = ?2 AND open = 1",
        params![owner.0, id.as_str(), bookmark.map(|place| place.0)],
    )?;
    Ok(changed == 1)
}

/// Whether the owner switched notifications off for somebody.
///
/// # Errors
/// When the file cannot be read.
pub fn is_muted(content: &Connection, owner: PersonNo, peer: PersonNo) -> Result<bool, StoreError> {
    let mute = content
        .prepare_cached("SELECT mute FROM conversation WHERE owner_no = ?1 AND peer_no = ?2")?
        .query_row([owner.0, peer.0], |r| r.get(0))
        .optional()?;
    Ok(mute.unwrap_or(false))
}

/// Marks all that the peer wrote to the owner up to a place as read, and takes it off the unread count. What the owner cleared is
/// in that no longer.
///
/// # Errors
/// When the file cannot be written.
pub fn mark_read(
    content: &Connection,
    owner: PersonNo,
    peer: PersonNo,
    up_to: ArchiveId,
    now_ms: i64,
) -> Result<(), StoreError> {
    let cleared = cleared(content, owner, peer)?.min(up_to);
    message::mark_read(content, owner, peer, cleared, now_ms)?;
    let read = message::mark_read(content, owner, peer, up_to, now_ms)?;
    content
        .prepare_cached("UPDATE conversation SET unread = max(0, unread - ?3) WHERE owner_no = ?1 AND peer_no = ?2")?
        .execute(params![owner.0, peer.0, i64::try_from(read).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// Hides everything so far from the owner; the other side keeps it. So far by its place, not by a clock: what was accepted before,
/// elsewhere, may come later.
///
/// # Errors
/// When the file cannot be written.
pub fn clear(content: &Connection, owner: PersonNo, peer: PersonNo) -> Result<(), StoreError> {
    content.execute(
        "UPDATE conversation SET cleared_us = max(cleared_us, entry_us), unread = 0 WHERE owner_no = ?1 AND peer_no = ?2",
        params![owner.0, peer.0],
    )?;
    Ok(())
}

/// The place up to which the owner cleared the history; `ArchiveId(-1)` when never.
///
/// # Errors
/// When the file cannot be read.
pub fn cleared(content: &Connection, owner: PersonNo, peer: PersonNo) -> Result<ArchiveId, StoreError> {
    let cleared: Option<i64> = content
        .prepare_cached("SELECT cleared_us FROM conversation WHERE owner_no = ?1 AND peer_no = ?2")?
        .query_row([owner.0, peer.0], |r| r.get(0))
        .optional()?;
    Ok(ArchiveId(cleared.unwrap_or(-1)))
}

/// A person's open conversations, newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn page(content: &Connection, owner: PersonNo, offset: u32, limit: u32) -> Result<Vec<Conversation>, StoreError> {
    // Sorted whenever it is asked for: an index in this order would be changed twice by each message.
    let sql = format!(
        "{COLUMNS} FROM (SELECT * FROM conversation WHERE owner_no = ?1 AND open = 1
             ORDER BY last_us DESC, created_ms DESC LIMIT ?2 OFFSET ?3) c {WITH}
         ORDER BY c.last_us DESC, c.created_ms DESC"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![owner.0, limit, offset], read)?;
    rows.map(|row| row?).collect()
}

/// How many conversations [`page`] pages through.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection, owner: PersonNo) -> Result<u64, StoreError> {
    Ok(content
        .prepare_cached("SELECT count(*) FROM conversation WHERE owner_no = ?1 AND open = 1")?
        .query_row([owner.0], |r| r.get(0))?)
}

/// One open conversation by id.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
    let sql = format!("{COLUMNS} FROM conversation c {WITH} WHERE c.owner_no = ?1 AND c.id = ?2 AND c.open = 1");
    content.prepare_cached(&sql)?.query_row(params![owner.0, id.as_str()], read).optional()?.transpose()
}

/// One open conversation by peer.
///
/// # Errors
/// When the file cannot be read.
pub fn find_with(content: &Connection, owner: PersonNo, peer: PersonNo) -> Result<Option<Conversation>, StoreError> {
    let sql = format!("{COLUMNS} FROM conversation c {WITH} WHERE c.owner_no = ?1 AND c.peer_no = ?2 AND c.open = 1");
    content.prepare_cached(&sql)?.query_row(params![owner.0, peer.0], read).optional()?.transpose()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Conversation, StoreError>> {
    let (id, peer): (String, String) = (row.get(0)?, row.get(1)?);
    let (peer_no, mute, unread, created_ms) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
    let (stamp, body, sender): (Option<i64>, Option<String>, Option<String>) = (row.get(6)?, row.get(7)?, row.get(8)?);
    let (latest, marked, later) = (ArchiveId(row.get(9)?), row.get::<_, Option<i64>>(10)?, row.get(12)?);
    let bookmark = match marked {
        Some(place) => Some(Bookmark { archive: ArchiveId(place), message_id: row.get(11)?, later }),
        None => None,
    };
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "conversation", what: e.to_string() };
    Ok((|| {
        let last = match (stamp, body, sender) {
            (Some(stamp), Some(text), Some(sender)) => Some(LastMessage {
                sent_at_ms: ArchiveId(stamp).stamp_ms(),
                text,
                sender: UserId::parse(&sender).map_err(unreadable)?,
            }),
            _ => None,
        };
        Ok(Conversation {
            id: ConversationId::parse(&id).map_err(unreadable)?,
            peer: UserId::parse(&peer).map_err(unreadable)?,
            peer_no: PersonNo(peer_no),
            mute,
            unread,
            last,
            latest,
            bookmark,
            created_ms,
        })
    })())
}
