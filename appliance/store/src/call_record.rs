//! Histories of calls (J6): who talked with whom when, never what was said. Each of the two has a record of his own.

use crate::StoreError;
use crate::person::PersonNo;
use domain::call::{Medium, Outcome};
use domain::ids::{ArchiveId, CallId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Records of one person; the oldest goes for one more.
const RECORDS_MAX: i64 = 1_000;

/// A call as one of the two finds it in his history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// The same for both.
    pub id: CallId,
    /// When it began, and its place in the history.
    pub place: ArchiveId,
    /// The other one.
    pub peer: UserId,
    /// The owner of the record called.
    pub outgoing: bool,
    /// What it began with.
    pub medium: Medium,
    /// What became of it.
    pub outcome: Outcome,
    /// How long the two talked, in milliseconds.
    pub duration_ms: i64,
    /// The owner has seen it.
    pub read: bool,
}

/// What a history takes.
#[derive(Debug, Clone)]
pub struct NewCall<'a> {
    /// Its id.
    pub id: &'a CallId,
    /// When it began, in milliseconds since 1970.
    pub began_ms: i64,
    /// The owner of the record called.
    pub outgoing: bool,
    /// What it began with.
    pub medium: Medium,
    /// What became of it.
    pub outcome: Outcome,
    /// How long the two talked, in milliseconds.
    pub duration_ms: i64,
}

/// Part of a history.
#[derive(Debug, Clone, Copy)]
pub struct CallRange {
    /// Only what is newer.
    pub after: ArchiveId,
    /// Only what is older.
    pub before: ArchiveId,
    /// The newest of it, not the oldest.
    pub newest: bool,
    /// Most records.
    pub limit: u32,
}

/// Which records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Every one.
    All,
    /// One.
    One(CallId),
    /// Calls with one person.
    With(PersonNo),
}

/// Enters a call into somebody's history. Only who was called and did not talk has something to see in it.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, owner: PersonNo, peer: PersonNo, new: &NewCall<'_>) -> Result<(), StoreError> {
    let wanted = new.began_ms.saturating_mul(1000);
    // Two calls of one person in the same millisecond stand one after the other.
    let last: Option<i64> = content
        .prepare_cached(
            "SELECT max(place_us) FROM call_record WHERE owner_no = ?1 AND place_us BETWEEN ?2 AND ?2 + 999",
        )?
        .query_row(params![owner.0, wanted], |r| r.get(0))?;
    let place = last.map_or(wanted, |last| last + 1);
    let read = new.outgoing || new.outcome != Outcome::Missed;
    content
        .prepare_cached(
            "INSERT INTO call_record (owner_no, place_us, id, peer_no, outgoing, medium, outcome, duration_ms, read)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            owner.0,
            place,
            new.id.as_str(),
            peer.0,
            new.outgoing,
            new.medium.name(),
            new.outcome.name(),
            new.duration_ms,
            read
        ])?;
    content
        .prepare_cached(
            "DELETE FROM call_record WHERE owner_no = ?1 AND place_us <=
             (SELECT place_us FROM call_record WHERE owner_no = ?1 ORDER BY place_us DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![owner.0, RECORDS_MAX])?;
    Ok(())
}

const SELECT: &str = "SELECT c.id, c.place_us, p.id, c.outgoing, c.medium, c.outcome, c.duration_ms, c.read
    FROM call_record c JOIN person p ON p.no = c.peer_no";

/// Records of a range, oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn range(content: &Connection, owner: PersonNo, range: CallRange) -> Result<Vec<CallRecord>, StoreError> {
    let order = if range.newest { "DESC" } else { "ASC" };
    let sql = format!(
        "{SELECT} WHERE c.owner_no = ?1 AND c.place_us > ?2 AND c.place_us < ?3 ORDER BY c.place_us {order} LIMIT ?4"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![owner.0, range.after.0, range.before.0, range.limit], read)?;
    let mut records: Vec<CallRecord> = rows.map(|row| row?).collect::<Result<_, _>>()?;
    if range.newest {
        records.reverse();
    }
    Ok(records)
}

/// One record.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, id: &CallId) -> Result<Option<CallRecord>, StoreError> {
    let sql = format!("{SELECT} WHERE c.owner_no = ?1 AND c.id = ?2");
    content.prepare_cached(&sql)?.query_row(params![owner.0, id.as_str()], read).optional()?.transpose()
}

