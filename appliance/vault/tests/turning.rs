//! A database's key is turned while it is used: page by page, over crashes, and what comes out opens with the new key alone
//! (D2).

mod support;

use std::path::Path;

use rusqlite::Connection;
use support::{Folder, Seeded, create, insert, log_of, open, open_and_read, read_all, secret, snapshot};
use vault::{DatabaseKey, Examination, Role, VaultError};

const ID: [u8; 8] = *b"turnings";
/// Pages that are sealed anew in one transaction.
const AT_ONCE: usize = 8;

fn old() -> DatabaseKey {
    DatabaseKey::new(ID, vec![(1, secret(1))])
}

fn both() -> DatabaseKey {
    DatabaseKey::new(ID, vec![(1, secret(1)), (2, secret(2))])
}

fn new() -> DatabaseKey {
    DatabaseKey::new(ID, vec![(2, secret(2))])
}

/// A database of rows, of long ones on pages of their own, and of free pages.
fn filled(path: &Path) -> Connection {
    create(path, &old());
    let connection = open(path, &old());
    for id in 0..200 {
        insert(&connection, id, if id % 10 == 0 { 20_000 } else { 300 });
    }
    connection.execute_batch("DELETE FROM confidential_table WHERE id % 4 = 1").expect("deletes");
    connection
}

fn kept(until: i64) -> Vec<i64> {
    (0..until).filter(|id| *id >= 200 || id % 4 != 1).collect()
}

fn stale(path: &Path, key: &DatabaseKey) -> Vec<u32> {
    let (mut found, mut from) = (Vec::new(), Some(1));
    while let Some(at) = from {
        let some = vault::stale_pages(path, key, at, 7).expect("looks");
        found.extend(some.pages);
        from = some.next;
    }
    found
}

fn in_one_change(connection: &Connection, pages: &[u32]) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    vault::reseal(connection, pages).expect("every page opens");
    connection.execute_batch("COMMIT").expect("commits");
}

fn truncate_log(connection: &Connection) {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("copies");
    assert_eq!(busy, 0, "nobody reads an older state");
}

/// The epochs in the trailers of a file as it lies on the disk.
fn epochs_on_disk(path: &Path) -> Vec<u32> {
    let bytes = std::fs::read(path).expect("reads");
    let pages = bytes.chunks_exact(4096);
    pages.map(|page| u32::from_be_bytes(page[4088..4092].try_into().expect("four bytes"))).collect()
}

#[test]
fn a_key_is_turned_while_people_read_and_write_and_the_old_one_opens_nothing_afterwards_d2() {
    let folder = Folder::new("turning");
    let path = folder.file("a.db");
    let writer = filled(&path);
    let (reader, _) = vault::open(&path, &old(), Role::Reader).expect("opens");
    assert_eq!(read_all(&reader).expect("reads"), kept(200));

    vault::turn(&path, &both()).expect("turns");
    let before = stale(&path, &both());
    insert(&writer, 200, 300);
    assert_eq!(read_all(&reader).expect("a reader follows"), kept(201));
    let (late, _) = vault::open(&path, &old(), Role::Reader).expect("whoever opens may know the key of a moment ago");
    assert!(vault::has_stale_frames(&path, &both()).expect("looks"), "the log is older than the turn");
    truncate_log(&writer);
    let pages = stale(&path, &both());
    let total = epochs_on_disk(&path).len();
    assert!(pages.len() > 100 && pages.len() < total, "{} of {total}, {} before", pages.len(), before.len());
    for (number, some) in (201..).zip(pages.chunks(AT_ONCE)) {
        in_one_change(&writer, some);
        insert(&writer, number, 300);
        assert_eq!(read_all(&reader).expect("reads"), kept(number + 1));
    }
    let last = 201 + i64::try_from(pages.len().div_ceil(AT_ONCE)).expect("a count");
    truncate_log(&writer);
    assert_eq!((stale(&path, &both()), vault::has_stale_frames(&path, &both()).expect("looks")), (vec![], false));
    vault::turn(&path, &new()).expect("turns");
    insert(&writer, last, 300);
    assert_eq!((read_all(&reader).expect("reads"), read_all(&late).expect("reads")), (kept(last + 1), kept(last + 1)));
    drop((reader, late, writer));
    only_the_new_key_opens(&folder, &path, last + 1);
}

#[test]
fn whoever_looks_at_a_database_while_its_key_is_turned_finds_no_damage_and_may_look_again_d2_d3() {
    let folder = Folder::new("turning-looked-at");
    let path = folder.file("a.db");
    let writer = filled(&path);
    let looked = |look: &mut Examination| {
        let (mut bad, mut next) = (look.bad_frames().expect("opens"), Some(1));
        while let Some(from) = next {
            let step = look.step(from, 1).expect("looks");
            bad.extend(step.bad.iter().map(|(page, _)| *page));
            next = step.next;
        }
        bad
    };
    let (mut look, _) = Examination::open(&path, &old()).expect("opens");
    // Somebody may come with the key before anybody was told of it.
    drop(Examination::open(&path, &both()).expect("opens"));
    insert(&writer, 200, 300);
    assert_eq!(looked(&mut look), Vec::<u32>::new(), "half of it is sealed under the new key");
    truncate_log(&writer);
    in_one_change(&writer, &stale(&path, &both()));
    truncate_log(&writer);
    vault::turn(&path, &new()).expect("turns");
    assert!(epochs_on_disk(&path).iter().all(|epoch| *epoch == 2), "a page was left");
    assert_eq!(looked(&mut look), Vec::<u32>::new());
    let (mut late, _) = Examination::open(&path, &old()).expect("he asked for the key before it was turned");
    assert_eq!(looked(&mut late), Vec::<u32>::new());
    let foreign = DatabaseKey::new(ID, vec![(1, secret(9))]);
    assert!(matches!(Examination::open(&path, &foreign), Err(VaultError::WrongKey { .. })));
    drop((look, late, writer));
    only_the_new_key_opens(&folder, &path, 201);
}

