//! How far each person has read in a bubble.

use crate::StoreError;
use crate::bubble::BubbleNo;
use crate::person::PersonNo;
use domain::ids::{ArchiveId, NotAnId, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// Notes that a person received everything up to a place, or read it; `false`: it was so already.
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
    let sql =
        "INSERT INTO bubble_reader (bubble_no, person_no, received_us, read_us) VALUES (?1, ?2, ?3, iif(?4, ?3, 0))
               ON CONFLICT (bubble_no, person_no)
               DO UPDATE SET received_us = max(received_us, ?3), read_us = iif(?4, ?3, read_us)
               WHERE received_us < ?3 OR (?4 AND read_us < ?3)";
    Ok(content.prepare_cached(sql)?.execute(params![bubble.0, person.0, up_to.0, read])? == 1)
}

/// The place up to which a person has read; the beginning of all when there is no mark.
///
/// # Errors
/// When the file cannot be read.
pub fn read_up_to(content: &Connection, bubble: BubbleNo, person: PersonNo) -> Result<ArchiveId, StoreError> {
    let sql = "SELECT read_us FROM bubble_reader WHERE bubble_no = ?1 AND person_no = ?2";
    let read = content.prepare_cached(sql)?.query_row([bubble.0, person.0], |r| r.get(0)).optional()?;
    Ok(ArchiveId(read.unwrap_or(0)))
}

/// Up to which places everybody has received and read.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, bubble: BubbleNo) -> Result<HashMap<UserId, (ArchiveId, ArchiveId)>, StoreError> {
    let sql = "SELECT p.id, r.received_us, r.read_us FROM bubble_reader r JOIN person p ON p.no = r.person_no
               WHERE r.bubble_no = ?1";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([bubble.0], |r| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?)))?;
    let unreadable = |e: NotAnId| StoreError::Row { table: "person", what: e.to_string() };
    rows.map(|row| {
        let (person, received, read) = row?;
        Ok((UserId::parse(&person).map_err(unreadable)?, (ArchiveId(received), ArchiveId(read))))
    })
    .collect()
}
