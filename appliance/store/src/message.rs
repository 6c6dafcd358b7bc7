//! 1:1 messages of one company: one row per message (decision 9).

use crate::person::PersonNo;
use crate::{StoreError, conversation, word};
use domain::ids::{ArchiveId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Rows, params};
use std::collections::BTreeMap;

/// A message about to be accepted.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// Who sends it.
    pub sender: PersonNo,
    /// Who gets it.
    pub recipient: PersonNo,
    /// The sender's device.
    pub sender_resource: &'a str,
    /// The id that the sender gave it.
    pub stanza_id: &'a str,
    /// Hash of kind and payload: tells a repetition from another use of the id (decision 10).
    pub digest: &'a [u8],
    /// The children of the stanza, as XML.
    pub payload: &'a str,
    /// Text of the body, for lists.
    pub body: &'a str,
    /// Stays in the archive; else it only waits for the recipient (`no-permanent-store`).
    pub kept: bool,
    /// No device of the recipient is there to take it.
    pub pending: bool,
    /// The type of its stanza.
    pub kind: &'static str,
    /// The sender's id of the message that it corrects, retracts or reacts to. Such an entry is never unread.
    pub about: Option<&'a str>,
}

/// A message of the archive.
#[derive(Debug, Clone)]
pub struct StoredMessage {
    /// Place in the archive.
    pub archive: ArchiveId,
    /// Who sent it.
    pub sender: UserId,
    /// Who got it.
    pub recipient: UserId,
    /// The sender's device.
    pub sender_resource: String,
    /// The id that the sender gave it.
    pub stanza_id: String,
    /// The children of the stanza, as XML.
    pub payload: String,
    /// A device of the recipient received it.
    pub received: bool,
    /// The recipient read it.
    pub read: bool,
    /// Stays in the archive.
    pub kept: bool,
    /// The type of its stanza.
    pub kind: String,
    /// The sender's id of the message that it corrects, retracts or reacts to.
    pub about: Option<String>,
    /// What people remarked on it, where that was asked for.
    pub remarks: Vec<Remark>,
}

/// How somebody last reacted to a message.
#[derive(Debug, Clone)]
pub struct Remark {
    /// Who.
    pub by: UserId,
    /// The children of the stanza, as XML.
    pub payload: String,
}

/// What tells a reaction from the other entries about a message (XEP-0444).
pub(crate) const IS_REMARK: &str = "instr(payload, 'urn:xmpp:reactions:0') > 0";

const COLUMNS: &str = "m.stamp_us, s.id, r.id, m.sender_resource, m.stanza_id, m.payload, m.received_ms IS NOT NULL, \
     m.read_ms IS NOT NULL, m.kept, m.kind, m.about";
const FROM: &str = "message m JOIN person s ON s.no = m.sender_no JOIN person r ON r.no = m.recipient_no";

fn pair(one: PersonNo, other: PersonNo) -> (i64, i64) {
    (one.0.min(other.0), one.0.max(other.0))
}

/// Puts a message at the end of the archive.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, new: &NewMessage<'_>, now_ms: i64) -> Result<ArchiveId, StoreError> {
    let (low, high) = pair(new.sender, new.recipient);
    content
        .prepare_cached(
            "INSERT INTO message (stamp_us, low_no, high_no, sender_no, recipient_no, sender_resource, stanza_id, digest,
                                  payload, body, kept, pending, kind, about, read_ms)
             VALUES (max(?1, 1 + coalesce((SELECT max(stamp_us) FROM message), 0)), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                     ?11, ?12, ?13, ?14, iif(?14 IS NULL, NULL, ?1 / 1000))",
        )?
        .execute(params![
            now_ms.saturating_mul(1000),
            low,
            high,
            new.sender.0,
            new.recipient.0,
            new.sender_resource,
            new.stanza_id,
            new.digest,
            new.payload,
            new.body,
            new.kept,
            new.pending,
            new.kind,
            new.about,
        ])?;
    // Not by RETURNING: for that SQLite opens a savepoint of its own around the statement.
    Ok(ArchiveId(content.last_insert_rowid()))
}

