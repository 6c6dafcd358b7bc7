//! Tokens by which standard clients sign in again (XEP-0484): one row each, of which the token is computed (A2, A11).

use crate::StoreError;
use crate::application_password::parse_id;
use crate::person::PersonNo;
use domain::ids::{ApplicationPasswordId, FastTokenId};
use rusqlite::{Connection, params};

/// A token, without the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FastToken {
    /// Its id.
    pub id: FastTokenId,
    /// With this application password it was asked for, and ends.
    pub password: ApplicationPasswordId,
    /// Its last moment, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Adds a token of a client. Those that this client was given and has not used go, and the oldest beyond `tokens_max` of the
/// application password. `false`: the application password has gone.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(
    content: &Connection,
    new: &FastToken,
    agent: &[u8],
    mechanism: &str,
    tokens_max: u32,
) -> Result<bool, StoreError> {
    let password = new.password.as_str();
    content
        .prepare_cached("DELETE FROM fast_token WHERE password_id = ?1 AND agent = ?2 AND used = 0")?
        .execute(params![password, agent])?;
    let inserted = content
        .prepare_cached(
            "INSERT INTO fast_token (id, password_id, agent, mechanism, expires_ms, used, count)
             SELECT ?1, id, ?3, ?4, ?5, 0, 0 FROM application_password WHERE id = ?2",
        )?
        .execute(params![new.id.as_str(), password, agent, mechanism, new.expires_ms])?;
    content
        .prepare_cached(
            "DELETE FROM fast_token WHERE id IN (SELECT id FROM fast_token WHERE password_id = ?1
             ORDER BY expires_ms DESC, id LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![password, tokens_max])?;
    Ok(inserted == 1)
}

/// The tokens of a user that a client was given for a mechanism.
///
/// # Errors
/// When the file cannot be read.
pub fn of_client(
    content: &Connection,
    user: PersonNo,
    agent: &[u8],
    mechanism: &str,
) -> Result<Vec<FastToken>, StoreError> {
    let mut statement = content.prepare_cached(
        "SELECT t.id, t.password_id, t.expires_ms FROM fast_token t JOIN application_password p ON p.id = t.password_id
         WHERE p.user_no = ?1 AND t.agent = ?2 AND t.mechanism = ?3",
    )?;
    let rows = statement.query_map(params![user.0, agent, mechanism], |r| {
        Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get(2)?))
    })?;
    rows.map(|row| {
        let (id, password, expires_ms) = row?;
        let wrong = |e: domain::ids::NotAnId| StoreError::Row { table: "fast_token", what: e.to_string() };
        Ok(FastToken { id: FastTokenId::parse(&id).map_err(wrong)?, password: parse_id(&password)?, expires_ms })
    })
    .collect()
}

/// Notes that a token was used; those that its client was given before go. `false`: it has gone, or its client has shown
/// this count already, or none although it counts.
///
/// # Errors
/// When the file cannot be written.
pub fn used(content: &Connection, token: &FastToken, count: Option<u32>) -> Result<bool, StoreError> {
    let noted = content
        .prepare_cached(
            "UPDATE fast_token SET used = 1, count = coalesce(?2, 0) WHERE id = ?1 AND count < coalesce(?2, 1)",
        )?
        .execute(params![token.id.as_str(), count])?;
    content
        .prepare_cached(
            "DELETE FROM fast_token WHERE password_id = ?1 AND expires_ms < ?3
             AND agent = (SELECT agent FROM fast_token WHERE id = ?2)",
        )?
        .execute(params![token.password.as_str(), token.id.as_str(), token.expires_ms])?;
    Ok(noted == 1)
}

