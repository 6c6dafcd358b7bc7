//! Keys that sign tokens; several live at once while they rotate.

use crate::StoreError;
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

/// One key.
pub struct SigningKey {
    /// Its name in the token's header.
    pub id: String,
    /// HMAC key.
    pub secret: Zeroizing<Vec<u8>>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// All keys, newest first.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(directory: &Connection) -> Result<Vec<SigningKey>, StoreError> {
    let mut statement =
        directory.prepare_cached("SELECT id, secret, created_ms FROM signing_key ORDER BY created_ms DESC")?;
    let keys = statement.query_map([], |r| {
        Ok(SigningKey { id: r.get(0)?, secret: Zeroizing::new(r.get(1)?), created_ms: r.get(2)? })
    })?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// Adds a key and forgets those made before `oldest_ms`.
///
/// # Errors
/// When the directory cannot be written.
pub fn rotate(directory: &Connection, new: &SigningKey, oldest_ms: i64) -> Result<(), StoreError> {
    directory.execute("DELETE FROM signing_key WHERE created_ms < ?1", [oldest_ms])?;
    directory.execute(
        "INSERT INTO signing_key (id, secret, created_ms) VALUES (?1, ?2, ?3)",
        params![new.id, new.secret.as_slice(), new.created_ms],
    )?;
    Ok(())
}