/// What the archive holds under a sender's id.
#[derive(Debug, Clone)]
pub struct Named {
    /// Place in the archive.
    pub archive: ArchiveId,
    /// The sender's id.
    pub stanza_id: String,
    /// Who got it.
    pub recipient: PersonNo,
    /// Hash of the first form.
    pub digest: Vec<u8>,
    /// Hash of the last correction or deletion.
    pub change_digest: Option<Vec<u8>>,
    /// The sender's id of the message that it is about.
    pub about: Option<String>,
}

/// The newest message that `sender` gave this id.
///
/// # Errors
/// When the file cannot be read.
pub fn find_named(content: &Connection, sender: PersonNo, stanza_id: &str) -> Result<Option<Named>, StoreError> {
    let row = content
        .prepare_cached(
            "SELECT stamp_us, recipient_no, digest, change_digest, about FROM message
             WHERE sender_no = ?1 AND stanza_id = ?2 ORDER BY stamp_us DESC LIMIT 1",
        )?
        .query_row(params![sender.0, stanza_id], |r| {
            Ok(Named {
                archive: ArchiveId(r.get(0)?),
                stanza_id: stanza_id.to_owned(),
                recipient: PersonNo(r.get(1)?),
                digest: r.get(2)?,
                change_digest: r.get(3)?,
                about: r.get(4)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// Whether the sender wrote anything to the same person after a message of the archive.
///
/// # Errors
/// When the file cannot be read.
pub fn is_followed(
    content: &Connection,
    sender: PersonNo,
    recipient: PersonNo,
    archive: ArchiveId,
) -> Result<bool, StoreError> {
    let (low, high) = pair(sender, recipient);
    let newer: Option<i64> = content
        .prepare_cached(
            "SELECT 1 FROM message WHERE low_no = ?1 AND high_no = ?2 AND stamp_us > ?3 AND sender_no = ?4 AND kept = 1
             AND about IS NULL LIMIT 1",
        )?
        .query_row(params![low, high, archive.0, sender.0], |r| r.get(0))
        .optional()?;
    Ok(newer.is_some())
}

/// The newest message that `sender` wrote to `recipient`, by the id that the sender gave it.
///
/// # Errors
/// When the file cannot be read.
pub fn newest_name(content: &Connection, sender: PersonNo, recipient: PersonNo) -> Result<Option<String>, StoreError> {
    let (low, high) = pair(sender, recipient);
    Ok(content
        .prepare_cached(
            "SELECT stanza_id FROM message WHERE low_no = ?1 AND high_no = ?2 AND sender_no = ?3 AND kept = 1
             AND about IS NULL ORDER BY stamp_us DESC LIMIT 1",
        )?
        .query_row(params![low, high, sender.0], |r| r.get(0))
        .optional()?)
}

/// Replaces the content of a message, by a correction or a deletion (C8).
///
/// # Errors
/// When the file cannot be written.
pub fn replace(
    content: &Connection,
    archive: ArchiveId,
    payload: &str,
    body: &str,
    digest: &[u8],
    now_ms: i64,
) -> Result<(), StoreError> {
    word::replace_in_message(content, archive, body)?;
    content
        .prepare_cached(
            "UPDATE message SET payload = ?2, body = ?3, change_digest = ?4, changed_ms = ?5 WHERE stamp_us = ?1",
        )?
        .execute(params![archive.0, payload, body, digest, now_ms])?;
    Ok(())
}

/// Marks a message received by its recipient; `false` when it was already, or is not there.
///
/// # Errors
/// When the file cannot be written.
pub fn mark_received(content: &Connection, archive: ArchiveId, now_ms: i64) -> Result<bool, StoreError> {
    let changed = content
        .prepare_cached("UPDATE message SET received_ms = ?2 WHERE stamp_us = ?1 AND received_ms IS NULL")?
        .execute(params![archive.0, now_ms])?;
    Ok(changed == 1)
}

/// Marks all that `sender` wrote to `recipient` up to a place, and that is kept, as read; answers how many were not before.
///
/// # Errors
/// When the file cannot be written.
pub fn mark_read(
    content: &Connection,
    recipient: PersonNo,
    sender: PersonNo,
    up_to: ArchiveId,
    now_ms: i64,
) -> Result<usize, StoreError> {
    Ok(content
        .prepare_cached(
            "UPDATE message SET read_ms = ?4, received_ms = coalesce(received_ms, ?4)
             WHERE recipient_no = ?1 AND sender_no = ?2 AND stamp_us <= ?3 AND read_ms IS NULL AND kept = 1",
        )?
        .execute(params![recipient.0, sender.0, up_to.0, now_ms])?)
}

/// Messages that no device of `recipient` took yet, oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn pending(content: &Connection, recipient: PersonNo, limit: u32) -> Result<Vec<StoredMessage>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE m.recipient_no = ?1 AND m.pending = 1 ORDER BY m.stamp_us LIMIT ?2"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![recipient.0, limit], read)?;
    rows.map(|row| row?).collect()
}

/// How many messages wait for `recipient`.
///
/// # Errors
/// When the file cannot be read.
pub fn pending_count(content: &Connection, recipient: PersonNo) -> Result<u64, StoreError> {
    Ok(content
        .prepare_cached("SELECT count(*) FROM message WHERE recipient_no = ?1 AND pending = 1")?
        .query_row([recipient.0], |r| r.get(0))?)
}

/// A device took the message: it waits no longer, and goes if it was not to be kept.
///
/// # Errors
/// When the file cannot be written.
pub fn taken(content: &Connection, archive: ArchiveId) -> Result<(), StoreError> {
    content.prepare_cached("DELETE FROM message WHERE stamp_us = ?1 AND kept = 0")?.execute([archive.0])?;
    content.prepare_cached("UPDATE message SET pending = 0 WHERE stamp_us = ?1")?.execute([archive.0])?;
    Ok(())
}

/// Removes a message that is not kept, if it is still at this place.
///
/// # Errors
/// When the file cannot be written.
pub fn remove_held(
    content: &Connection,
    archive: ArchiveId,
    sender: PersonNo,
    stanza_id: &str,
) -> Result<(), StoreError> {
    content
        .prepare_cached("DELETE FROM message WHERE stamp_us = ?1 AND kept = 0 AND sender_no = ?2 AND stanza_id = ?3")?
        .execute(params![archive.0, sender.0, stanza_id])?;
    Ok(())
}

/// The message waits for the recipient after all: the device that was there has gone, and none has said that it came.
///
/// # Errors
/// When the file cannot be written.
pub fn wait(content: &Connection, archive: ArchiveId) -> Result<(), StoreError> {
    content
        .prepare_cached("UPDATE message SET pending = 1 WHERE stamp_us = ?1 AND received_ms IS NULL")?
        .execute([archive.0])?;
    Ok(())
}

/// Which part of an archive is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// Only what is newer than this.
    pub after: ArchiveId,
    /// Only what is older than this.
    pub before: ArchiveId,
    /// Most messages.
    pub limit: u32,
    /// The newest of the range instead of the oldest; answers are always oldest first.
    pub newest: bool,
    /// Also the entries that are about other messages.
    pub every_kind: bool,
}

/// A part of the archive of two people, oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn between(
    content: &Connection,
    one: PersonNo,
    other: PersonNo,
    range: Range,
) -> Result<Vec<StoredMessage>, StoreError> {
    let (low, high) = pair(one, other);
    let order = if range.newest { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE m.low_no = ?1 AND m.high_no = ?2 AND m.stamp_us > ?3 AND m.stamp_us < ?4
         AND m.kept = 1 AND (?6 OR m.about IS NULL) ORDER BY m.stamp_us {order} LIMIT ?5"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let asked = params![low, high, range.after.0, range.before.0, range.limit, range.every_kind];
    let rows = statement.query_map(asked, read)?;
    let mut messages = rows.map(|row| row?).collect::<Result<Vec<_>, _>>()?;
    if range.newest {
        messages.reverse();
    }
    Ok(messages)
}

/// A part of the archive of everything that somebody wrote and got, oldest first. Conversation by conversation, and each
/// only as far as it may still bring something: a page costs about as many reads as there are conversations in its range.
///
/// # Errors
/// When the file cannot be read.
pub fn of_owner(content: &Connection, owner: PersonNo, range: Range) -> Result<Vec<StoredMessage>, StoreError> {
    let mut found: BTreeMap<ArchiveId, StoredMessage> = BTreeMap::new();
    let limit = usize::try_from(range.limit).unwrap_or(usize::MAX);
    for reach in conversation::reaches(content, owner, range.after)? {
        let mut part = Range { after: range.after.max(reach.cleared), ..range };
        if found.len() >= limit {
            let (first, last) = (found.keys().next(), found.keys().next_back());
            match (range.newest, first, last) {
                // Conversations come newest first: what follows is older than the whole page.
                (true, Some(first), _) if reach.newest < *first => break,
                (true, Some(first), _) => part.after = part.after.max(*first),
                (false, _, Some(last)) => part.before = part.before.min(*last),
                _ => {}
            }
        }
        found.extend(between(content, owner, reach.peer, part)?.into_iter().map(|message| (message.archive, message)));
        while found.len() > limit {
            let _one_too_many = if range.newest { found.pop_first() } else { found.pop_last() };
        }
    }
    Ok(found.into_values().collect())
}

/// The text of a message, as it is looked through.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// Its place in the archive.
    pub archive: ArchiveId,
    /// The id that the sender gave it.
    pub stanza_id: &'a str,
    /// What it says; nothing, once it is deleted.
    pub body: &'a str,
}

/// Looks through what two people wrote to one another between two places, newest first and at most so much, until `see` has seen
/// enough. Answers how much was looked at.
///
/// # Errors
/// When the file cannot be read.
pub fn look_through(
    content: &Connection,
    (one, other): (PersonNo, PersonNo),
    (after, before): (ArchiveId, ArchiveId),
    most: u32,
    see: impl FnMut(Text<'_>) -> bool,
) -> Result<u32, StoreError> {
    let (low, high) = pair(one, other);
    let sql = "SELECT stamp_us, stanza_id, body, kept = 1 AND about IS NULL FROM message
               WHERE low_no = ?1 AND high_no = ?2 AND stamp_us > ?3 AND stamp_us < ?4 ORDER BY stamp_us DESC LIMIT ?5";
    let mut statement = content.prepare_cached(sql)?;
    look(statement.query(params![low, high, after.0, before.0, most])?, see)
}

/// Shows the texts of rows until enough was seen; answers how many rows there were.
pub(crate) fn look(mut rows: Rows<'_>, mut see: impl FnMut(Text<'_>) -> bool) -> Result<u32, StoreError> {
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        if !row.get::<_, bool>(3)? {
            continue;
        }
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let seen = Text { archive: ArchiveId(row.get(0)?), stanza_id: text(1)?, body: text(2)? };
        if !see(seen) {
            break;
        }
    }
    Ok(looked_at)
}

/// An entry of the archive, if it is the owner's and not cleared.
///
/// # Errors
/// When the file cannot be read.
pub fn at(content: &Connection, owner: PersonNo, archive: ArchiveId) -> Result<Option<StoredMessage>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM}
         LEFT JOIN conversation c ON c.owner_no = ?2 AND c.peer_no = iif(m.sender_no = ?2, m.recipient_no, m.sender_no)
         WHERE m.stamp_us = ?1 AND m.kept = 1 AND ?2 IN (m.sender_no, m.recipient_no)
         AND m.stamp_us > coalesce(c.cleared_us, -1)"
    );
    content.prepare_cached(&sql)?.query_row(params![archive.0, owner.0], read).optional()?.transpose()
}

