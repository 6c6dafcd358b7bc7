//! Invitations into a network (B6): who asked whom, and what became of it. No word of either stands here.

use crate::StoreError;
use domain::ids::{InvitationId, UserId};
use domain::network::InvitationStatus;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who asked.
    pub inviter: UserId,
    /// Who was asked.
    pub invited: UserId,
    /// The keyed hash of the address by which somebody was invited, when it was not by id.
    pub address_hash: Option<Vec<u8>>,
    /// What became of it.
    pub status: InvitationStatus,
    /// The inviter has taken it off both lists.
    pub hidden: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was sent last, in milliseconds since 1970.
    pub sent_ms: i64,
}

/// Which side of an invitation somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The inviter's.
    Sent,
    /// The invited one's.
    Received,
}

const SELECT: &str =
    "SELECT id, inviter_id, invited_id, address_hash, status, hidden, created_ms, sent_ms FROM invitation";

/// Adds an invitation.
///
/// # Errors
/// When the directory cannot be written, or the same person waits for the same answer already.
pub fn insert(directory: &Connection, new: &Invitation) -> Result<(), StoreError> {
    let sql = "INSERT INTO invitation (id, inviter_id, invited_id, address_hash, status, created_ms, sent_ms)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    directory.prepare_cached(sql)?.execute(params![
        new.id.as_str(),
        new.inviter.as_str(),
        new.invited.as_str(),
        new.address_hash,
        new.status.name(),
        new.created_ms,
        new.sent_ms
    ])?;
    Ok(())
}

/// Gives a pending invitation its end; `None`: it pends no longer, or never was.
///
/// # Errors
/// When the directory cannot be written.
pub fn settle(
    directory: &Connection,
    id: &InvitationId,
    status: InvitationStatus,
) -> Result<Option<Invitation>, StoreError> {
    let sql = "UPDATE invitation SET status = ?2 WHERE id = ?1 AND status = 'pending'
               RETURNING id, inviter_id, invited_id, address_hash, status, hidden, created_ms, sent_ms";
    let row = directory.prepare_cached(sql)?.query_row(params![id.as_str(), status.name()], read).optional()?;
    row.transpose()
}

/// Takes back an invitation that waits or was declined; `None`: it has come to another end, or never was.
///
/// # Errors
/// When the directory cannot be written.
pub fn cancel(directory: &Connection, id: &InvitationId) -> Result<Option<Invitation>, StoreError> {
    let sql = "UPDATE invitation SET status = 'canceled' WHERE id = ?1 AND status IN ('pending', 'declined')
               RETURNING id, inviter_id, invited_id, address_hash, status, hidden, created_ms, sent_ms";
    directory.prepare_cached(sql)?.query_row(params![id.as_str()], read).optional()?.transpose()
}

/// Notes that an invitation that waits or was declined was sent again; `None`: it has come to its end, or never was.
///
/// # Errors
/// When the directory cannot be written.
pub fn send_again(directory: &Connection, id: &InvitationId, now_ms: i64) -> Result<Option<Invitation>, StoreError> {
    let sql = "UPDATE invitation SET sent_ms = ?2 WHERE id = ?1 AND status IN ('pending', 'declined')
               RETURNING id, inviter_id, invited_id, address_hash, status, hidden, created_ms, sent_ms";
    directory.prepare_cached(sql)?.query_row(params![id.as_str(), now_ms], read).optional()?.transpose()
}

/// Two people are joined: what one of them had asked the other is accepted by it.
///
/// # Errors
/// When the directory cannot be written.
pub fn accept_between(directory: &Connection, one: &UserId, other: &UserId) -> Result<(), StoreError> {
    let sql = "UPDATE invitation SET status = 'accepted'
               WHERE inviter_id = ?1 AND invited_id = ?2 AND status IN ('pending', 'declined')";
    for (inviter, invited) in [(one, other), (other, one)] {
        directory.prepare_cached(sql)?.execute(params![inviter.as_str(), invited.as_str()])?;
    }
    Ok(())
}

/// Takes an invitation off the lists of both sides; it still counts against insisting.
///
/// # Errors
/// When the directory cannot be written.
pub fn hide(directory: &Connection, id: &InvitationId) -> Result<(), StoreError> {
    directory.execute("UPDATE invitation SET hidden = 1 WHERE id = ?1", [id.as_str()])?;
    Ok(())
}

