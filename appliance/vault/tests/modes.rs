//! What SQLite does beside plain transactions, on sealed files: rollback journals, several files at once, copies of a whole
//! database, other page sizes, and what is too large for memory (D1, D3).

#![expect(unsafe_code, reason = "SQLite offers its backups by its C interface only")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use libsqlite3_sys as ffi;
use rusqlite::Connection;
use support::{Folder, Seeded, TABLE, WORD, create, insert, key, open, open_and_read, read_all};
use vault::{Disk, Role, VaultError};

fn journal_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-journal", path.display()))
}

fn disk() -> Disk {
    Disk::with_journals(c"unix-excl").expect("SQLite has it")
}

/// Opens a database that keeps what it may have to take back in a journal.
fn with_journal(path: &Path) -> Connection {
    let (connection, _) = disk().open(path, &key(1), Role::Writer).expect("opens");
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0)).expect("a pragma");
    assert_eq!(mode, "delete");
    connection
}

fn read_by_journal(path: &Path) -> Result<Vec<i64>, VaultError> {
    let (connection, _) = disk().open(path, &key(1), Role::Writer)?;
    read_all(&connection).map_err(|source| vault::diagnose(path, source))
}

/// A database of rows 1 to 40 in the midst of a transaction that changes and adds more than fits the cache.
fn interrupted(folder: &Folder) -> PathBuf {
    let (running, path) = (folder.file("running.db"), folder.file("a.db"));
    create(&running, &key(1));
    let connection = with_journal(&running);
    (1..=40).for_each(|id| insert(&connection, id, 3000));
    connection.pragma_update(None, "cache_size", 20).expect("a pragma");
    connection.execute_batch("BEGIN").expect("begins");
    connection.execute(&format!("UPDATE {TABLE} SET word = 'never committed'"), []).expect("updates");
    (41..=80).for_each(|id| insert(&connection, id, 3000));
    fs::copy(&running, &path).expect("copies");
    fs::copy(journal_of(&running), journal_of(&path)).expect("there is a journal");
    connection.execute_batch("ROLLBACK").expect("rolls back");
    assert_eq!(read_all(&connection).expect("reads"), (1..=40).collect::<Vec<_>>());
    path
}

/// Where the first part of a journal ends: what SQLite waited for before it wrote to the database.
fn first_part(journal: &[u8]) -> usize {
    let records = u32::from_be_bytes(journal[8..12].try_into().expect("four bytes"));
    512 + usize::try_from(records).expect("few") * 4104
}

fn copy_pair(from: &Path, to: &Path) {
    fs::copy(from, to).expect("copies");
    fs::copy(journal_of(from), journal_of(to)).expect("copies");
}

