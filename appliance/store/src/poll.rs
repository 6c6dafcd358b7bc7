//! Polls of bubbles, in the file of the bubble's company.

use crate::StoreError;
use crate::bubble::BubbleNo;
use crate::person::PersonNo;
use domain::ids::{BubbleId, PollId, UserId};
use domain::poll::{Ballot, Paper, Poll, Tally};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

/// A poll's number in this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollNo(pub i64);

/// A poll as somebody finds it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its number.
    pub no: PollNo,
    /// Its id.
    pub id: PollId,
    /// Whose it is.
    pub bubble: BubbleId,
    /// What it asks, and since when.
    pub poll: Poll,
    /// How many chose each answer.
    pub tally: Tally,
    /// How many voted.
    pub voters: u32,
    /// Whoever looks has voted.
    pub voted: bool,
    /// What he chose; nothing of an anonymous poll that is over.
    pub own: Option<Ballot>,
}

fn json<T: serde::Serialize>(value: &T) -> String {
    // Lists, texts and numbers alone: nothing that could not be written.
    serde_json::to_string(value).unwrap_or_default()
}

/// Adds a poll.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(
    content: &Connection,
    bubble: BubbleNo,
    id: &PollId,
    creator: PersonNo,
    new: &Poll,
) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO poll (id, bubble_no, creator_no, title, questions, anonymous, duration_min, created_ms, tally)
         VALUES (?1, ?2, ?3, '', '', 0, 0, ?4, '')",
        params![id.as_str(), bubble.0, creator.0, new.created_ms],
    )?;
    set_paper(content, PollNo(content.last_insert_rowid()), &new.paper)
}

/// Writes what a poll asks. Nobody has voted on it.
///
/// # Errors
/// When the file cannot be written.
pub fn set_paper(content: &Connection, no: PollNo, paper: &Paper) -> Result<(), StoreError> {
    let (questions, tally) = (json(&paper.questions), json(&Tally::none(&paper.questions)));
    content.execute(
        "UPDATE poll SET title = ?2, questions = ?3, anonymous = ?4, duration_min = ?5, tally = ?6 WHERE no = ?1",
        params![no.0, paper.title, questions, paper.anonymous, paper.duration_min, tally],
    )?;
    Ok(())
}

/// Lets people vote.
///
/// # Errors
/// When the file cannot be written.
pub fn publish(content: &Connection, no: PollNo, now_ms: i64) -> Result<(), StoreError> {
    content.execute("UPDATE poll SET published_ms = ?2 WHERE no = ?1", params![no.0, now_ms])?;
    Ok(())
}

/// Takes a poll back, and with it every vote.
///
/// # Errors
/// When the file cannot be written.
pub fn unpublish(content: &Connection, no: PollNo, paper: &Paper) -> Result<(), StoreError> {
    content.execute("DELETE FROM poll_vote WHERE poll_no = ?1", [no.0])?;
    let sql = "UPDATE poll SET published_ms = NULL, voters = 0, tally = ?2 WHERE no = ?1";
    content.execute(sql, params![no.0, json(&Tally::none(&paper.questions))])?;
    Ok(())
}

/// Ends a poll. Who chose what in an anonymous one is forgotten.
///
/// # Errors
/// When the file cannot be written.
pub fn end(content: &Connection, no: PollNo, now_ms: i64) -> Result<(), StoreError> {
    content.execute("UPDATE poll SET ended_ms = ?2 WHERE no = ?1 AND ended_ms IS NULL", params![no.0, now_ms])?;
    content.execute(
        "UPDATE poll_vote SET ballot = NULL
         WHERE poll_no = ?1 AND (SELECT anonymous FROM poll WHERE no = ?1)",
        [no.0],
    )?;
    Ok(())
}

/// Takes a poll away.
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, no: PollNo) -> Result<(), StoreError> {
    content.execute("DELETE FROM poll WHERE no = ?1", [no.0])?;
    Ok(())
}

/// Writes a ballot in the place of the one that its voter gave before, and counts it.
///
/// # Errors
/// When the file cannot be written.
pub fn vote(content: &Connection, of: &Found, voter: PersonNo, ballot: &Ballot) -> Result<(), StoreError> {
    let mut tally = of.tally.clone();
    tally.count(of.own.as_ref(), ballot);
    content
        .prepare_cached(
            "INSERT INTO poll_vote (poll_no, person_no, ballot) VALUES (?1, ?2, ?3)
             ON CONFLICT (poll_no, person_no) DO UPDATE SET ballot = ?3",
        )?
        .execute(params![of.no.0, voter.0, json(ballot)])?;
    content.prepare_cached("UPDATE poll SET tally = ?2, voters = voters + ?3 WHERE no = ?1")?.execute(params![
        of.no.0,
        json(&tally),
        !of.voted
    ])?;
    Ok(())
}

