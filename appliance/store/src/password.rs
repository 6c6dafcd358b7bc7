//! Stored passwords: Argon2id hash, salt and parameters (A2).

use crate::StoreError;
use crate::person::PersonNo;
use rusqlite::{Connection, OptionalExtension, params};

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPassword {
    /// 16 random bytes.
    pub salt: Vec<u8>,
    /// 32 bytes of Argon2id.
    pub hash: Vec<u8>,
    /// Memory of one pass, in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// Reads a user's stored password.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, user: PersonNo) -> Result<Option<StoredPassword>, StoreError> {
    let row = content
        .prepare_cached("SELECT salt, hash, memory_kib, passes, lanes FROM password WHERE user_no = ?1")?
        .query_row([user.0], |r| {
            Ok(StoredPassword {
                salt: r.get(0)?,
                hash: r.get(1)?,
                memory_kib: r.get(2)?,
                passes: r.get(3)?,
                lanes: r.get(4)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// When a user's password was set, in milliseconds since 1970; `None` when there is none. No two passwords of a user have
/// the same.
///
/// # Errors
/// When the file cannot be read.
pub fn changed_ms(content: &Connection, user: PersonNo) -> Result<Option<i64>, StoreError> {
    Ok(content
        .prepare_cached("SELECT changed_ms FROM password WHERE user_no = ?1")?
        .query_row([user.0], |r| r.get(0))
        .optional()?)
}

/// Writes or replaces a user's password.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, user: PersonNo, new: &StoredPassword, now_ms: i64) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO password (user_no, salt, hash, memory_kib, passes, lanes, changed_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (user_no) DO UPDATE
         SET salt = ?2, hash = ?3, memory_kib = ?4, passes = ?5, lanes = ?6,
             changed_ms = max(?7, changed_ms + 1)",
        params![user.0, new.salt, new.hash, new.memory_kib, new.passes, new.lanes, now_ms],
    )?;
    Ok(())
}
