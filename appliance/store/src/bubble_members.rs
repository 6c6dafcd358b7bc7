//! Bubbles as the directory knows them: whose, and who is in them (decision 8).

use crate::{StoreError, bubble_link};
use domain::bubble::{Bubble, Door, Membership, Status, Waiting};
use domain::ids::{BubbleId, CompanyId, NotAnId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

const SELECT: &str = "SELECT id, company_id, owner_id, archived, shares_history, created_ms, door, \
     EXISTS (SELECT 1 FROM bubble_password p WHERE p.bubble_id = id) FROM bubble";
const MEMBERS: &str = "SELECT user_id, status, moderator, added_ms, reads_from_ms, reads_until_ms, guest, put_out
     FROM bubble_member WHERE bubble_id = ?1";
const WAITING: &str = "SELECT user_id, since_ms, guest FROM bubble_waiting WHERE bubble_id = ?1";

fn unreadable(e: NotAnId) -> StoreError {
    StoreError::Row { table: "bubble", what: e.to_string() }
}

/// One bubble that is not deleted.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, id: &BubbleId) -> Result<Option<Bubble>, StoreError> {
    let sql = format!("{SELECT} WHERE id = ?1 AND deleted = 0");
    let found = directory.prepare_cached(&sql)?.query_row([id.as_str()], read).optional()?.transpose()?;
    let Some((id, bubble)) = found else { return Ok(None) };
    Ok(Some(Bubble { members: members(directory, &id)?, waiting: waiting(directory, &id)?, ..bubble }))
}

/// Every bubble that is not deleted.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(directory: &Connection) -> Result<Vec<(BubbleId, Bubble)>, StoreError> {
    let mut statement = directory.prepare(&format!("{SELECT} WHERE deleted = 0"))?;
    let rows = statement.query_map([], read)?;
    let bare = rows.map(|row| row?).collect::<Result<Vec<_>, StoreError>>()?;
    let whole = bare.into_iter().map(|(id, bubble)| {
        let (members, waiting) = (members(directory, &id)?, waiting(directory, &id)?);
        Ok((id, Bubble { members, waiting, ..bubble }))
    });
    whole.collect()
}

fn members(directory: &Connection, id: &BubbleId) -> Result<BTreeMap<UserId, Membership>, StoreError> {
    let mut statement = directory.prepare_cached(MEMBERS)?;
    let rows = statement.query_map([id.as_str()], |r| {
        let (user, status): (String, String) = (r.get(0)?, r.get(1)?);
        let (moderator, added_ms, reads_from_ms, reads_until_ms) = (r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?);
        let (guest, put_out) = (r.get(6)?, r.get(7)?);
        let status = Status::parse(&status);
        Ok(UserId::parse(&user).map_err(unreadable).and_then(|user| {
            let what = || StoreError::Row { table: "bubble_member", what: String::from("no such status") };
            let status = status.ok_or_else(what)?;
            Ok((user, Membership { status, moderator, guest, put_out, added_ms, reads_from_ms, reads_until_ms }))
        }))
    })?;
    rows.map(|row| row?).collect()
}

fn waiting(directory: &Connection, id: &BubbleId) -> Result<BTreeMap<UserId, Waiting>, StoreError> {
    let mut statement = directory.prepare_cached(WAITING)?;
    let rows = statement.query_map([id.as_str()], |r| {
        let waiting = Waiting { since_ms: r.get(1)?, guest: r.get(2)? };
        Ok((r.get::<_, String>(0)?, waiting))
    })?;
    rows.map(|row| {
        let (user, waiting) = row?;
        Ok((UserId::parse(&user).map_err(unreadable)?, waiting))
    })
    .collect()
}

/// Adds a bubble, or writes its newest state, with these of its people. The link of one that is archived leads nowhere.
///
/// # Errors
/// When the directory cannot be written.
pub fn put<'a>(
    directory: &Connection,
    id: &BubbleId,
    bubble: &Bubble,
    changed: impl IntoIterator<Item = &'a UserId>,
) -> Result<(), StoreError> {
    directory
        .prepare_cached(
            "INSERT INTO bubble (id, company_id, owner_id, archived, shares_history, created_ms, door)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET owner_id = ?3, archived = ?4, door = ?7",
        )?
        .execute(params![
            id.as_str(),
            bubble.company.as_str(),
            bubble.owner.as_str(),
            bubble.archived,
            bubble.shares_history,
            bubble.created_ms,
            bubble.door.name()
        ])?;
    if bubble.archived {
        bubble_link::remove(directory, id)?;
    }
    for user in changed {
        match bubble.members.get(user) {
            Some(member) => put_member(directory, id, user, member)?,
            None => {
                let sql = "DELETE FROM bubble_member WHERE bubble_id = ?1 AND user_id = ?2";
                directory.prepare_cached(sql)?.execute([id.as_str(), user.as_str()])?;
            }
        }
        put_waiting(directory, id, user, bubble.waiting.get(user))?;
    }
    Ok(())
}