/// How often somebody has invited somebody since a time.
///
/// # Errors
/// When the directory cannot be read.
pub fn count_between_since(
    directory: &Connection,
    inviter: &UserId,
    invited: &UserId,
    since_ms: i64,
) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM invitation WHERE inviter_id = ?1 AND invited_id = ?2 AND created_ms >= ?3
               AND status NOT IN ('accepted', 'auto-accepted')";
    Ok(directory.prepare_cached(sql)?.query_row(params![inviter.as_str(), invited.as_str(), since_ms], |r| r.get(0))?)
}

/// One invitation by id.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, id: &InvitationId) -> Result<Option<Invitation>, StoreError> {
    let sql = format!("{SELECT} WHERE id = ?1");
    directory.prepare_cached(&sql)?.query_row([id.as_str()], read).optional()?.transpose()
}

/// The newest invitation of `inviter` that `invited` has not accepted: it waits, or was declined.
///
/// # Errors
/// When the directory cannot be read.
pub fn unaccepted(
    directory: &Connection,
    inviter: &UserId,
    invited: &UserId,
) -> Result<Option<Invitation>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE inviter_id = ?1 AND invited_id = ?2 AND status IN ('pending', 'declined')
         ORDER BY status = 'pending' DESC, created_ms DESC LIMIT 1"
    );
    let row = directory.prepare_cached(&sql)?.query_row([inviter.as_str(), invited.as_str()], read).optional()?;
    row.transpose()
}

/// Every invitation of one side of a person, newest first.
///
/// # Errors
/// When the directory cannot be read.
pub fn of(directory: &Connection, user: &UserId, side: Side) -> Result<Vec<Invitation>, StoreError> {
    let whose = match side {
        Side::Sent => "inviter_id",
        Side::Received => "invited_id",
    };
    let sql = format!("{SELECT} WHERE {whose} = ?1 AND hidden = 0 ORDER BY created_ms DESC, id");
    let mut statement = directory.prepare_cached(&sql)?;
    let rows = statement.query_map([user.as_str()], read)?;
    rows.map(|row| row?).collect()
}

/// How many invitations somebody has made since a time, whatever became of them.
///
/// # Errors
/// When the directory cannot be read.
pub fn count_since(directory: &Connection, inviter: &UserId, since_ms: i64) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM invitation WHERE inviter_id = ?1 AND created_ms >= ?2";
    Ok(directory.prepare_cached(sql)?.query_row(params![inviter.as_str(), since_ms], |r| r.get(0))?)
}

/// Deletes the oldest ended invitations of a person beyond `kept_max`.
///
/// # Errors
/// When the directory cannot be written.
pub fn trim(directory: &Connection, inviter: &UserId, kept_max: u32) -> Result<(), StoreError> {
    directory
        .prepare_cached(
            "DELETE FROM invitation WHERE id IN
             (SELECT id FROM invitation WHERE inviter_id = ?1 AND status <> 'pending'
              ORDER BY created_ms DESC, id LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![inviter.as_str(), kept_max])?;
    Ok(())
}

/// Every (inviter, invited) that waits for an answer.
///
/// # Errors
/// When the directory cannot be read.
pub fn all_pending(directory: &Connection) -> Result<Vec<(UserId, UserId)>, StoreError> {
    let sql = format!("{SELECT} WHERE status = 'pending'");
    let mut statement = directory.prepare(&sql)?;
    let rows = statement.query_map([], read)?;
    rows.map(|row| row?.map(|invitation| (invitation.inviter, invitation.invited))).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Invitation, StoreError>> {
    let (id, inviter, invited, status): (String, String, String, String) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?);
    let (address_hash, hidden, created_ms, sent_ms) = (row.get(3)?, row.get(5)?, row.get(6)?, row.get(7)?);
    let unreadable = |what: String| StoreError::Row { table: "invitation", what };
    let user = |id: &str| UserId::parse(id).map_err(|e| unreadable(e.to_string()));
    Ok((|| {
        Ok(Invitation {
            id: InvitationId::parse(&id).map_err(|e| unreadable(e.to_string()))?,
            inviter: user(&inviter)?,
            invited: user(&invited)?,
            address_hash,
            status: InvitationStatus::parse(&status).ok_or_else(|| unreadable(format!("status {status}")))?,
            hidden,
            created_ms,
            sent_ms,
        })
    })())
}
