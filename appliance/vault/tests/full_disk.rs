//! A disk without room for what is written: what was committed stays, nothing else is there, and the writer goes on once it
//! asks for less (D3, D7).

mod support;

use std::process::Command;

use rusqlite::Connection;
use support::{Folder, TABLE, create, insert, key, open, open_and_read, read_all};

/// The database of the process that has a limit.
const DATABASE: &str = "VAULT_FULL_DISK_DATABASE";

/// Rows of one transaction from `first` on, until one is refused: what the refusal says, and which rows are committed.
fn fill(connection: &Connection, first: i64, row_bytes: usize) -> (rusqlite::Error, Vec<i64>) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    let insert = format!("INSERT INTO {TABLE} VALUES(?1, '{} ' || ?1, ?2)", support::WORD);
    let row = |id: i64| connection.execute(&insert, (id, support::filler(id, row_bytes)));
    let (id, refusal) = (first..).find_map(|id| row(id).err().map(|refusal| (id, refusal))).expect("rows end");
    // SQLite may have rolled all of it back itself; where it has not, who goes on and commits gets what was taken, or nothing.
    let committed = !connection.is_autocommit() && connection.execute_batch("COMMIT").is_ok();
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").expect("rolls back");
    }
    (refusal, if committed { (first..id).collect() } else { Vec::new() })
}

/// Runs in a process of its own, in which no file may grow beyond a limit.
#[test]
fn inside_of_the_limit() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    let connection = open(path.as_ref(), &key(1));
    let mut expected: Vec<i64> = (1..=20).collect();
    expected.iter().for_each(|id| insert(&connection, *id, 500));
    for (round, row_bytes) in [(1, 100_000), (2, 900), (3, 3_000)] {
        let (refusal, committed) = fill(&connection, round * 100_000, row_bytes);
        assert!(refusal.to_string().contains("full") || refusal.to_string().contains("I/O"), "{refusal}");
        expected.extend(committed);
        insert(&connection, round * 100_000 + 99_999, 500);
        expected.push(round * 100_000 + 99_999);
        assert_eq!(read_all(&connection).expect("reads"), expected, "after {round}");
    }
    drop(connection);
    println!("rows: {expected:?}");
}

#[test]
fn full_disk_refuses_and_loses_nothing_that_was_committed_d3() {
    let folder = Folder::new("full-disk");
    let path = folder.file("a.db");
    create(&path, &key(1));
    // 512 bytes each: 4 MB, more than the pages that a connection keeps in memory.
    let limited = "trap '' XFSZ; ulimit -f 8000; exec \"$0\" --exact inside_of_the_limit --nocapture";
    let test = std::env::current_exe().expect("this test");
    let output = Command::new("/bin/sh").arg("-c").arg(limited).arg(test).env(DATABASE, &path).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let rows = said.lines().find_map(|line| line.strip_prefix("rows: ")).expect("it tells what is there");
    assert_eq!(format!("{:?}", open_and_read(&path, &key(1)).expect("reads")), rows);
    assert_eq!(vault::verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
}