#[test]
fn an_interrupted_transaction_is_rolled_back_from_its_sealed_journal_d1_d3() {
    let folder = Folder::new("journal");
    let path = interrupted(&folder);
    for file in [&path, &journal_of(&path)] {
        let bytes = fs::read(file).expect("reads");
        let found = bytes.windows(WORD.len()).any(|window| window == WORD.as_bytes());
        assert!(!found, "{} is readable", file.display());
    }
    let journal = fs::read(journal_of(&path)).expect("reads");
    assert!(journal.len() > 40 * 4096, "the journal is too short to show anything");
    assert_eq!(read_by_journal(&path).expect("rolls back"), (1..=40).collect::<Vec<_>>());
    assert!(!journal_of(&path).exists(), "what was rolled back is done with");
    assert_eq!(disk().verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
}

#[test]
fn any_changed_byte_of_a_journal_is_an_error_or_harmless_never_wrong_data_d3() {
    let folder = Folder::new("journal-flip");
    let original = interrupted(&folder);
    let end = first_part(&fs::read(journal_of(&original)).expect("reads"));
    assert!(end > 8 * 4104, "the first part is too short to show anything");
    let copy = folder.file("copy.db");
    let mut seeded = Seeded(11);
    let mut places: Vec<usize> = (0..96).chain((0..60).map(|_| seeded.below(end))).collect();
    for start in [512, 512 + 4104, end - 4104] {
        places.extend((start..start + 6).chain(start + 4050..start + 4104));
    }
    let (mut told, mut harmless) = (0, 0);
    for at in places {
        copy_pair(&original, &copy);
        let mut bytes = fs::read(journal_of(&copy)).expect("reads");
        bytes[at] ^= 1 << seeded.below(8);
        fs::write(journal_of(&copy), bytes).expect("writes");
        match read_by_journal(&copy) {
            Err(VaultError::JournalTampered { .. }) => told += 1,
            Err(error) => panic!("byte {at}: {error}"),
            Ok(rows) => {
                assert_eq!(rows, (1..=40).collect::<Vec<_>>(), "byte {at}");
                harmless += 1;
            }
        }
    }
    assert!(told > 200, "{told} told, {harmless} harmless");
}

#[test]
fn records_of_another_place_or_another_journal_are_errors_d3() {
    let folder = Folder::new("journal-moved");
    let original = interrupted(&folder);
    let earlier = fs::read(journal_of(&original)).expect("reads");
    let other = Folder::new("journal-other");
    let twin = fs::read(journal_of(&interrupted(&other))).expect("reads");
    let copy = folder.file("copy.db");
    assert!(first_part(&earlier) > 8 * 4104 && first_part(&twin) > 8 * 4104);
    let record = |number: usize| 512 + number * 4104..512 + (number + 1) * 4104;
    for bytes in [earlier[record(3)].to_vec(), twin[record(2)].to_vec()] {
        copy_pair(&original, &copy);
        let mut journal = earlier.clone();
        journal[record(2)].copy_from_slice(&bytes);
        fs::write(journal_of(&copy), journal).expect("writes");
        let error = read_by_journal(&copy).expect_err("a record that belongs elsewhere");
        assert!(matches!(error, VaultError::JournalTampered { .. }), "{error}");
    }
}

/// The reason for which the product has no journals: a log that is removed costs whole transactions, this half of one. So does
/// what is cut off a journal between two of its parts.
#[test]
fn a_removed_journal_is_not_noticed_d3() {
    let folder = Folder::new("journal-removed");
    let path = interrupted(&folder);
    fs::remove_file(journal_of(&path)).expect("removes");
    assert_eq!(
        disk().verify(&path, &key(1)).expect("verifies"),
        Vec::<u32>::new(),
        "each page is one that was written"
    );
    let (connection, _) = disk().open(&path, &key(1), Role::Writer).expect("opens");
    let half: i64 = connection
        .query_row(&format!("SELECT count(*) FROM {TABLE} NOT INDEXED WHERE word = 'never committed'"), [], |row| {
            row.get(0)
        })
        .unwrap_or(1);
    assert!(half > 0, "nothing of the transaction was on the disk: this shows nothing");
}

#[test]
fn a_planted_journal_is_not_played_back_where_there_are_none_d3() {
    let folder = Folder::new("journal-planted");
    let path = interrupted(&folder);
    let product = folder.file("product.db");
    create(&product, &key(1));
    let connection = open(&product, &key(1));
    (1..=5).for_each(|id| insert(&connection, id, 100));
    drop(connection);
    fs::copy(journal_of(&path), journal_of(&product)).expect("copies");
    assert_eq!(open_and_read(&product, &key(1)).expect("reads"), [1, 2, 3, 4, 5]);
    assert!(journal_of(&product).exists(), "it was looked at");
}

#[test]
fn a_database_is_attached_only_where_it_is_admitted_and_each_stays_under_its_key_d1() {
    let folder = Folder::new("attached");
    let (first, second) = (folder.file("a.db"), folder.file("b.db"));
    create(&first, &key(1));
    create(&second, &key(2));
    let connection = open(&first, &key(1));
    let attach = format!("ATTACH '{}' AS other", second.display());
    assert!(connection.execute_batch(&attach).is_err(), "a database was attached that nobody gave the key of");
    {
        let disk = Disk::over(c"unix-excl").expect("SQLite has it");
        let _admitted = disk.admit(&second, &key(2)).expect("admits");
        connection.execute_batch(&attach).expect("attaches");
        insert(&connection, 1, 500);
        connection
            .execute_batch(&format!("INSERT INTO other.{TABLE} SELECT * FROM main.{TABLE}; DETACH other"))
            .expect("copies");
    }
    drop(connection);
    assert_eq!(open_and_read(&first, &key(1)).expect("reads"), [1]);
    assert_eq!(open_and_read(&second, &key(2)).expect("reads"), [1]);
    assert!(matches!(open_and_read(&second, &key(1)), Err(VaultError::WrongDatabase { .. })));
}

#[test]
fn vacuum_into_writes_a_sealed_copy_where_admitted_and_nothing_elsewhere_d1() {
    let folder = Folder::new("vacuum-into");
    let (path, copy) = (folder.file("a.db"), folder.file("copy.db"));
    create(&path, &key(1));
    // The copy is written by a journal of its own.
    let (connection, _) = disk().open(&path, &key(1), Role::Writer).expect("opens");
    (1..=60).for_each(|id| insert(&connection, id, 900));
    let into = format!("VACUUM INTO '{}'", copy.display());
    assert!(connection.execute_batch(&into).is_err(), "a copy was written that nobody gave a key for");
    assert!(!copy.exists(), "the refused copy left a file");
    let admitted = disk().admit(&copy, &key(2)).expect("admits");
    connection.execute_batch(&into).expect("copies");
    drop(admitted);
    let bytes = fs::read(&copy).expect("reads");
    assert!(!bytes.windows(WORD.len()).any(|window| window == WORD.as_bytes()), "the copy is readable");
    assert_eq!(vault::verify(&copy, &key(2)).expect("verifies"), Vec::<u32>::new());
    assert_eq!(open_and_read(&copy, &key(2)).expect("reads"), (1..=60).collect::<Vec<_>>());
}

/// SQLite's online backup, all pages in one step.
fn back_up(from: &Connection, to: &Connection) -> i32 {
    // SAFETY: both handles are open and used by this thread only; names are NUL-terminated; the backup is finished once.
    unsafe {
        let backup = ffi::sqlite3_backup_init(to.handle(), c"main".as_ptr(), from.handle(), c"main".as_ptr());
        assert!(!backup.is_null(), "no backup begins");
        ffi::sqlite3_backup_step(backup, -1);
        ffi::sqlite3_backup_finish(backup)
    }
}

#[test]
fn an_online_backup_is_sealed_anew_under_the_key_of_its_target_d1() {
    let folder = Folder::new("backup");
    let (path, copy) = (folder.file("a.db"), folder.file("copy.db"));
    create(&path, &key(1));
    create(&copy, &key(2));
    let (from, to) = (open(&path, &key(1)), open(&copy, &key(2)));
    (1..=60).for_each(|id| insert(&from, id, 900));
    from.execute(&format!("DELETE FROM {TABLE} WHERE id > 40"), []).expect("deletes");
    assert_eq!(back_up(&from, &to), ffi::SQLITE_OK);
    assert_eq!(read_all(&to).expect("reads"), (1..=40).collect::<Vec<_>>());
    drop((from, to));
    assert_eq!(vault::verify(&copy, &key(2)).expect("verifies"), Vec::<u32>::new());
    assert_eq!(open_and_read(&copy, &key(2)).expect("reads"), (1..=40).collect::<Vec<_>>());
}

/// Pages that came and went within one transaction were never written, unless free pages are overwritten, as the product does.
#[test]
fn pages_that_sqlite_never_wrote_are_sealed_too_d1_d3() {
    let folder = Folder::new("holes");
    let (path, copy) = (folder.file("a.db"), folder.file("copy.db"));
    create(&path, &key(1));
    create(&copy, &key(2));
    let (from, to) = (with_journal(&path), open(&copy, &key(2)));
    from.pragma_update_and_check(None, "secure_delete", false, |_| Ok(())).expect("a pragma");
    from.execute_batch("BEGIN").expect("begins");
    (1..=40).for_each(|id| insert(&from, id, 9000));
    from.execute(&format!("DELETE FROM {TABLE} WHERE id BETWEEN 5 AND 35"), []).expect("deletes");
    from.execute_batch("COMMIT").expect("commits");
    let free: i64 = from.pragma_query_value(None, "freelist_count", |row| row.get(0)).expect("a pragma");
    assert!(free > 30, "only {free} pages are free: this shows nothing");
    assert_eq!(disk().verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
    assert_eq!(back_up(&from, &to), ffi::SQLITE_OK, "a backup reads all pages");
    assert_eq!(read_all(&to).expect("reads"), (1..=4).chain(36..=40).collect::<Vec<_>>());
}

#[test]
fn another_page_size_is_refused_and_leaves_the_database_as_it_was_d1() {
    let folder = Folder::new("page-size");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = with_journal(&path);
    (1..=60).for_each(|id| insert(&connection, id, 900));
    for size in [512, 1024, 8192, 65536] {
        let changed = connection.execute_batch(&format!("PRAGMA page_size = {size}; VACUUM"));
        assert!(changed.is_err(), "pages of {size} bytes were written");
        connection.execute_batch("PRAGMA page_size = 4096").expect("a pragma");
        assert_eq!(read_all(&connection).expect("reads"), (1..=60).collect::<Vec<_>>(), "after {size}");
    }
    drop(connection);
    assert_eq!(read_by_journal(&path).expect("reads"), (1..=60).collect::<Vec<_>>());
    // In log mode SQLite does not even try.
    let path = folder.file("b.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    (1..=60).for_each(|id| insert(&connection, id, 900));
    connection.execute_batch("PRAGMA page_size = 8192; VACUUM").expect("vacuums");
    assert_eq!(read_all(&connection).expect("reads"), (1..=60).collect::<Vec<_>>());
}

#[test]
fn sorts_temporary_tables_and_statements_that_fail_leave_no_file_d1() {
    let folder = Folder::new("temporary");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    connection.execute_batch("PRAGMA cache_size = 20; PRAGMA temp.cache_size = 20").expect("pragmas");
    (1..=500).for_each(|id| insert(&connection, id, 3000));
    let open_files = || -> Vec<String> {
        let links = fs::read_dir("/proc/self/fd").expect("lists").flatten();
        links.filter_map(|link| Some(fs::read_link(link.path()).ok()?.display().to_string())).collect()
    };
    connection
        .execute_batch(&format!(
            "CREATE TEMP TABLE copy AS SELECT * FROM {TABLE} ORDER BY filler;
             CREATE INDEX temp.by_filler ON copy(filler); BEGIN"
        ))
        .expect("fills what is temporary");
    // A statement that fails at its last row takes back what it did to the others.
    let failing = format!("UPDATE {TABLE} SET id = CASE id WHEN 500 THEN 1 ELSE id + 1000 END WHERE id > 1");
    assert!(connection.execute(&failing, []).is_err(), "two rows have one id");
    let names: Vec<String> = fs::read_dir(folder.path())
        .expect("lists")
        .flatten()
        .map(|entry| entry.file_name().display().to_string())
        .collect();
    assert!(names.iter().all(|name| name == "a.db" || name == "a.db-wal"), "{names:?}");
    assert!(!open_files().iter().any(|file| file.contains("etilqs")), "a temporary file is open");
    connection.execute_batch("COMMIT").expect("commits");
    assert_eq!(read_all(&connection).expect("reads"), (1..=500).collect::<Vec<_>>());
}
