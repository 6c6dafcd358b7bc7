//! Answers of a setup that is not finished: they outlive a restart, and go with the setup's end.

use crate::StoreError;
use rusqlite::{Connection, params};

/// What was answered, by step.
///
/// # Errors
/// When the directory cannot be read.
pub fn answers(directory: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = directory.prepare_cached("SELECT step, answer FROM setup_answer ORDER BY step")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes or replaces the answer to a step.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, step: &str, answer: &str) -> Result<(), StoreError> {
    directory.execute(
        "INSERT INTO setup_answer (step, answer) VALUES (?1, ?2) ON CONFLICT (step) DO UPDATE SET answer = ?2",
        params![step, answer],
    )?;
    Ok(())
}

/// Forgets every answer.
///
/// # Errors
/// When the directory cannot be written.
pub fn forget(directory: &Connection) -> Result<(), StoreError> {
    directory.execute("DELETE FROM setup_answer", [])?;
    Ok(())
}