/// Takes out what was said earlier about a message of this sender: a text that was corrected or retracted stays nowhere (C8).
///
/// # Errors
/// When the file cannot be written.
pub fn remove_about(
    content: &Connection,
    sender: PersonNo,
    recipient: PersonNo,
    about: &str,
) -> Result<(), StoreError> {
    content
        .prepare_cached("DELETE FROM message WHERE sender_no = ?1 AND about = ?3 AND recipient_no = ?2")?
        .execute(params![sender.0, recipient.0, about])?;
    Ok(())
}

/// How two people last reacted to a message that one of them gave this id.
///
/// # Errors
/// When the file cannot be read.
pub fn remarks(
    content: &Connection,
    (one, other): (PersonNo, PersonNo),
    about: &str,
) -> Result<Vec<Remark>, StoreError> {
    // By its sender: the index of the conversation would lead over all of it.
    let sql = format!(
        "SELECT s.id, m.payload FROM message m INDEXED BY message_about JOIN person s ON s.no = m.sender_no
         WHERE m.sender_no IN (?1, ?2) AND m.about = ?3 AND m.recipient_no IN (?1, ?2) AND m.kept = 1 AND {IS_REMARK}
         ORDER BY m.stamp_us DESC LIMIT ?4"
    );
    let mut statement = content.prepare_cached(&sql)?;
    last_of_each(statement.query(params![one.0, other.0, about, REMARKS_MAX])?)
}

