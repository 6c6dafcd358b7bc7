//! Application passwords: one row for each program that a person lets in, with what checks its password (A2, A11).

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::ApplicationPasswordId;
use rusqlite::{Connection, OptionalExtension, params};

/// An application password, without anything that could check one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationPassword {
    /// Its id.
    pub id: ApplicationPasswordId,
    /// What its owner calls it; no two of an owner have one name.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last used, to a few minutes.
    pub used_ms: Option<i64>,
}

/// How a client has to salt a password before it proves that it knows it. One for all of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salt {
    /// 16 bytes.
    pub salt: Vec<u8>,
    /// Iterations of PBKDF2.
    pub iterations: u32,
}

/// What checks a password and answers for the server (RFC 5802, 3). It opens no stream, but whoever has it can guess.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// SHA-256 of the client's key.
    pub stored_key: [u8; 32],
    /// The key by which the server proves that it knows the password too.
    pub server_key: [u8; 32],
}

/// Adds an application password.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(
    content: &Connection,
    user: PersonNo,
    new: &ApplicationPassword,
    salt: &Salt,
    keys: &Keys,
) -> Result<(), StoreError> {
    content.execute(
        "INSERT INTO application_password
         (id, user_no, name, salt, iterations, stored_key, server_key, created_ms, used_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            new.id.as_str(),
            user.0,
            new.name,
            salt.salt,
            salt.iterations,
            keys.stored_key,
            keys.server_key,
            new.created_ms,
            new.used_ms,
        ],
    )?;
    Ok(())
}

/// A user's application passwords, the oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn list(content: &Connection, user: PersonNo) -> Result<Vec<ApplicationPassword>, StoreError> {
    let mut statement = content.prepare_cached(
        "SELECT id, name, created_ms, used_ms FROM application_password WHERE user_no = ?1 ORDER BY created_ms, id",
    )?;
    let rows = statement.query_map([user.0], |r| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
    rows.map(|row| {
        let (id, name, created_ms, used_ms) = row?;
        Ok(ApplicationPassword { id: parse_id(&id)?, name, created_ms, used_ms })
    })
    .collect()
}

/// The salt of a user's application passwords; `None` when there are none.
///
/// # Errors
/// When the file cannot be read.
pub fn salt(content: &Connection, user: PersonNo) -> Result<Option<Salt>, StoreError> {
    let row = content
        .prepare_cached("SELECT salt, iterations FROM application_password WHERE user_no = ?1 LIMIT 1")?
        .query_row([user.0], |r| Ok(Salt { salt: r.get(0)?, iterations: r.get(1)? }))
        .optional()?;
    Ok(row)
}

/// What checks each of a user's application passwords.
///
/// # Errors
/// When the file cannot be read.
pub fn keys(content: &Connection, user: PersonNo) -> Result<Vec<(ApplicationPasswordId, Keys)>, StoreError> {
    let mut statement =
        content.prepare_cached("SELECT id, stored_key, server_key FROM application_password WHERE user_no = ?1")?;
    let rows = statement
        .query_map([user.0], |r| Ok((r.get::<_, String>(0)?, Keys { stored_key: r.get(1)?, server_key: r.get(2)? })))?;
    rows.map(|row| {
        let (id, keys) = row?;
        Ok((parse_id(&id)?, keys))
    })
    .collect()
}

/// Notes that an application password was used; `false` when the user has none of this id.
///
/// # Errors
/// When the file cannot be written.
pub fn used(content: &Connection, user: PersonNo, id: &ApplicationPasswordId, now_ms: i64) -> Result<bool, StoreError> {
    let noted = content
        .prepare_cached(
            "UPDATE application_password SET used_ms = max(coalesce(used_ms, ?3), ?3) WHERE id = ?1 AND user_no = ?2",
        )?
        .execute(params![id.as_str(), user.0, now_ms])?;
    Ok(noted == 1)
}

/// Removes a user's application password; `false` when the user has none of this id.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, user: PersonNo, id: &ApplicationPasswordId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM application_password WHERE id = ?1 AND user_no = ?2";
    Ok(content.execute(sql, params![id.as_str(), user.0])? == 1)
}

/// Removes all application passwords of a user; returns their ids.
///
/// # Errors
/// When the file cannot be written.
pub fn remove_all(content: &Connection, user: PersonNo) -> Result<Vec<ApplicationPasswordId>, StoreError> {
    let mut statement = content.prepare_cached("DELETE FROM application_password WHERE user_no = ?1 RETURNING id")?;
    let removed = statement.query_map([user.0], |r| r.get::<_, String>(0))?;
    removed.map(|id| parse_id(&id?)).collect()
}

pub(crate) fn parse_id(id: &str) -> Result<ApplicationPasswordId, StoreError> {
    let wrong = |e: domain::ids::NotAnId| StoreError::Row { table: "application_password", what: e.to_string() };
    ApplicationPasswordId::parse(id).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{migrate, user};

    fn id(letter: char) -> ApplicationPasswordId {
        ApplicationPasswordId::parse(&letter.to_string().repeat(24)).expect("an id")
    }

    fn add(content: &Connection, user: PersonNo, letter: char) {
        let new = ApplicationPassword { id: id(letter), name: letter.to_string(), created_ms: 1, used_ms: None };
        let salt = Salt { salt: vec![7; 16], iterations: 4096 };
        insert(content, user, &new, &salt, &Keys { stored_key: [1; 32], server_key: [2; 32] }).expect("written");
    }

    #[test]
    fn an_application_password_is_its_owners_alone_and_goes_with_the_account_a11() {
        let content = Connection::open_in_memory().expect("memory");
        migrate::migrate("company", &content, migrate::COMPANY).expect("a schema");
        let users = "INSERT INTO person VALUES (1, 'a', 'c'), (2, 'b', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 0, 0), (2, 'b@b.test', '', '', 2, 1, 0, 0);";
        content.execute_batch(users).expect("two users");
        let (alice, bob) = (PersonNo(1), PersonNo(2));
        for letter in ['a', 'b'] {
            add(&content, alice, letter);
        }
        add(&content, bob, 'c');
        assert!(!remove(&content, bob, &id('a')).expect("read") && !used(&content, bob, &id('a'), 9).expect("read"));
        assert!(used(&content, alice, &id('a'), 9).expect("read") && used(&content, alice, &id('a'), 5).expect("read"));
        let used_ms: Vec<_> = list(&content, alice).expect("read").iter().map(|one| one.used_ms).collect();
        assert_eq!(used_ms, [Some(9), None], "a clock that was put back unmakes no use");
        assert_eq!(keys(&content, alice).expect("read").len(), 2);
        assert!(remove(&content, alice, &id('a')).expect("written"));
        user::delete(&content, alice).expect("written");
        assert!(keys(&content, alice).expect("read").is_empty() && salt(&content, alice).expect("read").is_none());
        assert_eq!(remove_all(&content, bob).expect("written"), [id('c')]);
    }
}
