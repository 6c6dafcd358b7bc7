//! Accounts of one company.

use crate::StoreError;
use crate::person::{self, PersonNo};
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::presence::Level;
use domain::rights::Roles;
use domain::visibility::Visibility;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

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
    /// The mode that the administrator set this member apart to (B2).
    pub set_apart: Option<Visibility>,
    /// May share files, or may not; `None`: as the company says (C7).
    pub shares_files: Option<bool>,
    /// Roles (A8).
    pub roles: Roles,
    /// Whether the account may sign in.
    pub active: bool,
    /// Whether there is a password: without one nobody has joined yet, and nobody signs in. Written by
    /// [`crate::password::put`] alone.
    pub joined: bool,
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

impl Profile {
    /// Reads it from its columns, in the order of its fields, the first of which is the one with this number.
    pub(crate) fn of(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            first_name: row.get(first)?,
            last_name: row.get(first + 1)?,
            title: row.get(first + 2)?,
            job_title: row.get(first + 3)?,
            nick_name: row.get(first + 4)?,
            country: row.get(first + 5)?,
            language: row.get(first + 6)?,
            timezone: row.get(first + 7)?,
        })
    }

    /// First and last name; empty where there is neither.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

const COLUMNS: &str = "u.no, p.id, u.email, u.first_name, u.last_name, u.title, u.job_title, u.nick_name, u.country, \
     u.language, u.timezone, u.roles, u.active, u.presence, u.created_ms, u.set_apart, u.shares_files, \
     EXISTS (SELECT 1 FROM password w WHERE w.user_no = u.no)";

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
                           roles, active, presence, created_ms, changed_ms, set_apart, shares_files)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?16)",
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
            new.set_apart.map(Visibility::name),
            new.shares_files,
        ],
    )?;
    Ok(Some(no))
}

/// Writes all fields but the id, the times and `joined`.
///
/// # Errors
/// When the file cannot be written.
pub fn update(content: &Connection, user: &User, now_ms: i64) -> Result<(), StoreError> {
    let profile = &user.profile;
    content.execute(
        "UPDATE user SET email = ?2, first_name = ?3, last_name = ?4, title = ?5, job_title = ?6, nick_name = ?7,
                         country = ?8, language = ?9, timezone = ?10, roles = ?11, active = ?12, presence = ?13,
                         changed_ms = ?14, set_apart = ?15, shares_files = ?16
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
            user.set_apart.map(Visibility::name),
            user.shares_files,
        ],
    )?;
    Ok(())
}

/// Deletes an account with its passwords and sessions; messages stay (they belong to the company).
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, user: PersonNo) -> Result<(), StoreError> {
    content.execute("DELETE FROM session WHERE user_no = ?1", [user.0])?;
    content.execute("DELETE FROM password WHERE user_no = ?1", [user.0])?;
    content.execute("DELETE FROM application_password WHERE user_no = ?1", [user.0])?;
    content.execute("DELETE FROM known_source WHERE user_no = ?1", [user.0])?;
    content.execute("DELETE FROM roster_item WHERE owner_no = ?1", [user.0])?;
    content.execute("DELETE FROM favorite WHERE owner_no = ?1", [user.0])?;
    let of_groups =
        "DELETE FROM contact_group_member WHERE group_id IN (SELECT id FROM contact_group WHERE owner_no = ?1)";
    content.execute(of_groups, [user.0])?;
    content.execute("DELETE FROM contact_group WHERE owner_no = ?1", [user.0])?;
    content.execute("DELETE FROM user WHERE no = ?1", [user.0])?;
    Ok(())
}

/// Notes that an account was used.
///
/// # Errors
/// When the file cannot be written.
pub fn used(content: &Connection, user: PersonNo, now_ms: i64) -> Result<(), StoreError> {
    content
        .prepare_cached("UPDATE user SET last_used_ms = max(last_used_ms, ?2) WHERE no = ?1")?
        .execute(params![user.0, now_ms])?;
    Ok(())
}

/// When an account was last used, in milliseconds since 1970, to a minute; one that never was, when it was created.
///
/// # Errors
/// When the file cannot be read.
pub fn last_used_ms(content: &Connection, user: PersonNo) -> Result<i64, StoreError> {
    Ok(content
        .prepare_cached("SELECT max(created_ms, last_used_ms) FROM user WHERE no = ?1")?
        .query_row([user.0], |r| r.get(0))?)
}

/// An account's number, and whether it may sign in: what a message asks, without the rest of the row.
///
/// # Errors
/// When the file cannot be read.
pub fn number(content: &Connection, id: &UserId) -> Result<Option<(PersonNo, bool)>, StoreError> {
    let row = content
        .prepare_cached("SELECT u.no, u.active FROM person p JOIN user u ON u.no = p.no WHERE p.id = ?1")?
        .query_row([id.as_str()], |r| Ok((PersonNo(r.get(0)?), r.get(1)?)))
        .optional()?;
    Ok(row)
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

fn one(content: &Connection, condition: &str, value: impl ToSql) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user u JOIN person p ON p.no = u.no WHERE {condition}");
    content.prepare_cached(&sql)?.query_row([value], read).optional()?.transpose()
}

