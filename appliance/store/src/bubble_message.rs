//! What is said in bubbles: one row a message, in the file of the bubble's company (decision 9).

use crate::bubble::BubbleNo;
use crate::message::{IS_REMARK, REMARKS_MAX, Range, Remark, Text, last_of_each, look};
use crate::person::PersonNo;
use crate::{StoreError, word};
use domain::ids::{ArchiveId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A message about to be accepted.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// Where it is said.
    pub bubble: BubbleNo,
    /// Who says it.
    pub sender: PersonNo,
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
    /// The id of the message that it corrects, retracts or reacts to.
    pub about: Option<&'a str>,
}

/// A message of the archive.
#[derive(Debug, Clone)]
pub struct BubbleMessage {
    /// Place in the archive.
    pub archive: ArchiveId,
    /// Who said it.
    pub sender: UserId,
    /// The sender's device.
    pub sender_resource: String,
    /// The id that the sender gave it.
    pub stanza_id: String,
    /// The children of the stanza, as XML.
    pub payload: String,
    /// The id of the message that it corrects, retracts or reacts to.
    pub about: Option<String>,
    /// What people remarked on it, where that was asked for.
    pub remarks: Vec<Remark>,
}

const SELECT: &str = "SELECT m.stamp_us, s.id, m.sender_resource, m.stanza_id, m.payload, m.about
     FROM bubble_message m JOIN person s ON s.no = m.sender_no";

