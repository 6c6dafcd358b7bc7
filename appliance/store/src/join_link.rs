//! Links by which people join, or choose another password (A1, A10). A link is known by the keyed hash of its token.

use crate::StoreError;
use domain::ids::{CompanyId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

/// A link that is good for one use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinLink {
    /// Who chooses a password by it.
    pub user: UserId,
    /// The user's company.
    pub company: CompanyId,
    /// When the password that it replaces was set; `None` when there was none. Another password has another time, so a
    /// link is used up by the very change that it makes, in the user's own file.
    pub replaces_ms: Option<i64>,
    /// The box owner made it: it reaches accounts that only the owner may change.
    pub by_owner: bool,
    /// From then on it is void, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Keeps a link in place of the user's older one; `false`: the user is no active member. Links that have expired go.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, token_hash: &[u8], new: &JoinLink, now_ms: i64) -> Result<bool, StoreError> {
    directory.execute("DELETE FROM join_link WHERE expires_ms <= ?1", [now_ms])?;
    remove_user(directory, &new.user)?;
    let added = directory.execute(
        "INSERT INTO join_link (token_hash, user_id, company_id, replaces_ms, by_owner, expires_ms)
         SELECT ?1, user_id, company_id, ?4, ?5, ?6 FROM member WHERE user_id = ?2 AND company_id = ?3 AND active = 1",
        params![token_hash, new.user.as_str(), new.company.as_str(), new.replaces_ms, new.by_owner, new.expires_ms],
    )?;
    Ok(added == 1)
}

/// A link that has not expired.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, token_hash: &[u8], now_ms: i64) -> Result<Option<JoinLink>, StoreError> {
    let row = directory
        .prepare_cached(
            "SELECT user_id, company_id, replaces_ms, by_owner, expires_ms FROM join_link
             WHERE token_hash = ?1 AND expires_ms > ?2",
        )?
        .query_row(params![token_hash, now_ms], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
        })
        .optional()?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "join_link", what: e.to_string() };
    row.map(|(user, company, replaces_ms, by_owner, expires_ms)| {
        let user = UserId::parse(&user).map_err(unreadable)?;
        let company = CompanyId::parse(&company).map_err(unreadable)?;
        Ok(JoinLink { user, company, replaces_ms, by_owner, expires_ms })
    })
    .transpose()
}

/// Makes a link void; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove(directory: &Connection, token_hash: &[u8]) -> Result<(), StoreError> {
    directory.prepare_cached("DELETE FROM join_link WHERE token_hash = ?1")?.execute([token_hash])?;
    Ok(())
}

/// Makes the link of a user void, whichever it is; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_user(directory: &Connection, user: &UserId) -> Result<(), StoreError> {
    directory.prepare_cached("DELETE FROM join_link WHERE user_id = ?1")?.execute([user.as_str()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{member, migrate};
    use domain::relations::MemberFacts;
    use domain::rights::Roles;

    const USER: &str = "d00000000000000000000bad";
    const OTHER: &str = "d00000000000000000000aaa";
    const COMPANY: &str = "c00000000000000000000bad";

    fn id(text: &str) -> UserId {
        UserId::parse(text).expect("an id")
    }

    fn directory() -> Connection {
        let directory = Connection::open_in_memory().expect("memory");
        migrate::migrate("directory", &directory, migrate::DIRECTORY).expect("a schema");
        let company = "INSERT INTO company (id, kind, visibility, name_hash, wrapped_key, created_ms)
             VALUES ('c00000000000000000000bad', 'end_customer', 'public', x'00', x'00', 0)";
        directory.execute_batch(company).expect("a company");
        for (user, active) in [(USER, true), (OTHER, false)] {
            let company = CompanyId::parse(COMPANY).expect("an id");
            let facts = MemberFacts { company, roles: Roles::USER, active, set_apart: None };
            member::put(&directory, &id(user), &facts).expect("a member");
        }
        directory
    }

    fn link(user: &str, expires_ms: i64) -> JoinLink {
        let company = CompanyId::parse(COMPANY).expect("an id");
        JoinLink { user: id(user), company, replaces_ms: Some(7), by_owner: true, expires_ms }
    }

    #[test]
    fn a_link_is_found_until_it_expires_and_the_next_one_of_its_user_voids_it_a1() {
        let directory = directory();
        let find = |hash: &[u8], now_ms| find(&directory, hash, now_ms).expect("read");
        assert!(put(&directory, b"one", &link(USER, 10), 0).expect("written"));
        assert_eq!(find(b"one", 9), Some(link(USER, 10)));
        assert_eq!((find(b"one", 10), find(b"two", 9)), (None, None));
        assert!(put(&directory, b"two", &link(USER, 20), 5).expect("written"));
        assert_eq!((find(b"one", 6), find(b"two", 6)), (None, Some(link(USER, 20))));
        remove(&directory, b"one").expect("gone already");
        assert!(find(b"two", 6).is_some(), "the newer link stays");
        remove(&directory, b"two").expect("removed");
        assert_eq!(find(b"two", 6), None);
        assert!(put(&directory, b"three", &link(USER, 20), 6).expect("written"));
        remove_user(&directory, &id(USER)).expect("removed");
        assert_eq!(find(b"three", 7), None);
    }

    #[test]
    fn who_is_no_active_member_gets_no_link_and_a_member_who_goes_takes_it_along_a10() {
        let directory = directory();
        assert!(!put(&directory, b"one", &link(OTHER, 10), 0).expect("refused"));
        assert!(!put(&directory, b"one", &link("d00000000000000000000abc", 10), 0).expect("refused"));
        assert!(put(&directory, b"two", &link(USER, 10), 0).expect("written"));
        member::remove(&directory, &id(USER)).expect("removed");
        assert_eq!(find(&directory, b"two", 1).expect("read"), None);
    }

    #[test]
    fn links_that_have_expired_are_not_kept_e5() {
        let directory = directory();
        assert!(put(&directory, b"one", &link(USER, 10), 0).expect("written"));
        assert!(!put(&directory, b"two", &link(OTHER, 30), 10).expect("refused"));
        let rows: i64 = directory.query_row("SELECT count(*) FROM join_link", [], |r| r.get(0)).expect("a count");
        assert_eq!(rows, 0);
    }
}
