//! Sign-in sessions: one row per device that signed in.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::SessionId;
use rusqlite::{Connection, OptionalExtension, params};

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: PersonNo,
    /// The application that signed in, if it said so.
    pub application: Option<String>,
    /// `x-rainbow-client` of the sign-in.
    pub client: String,
    /// When it began, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last used, to a minute.
    pub seen_ms: i64,
}

/// Adds a session and ends the user's least recently used ones beyond `sessions_max`; returns their ids.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, new: &Session, sessions_max: u32) -> Result<Vec<SessionId>, StoreError> {
    content
        .prepare_cached(
            "INSERT INTO session (id, user_no, application_id, client, created_ms, seen_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![new.id.as_str(), new.user.0, new.application, new.client, new.created_ms, new.seen_ms])?;
    let mut statement = content.prepare_cached(
        "DELETE FROM session WHERE id IN
         (SELECT id FROM session WHERE user_no = ?1 ORDER BY seen_ms DESC, created_ms DESC LIMIT -1 OFFSET ?2)
         RETURNING id",
    )?;
    let ended = statement.query_map(params![new.user.0, sessions_max], |r| r.get::<_, String>(0))?;
    ended.map(|id| parse_id(&id?)).collect()
}

/// A session by id.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, id: &SessionId) -> Result<Option<Session>, StoreError> {
    let row = content
        .prepare_cached("SELECT user_no, application_id, client, created_ms, seen_ms FROM session WHERE id = ?1")?
        .query_row([id.as_str()], |r| {
            Ok(Session {
                id: id.clone(),
                user: PersonNo(r.get(0)?),
                application: r.get(1)?,
                client: r.get(2)?,
                created_ms: r.get(3)?,
                seen_ms: r.get(4)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// Notes that a session was used.
///
/// # Errors
/// When the file cannot be written.
pub fn seen(content: &Connection, id: &SessionId, now_ms: i64) -> Result<(), StoreError> {
    content
        .prepare_cached("UPDATE session SET seen_ms = max(seen_ms, ?2) WHERE id = ?1")?
        .execute(params![id.as_str(), now_ms])?;
    Ok(())
}

/// Ends a user's session; `false` when the user has none of this id.
///
/// # Errors
/// When the file cannot be written.
pub fn end(content: &Connection, user: PersonNo, id: &SessionId) -> Result<bool, StoreError> {
    let ended = content.execute("DELETE FROM session WHERE id = ?1 AND user_no = ?2", params![id.as_str(), user.0])?;
    Ok(ended == 1)
}

/// Ends all sessions of a user but `kept`; returns their ids.
///
/// # Errors
/// When the file cannot be written.
pub fn end_others(
    content: &Connection,
    user: PersonNo,
    kept: Option<&SessionId>,
) -> Result<Vec<SessionId>, StoreError> {
    let mut statement =
        content.prepare_cached("DELETE FROM session WHERE user_no = ?1 AND id IS NOT ?2 RETURNING id")?;
    let ended = statement.query_map(params![user.0, kept.map(SessionId::as_str)], |r| r.get::<_, String>(0))?;
    ended.map(|id| parse_id(&id?)).collect()
}

/// Ends all sessions of a user.
///
/// # Errors
/// When the file cannot be written.
pub fn end_all(content: &Connection, user: PersonNo) -> Result<(), StoreError> {
    content.execute("DELETE FROM session WHERE user_no = ?1", [user.0])?;
    Ok(())
}

/// Removes the sessions of everybody that were last used before `seen_before_ms`.
///
/// # Errors
/// When the file cannot be written.
pub fn purge(content: &Connection, seen_before_ms: i64) -> Result<(), StoreError> {
    content.prepare_cached("DELETE FROM session WHERE seen_ms < ?1")?.execute([seen_before_ms])?;
    Ok(())
}

/// A user's sessions, the last used first.
///
/// # Errors
/// When the file cannot be read.
pub fn list(content: &Connection, user: PersonNo) -> Result<Vec<Session>, StoreError> {
    let mut statement = content.prepare_cached(
        "SELECT id, application_id, client, created_ms, seen_ms FROM session WHERE user_no = ?1
         ORDER BY seen_ms DESC, created_ms DESC, id",
    )?;
    let rows = statement.query_map([user.0], |r| {
        let id: String = r.get(0)?;
        Ok((id, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
    })?;
    rows.map(|row| {
        let (id, application, client, created_ms, seen_ms) = row?;
        Ok(Session { id: parse_id(&id)?, user, application, client, created_ms, seen_ms })
    })
    .collect()
}

fn parse_id(id: &str) -> Result<SessionId, StoreError> {
    SessionId::parse(id).map_err(|e| StoreError::Row { table: "session", what: e.to_string() })
}
