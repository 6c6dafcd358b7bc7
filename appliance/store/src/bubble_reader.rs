//! How far each person has read in a bubble.

use crate::StoreError;
use crate::bubble::BubbleNo;
use crate::person::PersonNo;
use domain::ids::ArchiveId;
use rusqlite::{Connection, params};

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
