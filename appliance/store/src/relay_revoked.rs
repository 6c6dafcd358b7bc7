//! People whose credentials for relays are no longer good although they have not expired.

use crate::StoreError;
use domain::ids::UserId;
use rusqlite::{Connection, params};

/// Notes that whatever `user` was given until `at_ms` is no longer good, and forgets those who were noted before
/// `expired_ms`: what they were given has expired.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, user: &UserId, at_ms: i64, expired_ms: i64) -> Result<(), StoreError> {
    directory.execute("DELETE FROM relay_revoked WHERE at_ms < ?1", [expired_ms])?;
    directory.execute(
        "INSERT INTO relay_revoked (user_id, at_ms) VALUES (?1, ?2) ON CONFLICT (user_id) DO UPDATE SET at_ms = ?2",
        params![user.as_str(), at_ms],
    )?;
    Ok(())
}

/// All, with the time from which on they are, in milliseconds since 1970.
///
/// # Errors
/// When the directory cannot be read.
pub fn list(directory: &Connection) -> Result<Vec<(UserId, i64)>, StoreError> {
    let mut statement = directory.prepare_cached("SELECT user_id, at_ms FROM relay_revoked ORDER BY user_id")?;
    let rows = statement.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
    let parsed = rows.map(|row| {
        let (user, at_ms) = row?;
        let user = UserId::parse(&user)
            .map_err(|_| StoreError::Row { table: "relay_revoked", what: String::from("not a user's id") })?;
        Ok((user, at_ms))
    });
    parsed.collect()
}