fn put_waiting(
    directory: &Connection,
    id: &BubbleId,
    user: &UserId,
    waiting: Option<&Waiting>,
) -> Result<(), StoreError> {
    let Some(waiting) = waiting else {
        let sql = "DELETE FROM bubble_waiting WHERE bubble_id = ?1 AND user_id = ?2";
        directory.prepare_cached(sql)?.execute([id.as_str(), user.as_str()])?;
        return Ok(());
    };
    directory
        .prepare_cached(
            "INSERT OR REPLACE INTO bubble_waiting (bubble_id, user_id, since_ms, guest) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id.as_str(), user.as_str(), waiting.since_ms, waiting.guest])?;
    Ok(())
}

fn put_member(directory: &Connection, id: &BubbleId, user: &UserId, member: &Membership) -> Result<(), StoreError> {
    directory
        .prepare_cached(
            "INSERT OR REPLACE INTO bubble_member
             (bubble_id, user_id, status, moderator, added_ms, reads_from_ms, reads_until_ms, guest, put_out)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            id.as_str(),
            user.as_str(),
            member.status.name(),
            member.moderator,
            member.added_ms,
            member.reads_from_ms,
            member.reads_until_ms,
            member.guest,
            member.put_out
        ])?;
    Ok(())
}

/// The bubbles that a user has to do with.
///
/// # Errors
/// When the directory cannot be read.
pub fn of_user(directory: &Connection, user: &UserId) -> Result<Vec<BubbleId>, StoreError> {
    let sql = "SELECT b.id FROM bubble b WHERE b.deleted = 0
               AND b.id IN (SELECT bubble_id FROM bubble_member WHERE user_id = ?1
                            UNION SELECT bubble_id FROM bubble_waiting WHERE user_id = ?1)";
    ids(directory, sql, user.as_str())
}

/// Notes that a bubble is deleted for everybody; its content is still to be removed.
///
/// # Errors
/// When the directory cannot be written.
pub fn mark_deleted(directory: &Connection, id: &BubbleId) -> Result<(), StoreError> {
    for sql in ["DELETE FROM bubble_member WHERE bubble_id = ?1", "DELETE FROM bubble_waiting WHERE bubble_id = ?1"] {
        directory.execute(sql, [id.as_str()])?;
    }
    bubble_link::remove(directory, id)?;
    directory.execute("UPDATE bubble SET deleted = 1 WHERE id = ?1", [id.as_str()])?;
    Ok(())
}

/// Deleted bubbles of a company whose content may still be there.
///
/// # Errors
/// When the directory cannot be read.
pub fn deleted(directory: &Connection, company: &CompanyId) -> Result<Vec<BubbleId>, StoreError> {
    ids(directory, "SELECT id FROM bubble WHERE company_id = ?1 AND deleted = 1", company.as_str())
}

/// Takes a deleted bubble out, when its content has gone.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_deleted(directory: &Connection, id: &BubbleId) -> Result<(), StoreError> {
    directory.execute("DELETE FROM bubble WHERE id = ?1 AND deleted = 1", [id.as_str()])?;
    Ok(())
}

fn ids(directory: &Connection, sql: &str, of: &str) -> Result<Vec<BubbleId>, StoreError> {
    let mut statement = directory.prepare_cached(sql)?;
    let rows = statement.query_map([of], |r| r.get::<_, String>(0))?;
    rows.map(|id| BubbleId::parse(&id?).map_err(unreadable)).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<(BubbleId, Bubble), StoreError>> {
    let [id, company, owner]: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
    let (archived, shares_history, created_ms) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let (door, asks_password): (String, bool) = (row.get(6)?, row.get(7)?);
    Ok((|| {
        let what = || StoreError::Row { table: "bubble", what: String::from("no such door") };
        let bubble = Bubble {
            company: CompanyId::parse(&company).map_err(unreadable)?,
            owner: UserId::parse(&owner).map_err(unreadable)?,
            archived,
            shares_history,
            created_ms,
            door: Door::parse(&door).ok_or_else(what)?,
            asks_password,
            members: BTreeMap::new(),
            waiting: BTreeMap::new(),
        };
        Ok((BubbleId::parse(&id).map_err(unreadable)?, bubble))
    })())
}