/// Puts a message at the end of the archive.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, new: &NewMessage<'_>, now_ms: i64) -> Result<ArchiveId, StoreError> {
    content
        .prepare_cached(
            "INSERT INTO bubble_message
                 (stamp_us, bubble_no, sender_no, sender_resource, stanza_id, digest, payload, body, about)
             VALUES (max(?1, 1 + coalesce((SELECT max(stamp_us) FROM bubble_message), 0)), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            now_ms.saturating_mul(1000),
            new.bubble.0,
            new.sender.0,
            new.sender_resource,
            new.stanza_id,
            new.digest,
            new.payload,
            new.body,
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
    /// Who gave it the id.
    pub sender: PersonNo,
    /// Hash of the first form.
    pub digest: Vec<u8>,
    /// Hash of the last correction or deletion.
    pub change_digest: Option<Vec<u8>>,
    /// The id of the message that it is about.
    pub about: Option<String>,
}

/// The newest message of this id in a bubble, of one sender or of anybody.
///
/// # Errors
/// When the file cannot be read.
pub fn find_named(
    content: &Connection,
    bubble: BubbleNo,
    sender: Option<PersonNo>,
    stanza_id: &str,
) -> Result<Option<Named>, StoreError> {
    let row = content
        .prepare_cached(
            "SELECT stamp_us, sender_no, digest, change_digest, about FROM bubble_message
             WHERE bubble_no = ?1 AND stanza_id = ?2 AND (?3 IS NULL OR sender_no = ?3) ORDER BY stamp_us DESC LIMIT 1",
        )?
        .query_row(params![bubble.0, stanza_id, sender.map(|sender| sender.0)], |r| {
            Ok(Named {
                archive: ArchiveId(r.get(0)?),
                sender: PersonNo(r.get(1)?),
                digest: r.get(2)?,
                change_digest: r.get(3)?,
                about: r.get(4)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// Whether the sender said anything in the bubble after a message of the archive.
///
/// # Errors
/// When the file cannot be read.
pub fn is_followed(
    content: &Connection,
    bubble: BubbleNo,
    sender: PersonNo,
    archive: ArchiveId,
) -> Result<bool, StoreError> {
    let newer: Option<i64> = content
        .prepare_cached(
            "SELECT 1 FROM bubble_message WHERE bubble_no = ?1 AND stamp_us > ?2 AND sender_no = ?3 AND about IS NULL LIMIT 1",
        )?
        .query_row(params![bubble.0, archive.0, sender.0], |r| r.get(0))
        .optional()?;
    Ok(newer.is_some())
}

/// Replaces the content of a message, by a correction or a deletion (C8); no earlier wording stays.
///
/// # Errors
/// When the file cannot be written.
pub fn replace(
    content: &Connection,
    archive: ArchiveId,
    (payload, body): (&str, &str),
    digest: &[u8],
    now_ms: i64,
) -> Result<(), StoreError> {
    word::replace_in_bubble(content, archive, body)?;
    content
        .prepare_cached(
            "UPDATE bubble_message SET payload = ?2, body = ?3, change_digest = ?4, changed_ms = ?5 WHERE stamp_us = ?1",
        )?
        .execute(params![archive.0, payload, body, digest, now_ms])?;
    Ok(())
}

/// Takes out what this sender said earlier about a message of his own (C8).
///
/// # Errors
/// When the file cannot be written.
pub fn remove_about(content: &Connection, bubble: BubbleNo, sender: PersonNo, about: &str) -> Result<(), StoreError> {
    content
        .prepare_cached("DELETE FROM bubble_message WHERE bubble_no = ?1 AND about = ?2 AND sender_no = ?3")?
        .execute(params![bubble.0, about, sender.0])?;
    Ok(())
}

/// How people last reacted, before a place, to a message, which they name by its own (XEP-0444, 3.1).
///
/// # Errors
/// When the file cannot be read.
pub fn remarks(
    content: &Connection,
    bubble: BubbleNo,
    about: ArchiveId,
    before: ArchiveId,
) -> Result<Vec<Remark>, StoreError> {
    let sql = format!(
        "SELECT s.id, m.payload FROM bubble_message m INDEXED BY bubble_message_about JOIN person s ON s.no = m.sender_no
         WHERE m.bubble_no = ?1 AND m.about = ?2 AND m.stamp_us < ?3 AND {IS_REMARK}
         ORDER BY m.stamp_us DESC LIMIT ?4"
    );
    let mut statement = content.prepare_cached(&sql)?;
    last_of_each(statement.query(params![bubble.0, about.to_string(), before.0, REMARKS_MAX])?)
}

/// Takes out how this sender reacted to a message before: only the last reaction counts (XEP-0444, 3.2).
///
/// # Errors
/// When the file cannot be written.
pub fn remove_remarks(content: &Connection, bubble: BubbleNo, sender: PersonNo, about: &str) -> Result<(), StoreError> {
    let sql =
        format!("DELETE FROM bubble_message WHERE bubble_no = ?1 AND about = ?2 AND sender_no = ?3 AND {IS_REMARK}");
    content.prepare_cached(&sql)?.execute(params![bubble.0, about, sender.0])?;
    Ok(())
}

/// A part of a bubble's archive, oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn page(content: &Connection, bubble: BubbleNo, range: Range) -> Result<Vec<BubbleMessage>, StoreError> {
    let order = if range.newest { "DESC" } else { "ASC" };
    let sql = format!(
        "{SELECT} WHERE m.bubble_no = ?1 AND m.stamp_us > ?2 AND m.stamp_us < ?3 AND (?5 OR m.about IS NULL)
         ORDER BY m.stamp_us {order} LIMIT ?4"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let asked = params![bubble.0, range.after.0, range.before.0, range.limit, range.every_kind];
    let rows = statement.query_map(asked, read)?;
    let mut messages = rows.map(|row| row?).collect::<Result<Vec<_>, _>>()?;
    if range.newest {
        messages.reverse();
    }
    Ok(messages)
}

/// Looks through what was said in a bubble between two places, newest first and at most so much, until `see` has seen enough.
/// Answers how much was looked at.
///
/// # Errors
/// When the file cannot be read.
pub fn look_through(
    content: &Connection,
    bubble: BubbleNo,
    (after, before): (ArchiveId, ArchiveId),
    most: u32,
    see: impl FnMut(Text<'_>) -> bool,
) -> Result<u32, StoreError> {
    let sql = "SELECT stamp_us, stanza_id, body, about IS NULL FROM bubble_message
               WHERE bubble_no = ?1 AND stamp_us > ?2 AND stamp_us < ?3 ORDER BY stamp_us DESC LIMIT ?4";
    let mut statement = content.prepare_cached(sql)?;
    look(statement.query(params![bubble.0, after.0, before.0, most])?, see)
}

/// The message at a place of a bubble's archive.
///
/// # Errors
/// When the file cannot be read.
pub fn at(content: &Connection, bubble: BubbleNo, archive: ArchiveId) -> Result<Option<BubbleMessage>, StoreError> {
    let sql = format!("{SELECT} WHERE m.stamp_us = ?1 AND m.bubble_no = ?2");
    content.prepare_cached(&sql)?.query_row([archive.0, bubble.0], read).optional()?.transpose()
}

/// How many messages stand in `(after, before)`, counted up to `most`; entries about others count if asked for.
///
/// # Errors
/// When the file cannot be read.
pub fn count(
    content: &Connection,
    bubble: BubbleNo,
    (after, before): (ArchiveId, ArchiveId),
    every_kind: bool,
    most: u32,
) -> Result<u32, StoreError> {
    let sql =
        "SELECT count(*) FROM (SELECT 1 FROM bubble_message WHERE bubble_no = ?1 AND stamp_us > ?2 AND stamp_us < ?3
               AND (?5 OR about IS NULL) LIMIT ?4)";
    let asked = params![bubble.0, after.0, before.0, most, every_kind];
    Ok(content.prepare_cached(sql)?.query_row(asked, |r| r.get(0))?)
}

/// How many messages of others than `reader` stand in `(after, before)`, counted up to `most`.
///
/// # Errors
/// When the file cannot be read.
pub fn count_of_others(
    content: &Connection,
    bubble: BubbleNo,
    (after, before): (ArchiveId, ArchiveId),
    reader: Option<PersonNo>,
    most: u32,
) -> Result<u32, StoreError> {
    let sql =
        "SELECT count(*) FROM (SELECT 1 FROM bubble_message WHERE bubble_no = ?1 AND stamp_us > ?2 AND stamp_us < ?3
               AND about IS NULL AND sender_no IS NOT ?4 LIMIT ?5)";
    let asked = params![bubble.0, after.0, before.0, reader.map(|reader| reader.0), most];
    Ok(content.prepare_cached(sql)?.query_row(asked, |r| r.get(0))?)
}

/// The newest message before a place: when, its text, who said it.
///
/// # Errors
/// When the file cannot be read.
pub fn newest(
    content: &Connection,
    bubble: BubbleNo,
    (after, before): (ArchiveId, ArchiveId),
) -> Result<Option<(ArchiveId, String, UserId)>, StoreError> {
    let sql = "SELECT m.stamp_us, m.body, s.id FROM bubble_message m JOIN person s ON s.no = m.sender_no
               WHERE m.bubble_no = ?1 AND m.stamp_us > ?2 AND m.stamp_us < ?3 AND m.about IS NULL
               ORDER BY m.stamp_us DESC LIMIT 1";
    let row = content
        .prepare_cached(sql)?
        .query_row([bubble.0, after.0, before.0], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, String>(2)?)))
        .optional()?;
    let Some((stamp, body, sender)) = row else { return Ok(None) };
    Ok(Some((ArchiveId(stamp), body, sender_id(&sender)?)))
}

fn sender_id(text: &str) -> Result<UserId, StoreError> {
    UserId::parse(text).map_err(|e| StoreError::Row { table: "person", what: e.to_string() })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<BubbleMessage, StoreError>> {
    let sender: String = row.get(1)?;
    let (archive, sender_resource, stanza_id) = (ArchiveId(row.get(0)?), row.get(2)?, row.get(3)?);
    let (payload, about) = (row.get(4)?, row.get(5)?);
    Ok(sender_id(&sender).map(|sender| BubbleMessage {
        archive,
        sender,
        sender_resource,
        stanza_id,
        payload,
        about,
        remarks: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::steps;
    use crate::{bubble, bubble_reader, migrate};

    const BUBBLES: i64 = 200;
    const MESSAGES: i64 = 1000;

    /// Somebody in many bubbles of many messages, of which he has read nothing but in the first one.
    fn content() -> Connection {
        let content = Connection::open_in_memory().expect("memory");
        migrate::migrate("company", &content, migrate::COMPANY).expect("the newest version");
        let rows = format!(
            "INSERT INTO person VALUES (1, 'd00000000000000000000001', 'c'), (2, 'd00000000000000000000002', 'c');
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {BUBBLES})
             INSERT INTO bubble SELECT i, printf('b%023d', i), '', '', '{{}}', '[]', '{{}}', NULL, NULL, NULL, 0 FROM n;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {BUBBLES} * {MESSAGES})
             INSERT INTO bubble_message SELECT i, 1 + i % {BUBBLES}, 1 + (i % 7 = 0), 'r', 'm' || i, x'', NULL,
                 '<body>hello</body>', 'hello', NULL, NULL FROM n;"
        );
        content.execute_batch(&rows).expect("rows");
        content
    }

    #[test]
    fn a_list_of_two_hundred_bubbles_reads_a_small_part_of_what_was_said_in_them_c1() {
        let mut content = content();
        let everything = (ArchiveId(-1), ArchiveId(i64::MAX));
        let reader = PersonNo(2);
        let first = bubble::number(&content, &bubble_id(1)).expect("read").expect("a bubble");
        let (newest, ..) = newest(&content, first, everything).expect("read").expect("a message");
        assert!(bubble_reader::mark(&content, first, reader, newest, true).expect("written"));
        let (steps, ()) = steps(&mut content, |content| {
            for number in 1..=BUBBLES {
                let no = bubble::number(content, &bubble_id(number)).expect("read").expect("a bubble");
                assert!(super::newest(content, no, everything).expect("read").is_some());
                let after = bubble_reader::read_up_to(content, no, reader).expect("read");
                let unread = count_of_others(content, no, (after, everything.1), Some(reader), 100).expect("read");
                assert_eq!(unread, if number == 1 { 0 } else { 100 });
            }
        });
        // Every message of every bubble would be two million steps and more.
        assert!(steps < 400_000, "{steps} steps");
    }

    #[test]
    fn what_is_unread_is_counted_in_an_index_alone_c1() {
        let content = content();
        let sql = "EXPLAIN QUERY PLAN SELECT count(*) FROM (SELECT 1 FROM bubble_message WHERE bubble_no = 1
             AND stamp_us > 0 AND stamp_us < 9 AND about IS NULL AND sender_no IS NOT 2 LIMIT 100)";
        let mut statement = content.prepare(sql).expect("a plan");
        let plan = statement.query_map([], |r| r.get::<_, String>(3)).expect("a plan");
        let plan: Vec<String> = plan.collect::<Result<_, _>>().expect("a plan");
        let by_index = |line: &String| line.contains("USING COVERING INDEX bubble_message_by_bubble");
        assert!(plan.iter().any(by_index), "{plan:?}");
    }

    fn bubble_id(number: i64) -> domain::ids::BubbleId {
        domain::ids::BubbleId::parse(&format!("b{number:023}")).expect("an id")
    }
}
