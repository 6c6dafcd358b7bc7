//! A sealed database, its write-ahead log and its rollback journal: whatever is made of one of them, the database is refused, or
//! it has what was written, up to some commit; with a journal, of each row what was written before or after. Never other bytes.
//!
//! The first byte of the input chooses the file, the second how it is changed.

use crate::changed::{changed, folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use store::Connection;
use vault::{DatabaseKey, Disk, Role, SecretKey};
use zeroize::Zeroizing;

const COPIED_BACK: i64 = 3;
const COMMITS: i64 = 6;
const ROWS: i64 = 40;
const PAGE: usize = 4096;
const FRAME: usize = 24 + PAGE;
const RECORD: usize = 4 + PAGE + 4;

struct Genuine {
    path: PathBuf,
    /// A main file and the log beside it.
    logged: (Vec<u8>, Vec<u8>),
    /// A main file half changed, and the journal that takes it back.
    journaled: (Vec<u8>, Vec<u8>),
}

pub(crate) fn run(input: &[u8]) {
    static GENUINE: OnceLock<Mutex<Genuine>> = OnceLock::new();
    let genuine = GENUINE.get_or_init(|| Mutex::new(Genuine::new())).lock().unwrap_or_else(PoisonError::into_inner);
    let [file, how, rest @ ..] = input else { return };
    let ((main, log), (half, journal)) = (&genuine.logged, &genuine.journaled);
    match file % 3 {
        0 => genuine.look_at_log(&changed(main, PAGE, *how, rest), log),
        1 => genuine.look_at_log(main, &changed(log, FRAME, *how, rest)),
        _ => genuine.look_at_journal(half, &changed(journal, RECORD, *how, rest)),
    }
}

fn key() -> DatabaseKey {
    DatabaseKey::new(*b"fuzzdata", vec![(1, SecretKey::new(Zeroizing::new([0x3c; 32])))])
}

fn text(no: i64, version: &str) -> String {
    format!("{version} {no} ").repeat(60)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn write(connection: &Connection, no: i64, version: &str) {
    connection.execute("INSERT OR REPLACE INTO line VALUES (?1, ?2)", (no, text(no, version))).expect("written");
}

impl Genuine {
    fn new() -> Self {
        let path = folder("database").canonicalize().expect("a folder").join("a.db");
        let clear = || ["", "-wal", "-journal"].map(|suffix| drop(fs::remove_file(beside(&path, suffix))));
        let read = |suffix| fs::read(beside(&path, suffix)).expect("a file");
        let schema = |c: &Connection| c.execute_batch("CREATE TABLE line (no INTEGER PRIMARY KEY, text TEXT)");
        clear();
        vault::create(&path, &key(), schema).expect("a database");
        let open = || vault::open(&path, &key(), Role::Writer).expect("opens").0;
        let connection = open();
        (1..=COPIED_BACK).for_each(|no| write(&connection, no, "first"));
        drop(connection);
        let connection = open();
        (COPIED_BACK + 1..=COMMITS).for_each(|no| write(&connection, no, "first"));
        let logged = (read(""), read("-wal"));
        drop(connection);
        clear();
        vault::create(&path, &key(), schema).expect("a database");
        let disk = Disk::with_journals(c"unix-excl").expect("the system's files");
        let (connection, _) = disk.open(&path, &key(), Role::Writer).expect("opens");
        connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2").expect("settings");
        (1..=ROWS).for_each(|no| write(&connection, no, "first"));
        connection.execute_batch("BEGIN").expect("begins");
        (1..=ROWS).for_each(|no| write(&connection, no, "second"));
        let journaled = (read(""), read("-journal"));
        connection.execute_batch("ROLLBACK").expect("takes it back");
        drop(connection);
        clear();
        Self { path, logged, journaled }
    }

    fn put(&self, main: &[u8], suffix: &str, beside_it: &[u8]) {
        for stale in ["-wal", "-journal"] {
            let _ = fs::remove_file(beside(&self.path, stale));
        }
        fs::write(&self.path, main).expect("writes");
        fs::write(beside(&self.path, suffix), beside_it).expect("writes");
    }

    fn look_at_log(&self, main: &[u8], log: &[u8]) {
        self.put(main, "-wal", log);
        if let Ok((connection, _)) = vault::open(&self.path, &key(), Role::Writer)
            && let Ok(rows) = rows(&connection)
        {
            let count = i64::try_from(rows.len()).expect("few");
            assert!((COPIED_BACK..=COMMITS).contains(&count), "{count} rows");
            for (no, row) in (1..).zip(&rows) {
                assert!(*row == (no, text(no, "first")), "row {no} is another: {row:?}");
            }
        }
        // Whatever it finds: it answers.
        let _ = vault::verify(&self.path, &key());
    }

    fn look_at_journal(&self, main: &[u8], journal: &[u8]) {
        self.put(main, "-journal", journal);
        let disk = Disk::with_journals(c"unix-excl").expect("the system's files");
        if let Ok((connection, _)) = disk.open(&self.path, &key(), Role::Writer)
            && let Ok(rows) = rows(&connection)
        {
            for (no, row) in rows {
                assert!((1..=ROWS).contains(&no), "row {no} was never written");
                assert!(row == text(no, "first") || row == text(no, "second"), "row {no} is another");
            }
        }
    }
}

fn rows(connection: &Connection) -> Result<Vec<(i64, String)>, ()> {
    let mut statement = connection.prepare("SELECT no, text FROM line ORDER BY no").map_err(drop)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(drop)?;
    rows.collect::<Result<_, _>>().map_err(drop)
}
