//! Which company a user belongs to, with role bits: a projection of the companies' user rows, kept up by their outboxes.

use crate::StoreError;
use domain::ids::{CompanyId, UserId};
use domain::rights::Roles;
use rusqlite::{Connection, OptionalExtension, params};

/// A user as the directory knows it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The user.
    pub user: UserId,
    /// The user's company.
    pub company: CompanyId,
    /// Roles (A8).
    pub roles: Roles,
    /// Whether the account may sign in.
    pub active: bool,
}

/// Writes the newest state; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, member: &Member) -> Result<(), StoreError> {
    directory.execute(
        "INSERT INTO member (user_id, company_id, roles, active) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_id) DO UPDATE SET company_id = ?2, roles = ?3, active = ?4",
        params![member.user.as_str(), member.company.as_str(), member.roles.bits(), member.active],
    )?;
    Ok(())
}

/// Takes a user out of the directory; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove(directory: &Connection, user: &UserId) -> Result<(), StoreError> {
    directory.execute("DELETE FROM member WHERE user_id = ?1", [user.as_str()])?;
    Ok(())
}

/// The company of a user.
///
/// # Errors
/// When the directory cannot be read.
pub fn company_of(directory: &Connection, user: &UserId) -> Result<Option<CompanyId>, StoreError> {
    let id: Option<String> = directory
        .prepare_cached("SELECT company_id FROM member WHERE user_id = ?1")?
        .query_row([user.as_str()], |r| r.get(0))
        .optional()?;
    id.map(|id| CompanyId::parse(&id).map_err(|e| StoreError::Row { table: "member", what: e.to_string() })).transpose()
}

/// Number of accounts on the box.
///
/// # Errors
/// When the directory cannot be read.
pub fn count(directory: &Connection) -> Result<u64, StoreError> {
    Ok(directory.query_row("SELECT count(*) FROM member", [], |r| r.get(0))?)
}
