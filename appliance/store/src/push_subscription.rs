//! Browsers that are told of new messages while their sign-in has no connected device (RFC 8030). A row goes with its
//! session.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{SessionId, SubscriptionId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use zeroize::Zeroizing;

/// A subscription. Whoever knows its address may push to it, so it cannot be printed.
#[derive(Clone)]
pub struct PushSubscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub user: PersonNo,
    /// The sign-in whose browser it is.
    pub session: SessionId,
    /// Where the push service takes pushes for it.
    pub endpoint: String,
    /// The browser's public key: an uncompressed point on P-256 (RFC 8291, 3.1).
    pub p256dh: Vec<u8>,
    /// The secret that the browser shares with the box (RFC 8291, 3.2).
    pub auth: Zeroizing<Vec<u8>>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// Only sessions that began and were used after these live, in milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Living {
    /// Began later than this.
    pub began_after_ms: i64,
    /// Last used later than this.
    pub used_after_ms: i64,
}

const COLUMNS: &str = "p.id, p.user_no, p.session_id, p.endpoint, p.p256dh, p.auth, p.created_ms";

/// Adds a subscription, or renews the keys of the session's own of the same address, and answers its id. A browser has
/// one address for whoever uses it, so another session's of that address goes; so do the user's oldest beyond
/// `subscriptions_max`.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, new: &PushSubscription, subscriptions_max: u32) -> Result<SubscriptionId, StoreError> {
    let renewed: Option<String> = content
        .prepare_cached(
            "UPDATE push_subscription SET p256dh = ?3, auth = ?4 WHERE endpoint = ?1 AND session_id = ?2 RETURNING id",
        )?
        .query_row(params![new.endpoint, new.session.as_str(), new.p256dh, new.auth.as_slice()], |r| r.get(0))
        .optional()?;
    if let Some(id) = renewed {
        return parse_id(&id);
    }
    content.execute("DELETE FROM push_subscription WHERE endpoint = ?1", [&new.endpoint])?;
    content.execute(
        "INSERT INTO push_subscription (id, user_no, session_id, endpoint, p256dh, auth, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.id.as_str(),
            new.user.0,
            new.session.as_str(),
            new.endpoint,
            new.p256dh,
            new.auth.as_slice(),
            new.created_ms
        ],
    )?;
    content.execute(
        "DELETE FROM push_subscription WHERE id IN
         (SELECT id FROM push_subscription WHERE user_no = ?1 ORDER BY id = ?2 DESC, created_ms DESC LIMIT -1 OFFSET ?3)",
        params![new.user.0, new.id.as_str(), subscriptions_max],
    )?;
    Ok(new.id.clone())
}

/// A user's subscriptions whose sessions live, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn living(content: &Connection, user: PersonNo, living: Living) -> Result<Vec<PushSubscription>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM push_subscription p JOIN session s ON s.id = p.session_id
         WHERE p.user_no = ?1 AND s.created_ms > ?2 AND s.seen_ms > ?3 ORDER BY p.created_ms DESC, p.id"
    );
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![user.0, living.began_after_ms, living.used_after_ms], read)?;
    rows.map(|row| row?).collect()
}

/// Removes one of a user's subscriptions; `false` when the user has none of this id.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, user: PersonNo, id: &SubscriptionId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM push_subscription WHERE id = ?1 AND user_no = ?2";
    Ok(content.execute(sql, params![id.as_str(), user.0])? == 1)
}

