//! Where an account was signed in to before (A5). A source is a keyed hash: no row tells an address.

use crate::StoreError;
use crate::person::PersonNo;
use rusqlite::{Connection, params};

/// Sources kept of one account; the one unused for longest is forgotten when there are more.
pub const SOURCES_MAX: u32 = 32;

/// Whether the account was signed in to from there.
///
/// # Errors
/// When the file cannot be read.
pub fn holds(content: &Connection, user: PersonNo, source: &[u8]) -> Result<bool, StoreError> {
    Ok(content
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM known_source WHERE user_no = ?1 AND source = ?2)")?
        .query_row(params![user.0, source], |r| r.get(0))?)
}

/// Notes a sign-in. Nothing but a right password leads here, so nobody else can push a source out.
///
/// # Errors
/// When the file cannot be written.
pub fn note(content: &Connection, user: PersonNo, source: &[u8], now_ms: i64) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO known_source (user_no, source, used_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (user_no, source) DO UPDATE SET used_ms = max(used_ms, ?3)",
        )?
        .execute(params![user.0, source, now_ms])?;
    content
        .prepare_cached(
            "DELETE FROM known_source WHERE user_no = ?1 AND source IN
             (SELECT source FROM known_source WHERE user_no = ?1 ORDER BY used_ms DESC, source LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![user.0, SOURCES_MAX])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate;

    #[test]
    fn the_sources_of_an_account_are_bounded_and_the_one_unused_for_longest_goes_a5() {
        let content = Connection::open_in_memory().expect("memory");
        migrate::migrate("company", &content, migrate::COMPANY).expect("a schema");
        let user = "INSERT INTO person VALUES (1, 'a', 'c'), (2, 'b', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 0, 0), (2, 'b@b.test', '', '', 2, 1, 0, 0);";
        content.execute_batch(user).expect("two users");
        let (alice, bob) = (PersonNo(1), PersonNo(2));
        note(&content, bob, b"office", 0).expect("written");
        note(&content, alice, b"home", 0).expect("written");
        note(&content, alice, b"office", 1).expect("written");
        for number in 0..SOURCES_MAX - 1 {
            note(&content, alice, b"home", i64::from(number) + 2).expect("written");
            note(&content, alice, &number.to_le_bytes(), i64::from(number) + 2).expect("written");
        }
        let holds = |user, source: &[u8]| holds(&content, user, source).expect("read");
        assert_eq!((holds(alice, b"home"), holds(alice, b"office")), (true, false), "the least recently used went");
        assert!(holds(bob, b"office") && !holds(bob, b"home"), "another account has its own");
    }
}
