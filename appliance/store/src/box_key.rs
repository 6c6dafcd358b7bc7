//! Keys by which others know the box, one a purpose. Each is made on first use and stays.

use crate::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

/// The key of a purpose.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, purpose: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let secret =
        directory.query_row("SELECT secret FROM box_key WHERE purpose = ?1", [purpose], |r| r.get(0)).optional()?;
    Ok(secret.map(Zeroizing::new))
}

/// The key of a purpose; `fresh` becomes it when there is none.
///
/// # Errors
/// When the directory cannot be written.
pub fn enter(
    directory: &Connection,
    purpose: &str,
    fresh: &[u8],
    now_ms: i64,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    directory.execute(
        "INSERT INTO box_key (purpose, secret, created_ms) VALUES (?1, ?2, ?3) ON CONFLICT (purpose) DO NOTHING",
        params![purpose, fresh, now_ms],
    )?;
    let missing = || StoreError::Row { table: "box_key", what: format!("no key for {purpose}") };
    find(directory, purpose)?.ok_or_else(missing)
}