/// Removes a token.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, id: &FastTokenId) -> Result<(), StoreError> {
    content.prepare_cached("DELETE FROM fast_token WHERE id = ?1")?.execute([id.as_str()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application_password::{self, ApplicationPassword, Keys, Salt};
    use crate::{migrate, user};

    const ALICE: PersonNo = PersonNo(1);
    const LAPTOP: &[u8] = b"laptop";

    fn opened() -> Connection {
        let content = Connection::open_in_memory().expect("memory");
        content.pragma_update(None, "foreign_keys", true).expect("as the vault sets it");
        migrate::migrate("company", &content, migrate::COMPANY).expect("a schema");
        let users = "INSERT INTO person VALUES (1, 'a', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 0, 0);";
        content.execute_batch(users).expect("a user");
        for letter in ['a', 'b'] {
            let new =
                ApplicationPassword { id: password(letter), name: letter.to_string(), created_ms: 1, used_ms: None };
            let (salt, keys) =
                (Salt { salt: vec![7; 16], iterations: 4096 }, Keys { stored_key: [1; 32], server_key: [2; 32] });
            application_password::insert(&content, ALICE, &new, &salt, &keys).expect("written");
        }
        content
    }

    fn password(letter: char) -> ApplicationPasswordId {
        ApplicationPasswordId::parse(&letter.to_string().repeat(24)).expect("an id")
    }

    fn token(of: char, number: u32) -> FastToken {
        let id = FastTokenId::parse(&format!("f{number:023}")).expect("an id");
        FastToken { id, password: password(of), expires_ms: i64::from(number) }
    }

    fn left(content: &Connection, agent: &[u8]) -> Vec<FastToken> {
        let mut left = of_client(content, ALICE, agent, "HT").expect("read");
        left.sort_by_key(|one| one.expires_ms);
        left
    }

    #[test]
    fn a_client_has_the_token_that_it_used_last_and_one_that_it_may_not_have_received_a11() {
        let content = opened();
        for number in 1..4 {
            assert!(insert(&content, &token('a', number), LAPTOP, "HT", 9).expect("written"));
        }
        assert_eq!(left(&content, LAPTOP), [token('a', 3)], "what was never used goes for the next");
        assert!(used(&content, &token('a', 3), None).expect("written"));
        insert(&content, &token('a', 4), LAPTOP, "HT", 9).expect("written");
        assert_eq!(left(&content, LAPTOP), [token('a', 3), token('a', 4)]);
        assert!(used(&content, &token('a', 3), None).expect("written"), "the new one may not have come");
        assert!(used(&content, &token('a', 4), None).expect("written"));
        assert_eq!(left(&content, LAPTOP), [token('a', 4)]);
        assert!(!used(&content, &token('a', 3), None).expect("written"), "it has gone");
        assert!(of_client(&content, ALICE, LAPTOP, "HT of another kind").expect("read").is_empty());
        remove(&content, &token('a', 4).id).expect("written");
        assert!(left(&content, LAPTOP).is_empty());
    }

    #[test]
    fn who_counts_never_shows_a_count_twice_a2() {
        let content = opened();
        insert(&content, &token('a', 1), LAPTOP, "HT", 9).expect("written");
        let shown = |count| used(&content, &token('a', 1), count).expect("written");
        assert!(shown(None) && shown(None), "who does not count");
        assert!(shown(Some(1)) && shown(Some(7)));
        for replayed in [Some(7), Some(1), Some(0), None] {
            assert!(!shown(replayed), "{replayed:?}");
        }
        assert!(shown(Some(8)));
    }

    #[test]
    fn tokens_are_bounded_and_end_with_their_application_password_or_account_a11() {
        let content = opened();
        for number in 1..6 {
            insert(&content, &token('a', number), &number.to_le_bytes(), "HT", 3).expect("written");
        }
        insert(&content, &token('b', 9), LAPTOP, "HT", 3).expect("written");
        let count = || content.query_row("SELECT count(*) FROM fast_token", [], |r| r.get::<_, u32>(0)).expect("read");
        assert_eq!(count(), 4, "three of one, one of the other");
        assert!(left(&content, &1_u32.to_le_bytes()).is_empty(), "the oldest went");
        application_password::remove(&content, ALICE, &password('a')).expect("written");
        assert_eq!(count(), 1);
        assert!(!insert(&content, &token('a', 10), LAPTOP, "HT", 3).expect("written"), "its password has gone");
        user::delete(&content, ALICE).expect("written");
        assert_eq!(count(), 0);
    }
}
