//! Log-in names as keyed hashes (decision 8), unique on the whole box (A9).

use crate::StoreError;
use domain::ids::{CompanyId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

/// Whose log-in name a hash is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: UserId,
    /// The user's company.
    pub company: CompanyId,
}

/// Reserves a log-in name. Idempotent for the same user; `false`: another user holds it.
///
/// A reservation whose user never came to be (a crash between two files) is held until [`release`].
///
/// # Errors
/// When the directory cannot be written.
pub fn claim(directory: &Connection, hash: &[u8], login: &Login) -> Result<bool, StoreError> {
    directory
        .prepare_cached(
            "INSERT INTO login (hash, user_id, company_id) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING",
        )?
        .execute(params![hash, login.user.as_str(), login.company.as_str()])?;
    Ok(find(directory, hash)?.is_some_and(|held| held.user == login.user))
}

/// Gives a log-in name back, if that user holds it.
///
/// # Errors
/// When the directory cannot be written.
pub fn release(directory: &Connection, hash: &[u8], user: &UserId) -> Result<(), StoreError> {
    directory.execute("DELETE FROM login WHERE hash = ?1 AND user_id = ?2", params![hash, user.as_str()])?;
    Ok(())
}

/// Removes every log-in name of a user.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_user(directory: &Connection, user: &UserId) -> Result<(), StoreError> {
    directory.execute("DELETE FROM login WHERE user_id = ?1", [user.as_str()])?;
    Ok(())
}

/// Who holds a log-in name.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, hash: &[u8]) -> Result<Option<Login>, StoreError> {
    let row: Option<(String, String)> = directory
        .prepare_cached("SELECT user_id, company_id FROM login WHERE hash = ?1")?
        .query_row([hash], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    row.map(|(user, company)| {
        let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "login", what: e.to_string() };
        Ok(Login {
            user: UserId::parse(&user).map_err(unreadable)?,
            company: CompanyId::parse(&company).map_err(unreadable)?,
        })
    })
    .transpose()
}