/// An account by number.
///
/// # Errors
/// When the file cannot be read.
pub fn find_by_no(content: &Connection, no: PersonNo) -> Result<Option<User>, StoreError> {
    one(content, "u.no = ?1", no.0)
}

/// A guest (C4), as far as his time goes.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Who.
    pub id: UserId,
    /// When the account was last used, or made, in milliseconds since 1970.
    pub last_used_ms: i64,
    /// May sign in.
    pub active: bool,
}

/// Accounts whose only role is that of a guest, closed ones among them.
///
/// # Errors
/// When the file cannot be read.
pub fn guests(content: &Connection) -> Result<Vec<Guest>, StoreError> {
    let sql = "SELECT p.id, max(u.created_ms, u.last_used_ms), u.active
               FROM user u JOIN person p ON p.no = u.no WHERE u.roles = ?1";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([Roles::GUEST.bits()], |r| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?)))?;
    rows.map(|row| {
        let (id, last_used_ms, active) = row?;
        let id = UserId::parse(&id).map_err(|e| StoreError::Row { table: "user", what: e.to_string() })?;
        Ok(Guest { id, last_used_ms, active })
    })
    .collect()
}

/// What a list of accounts is ordered by and looked through.
#[derive(Debug, Clone)]
pub struct Named {
    /// Number in this file.
    pub no: PersonNo,
    /// Address, in lower case.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
}

/// The names of all accounts, in no order.
///
/// # Errors
/// When the file cannot be read.
pub fn names(content: &Connection) -> Result<Vec<Named>, StoreError> {
    let mut statement = content.prepare_cached("SELECT no, email, first_name, last_name FROM user")?;
    let rows = statement.query_map([], |r| {
        Ok(Named { no: PersonNo(r.get(0)?), email: r.get(1)?, first_name: r.get(2)?, last_name: r.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Everybody of the company with a name to be searched by, in no order.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection) -> Result<Vec<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user u JOIN person p ON p.no = u.no");
    let mut statement = content.prepare(&sql)?;
    let users = statement.query_map([], read)?;
    users.map(|user| user?).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<User, StoreError>> {
    let (id, email, presence): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(13)?);
    let profile = Profile::of(row, 3)?;
    let (no, roles, active, created_ms) = (row.get(0)?, row.get(11)?, row.get(12)?, row.get(14)?);
    let (set_apart, shares_files, joined): (Option<String>, Option<bool>, bool) =
        (row.get(15)?, row.get(16)?, row.get(17)?);
    let unreadable = |what: String| StoreError::Row { table: "user", what };
    Ok((|| {
        Ok(User {
            no: PersonNo(no),
            id: UserId::parse(&id).map_err(|e| unreadable(e.to_string()))?,
            email: Email::parse(&email).map_err(|e| unreadable(e.to_string()))?,
            profile,
            set_apart: set_apart.and_then(|mode| Visibility::parse(&mode)),
            shares_files,
            roles: Roles::from_bits(roles),
            active,
            joined,
            presence: Level::parse_setting(&presence).unwrap_or(Level::Online),
            created_ms,
        })
    })())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate;

    #[test]
    fn lists_that_somebody_made_of_others_go_with_the_account_and_those_of_others_stay_d4() {
        let content = Connection::open_in_memory().expect("memory");
        migrate::migrate("company", &content, migrate::COMPANY).expect("a schema");
        let rows = "INSERT INTO person VALUES (1, 'a', 'c'), (2, 'b', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 0, 0), (2, 'b@b.test', '', '', 2, 1, 0, 0);
             INSERT INTO favorite VALUES ('fa', 1, 2, 0), ('fb', 2, 1, 0);
             INSERT INTO contact_group VALUES ('ga', 1, 'doubtful', '', 0, 0), ('gb', 2, 'reliable', '', 0, 0);
             INSERT INTO contact_group_member VALUES ('ga', 2), ('gb', 1);";
        content.execute_batch(rows).expect("two people with lists");
        delete(&content, PersonNo(1)).expect("written");
        for (table, left) in [("favorite", "fb"), ("contact_group", "gb")] {
            let sql = format!("SELECT group_concat(id) FROM {table}");
            assert_eq!(content.query_row(&sql, [], |r| r.get::<_, String>(0)).expect("read"), left, "{table}");
        }
        let members = "SELECT group_concat(group_id) FROM contact_group_member";
        assert_eq!(content.query_row(members, [], |r| r.get::<_, String>(0)).expect("read"), "gb");
    }
}