/// Removes a subscription that the push service no longer knows.
///
/// # Errors
/// When the file cannot be written.
pub fn forget(content: &Connection, id: &SubscriptionId) -> Result<(), StoreError> {
    content.execute("DELETE FROM push_subscription WHERE id = ?1", [id.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<PushSubscription, StoreError>> {
    let (id, session): (String, String) = (row.get(0)?, row.get(2)?);
    let (user, endpoint, p256dh, created_ms) = (PersonNo(row.get(1)?), row.get(3)?, row.get(4)?, row.get(6)?);
    let auth = Zeroizing::new(row.get(5)?);
    Ok((|| {
        let session = SessionId::parse(&session).map_err(unreadable)?;
        Ok(PushSubscription { id: parse_id(&id)?, user, session, endpoint, p256dh, auth, created_ms })
    })())
}

fn parse_id(id: &str) -> Result<SubscriptionId, StoreError> {
    SubscriptionId::parse(id).map_err(unreadable)
}

fn unreadable(e: domain::ids::NotAnId) -> StoreError {
    StoreError::Row { table: "push_subscription", what: e.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{migrate, session, user};

    const EVERY: Living = Living { began_after_ms: -1, used_after_ms: -1 };
    const ALICE: PersonNo = PersonNo(1);
    const BOB: PersonNo = PersonNo(2);

    /// Two users with two sessions each: `a1`, `a2`, `b1`, `b2`.
    fn content() -> Connection {
        let content = Connection::open_in_memory().expect("memory");
        content.pragma_update(None, "foreign_keys", true).expect("as the vault sets it");
        migrate::migrate("company", &content, migrate::COMPANY).expect("the newest version");
        let people = "INSERT INTO person VALUES (1, 'a', 'c'), (2, 'b', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 0, 0), (2, 'b@b.test', '', '', 2, 1, 0, 0);";
        content.execute_batch(people).expect("two users");
        for (name, user) in [("a1", 1), ("a2", 1), ("b1", 2), ("b2", 2)] {
            let sql = "INSERT INTO session VALUES (?1, ?2, NULL, '', 100, 200)";
            content.execute(sql, params![session(name).as_str(), user]).expect("a session");
        }
        content
    }

    fn session(name: &str) -> SessionId {
        SessionId::parse(&format!("{name:d<24}")).expect("an id")
    }

    fn id(number: u32) -> SubscriptionId {
        SubscriptionId::parse(&format!("d{number:023}")).expect("an id")
    }

    fn put_one(content: &Connection, number: u32, of: PersonNo, session_name: &str, endpoint: &str) -> SubscriptionId {
        let new = PushSubscription {
            id: id(number),
            user: of,
            session: session(session_name),
            endpoint: endpoint.to_owned(),
            p256dh: vec![4; 65],
            auth: Zeroizing::new(vec![1; 16]),
            created_ms: i64::from(number),
        };
        put(content, &new, 3).expect("written")
    }

    fn ids(content: &Connection, user: PersonNo) -> Vec<SubscriptionId> {
        living(content, user, EVERY).expect("read").into_iter().map(|found| found.id).collect()
    }

    #[test]
    fn an_address_belongs_to_the_session_that_showed_it_last_j9() {
        let content = content();
        put_one(&content, 1, ALICE, "a1", "https://p.test/1");
        assert_eq!(put_one(&content, 2, ALICE, "a1", "https://p.test/1"), id(1), "the same browser again");
        put_one(&content, 3, BOB, "b1", "https://p.test/1");
        assert_eq!((ids(&content, ALICE), ids(&content, BOB)), (vec![], vec![id(3)]));
    }

    #[test]
    fn a_user_has_so_many_and_the_oldest_go_e5() {
        let content = content();
        for number in 1..=5 {
            put_one(&content, number, ALICE, "a1", &format!("https://p.test/{number}"));
        }
        put_one(&content, 9, BOB, "b1", "https://p.test/9");
        // A clock that went back does not make the new one the oldest.
        put_one(&content, 0, ALICE, "a1", "https://p.test/0");
        assert_eq!(ids(&content, ALICE), [id(5), id(4), id(0)]);
        assert_eq!(ids(&content, BOB), [id(9)]);
    }

    #[test]
    fn a_subscription_goes_with_its_session_however_that_ends_j9() {
        let ends: [fn(&Connection); 5] = [
            |c| assert!(session::end(c, ALICE, &session("a1")).expect("ended")),
            |c| assert_eq!(session::end_others(c, ALICE, Some(&session("a2"))).expect("ended"), [session("a1")]),
            |c| session::end_all(c, ALICE).expect("ended"),
            |c| user::delete(c, ALICE).expect("deleted"),
            |c| session::purge(c, 201).expect("purged"),
        ];
        for end in ends {
            let content = content();
            put_one(&content, 1, ALICE, "a1", "https://p.test/1");
            end(&content);
            let rows: u32 =
                content.query_row("SELECT count(*) FROM push_subscription", [], |r| r.get(0)).expect("a number");
            assert_eq!(rows, 0);
        }
    }

    #[test]
    fn a_session_past_its_life_is_pushed_to_no_longer_j9() {
        let content = content();
        put_one(&content, 1, ALICE, "a1", "https://p.test/1");
        for (began_after_ms, used_after_ms, count) in [(99, 199, 1), (100, 199, 0), (99, 200, 0)] {
            let found = living(&content, ALICE, Living { began_after_ms, used_after_ms }).expect("read");
            assert_eq!(found.len(), count, "{began_after_ms} {used_after_ms}");
        }
    }

    #[test]
    fn nobody_removes_anothers_b1() {
        let content = content();
        put_one(&content, 1, ALICE, "a1", "https://p.test/1");
        assert!(!remove(&content, BOB, &id(1)).expect("asked"));
        assert!(remove(&content, ALICE, &id(1)).expect("asked"));
        assert!(!remove(&content, ALICE, &id(1)).expect("asked"));
    }
}
