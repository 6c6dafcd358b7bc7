//! What came from other files' outboxes (decision 12): the receiver notes the last effect of each origin in the same
//! transaction in which it applies it, so that what is delivered again has no second effect.

use crate::StoreError;
use domain::ids::{CompanyId, Incarnation};
use rusqlite::{Connection, OptionalExtension, params};

/// Where effects come from: a file, in one of its lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The company whose file it is.
    pub company: CompanyId,
    /// This life of it.
    pub incarnation: Incarnation,
}

/// The last effect that was applied; 0 when there was none.
///
/// # Errors
/// When the file cannot be read.
pub fn last(content: &Connection, origin: &Origin) -> Result<i64, StoreError> {
    let seq: Option<i64> = content
        .prepare_cached("SELECT seq FROM inbox WHERE origin = ?1 AND incarnation = ?2")?
        .query_row([origin.company.as_str(), origin.incarnation.as_str()], |r| r.get(0))
        .optional()?;
    Ok(seq.unwrap_or(0))
}

/// Notes the last effect that was applied.
///
/// # Errors
/// When the file cannot be written.
pub fn advance(content: &Connection, origin: &Origin, seq: i64) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO inbox (origin, incarnation, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (origin, incarnation) DO UPDATE SET seq = max(seq, ?3)",
        )?
        .execute(params![origin.company.as_str(), origin.incarnation.as_str(), seq])?;
    Ok(())
}
