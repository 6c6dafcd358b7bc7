//! Accounts of one company.

use crate::StoreError;
use crate::person::{self, PersonNo};
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::presence::Level;
use domain::rights::Roles;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// An account.
#[derive(Debug, Clone)]
pub struct User {
    /// Number in this file.
    pub no: PersonNo,
    /// The id; also the local part of the JID.
    pub id: UserId,
    /// The address by which the user signs in (A9).
    pub email: Email,
    /// What the person is called, and where and how they work; all optional (A3).
    pub profile: Profile,
    /// Roles (A8).
    pub roles: Roles,
    /// Whether the account may sign in.
    pub active: bool,
    /// The presence that the user last chose.
    pub presence: Level,
    /// When the account was created, in milliseconds since 1970.
    pub created_ms: i64,
}

/// The personal fields, every one optional (A3): empty when not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Title, such as `Dr.`.
    pub title: String,
    /// Job title.
    pub job_title: String,
    /// Nickname.
    pub nick_name: String,
    /// ISO 3166 code.
    pub country: String,
    /// ISO 639 code.
    pub language: String,
    /// IANA time zone.
    pub timezone: String,
}

const COLUMNS: &str = "u.no, p.id, u.email, u.first_name, u.last_name, u.title, u.job_title, u.nick_name, u.country, \
     u.language, u.timezone, u.roles, u.active, u.presence, u.created_ms";

/// Adds an account; `None`: the address is taken in this company.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, new: &User, company: &CompanyId) -> Result<Option<PersonNo>, StoreError> {
    let taken = find_by_email(content, &new.email)?.is_some();
    if taken {
        return Ok(None);
    }
    let no = person::enter(content, &new.id, company)?;
    let profile = &new.profile;
    content.execute(
        "INSERT INTO user (no, email, first_name, last_name, title, job_title, nick_name, country, language, timezone,
                           roles, active, presence, created_ms, changed_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
        params![
            no.0,
            new.email.as_str(),
            profile.first_name,
            profile.last_name,
            profile.title,
            profile.job_title,
            profile.nick_name,
            profile.country,
            profile.language,
            profile.timezone,
            new.roles.bits(),
            new.active,
            new.presence.name(),
            new.created_ms,
        ],
    )?;
    Ok(Some(no))
}

/// Writes all fields but the id and the times.
///
/// # Errors
/// When the file cannot be written.
pub fn update(content: &Connection, user: &User, now_ms: i64) -> Result<(), StoreError> {
    let profile = &user.profile;
    content.execute(
        "UPDATE user SET email = ?2, first_name = ?3, last_name = ?4, title = ?5, job_title = ?6, nick_name = ?7,
                         country = ?8, language = ?9, timezone = ?10, roles = ?11, active = ?12, presence = ?13,
                         changed_ms = ?14
         WHERE no = ?1",
        params![
            user.no.0,
            user.email.as_str(),
            profile.first_name,
            profile.last_name,
            profile.title,
            profile.job_title,
            profile.nick_name,
            profile.country,
            profile.language,
            profile.timezone,
            user.roles.bits(),
            user.active,
            user.presence.name(),
            now_ms,
        ],
    )?;
    Ok(())
}

/// Deletes an account with its password and sessions; messages stay (they belong to the company).
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, user: PersonNo) -> Result<(), StoreError> {
    content.execute("DELETE FROM session WHERE user_no = ?1", [user.0])?;
    content.execute("DELETE FROM password WHERE user_no = ?1", [user.0])?;
    content.execute("DELETE FROM user WHERE no = ?1", [user.0])?;
    Ok(())
}

/// An account by id.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, id: &UserId) -> Result<Option<User>, StoreError> {
    one(content, "p.id = ?1", id.as_str())
}

/// An account by address.
///
/// # Errors
/// When the file cannot be read.
pub fn find_by_email(content: &Connection, email: &Email) -> Result<Option<User>, StoreError> {
    one(content, "u.email = ?1", email.as_str())
}

fn one(content: &Connection, condition: &str, value: &str) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user u JOIN person p ON p.no = u.no WHERE {condition}");
    content.prepare_cached(&sql)?.query_row([value], read).optional()?.transpose()
}

/// A page of accounts, by address; `active_only` leaves disabled ones out.
///
/// # Errors
/// When the file cannot be read.
pub fn page(content: &Connection, active_only: bool, offset: u32, limit: u32) -> Result<Vec<User>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM user u JOIN person p ON p.no = u.no WHERE u.active >= ?1 ORDER BY u.email LIMIT ?2 OFFSET ?3"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let users = statement.query_map(params![active_only, limit, offset], read)?;
    users.map(|user| user?).collect()
}

/// How many accounts [`page`] pages through.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection, active_only: bool) -> Result<u64, StoreError> {
    Ok(content
        .prepare_cached("SELECT count(*) FROM user WHERE active >= ?1")?
        .query_row([active_only], |r| r.get(0))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<User, StoreError>> {
    let (id, email, presence): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(13)?);
    let profile = Profile {
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        title: row.get(5)?,
        job_title: row.get(6)?,
        nick_name: row.get(7)?,
        country: row.get(8)?,
        language: row.get(9)?,
        timezone: row.get(10)?,
    };
    let (no, roles, active, created_ms) = (row.get(0)?, row.get(11)?, row.get(12)?, row.get(14)?);
    let unreadable = |what: String| StoreError::Row { table: "user", what };
    Ok((|| {
        Ok(User {
            no: PersonNo(no),
            id: UserId::parse(&id).map_err(|e| unreadable(e.to_string()))?,
            email: Email::parse(&email).map_err(|e| unreadable(e.to_string()))?,
            profile,
            roles: Roles::from_bits(roles),
            active,
            presence: Level::parse_setting(&presence).unwrap_or(Level::Online),
            created_ms,
        })
    })())
}
