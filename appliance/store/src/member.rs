//! Which company a user belongs to, with role bits: a projection of the companies' user rows, kept up by their outboxes.

use crate::StoreError;
use domain::ids::{CompanyId, UserId};
use domain::relations::MemberFacts;
use domain::rights::Roles;
use domain::visibility::Visibility;
use rusqlite::{Connection, OptionalExtension, params};

/// Writes the newest state; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, user: &UserId, facts: &MemberFacts) -> Result<(), StoreError> {
    directory.execute(
        "INSERT INTO member (user_id, company_id, roles, active, set_apart) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (user_id) DO UPDATE SET company_id = ?2, roles = ?3, active = ?4, set_apart = ?5",
        params![
            user.as_str(),
            facts.company.as_str(),
            facts.roles.bits(),
            facts.active,
            facts.set_apart.map(Visibility::name)
        ],
    )?;
    Ok(())
}

/// Every member of the box.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(directory: &Connection) -> Result<Vec<(UserId, MemberFacts)>, StoreError> {
    let mut statement = directory.prepare("SELECT user_id, company_id, roles, active, set_apart FROM member")?;
    let rows = statement.query_map([], |r| {
        Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get(2)?, r.get(3)?, r.get::<_, Option<String>>(4)?))
    })?;
    let unreadable = |what: String| StoreError::Row { table: "member", what };
    rows.map(|row| {
        let (user, company, roles, active, set_apart) = row?;
        let user = UserId::parse(&user).map_err(|e| unreadable(e.to_string()))?;
        let company = CompanyId::parse(&company).map_err(|e| unreadable(e.to_string()))?;
        let set_apart = set_apart.map(|mode| Visibility::parse(&mode).ok_or(mode)).transpose().map_err(unreadable)?;
        Ok((user, MemberFacts { company, roles: Roles::from_bits(roles), active, set_apart }))
    })
    .collect()
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
