//! Applications that identify themselves at sign-in (A11). The secret is sealed with the page, not hashed (decision 5).

use crate::StoreError;
use domain::ids::ApplicationId;
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

/// Adds an application; `false`: its name is taken.
///
/// # Errors
/// When the directory cannot be written.
pub fn insert(
    directory: &Connection,
    id: &ApplicationId,
    name: &str,
    secret: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let changed = directory.execute(
        "INSERT INTO application (id, name, secret, created_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO NOTHING",
        params![id.as_str(), name, secret, now_ms],
    )?;
    Ok(changed == 1)
}

/// The secret of an application.
///
/// # Errors
/// When the directory cannot be read.
pub fn secret(directory: &Connection, id: &ApplicationId) -> Result<Option<Zeroizing<String>>, StoreError> {
    let secret: Option<String> = directory
        .prepare_cached("SELECT secret FROM application WHERE id = ?1")?
        .query_row([id.as_str()], |r| r.get(0))
        .optional()?;
    Ok(secret.map(Zeroizing::new))
}