/// Reactions that are read of one message.
pub(crate) const REMARKS_MAX: u32 = 500;

/// The first row of each sender.
pub(crate) fn last_of_each(mut rows: Rows<'_>) -> Result<Vec<Remark>, StoreError> {
    let mut found: Vec<Remark> = Vec::new();
    while let Some(row) = rows.next()? {
        let by: String = row.get(0)?;
        let by = UserId::parse(&by).map_err(|e| StoreError::Row { table: "person", what: e.to_string() })?;
        if !found.iter().any(|one| one.by == by) {
            found.push(Remark { by, payload: row.get(1)? });
        }
    }
    Ok(found)
}

/// Takes out how this sender reacted to a message before: only the last reaction counts (XEP-0444, 3.2).
///
/// # Errors
/// When the file cannot be written.
pub fn remove_remarks(
    content: &Connection,
    sender: PersonNo,
    recipient: PersonNo,
    about: &str,
) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM message WHERE sender_no = ?1 AND about = ?2 AND recipient_no = ?3 AND {IS_REMARK}");
    content.prepare_cached(&sql)?.execute(params![sender.0, about, recipient.0])?;
    Ok(())
}

/// How many messages of two people stand in `(after, before)`, counted up to `most`; entries about others count if asked for.
///
/// # Errors
/// When the file cannot be read.
pub fn count_between(
    content: &Connection,
    (one, other): (PersonNo, PersonNo),
    (after, before): (ArchiveId, ArchiveId),
    every_kind: bool,
    most: u32,
) -> Result<u32, StoreError> {
    let (low, high) = pair(one, other);
    Ok(content
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM message WHERE low_no = ?1 AND high_no = ?2 AND stamp_us > ?3
             AND stamp_us < ?4 AND kept = 1 AND (?5 OR about IS NULL) LIMIT ?6)",
        )?
        .query_row(params![low, high, after.0, before.0, every_kind, most], |r| r.get(0))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<StoredMessage, StoreError>> {
    let (sender, recipient): (String, String) = (row.get(1)?, row.get(2)?);
    let archive = ArchiveId(row.get(0)?);
    let (sender_resource, stanza_id, payload) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let (received, read, kept) = (row.get(6)?, row.get(7)?, row.get(8)?);
    let (kind, about) = (row.get(9)?, row.get(10)?);
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "person", what: e.to_string() };
    Ok((|| {
        Ok(StoredMessage {
            archive,
            sender: UserId::parse(&sender).map_err(unreadable)?,
            recipient: UserId::parse(&recipient).map_err(unreadable)?,
            sender_resource,
            stanza_id,
            payload,
            received,
            read,
            kept,
            kind,
            about,
            remarks: Vec::new(),
        })
    })())
}

#[cfg(test)]
mod tests;
