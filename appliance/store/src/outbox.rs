//! Durable effects (decisions 8, 12, 13): rows of the transaction that causes them, with a gap-free sequence.

use crate::StoreError;
use rusqlite::{Connection, params};

/// Something that must follow in another file or at another site, at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Place in the lane, from 1, without gaps.
    pub seq: i64,
    /// Who handles it.
    pub kind: String,
    /// JSON.
    pub payload: String,
}

/// Adds an effect to the lane of this file; returns its sequence.
///
/// # Errors
/// When the file cannot be written.
pub fn add(content: &Connection, lane: &str, kind: &str, payload: &str, now_ms: i64) -> Result<i64, StoreError> {
    let seq: i64 = content
        .prepare_cached(
            "INSERT INTO lane (lane, next_seq) VALUES (?1, 2)
             ON CONFLICT (lane) DO UPDATE SET next_seq = next_seq + 1 RETURNING next_seq - 1",
        )?
        .query_row([lane], |r| r.get(0))?;
    content
        .prepare_cached("INSERT INTO outbox (lane, seq, kind, payload, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![lane, seq, kind, payload, now_ms])?;
    Ok(seq)
}

/// The lanes that hold something to deliver.
///
/// # Errors
/// When the file cannot be read.
pub fn lanes(content: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = content.prepare_cached("SELECT DISTINCT lane FROM outbox ORDER BY lane")?;
    let lanes = statement.query_map([], |r| r.get(0))?;
    Ok(lanes.collect::<Result<_, _>>()?)
}

/// The oldest effects of a lane that were not delivered, in order.
///
/// # Errors
/// When the file cannot be read.
pub fn oldest(content: &Connection, lane: &str, limit: u32) -> Result<Vec<Effect>, StoreError> {
    let mut statement =
        content.prepare_cached("SELECT seq, kind, payload FROM outbox WHERE lane = ?1 ORDER BY seq LIMIT ?2")?;
    let read = |r: &rusqlite::Row<'_>| Ok(Effect { seq: r.get(0)?, kind: r.get(1)?, payload: r.get(2)? });
    let rows = statement.query_map(params![lane, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes delivered effects off, up to and with `seq`.
///
/// # Errors
/// When the file cannot be written.
pub fn delivered(content: &Connection, lane: &str, seq: i64) -> Result<(), StoreError> {
    content.prepare_cached("DELETE FROM outbox WHERE lane = ?1 AND seq <= ?2")?.execute(params![lane, seq])?;
    Ok(())
}