const SELECT: &str = "SELECT p.no, p.id, b.id, p.title, p.questions, p.anonymous, p.duration_min, p.created_ms,
        p.published_ms, p.ended_ms, p.tally, p.voters, v.person_no IS NOT NULL, v.ballot
    FROM poll p JOIN bubble b ON b.no = p.bubble_no
    LEFT JOIN poll_vote v ON v.poll_no = p.no AND v.person_no = ?1";

fn nobody(me: Option<PersonNo>) -> i64 {
    // Numbers begin at 1.
    me.map_or(0, |me| me.0)
}

/// A poll by id, as somebody finds it.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, id: &PollId, me: Option<PersonNo>) -> Result<Option<Found>, StoreError> {
    let sql = format!("{SELECT} WHERE p.id = ?2");
    content.prepare_cached(&sql)?.query_row(params![nobody(me), id.as_str()], read).optional()?.transpose()
}

/// The polls of a bubble, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn of_bubble(content: &Connection, bubble: BubbleNo, me: Option<PersonNo>) -> Result<Vec<Found>, StoreError> {
    let sql = format!("{SELECT} WHERE p.bubble_no = ?2 ORDER BY p.created_ms DESC, p.no DESC");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![nobody(me), bubble.0], read)?;
    rows.map(|row| row?).collect()
}

/// How many polls a bubble has.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection, bubble: BubbleNo) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM poll WHERE bubble_no = ?1";
    Ok(content.prepare_cached(sql)?.query_row([bubble.0], |r| r.get(0))?)
}

/// Who voted, and what each chose, in the order of their numbers.
///
/// # Errors
/// When the file cannot be read.
pub fn ballots(content: &Connection, no: PollNo) -> Result<Vec<(UserId, Ballot)>, StoreError> {
    let sql = "SELECT p.id, v.ballot FROM poll_vote v JOIN person p ON p.no = v.person_no
               WHERE v.poll_no = ?1 AND v.ballot IS NOT NULL ORDER BY v.person_no";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([no.0], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
    let ballot = |row: rusqlite::Result<(String, String)>| {
        let (voter, ballot) = row?;
        Ok((UserId::parse(&voter).map_err(unreadable)?, parse(&ballot)?))
    };
    rows.map(ballot).collect()
}

/// Polls that are voted on and end by themselves.
///
/// # Errors
/// When the file cannot be read.
pub fn running(content: &Connection) -> Result<Vec<Found>, StoreError> {
    let sql = format!("{SELECT} WHERE p.published_ms IS NOT NULL AND p.ended_ms IS NULL AND p.duration_min > 0");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map([nobody(None)], read)?;
    rows.map(|row| row?).collect()
}

fn unreadable(why: impl std::fmt::Display) -> StoreError {
    StoreError::Row { table: "poll", what: why.to_string() }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(unreadable)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Found, StoreError>> {
    let (no, id, bubble): (_, String, String) = (PollNo(row.get(0)?), row.get(1)?, row.get(2)?);
    let (title, questions): (_, String) = (row.get(3)?, row.get(4)?);
    let (anonymous, duration_min) = (row.get(5)?, row.get(6)?);
    let (created_ms, published_ms, ended_ms) = (row.get(7)?, row.get(8)?, row.get(9)?);
    let (tally, voters, voted): (String, _, _) = (row.get(10)?, row.get(11)?, row.get(12)?);
    let own: Option<String> = row.get(13)?;
    Ok((|| {
        let paper = Paper { title, questions: parse(&questions)?, anonymous, duration_min };
        Ok(Found {
            no,
            id: PollId::parse(&id).map_err(unreadable)?,
            bubble: BubbleId::parse(&bubble).map_err(unreadable)?,
            poll: Poll { paper, created_ms, published_ms, ended_ms },
            tally: parse(&tally)?,
            voters,
            voted,
            own: own.map(|own| parse(&own)).transpose()?,
        })
    })())
}

#[cfg(test)]
mod tests;
