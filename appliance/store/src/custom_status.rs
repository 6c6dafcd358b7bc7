//! What people say of themselves beside their presence (C2).

use crate::StoreError;
use crate::person::PersonNo;
use rusqlite::{Connection, OptionalExtension, params};

/// What somebody says of himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomStatus {
    /// The words.
    pub text: String,
    /// A small picture before them; empty: none.
    pub emoji: String,
    /// When it ends by itself, in milliseconds since 1970.
    pub until_ms: Option<i64>,
}

/// Writes it.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, user: PersonNo, status: &CustomStatus) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO custom_status (user_no, text, emoji, until_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_no) DO UPDATE SET text = ?2, emoji = ?3, until_ms = ?4",
        params![user.0, status.text, status.emoji, status.until_ms],
    )?;
    Ok(())
}

/// Takes it off; `false`: there was none.
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, user: PersonNo) -> Result<bool, StoreError> {
    Ok(content.execute("DELETE FROM custom_status WHERE user_no = ?1", [user.0])? == 1)
}

/// What a person says of himself, if it has not ended by now.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, user: PersonNo, now_ms: i64) -> Result<Option<CustomStatus>, StoreError> {
    let sql =
        "SELECT text, emoji, until_ms FROM custom_status WHERE user_no = ?1 AND (until_ms IS NULL OR until_ms > ?2)";
    let row = content
        .prepare_cached(sql)?
        .query_row([user.0, now_ms], |r| Ok(CustomStatus { text: r.get(0)?, emoji: r.get(1)?, until_ms: r.get(2)? }));
    Ok(row.optional()?)
}