fn only_the_new_key_opens(folder: &Folder, path: &Path, rows: i64) {
    assert!(epochs_on_disk(path).iter().all(|epoch| *epoch == 2), "a page was left");
    assert!(matches!(open_and_read(path, &old()), Err(VaultError::WrongKey { .. })));
    let renamed = DatabaseKey::new(ID, vec![(2, secret(1))]);
    assert!(
        matches!(open_and_read(path, &renamed), Err(VaultError::WrongKey { .. })),
        "the old key, called the new one"
    );
    assert_eq!(open_and_read(path, &new()).expect("opens"), kept(rows));
    assert_eq!(vault::verify(path, &new()).expect("opens"), Vec::<u32>::new());
    let copy = folder.file("copy.db");
    snapshot(path, &copy);
    let connection = open(&copy, &new());
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checks");
    assert_eq!(sound, "ok");
}

#[test]
fn a_crash_at_any_moment_of_turning_loses_nothing_and_what_is_left_is_found_d2() {
    let seed = std::env::var("RAINBOW_EDGE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_130);
    println!("seed: RAINBOW_EDGE_SEED={seed}");
    let (folder, mut seeded) = (Folder::new("turning-crash"), Seeded(seed));
    for round in 0..6 {
        let path = folder.file(&format!("{round}.db"));
        let writer = filled(&path);
        vault::turn(&path, &both()).expect("turns");
        let crash_after = seeded.below(40);
        let mut rows = 200;
        let pages = stale(&path, &both());
        for some in pages.chunks(AT_ONCE).take(crash_after) {
            in_one_change(&writer, some);
            if seeded.below(3) == 0 {
                insert(&writer, rows, 300);
                rows += 1;
            }
            if seeded.below(8) == 0 {
                truncate_log(&writer);
            }
        }
        let left = folder.file(&format!("{round}-left.db"));
        snapshot(&path, &left);
        drop(writer);
        let writer = open(&left, &both());
        assert_eq!(read_all(&writer).expect("reads"), kept(rows), "round {round}");
        loop {
            truncate_log(&writer);
            let pages = stale(&left, &both());
            if pages.is_empty() {
                break;
            }
            pages.chunks(AT_ONCE).for_each(|some| in_one_change(&writer, some));
        }
        assert!(!vault::has_stale_frames(&left, &both()).expect("looks"), "round {round}");
        vault::turn(&left, &new()).expect("turns");
        drop(writer);
        only_the_new_key_opens(&folder, &left, rows);
        assert!(std::fs::metadata(log_of(&left)).map_or(0, |log| log.len()) == 0, "a log was left");
    }
}

#[test]
fn a_key_that_has_nothing_in_common_takes_no_database_over_d2() {
    let folder = Folder::new("turning-foreign");
    let path = folder.file("a.db");
    let writer = filled(&path);
    let foreign = [
        new(),
        DatabaseKey::new(ID, vec![(1, secret(9)), (2, secret(2))]),
        DatabaseKey::new(*b"anothers", vec![(1, secret(1)), (2, secret(2))]),
    ];
    for key in foreign {
        assert!(matches!(vault::turn(&path, &key), Err(VaultError::WrongKey { .. })));
        assert!(matches!(vault::open(&path, &key, Role::Reader), Err(VaultError::WrongKey { .. })));
    }
    insert(&writer, 200, 300);
    assert_eq!(read_all(&writer).expect("reads"), kept(201));
}

#[test]
fn a_damaged_page_is_not_sealed_anew_and_is_named_d2_d3() {
    let folder = Folder::new("turning-damaged");
    let path = folder.file("a.db");
    drop(filled(&path));
    let mut bytes = std::fs::read(&path).expect("reads");
    let page = 40;
    bytes[(page - 1) * 4096 + 100] ^= 1;
    std::fs::write(&path, bytes).expect("writes");
    let writer = open(&path, &both());
    let number = u32::try_from(page).expect("a page");
    let found = vault::stale_pages(&path, &both(), 1, 1_000).expect("looks");
    assert_eq!((found.damaged, found.next), (vec![number], None));
    assert!(found.pages.len() > 100 && !found.pages.contains(&number));
    in_one_change(&writer, &found.pages);
    truncate_log(&writer);
    let left = vault::stale_pages(&path, &both(), 1, 1_000).expect("looks");
    assert_eq!((left.pages, left.damaged), (vec![], vec![number]), "it is still there to be mended");
    writer.execute_batch("BEGIN IMMEDIATE").expect("begins");
    let refused = vault::reseal(&writer, &[number]).expect_err("it does not open");
    assert!(matches!(vault::diagnose(&path, refused), VaultError::PageTampered { page: 40, .. }));
}
