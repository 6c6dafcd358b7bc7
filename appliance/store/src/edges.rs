//! Edges between people and between companies, by opaque ids (decision 8): networks, blocks, visibility-by.

use crate::StoreError;
use domain::ids::{CompanyId, UserId};
use domain::relations::edge;
use rusqlite::{Connection, params};

/// Joins two people; `false`: they were joined already.
///
/// # Errors
/// When the directory cannot be written.
pub fn join(directory: &Connection, one: &UserId, other: &UserId, now_ms: i64) -> Result<bool, StoreError> {
    let (low, high) = edge(one, other);
    let sql = "INSERT INTO network (low_id, high_id, since_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    Ok(directory.prepare_cached(sql)?.execute(params![low.as_str(), high.as_str(), now_ms])? == 1)
}

/// Whether two people are joined.
///
/// # Errors
/// When the directory cannot be read.
pub fn joined(directory: &Connection, one: &UserId, other: &UserId) -> Result<bool, StoreError> {
    let (low, high) = edge(one, other);
    let sql = "SELECT count(*) FROM network WHERE low_id = ?1 AND high_id = ?2";
    let found: u32 = directory.prepare_cached(sql)?.query_row(params![low.as_str(), high.as_str()], |r| r.get(0))?;
    Ok(found > 0)
}

/// Whether either of two people has blocked the other.
///
/// # Errors
/// When the directory cannot be read.
pub fn parted_by_block(directory: &Connection, one: &UserId, other: &UserId) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM block WHERE (blocker_id = ?1 AND blocked_id = ?2)
               OR (blocker_id = ?2 AND blocked_id = ?1)";
    let found: u32 = directory.prepare_cached(sql)?.query_row(params![one.as_str(), other.as_str()], |r| r.get(0))?;
    Ok(found > 0)
}

/// Parts two people; `false`: they were not joined.
///
/// # Errors
/// When the directory cannot be written.
pub fn part(directory: &Connection, one: &UserId, other: &UserId) -> Result<bool, StoreError> {
    let (low, high) = edge(one, other);
    let sql = "DELETE FROM network WHERE low_id = ?1 AND high_id = ?2";
    Ok(directory.prepare_cached(sql)?.execute(params![low.as_str(), high.as_str()])? == 1)
}

/// Notes a block, or takes it off; `false`: it was so already.
///
/// # Errors
/// When the directory cannot be written.
pub fn set_block(
    directory: &Connection,
    blocker: &UserId,
    blocked: &UserId,
    on: bool,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let changed = if on {
        directory
            .prepare_cached(
                "INSERT INTO block (blocker_id, blocked_id, since_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![blocker.as_str(), blocked.as_str(), now_ms])?
    } else {
        directory
            .prepare_cached("DELETE FROM block WHERE blocker_id = ?1 AND blocked_id = ?2")?
            .execute(params![blocker.as_str(), blocked.as_str()])?
    };
    Ok(changed == 1)
}

/// Lets two companies see one another, or ends it (B5); `false`: it was so already.
///
/// # Errors
/// When the directory cannot be written.
pub fn set_visible_by(
    directory: &Connection,
    one: &CompanyId,
    other: &CompanyId,
    on: bool,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let (low, high) = edge(one, other);
    let changed = if on {
        directory.execute(
            "INSERT INTO visible_by (low_id, high_id, since_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![low.as_str(), high.as_str(), now_ms],
        )?
    } else {
        directory.execute(
            "DELETE FROM visible_by WHERE low_id = ?1 AND high_id = ?2",
            params![low.as_str(), high.as_str()],
        )?
    };
    Ok(changed == 1)
}

/// Removes every edge of a user, and the user's invitations; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_user(directory: &Connection, user: &UserId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM network WHERE low_id = ?1",
        "DELETE FROM network WHERE high_id = ?1",
        "DELETE FROM block WHERE blocker_id = ?1",
        "DELETE FROM block WHERE blocked_id = ?1",
        "DELETE FROM invitation WHERE inviter_id = ?1",
        "DELETE FROM invitation WHERE invited_id = ?1",
    ] {
        directory.execute(sql, [user.as_str()])?;
    }
    Ok(())
}

/// Every pair of people in one another's network by an accepted invitation.
///
/// # Errors
/// When the directory cannot be read.
pub fn networks(directory: &Connection) -> Result<Vec<(UserId, UserId)>, StoreError> {
    pairs(directory, "SELECT low_id, high_id FROM network", "network", UserId::parse)
}

/// Every (blocker, blocked).
///
/// # Errors
/// When the directory cannot be read.
pub fn blocks(directory: &Connection) -> Result<Vec<(UserId, UserId)>, StoreError> {
    pairs(directory, "SELECT blocker_id, blocked_id FROM block", "block", UserId::parse)
}

/// Every pair of companies that see one another.
///
/// # Errors
/// When the directory cannot be read.
pub fn visible_by(directory: &Connection) -> Result<Vec<(CompanyId, CompanyId)>, StoreError> {
    pairs(directory, "SELECT low_id, high_id FROM visible_by", "visible_by", CompanyId::parse)
}

fn pairs<T>(
    directory: &Connection,
    sql: &str,
    table: &'static str,
    parse: impl Fn(&str) -> Result<T, domain::ids::NotAnId>,
) -> Result<Vec<(T, T)>, StoreError> {
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table, what: e.to_string() };
    let mut statement = directory.prepare(sql)?;
    let rows = statement.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (one, other) = row?;
        Ok((parse(&one).map_err(unreadable)?, parse(&other).map_err(unreadable)?))
    })
    .collect()
}
