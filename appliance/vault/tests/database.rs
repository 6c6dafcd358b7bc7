//! A sealed database is an ordinary SQLite database to those who hold its key.

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, params};
use support::{Folder, TABLE, WORD, create, filler, insert, key, log_of, open, read_all, secret};
use vault::{DatabaseKey, Recovery, Role, VaultError};

#[test]
fn what_was_written_is_read_again_after_closing_d1() {
    let folder = Folder::new("roundtrip");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    (1..=50).for_each(|id| insert(&connection, id, 300));
    drop(connection);
    assert!(!log_of(&path).exists(), "the last connection copies the log back and removes it");
    let connection = open(&path, &key(1));
    assert_eq!(read_all(&connection).expect("reads"), (1..=50).collect::<Vec<_>>());
    assert_eq!(vault::verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
}

#[test]
fn settings_are_those_of_the_role_d1() {
    let folder = Folder::new("settings");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let number = |connection: &Connection, pragma: &str| -> i64 {
        connection.pragma_query_value(None, pragma, |row| row.get(0)).expect("a pragma")
    };
    let writer = open(&path, &key(1));
    let mode: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a pragma");
    assert_eq!(mode, "wal");
    for (pragma, value) in [
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("temp_store", 2),
        ("page_size", 4096),
        ("query_only", 0),
    ] {
        assert_eq!(number(&writer, pragma), value, "{pragma}");
    }
    let reader = vault::open(&path, &key(1), Role::Reader).expect("opens").0;
    assert_eq!(number(&reader, "query_only"), 1);
    assert!(reader.execute(&format!("DELETE FROM {TABLE}"), []).is_err(), "a reader changed data");
}

#[test]
fn sqlite_is_built_so_that_nothing_spills_to_files_d1() {
    let connection = Connection::open_in_memory().expect("opens");
    let mut statement = connection.prepare("PRAGMA compile_options").expect("a pragma");
    let options: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("texts");
    for option in ["TEMP_STORE=3", "STMTJRNL_SPILL=-1", "SECURE_DELETE"] {
        assert!(options.iter().any(|got| got == option), "{option} is missing in {options:?}");
    }
}

#[test]
fn readers_see_whole_transactions_while_the_writer_writes_d1() {
    let folder = Folder::new("threads");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let writer = open(&path, &key(1));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| read_until(&path, &done))).collect();
        for batch in 0..300_i64 {
            let transaction = writer.unchecked_transaction().expect("begins");
            (0..10).for_each(|row| insert(&writer, batch * 10 + row, 500));
            transaction.commit().expect("commits");
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            assert_eq!(reader.join().expect("no panic"), 3000, "a reader does not see the end");
        }
    });
    assert_eq!(read_all(&writer).expect("reads").len(), 3000);
}

/// Opens, reads and closes until told to stop, then reads once more.
fn read_until(path: &Path, done: &AtomicBool) -> usize {
    loop {
        let last = done.load(Ordering::Acquire);
        let (reader, _) = vault::open(path, &key(1), Role::Reader).expect("opens");
        for _ in 0..3 {
            let rows = read_all(&reader).expect("reads").len();
            assert_eq!(rows % 10, 0, "half a transaction was seen");
            if last {
                return rows;
            }
        }
    }
}

#[test]
fn connections_open_and_close_at_once_from_many_threads_d1() {
    let folder = Folder::new("open-close");
    let path = folder.file("a.db");
    create(&path, &key(1));
    std::thread::scope(|scope| {
        for thread in 0..6_i64 {
            let path = &path;
            scope.spawn(move || {
                for round in 0..40 {
                    let connection = open(path, &key(1));
                    insert(&connection, thread * 1000 + round, 100);
                }
            });
        }
    });
    assert_eq!(read_all(&open(&path, &key(1))).expect("reads").len(), 240);
}