/// How many records somebody has.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection, owner: PersonNo) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM call_record WHERE owner_no = ?1";
    let count: i64 = content.prepare_cached(sql)?.query_row([owner.0], |r| r.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Notes that somebody has seen records; how many he had not seen before.
///
/// # Errors
/// When the file cannot be written.
pub fn mark_read(content: &Connection, owner: PersonNo, which: &Which) -> Result<usize, StoreError> {
    change(content, owner, "UPDATE call_record SET read = 1 WHERE read = 0 AND owner_no = ?1", which)
}

/// Removes records from somebody's history; how many.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, which: &Which) -> Result<usize, StoreError> {
    change(content, owner, "DELETE FROM call_record WHERE owner_no = ?1", which)
}

fn change(content: &Connection, owner: PersonNo, sql: &str, which: &Which) -> Result<usize, StoreError> {
    Ok(match which {
        Which::All => content.execute(sql, [owner.0])?,
        Which::One(id) => content.execute(&format!("{sql} AND id = ?2"), params![owner.0, id.as_str()])?,
        Which::With(peer) => content.execute(&format!("{sql} AND peer_no = ?2"), params![owner.0, peer.0])?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<CallRecord, StoreError>> {
    let (id, peer): (String, String) = (row.get(0)?, row.get(2)?);
    let (medium, outcome): (String, String) = (row.get(4)?, row.get(5)?);
    let (place, outgoing, duration_ms, read) = (ArchiveId(row.get(1)?), row.get(3)?, row.get(6)?, row.get(7)?);
    let unreadable = |what: String| StoreError::Row { table: "call_record", what };
    let whole = || {
        Ok(CallRecord {
            id: CallId::parse(&id).map_err(|e| unreadable(e.to_string()))?,
            place,
            peer: UserId::parse(&peer).map_err(|e| unreadable(e.to_string()))?,
            outgoing,
            medium: Medium::parse(&medium).ok_or_else(|| unreadable(format!("medium {medium}")))?,
            outcome: Outcome::parse(&outcome).ok_or_else(|| unreadable(format!("outcome {outcome}")))?,
            duration_ms,
            read,
        })
    };
    Ok(whole())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::{COMPANY, migrate};

    const EVERYTHING: CallRange =
        CallRange { after: ArchiveId(-1), before: ArchiveId(i64::MAX), newest: true, limit: 2_000 };

    fn file() -> Connection {
        let content = Connection::open_in_memory().expect("memory");
        migrate("company", &content, COMPANY).expect("the newest version");
        let rows =
            "INSERT INTO person VALUES (1, 'a00000000000000000000001', 'c'), (2, 'a00000000000000000000002', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 10, 20);";
        content.execute_batch(rows).expect("two people");
        content
    }

    fn enter(content: &Connection, number: u32, began_ms: i64, outcome: Outcome) -> CallId {
        let id = CallId::parse(&format!("c{number:023}")).expect("an id");
        let new = NewCall { id: &id, began_ms, outgoing: false, medium: Medium::Audio, outcome, duration_ms: 7 };
        insert(content, PersonNo(1), PersonNo(2), &new).expect("entered");
        id
    }

    #[test]
    fn a_history_is_read_from_its_newest_end_and_missed_calls_until_they_were_seen_j6() {
        let content = file();
        let missed = enter(&content, 1, 1_000, Outcome::Missed);
        let answered = enter(&content, 2, 1_000, Outcome::Answered);
        enter(&content, 3, 2_000, Outcome::Declined);
        let page = |of: CallRange| range(&content, PersonNo(1), of).expect("read");
        let all = page(EVERYTHING);
        assert_eq!(all.iter().map(|one| one.read).collect::<Vec<_>>(), [false, true, true]);
        assert_eq!(page(CallRange { limit: 1, ..EVERYTHING })[0], all[2]);
        assert_eq!(page(CallRange { limit: 1, before: all[2].place, ..EVERYTHING })[0].id, answered);
        assert_eq!(mark_read(&content, PersonNo(1), &Which::All).expect("marked"), 1);
        assert!(find(&content, PersonNo(1), &missed).expect("read").expect("there").read);
        assert_eq!(remove(&content, PersonNo(1), &Which::One(missed)).expect("removed"), 1);
        assert_eq!(remove(&content, PersonNo(1), &Which::With(PersonNo(2))).expect("removed"), 2);
        assert_eq!(count(&content, PersonNo(1)).expect("read"), 0);
    }

    #[test]
    fn a_history_has_an_end_j6_e5() {
        let content = file();
        for number in 0..1_010 {
            enter(&content, number, i64::from(number) * 1_000, Outcome::Missed);
        }
        assert_eq!(count(&content, PersonNo(1)).expect("read"), 1_000);
        assert_eq!(range(&content, PersonNo(1), EVERYTHING).expect("read")[0].place, ArchiveId(10_000_000));
    }
}
