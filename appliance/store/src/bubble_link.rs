//! The link of a bubble (C4), known by the keyed hash of its token, and the password that it asks for. Of both the
//! directory holds what they are computed from under keys of the box, and no copy.

use crate::StoreError;
use domain::ids::BubbleId;
use rusqlite::{Connection, OptionalExtension, params};

/// Where a secret of a bubble comes from: random bytes.
pub type Seed = Vec<u8>;

/// Gives a bubble a link, in place of an older one.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, id: &BubbleId, seed: &[u8], token_hash: &[u8]) -> Result<(), StoreError> {
    directory
        .prepare_cached("INSERT OR REPLACE INTO bubble_link (bubble_id, seed, token_hash) VALUES (?1, ?2, ?3)")?
        .execute(params![id.as_str(), seed, token_hash])?;
    Ok(())
}

/// What the token of a bubble's link is computed from; `None`: it has no link.
///
/// # Errors
/// When the directory cannot be read.
pub fn seed(directory: &Connection, id: &BubbleId) -> Result<Option<Seed>, StoreError> {
    one(directory, "SELECT seed FROM bubble_link WHERE bubble_id = ?1", id)
}

/// The bubble of a link.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, token_hash: &[u8]) -> Result<Option<BubbleId>, StoreError> {
    let sql = "SELECT bubble_id FROM bubble_link WHERE token_hash = ?1";
    let found: Option<String> = directory.prepare_cached(sql)?.query_row([token_hash], |r| r.get(0)).optional()?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "bubble_link", what: e.to_string() };
    found.map(|id| BubbleId::parse(&id).map_err(unreadable)).transpose()
}

/// Makes a bubble's link void; `false`: it had none.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove(directory: &Connection, id: &BubbleId) -> Result<bool, StoreError> {
    Ok(directory.prepare_cached("DELETE FROM bubble_link WHERE bubble_id = ?1")?.execute([id.as_str()])? == 1)
}

/// Gives a bubble a password, in place of an older one, or takes it off.
///
/// # Errors
/// When the directory cannot be written.
pub fn put_password(directory: &Connection, id: &BubbleId, seed: Option<&[u8]>) -> Result<(), StoreError> {
    match seed {
        Some(seed) => directory
            .prepare_cached("INSERT OR REPLACE INTO bubble_password (bubble_id, seed) VALUES (?1, ?2)")?
            .execute(params![id.as_str(), seed])?,
        None => directory.prepare_cached("DELETE FROM bubble_password WHERE bubble_id = ?1")?.execute([id.as_str()])?,
    };
    Ok(())
}

/// What a bubble's password is computed from; `None`: it has none.
///
/// # Errors
/// When the directory cannot be read.
pub fn password_seed(directory: &Connection, id: &BubbleId) -> Result<Option<Seed>, StoreError> {
    one(directory, "SELECT seed FROM bubble_password WHERE bubble_id = ?1", id)
}

fn one(directory: &Connection, sql: &str, id: &BubbleId) -> Result<Option<Seed>, StoreError> {
    Ok(directory.prepare_cached(sql)?.query_row([id.as_str()], |r| r.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bubble_members, migrate};
    use domain::bubble::{Bubble, Door, Step};
    use domain::ids::{CompanyId, UserId};

    const COMPANY: &str = "c00000000000000000000bad";

    fn user(letter: char) -> UserId {
        UserId::parse(&letter.to_string().repeat(24)).expect("an id")
    }

    /// A bubble with a lobby in which somebody waits, as it comes back from the directory.
    fn directory() -> (Connection, BubbleId, Bubble) {
        let directory = Connection::open_in_memory().expect("memory");
        migrate::migrate("directory", &directory, migrate::DIRECTORY).expect("a schema");
        let company = "INSERT INTO company (id, kind, visibility, name_hash, wrapped_key, created_ms)
             VALUES ('c00000000000000000000bad', 'end_customer', 'public', x'00', x'00', 0)";
        directory.execute_batch(company).expect("a company");
        let id = BubbleId::parse("b00000000000000000000bad").expect("an id");
        let mut bubble = Bubble::new(CompanyId::parse(COMPANY).expect("an id"), user('a'), false, 10);
        bubble.door = Door::Lobby;
        bubble.take(&user('d'), Step::Knock { guest: false }, 20);
        bubble.take(&user('f'), Step::Knock { guest: true }, 20);
        bubble_members::put(&directory, &id, &bubble, [&user('a'), &user('d'), &user('f')]).expect("written");
        (directory, id, bubble)
    }

    fn found(directory: &Connection, id: &BubbleId) -> Bubble {
        bubble_members::find(directory, id).expect("read").expect("a bubble")
    }

    #[test]
    fn a_door_and_who_waits_and_who_is_a_guest_come_back_as_they_were_c5() {
        let (directory, id, mut bubble) = directory();
        assert_eq!(found(&directory, &id), bubble);
        for step in [Step::LetIn(user('f')), Step::TurnAway(user('d')), Step::SetDoor(Door::Locked)] {
            let changed = bubble.take(&user('a'), step, 30);
            bubble_members::put(&directory, &id, &bubble, &changed).expect("written");
            assert_eq!(found(&directory, &id), bubble);
        }
        assert!(bubble.members[&user('f')].guest && bubble.members[&user('d')].put_out);
        assert_eq!(bubble_members::of_user(&directory, &user('f')).expect("read"), [id]);
    }

    #[test]
    fn a_link_is_found_until_another_replaces_it_or_the_bubble_is_over_c4() {
        let (directory, id, mut bubble) = directory();
        let find = |hash: &[u8]| find(&directory, hash).expect("read");
        put(&directory, &id, b"s", b"one").expect("written");
        assert_eq!((find(b"one"), seed(&directory, &id).expect("read")), (Some(id.clone()), Some(b"s".to_vec())));
        put(&directory, &id, b"t", b"two").expect("written");
        assert_eq!((find(b"one"), find(b"two")), (None, Some(id.clone())));
        let changed = bubble.take(&user('a'), Step::Archive, 30);
        bubble_members::put(&directory, &id, &bubble, &changed).expect("written");
        assert_eq!((find(b"two"), remove(&directory, &id).expect("written")), (None, false));
        put(&directory, &id, b"u", b"three").expect("written");
        bubble_members::mark_deleted(&directory, &id).expect("written");
        assert_eq!(find(b"three"), None);
    }

    #[test]
    fn a_password_is_told_of_the_bubble_and_taken_off_again_c5() {
        let (directory, id, _) = directory();
        put_password(&directory, &id, Some(b"p")).expect("written");
        assert!(found(&directory, &id).asks_password);
        assert_eq!(password_seed(&directory, &id).expect("read"), Some(b"p".to_vec()));
        put_password(&directory, &id, None).expect("written");
        assert!(!found(&directory, &id).asks_password);
    }
}
