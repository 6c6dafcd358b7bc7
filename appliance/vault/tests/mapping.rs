//! Pages are opened from a mapping of the file; what the system cannot give of it is an error of one read, as it is of a
//! call, and not the end of the program (D3, D7).

mod support;

use std::fs::OpenOptions;
use std::path::Path;

use rusqlite::Connection;
use support::{Folder, filler, key};
use vault::{Role, VaultError};

const ROWS: i64 = 3_000;

/// A database of some thousand pages, closed.
fn filled(folder: &Folder) -> std::path::PathBuf {
    let path = folder.file("a.db");
    vault::create(&path, &key(1), |connection| {
        connection.execute_batch("CREATE TABLE line(id INTEGER PRIMARY KEY, bytes BLOB)")?;
        connection.execute_batch("BEGIN")?;
        grow(connection, 0..ROWS)?;
        connection.execute_batch("COMMIT")
    })
    .expect("a new database");
    path
}

fn grow(connection: &Connection, ids: std::ops::Range<i64>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO line VALUES(?1, ?2)")?;
    ids.into_iter().try_for_each(|id| insert.execute((id, filler(id, 2_500))).map(|_| ()))
}

/// A reader that keeps hardly a page, so that each row comes from the file.
fn reader(path: &Path) -> Connection {
    let (reader, _) = vault::open(path, &key(1), Role::Reader).expect("opens");
    reader.pragma_update(None, "cache_size", 2).expect("a small cache");
    reader
}

fn row(connection: &Connection, id: i64) -> rusqlite::Result<bool> {
    let bytes: Vec<u8> = connection.query_row("SELECT bytes FROM line WHERE id = ?1", [id], |row| row.get(0))?;
    Ok(bytes == filler(id, 2_500))
}

#[test]
fn a_file_cut_under_a_running_process_is_an_error_and_not_its_end_d3() {
    let folder = Folder::new("mapping-cut");
    let path = filled(&folder);
    let whole = std::fs::read(&path).expect("reads");
    let reader = reader(&path);
    assert!((0..ROWS).all(|id| row(&reader, id).expect("reads")), "all is there");
    let file = OpenOptions::new().write(true).open(&path).expect("opens");
    file.set_len(whole.len() as u64 / 2).expect("cuts");
    assert!(row(&reader, 1).expect("reads"), "what is there still is read");
    let error = row(&reader, ROWS - 1).map_err(|error| vault::diagnose(&path, error)).expect_err("it is gone");
    assert!(matches!(error, VaultError::PageTampered { .. }), "{error}");
    std::fs::write(&path, &whole).expect("writes");
    assert!((0..ROWS).all(|id| row(&reader, id).expect("reads")), "put back, all is there, read by calls");
}

#[test]
fn what_a_file_grew_by_and_what_was_written_anew_is_read_d7() {
    let folder = Folder::new("mapping-grow");
    let path = filled(&folder);
    let reader = reader(&path);
    assert!(row(&reader, ROWS - 1).expect("reads"));
    let (writer, _) = vault::open(&path, &key(1), Role::Writer).expect("opens");
    for round in 1..=4 {
        writer.execute_batch("BEGIN").expect("begins");
        grow(&writer, round * ROWS..(round + 1) * ROWS).expect("grows");
        writer.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("copies back");
        assert!((0..(round + 1) * ROWS).all(|id| row(&reader, id).expect("reads")), "round {round}");
    }
    writer.execute_batch("DELETE FROM line WHERE id >= 100; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").expect("shrinks");
    assert!((0..100).all(|id| row(&reader, id).expect("reads")), "after the file became short");
    writer.execute_batch("BEGIN").expect("begins");
    grow(&writer, 100..ROWS).expect("grows");
    writer.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("copies back");
    assert!((0..ROWS).all(|id| row(&reader, id).expect("reads")), "and long again");
}

#[test]
fn a_page_changed_in_a_mapped_file_is_an_error_never_data_d3() {
    let folder = Folder::new("mapping-flip");
    let path = filled(&folder);
    let reader = reader(&path);
    assert!((0..ROWS).all(|id| row(&reader, id).expect("reads")));
    let mut bytes = std::fs::read(&path).expect("reads");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("writes");
    let failed: Vec<i64> = (0..ROWS).filter(|id| row(&reader, *id).map_or(true, |same| !same)).collect();
    assert!((1..=2).contains(&failed.len()), "one page holds one row or two: {failed:?}");
    assert!(failed.iter().all(|id| row(&reader, *id).is_err()), "an error, never other bytes");
}

/// How much of the file at `path` is mapped and in memory of this process, in KiB.
fn resident_kib(path: &Path) -> u64 {
    let name = path.canonicalize().expect("it is there");
    let maps = std::fs::read_to_string("/proc/self/smaps").expect("this process's memory");
    let of_file = maps.split_inclusive("VmFlags").filter(|one| one.contains(name.to_str().expect("a name of letters")));
    let resident = of_file.filter_map(|one| one.split_once("\nRss:")?.1.split_whitespace().next()?.parse::<u64>().ok());
    resident.sum()
}

#[test]
fn what_was_read_is_given_back_when_asked_for_and_read_again_e5() {
    let folder = Folder::new("mapping-release");
    let path = filled(&folder);
    let reader = reader(&path);
    for _ in 0..3 {
        assert!((0..ROWS).all(|id| row(&reader, id).expect("reads")));
        let read = resident_kib(&path);
        assert!(read > 5_000, "it is read from a mapping: {read} KiB");
        vault::release(&reader);
        assert_eq!(resident_kib(&path), 0);
    }
    // Also between the rows of an answer.
    let mut all = reader.prepare("SELECT id FROM line WHERE length(bytes) = 2500").expect("a query");
    let mut rows = all.query([]).expect("an answer");
    let mut counted = 0;
    while rows.next().expect("reads").is_some() {
        vault::release(&reader);
        counted += 1;
    }
    assert_eq!(counted, ROWS);
}