#[test]
fn a_transaction_larger_than_the_cache_commits_and_rolls_back_d1() {
    let folder = Folder::new("spill");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    connection.pragma_update(None, "cache_size", 50).expect("a pragma");
    insert(&connection, 1, 100);
    let transaction = connection.unchecked_transaction().expect("begins");
    (2..=3000).for_each(|id| insert(&connection, id, 4000));
    // Pages already in the log are written again, so SQLite corrects the checksums of the frames after them.
    connection.execute(&format!("UPDATE {TABLE} SET word = word || '' WHERE id % 3 = 0"), []).expect("updates");
    transaction.rollback().expect("rolls back");
    assert_eq!(read_all(&connection).expect("reads"), [1]);
    let transaction = connection.unchecked_transaction().expect("begins");
    (2..=3000).for_each(|id| insert(&connection, id, 4000));
    connection.execute(&format!("DELETE FROM {TABLE} WHERE id % 2 = 0"), []).expect("deletes");
    transaction.commit().expect("commits");
    let crashed = folder.file("crashed.db");
    support::snapshot(&path, &crashed);
    let expected: Vec<i64> = (1..=3000).filter(|id| id % 2 == 1).collect();
    assert_eq!(read_all(&connection).expect("reads"), expected);
    let (recovered, recovery) = vault::open(&crashed, &key(1), Role::Writer).expect("opens");
    assert!(recovery.frames > 2000, "{recovery:?} is not the large transaction");
    assert_eq!(read_all(&recovered).expect("reads"), expected, "the log after corrected checksums is not the same");
    assert_eq!(vault::verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
}

#[test]
fn savepoints_undo_their_part_only_d1() {
    let folder = Folder::new("savepoints");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    connection.pragma_update(None, "cache_size", 20).expect("a pragma");
    connection.execute_batch("BEGIN").expect("begins");
    (1..=300).for_each(|id| insert(&connection, id, 3000));
    connection.execute_batch("SAVEPOINT half").expect("a savepoint");
    (301..=900).for_each(|id| insert(&connection, id, 3000));
    connection.execute(&format!("UPDATE {TABLE} SET word = 'wrong'"), []).expect("updates");
    connection.execute_batch("ROLLBACK TO half; RELEASE half").expect("rolls back");
    (1001..=1100).for_each(|id| insert(&connection, id, 3000));
    connection.execute_batch("COMMIT").expect("commits");
    let expected: Vec<i64> = (1..=300).chain(1001..=1100).collect();
    assert_eq!(read_all(&connection).expect("reads"), expected);
    drop(connection);
    assert_eq!(read_all(&open(&path, &key(1))).expect("reads"), expected);
}

#[test]
fn vacuum_and_overflow_pages_keep_the_data_d1() {
    let folder = Folder::new("vacuum");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    insert(&connection, 1, 3_000_000);
    (2..=400).for_each(|id| insert(&connection, id, 2000));
    connection.execute(&format!("DELETE FROM {TABLE} WHERE id BETWEEN 10 AND 390"), []).expect("deletes");
    let before = std::fs::metadata(&path).expect("a file").len();
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").expect("vacuums");
    let after = std::fs::metadata(&path).expect("a file").len();
    assert!(after < before + 3_000_000, "{after} bytes are more than were ever needed");
    let part: Vec<u8> = connection
        .query_row(&format!("SELECT substr(filler, 2000001, 100) FROM {TABLE} WHERE id = 1"), [], |row| row.get(0))
        .expect("reads");
    assert_eq!(part, filler(1, 3_000_000)[2_000_000..2_000_100]);
    drop(connection);
    let expected: Vec<i64> = (1..10).chain(391..=400).collect();
    assert_eq!(read_all(&open(&path, &key(1))).expect("reads"), expected);
    assert_eq!(vault::verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
}

#[test]
fn pages_of_an_old_epoch_are_read_and_new_ones_written_under_the_newest_d2() {
    let folder = Folder::new("epochs");
    let path = folder.file("a.db");
    let old = DatabaseKey::new([3; 8], vec![(1, secret(1))]);
    let both = DatabaseKey::new([3; 8], vec![(1, secret(1)), (2, secret(2))]);
    let new = DatabaseKey::new([3; 8], vec![(2, secret(2))]);
    create(&path, &old);
    let connection = open(&path, &old);
    (1..=20).for_each(|id| insert(&connection, id, 1000));
    let crashed = folder.file("crashed.db");
    support::snapshot(&path, &crashed);
    drop(connection);
    assert_eq!(read_all(&open(&crashed, &both)).expect("reads a log of the old epoch").len(), 20);
    let connection = open(&path, &both);
    (21..=40).for_each(|id| insert(&connection, id, 1000));
    drop(connection);
    assert_eq!(read_all(&open(&path, &both)).expect("reads").len(), 40);
    assert!(!vault::verify(&path, &old).unwrap_or(vec![1]).is_empty(), "nothing was written under the new epoch");
    let connection = open(&path, &both);
    connection.execute_batch("VACUUM").expect("vacuums");
    drop(connection);
    assert_eq!(read_all(&open(&path, &new)).expect("the old key is not needed any more").len(), 40);
}

#[test]
fn a_failed_creation_leaves_nothing_and_an_existing_file_is_kept_d1() {
    let folder = Folder::new("create");
    let path = folder.file("a.db");
    let failed =
        vault::create(&path, &key(1), |connection| connection.execute_batch("CREATE TABLE t(x); SELECT nonsense"));
    assert!(matches!(failed, Err(VaultError::Sqlite { .. })), "{failed:?}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "something was left");
    // What an interrupted creation leaves is swept away.
    std::fs::write(folder.file("a.db.new"), b"half").expect("writes");
    std::fs::write(folder.file("a.db.new-wal"), b"half").expect("writes");
    create(&path, &key(1));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    let before = std::fs::read(&path).expect("reads");
    assert!(matches!(vault::create(&path, &key(2), |_| Ok(())), Err(VaultError::AlreadyExists { .. })));
    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

#[test]
fn what_would_write_unsealed_files_is_refused_d1() {
    let folder = Folder::new("refused");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    insert(&connection, 1, 100);
    let plain = folder.file("plain.db");
    for sql in [
        format!("ATTACH '{}' AS other; CREATE TABLE other.t(x)", plain.display()),
        format!("VACUUM INTO '{}'", plain.display()),
        "PRAGMA journal_mode=DELETE; CREATE TABLE t(x)".to_owned(),
    ] {
        assert!(connection.execute_batch(&sql).is_err(), "{sql} succeeded");
    }
    assert!(!plain.exists());
    assert_eq!(read_all(&connection).expect("reads"), [1]);
    // A planted journal is not played back.
    drop(connection);
    std::fs::write(folder.file("a.db-journal"), vec![0xd9; 4096]).expect("writes");
    assert_eq!(read_all(&open(&path, &key(1))).expect("reads"), [1]);
}

#[test]
fn sorting_and_temporary_tables_stay_in_memory_d1() {
    let folder = Folder::new("sorting");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    let transaction = connection.unchecked_transaction().expect("begins");
    (1..=4000).for_each(|id| insert(&connection, id, 2000));
    transaction.commit().expect("commits");
    let rows: i64 = connection
        .query_row(
            &format!("SELECT count(*) FROM (SELECT filler FROM {TABLE} ORDER BY filler DESC LIMIT -1 OFFSET 1)"),
            [],
            |row| row.get(0),
        )
        .expect("sorts");
    assert_eq!(rows, 3999);
    connection
        .execute_batch(&format!("CREATE TEMP TABLE copy AS SELECT * FROM {TABLE}; CREATE INDEX i ON {TABLE}(filler)"))
        .expect("a temporary table");
    let mut files: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    files.sort();
    assert_eq!(files, ["a.db", "a.db-wal"], "no index of the log and no temporary file lies on the disk");
}

#[test]
fn the_first_opening_reports_what_the_log_held_d3() {
    let folder = Folder::new("report");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    (1..=7).for_each(|id| insert(&connection, id, 100));
    let crashed = folder.file("crashed.db");
    support::snapshot(&path, &crashed);
    let (first, recovery) = vault::open(&crashed, &key(1), Role::Writer).expect("opens");
    assert_eq!((recovery.commits, recovery.torn_bytes), (7, 0));
    assert!(recovery.frames >= 7);
    let (_second, again) = vault::open(&crashed, &key(1), Role::Reader).expect("opens");
    assert_eq!(again, Recovery::default());
    assert_eq!(read_all(&first).expect("reads").len(), 7);
}

#[test]
fn a_database_open_under_one_key_does_not_open_under_another_d2() {
    let folder = Folder::new("two-keys");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let _open = open(&path, &key(1));
    let other = DatabaseKey::new([1; 8], vec![(1, secret(9))]);
    assert!(matches!(vault::open(&path, &other, Role::Reader), Err(VaultError::WrongKey { .. })));
}

/// The second process is this test again, told by its environment what to open.
#[test]
fn a_database_in_use_by_another_process_does_not_open_d1() {
    const CHILD: &str = "VAULT_TEST_OPEN";
    if let Ok(path) = std::env::var(CHILD) {
        let error = vault::open(Path::new(&path), &key(1), Role::Reader).map(|_| ()).expect_err("it is in use");
        assert!(matches!(error, VaultError::InUse { .. }), "{error}");
        return;
    }
    let folder = Folder::new("in-use");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    insert(&connection, 1, 100);
    let second = || {
        std::process::Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "a_database_in_use_by_another_process_does_not_open_d1"])
            .env(CHILD, &path)
            .output()
            .expect("runs")
    };
    let output = second();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    drop(connection);
    assert!(!second().status.success(), "closed here, it should have opened there");
}

#[test]
fn statement_parameters_and_blobs_come_back_unchanged_d1() {
    let folder = Folder::new("blobs");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    for (id, length) in [0_usize, 1, 4047, 4048, 4049, 8096, 100_000].into_iter().enumerate() {
        let id = i64::try_from(id).expect("small");
        let row = params![id, format!("{WORD} {id}"), filler(id, length)];
        connection.execute(&format!("INSERT INTO {TABLE} VALUES(?1, ?2, ?3)"), row).expect("inserts");
    }
    assert_eq!(read_all(&connection).expect("reads").len(), 7);
}

/// What a savepoint took back lies in the log, behind or between what was committed.
#[test]
fn a_log_with_frames_of_a_savepoint_that_was_taken_back_is_recovered_d3() {
    let folder = Folder::new("savepoint");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    connection.execute_batch("CREATE TABLE t(x INTEGER PRIMARY KEY, y BLOB); CREATE TABLE u(x, y)").expect("tables");
    let rows =
        |sql: &str| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) {sql}");
    connection.execute_batch(&rows("INSERT INTO t SELECT i, randomblob(3000) FROM n")).expect("rows");
    connection.pragma_update(None, "cache_size", 5).expect("a small cache");
    for (mode, length) in [("PASSIVE", 3_000), ("RESTART", 3_000), ("PASSIVE", 800), ("PASSIVE", 790), ("RESTART", 800)]
    {
        let update = |less: usize| {
            let each = |row| format!("UPDATE t SET y = randomblob({}) WHERE x = {row};", length - less);
            (1..=20).map(each).collect::<String>()
        };
        connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())).expect("copies back");
        connection.execute_batch("BEGIN").expect("begins");
        connection.execute_batch(&update(1).repeat(3)).expect("changes");
        connection.execute_batch(&rows("INSERT INTO u SELECT i, randomblob(800) FROM n")).expect("rows");
        connection.execute_batch("SAVEPOINT a").expect("a savepoint");
        connection.execute_batch(&update(2).repeat(5)).expect("changes");
        connection.execute_batch("ROLLBACK TO a; COMMIT").expect("takes back, commits");
        let copy = folder.file("copy.db");
        support::snapshot(&path, &copy);
        let (copied, recovery) = vault::open(&copy, &key(1), Role::Writer).expect("recovers");
        assert_eq!(
            copied.query_row("SELECT sum(length(y)) FROM t", [], |r| r.get::<_, i64>(0)),
            Ok(20 * (length as i64 - 1)),
            "{mode} {length} {recovery:?}"
        );
        let sound: String = copied.query_row("PRAGMA integrity_check", [], |r| r.get(0)).expect("checks");
        assert_eq!(sound, "ok");
    }
}
