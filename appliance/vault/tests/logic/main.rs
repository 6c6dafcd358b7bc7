//! SQLite's `sqllogictest` on sealed files: scripts in the manner of its own, completed by SQLite on plain files, which is believed,
//! and played on sealed ones with every kind of journal (D1).
//!
//! `RAINBOW_EDGE_FULL=1` plays fifty times as many; `RAINBOW_EDGE_SEED=N` repeats a run; `RAINBOW_EDGE_SQLLOGIC=FOLDER` plays all
//! `.test` files there, such as SQLite's own, instead of those in `scripts/`.

mod generator;
mod player;
mod script;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use script::{Record, Wanted};
use support::{Folder, Seeded, key};
use vault::{Disk, Role};

const SCRIPTS: u64 = 24;
const STEPS: usize = 80;
const JOURNALS: [&str; 4] = ["WAL", "DELETE", "TRUNCATE", "PERSIST"];

/// How a script is played; what must make no difference.
#[derive(Debug, Clone, Copy)]
struct Setting {
    journal: &'static str,
    cache_pages: usize,
    checkpoint_pages: usize,
    auto_vacuum: usize,
    /// Outside of a transaction, the database is closed and opened after so many records.
    opened_again_after: usize,
    /// Of the plain file; a sealed one has 4,096.
    plain_page_bytes: usize,
}

impl Setting {
    fn of(number: u64, seeded: &mut Seeded) -> Self {
        let mut one = |of: &[usize]| of[seeded.below(of.len())];
        Self {
            journal: JOURNALS[usize::try_from(number % 4).expect("below 4")],
            cache_pages: one(&[10, 15, 2_000]),
            checkpoint_pages: one(&[1, 20, 1_000]),
            auto_vacuum: one(&[0, 0, 1, 2]),
            opened_again_after: one(&[usize::MAX, 11, 60]),
            plain_page_bytes: one(&[512, 1_024, 4_096, 65_536]),
        }
    }

    /// The same for both but for who waits for the disk: nobody does.
    fn set(self, connection: &Connection) {
        let sql = format!(
            "PRAGMA journal_mode = {}; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF; PRAGMA cache_size = {}; PRAGMA wal_autocheckpoint = {}",
            self.journal, self.cache_pages, self.checkpoint_pages
        );
        connection.execute_batch(&sql).expect("settings");
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a pragma");
        assert!(mode.eq_ignore_ascii_case(self.journal), "{mode} and not {}", self.journal);
    }
}

/// A sealed database that is closed and opened in the midst of a script.
struct Sealed {
    path: PathBuf,
    setting: Setting,
    connection: Option<Connection>,
}

impl Sealed {
    fn new(path: PathBuf, setting: Setting) -> Self {
        vault::create(&path, &key(1), |_| Ok(())).expect("a new database");
        let mut sealed = Self { path, setting, connection: None };
        sealed.open_again();
        let sql = format!("PRAGMA auto_vacuum = {}; VACUUM", setting.auto_vacuum);
        sealed.connection().execute_batch(&sql).expect("another layout");
        sealed
    }

    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("it is open")
    }

    fn close(&mut self) {
        self.connection = None;
    }

    fn open_again(&mut self) {
        self.close();
        let opened = if self.setting.journal == "WAL" {
            vault::open(&self.path, &key(1), Role::Writer)
        } else {
            Disk::with_journals(c"unix-excl").expect("SQLite has it").open(&self.path, &key(1), Role::Writer)
        };
        let (connection, _) = opened.expect("opens");
        self.setting.set(&connection);
        self.connection = Some(connection);
    }

    /// Plays all records and tells those that came to something else.
    fn differences(&mut self, records: &[Record]) -> Vec<String> {
        let (mut different, mut since) = (Vec::new(), 0);
        for record in records {
            different.extend(player::play(self.connection(), record).err());
            since += 1;
            if since >= self.setting.opened_again_after && self.connection().is_autocommit() {
                self.open_again();
                since = 0;
            }
        }
        different
    }

    /// No page of it is damaged, and nothing of it can be read.
    fn check(mut self) {
        self.close();
        let bad = Disk::with_journals(c"unix-excl").expect("SQLite has it").verify(&self.path, &key(1));
        assert_eq!(bad.expect("verifies"), Vec::<u32>::new());
        let bytes = fs::read(&self.path).expect("reads");
        assert!(!bytes.windows(4).any(|window| window == b"tab4"), "{} is readable", self.path.display());
    }
}

fn plain(path: &Path, setting: Setting) -> Connection {
    let connection = Connection::open(path).expect("opens");
    let layout =
        format!("PRAGMA page_size = {}; PRAGMA auto_vacuum = {}", setting.plain_page_bytes, setting.auto_vacuum);
    connection.execute_batch(&layout).expect("a layout");
    setting.set(&connection);
    connection
}

fn seed() -> u64 {
    let given = std::env::var("RAINBOW_EDGE_SEED").ok().and_then(|text| text.parse::<u64>().ok());
    given.unwrap_or(20_261_130)
}

/// A script with what plain files make of it, through its text, as a file of scripts would hold it.
fn completed(folder: &Folder, number: u64, setting: Setting) -> Vec<Record> {
    let plain = plain(&folder.file(&format!("plain-{number}.db")), setting);
    let mut records = generator::script(seed().wrapping_add(number << 20), STEPS);
    records.iter_mut().for_each(|record| player::complete(&plain, record));
    let text: String = records.iter().map(Record::to_string).collect();
    let read = script::read(&text).expect("what is written is read");
    let same = |(one, other): (&Record, &Record)| one.sql == other.sql && one.wanted == other.wanted;
    assert!(read.len() == records.len() && read.iter().zip(&records).all(same), "the text says something else");
    read
}

#[test]
fn scripts_give_the_same_on_sealed_files_with_every_journal_as_on_plain_ones_d1() {
    let full = std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1");
    println!("seed: RAINBOW_EDGE_SEED={}", seed());
    let (mut played, mut refused, mut values) = (0, 0, 0);
    for number in 0..if full { 50 * SCRIPTS } else { SCRIPTS } {
        let folder = Folder::new("logic");
        let setting = Setting::of(number, &mut Seeded(seed() ^ number));
        let records = completed(&folder, number, setting);
        let mut sealed = Sealed::new(folder.file("sealed.db"), setting);
        let different = sealed.differences(&records);
        assert!(different.is_empty(), "script {number}, {setting:?}, {} differ: {}", different.len(), different[0]);
        sealed.check();
        played += records.len();
        refused += records.iter().filter(|record| record.wanted == Wanted::Success(false)).count();
        values += records.iter().filter(|record| matches!(record.wanted, Wanted::Values { .. })).count();
    }
    println!("{played} records played, {values} of them queries with the same values, {refused} refused by both");
    assert!(refused * 4 < played && values * 3 > played, "most records show little");
}

#[test]
fn a_script_finds_that_what_was_committed_is_gone_d1() {
    let mut found = 0;
    for number in 0..4 {
        let folder = Folder::new("logic-older");
        let setting = Setting { opened_again_after: usize::MAX, ..Setting::of(number, &mut Seeded(number)) };
        let records = completed(&folder, number, setting);
        let mut sealed = Sealed::new(folder.file("sealed.db"), setting);
        let outside = |sealed: &Sealed| sealed.connection().is_autocommit();
        let mut at = records.len() / 2;
        assert_eq!(sealed.differences(&records[..at]), Vec::<String>::new());
        while !outside(&sealed) {
            assert_eq!(sealed.differences(&records[at..=at]), Vec::<String>::new());
            at += 1;
        }
        // A disk that forgets: it has again what it had before the next change.
        sealed.close();
        let older = fs::read(&sealed.path).expect("reads");
        sealed.open_again();
        let later = at + (records.len() - at) / 2;
        assert_eq!(sealed.differences(&records[at..later]), Vec::<String>::new());
        if !outside(&sealed) {
            sealed.connection().execute_batch("COMMIT").expect("commits");
        }
        sealed.close();
        fs::write(&sealed.path, older).expect("writes");
        sealed.open_again();
        found += usize::from(!sealed.differences(&records[later..]).is_empty());
    }
    assert!(found >= 3, "only {found} of 4 scripts find it");
}

#[test]
fn the_player_tells_wrong_values_wrong_numbers_and_wrong_successes_d1() {
    let connection = Connection::open_in_memory().expect("opens");
    let play = |text: &str| {
        let records = script::read(text).expect("reads");
        records.iter().filter(|record| player::play(&connection, record).is_err()).count()
    };
    let tables =
        "statement ok\nCREATE TABLE t(a, b)\n\nstatement ok\nINSERT INTO t VALUES(3, 'x'), (1, ''), (2, NULL)\n";
    assert_eq!(play(tables), 0);
    assert_eq!(play("statement error\nCREATE TABLE t(a)\n\nskipif sqlite\nstatement ok\nnonsense\n"), 0);
    assert_eq!(play("statement ok\nCREATE TABLE t(a)\n\nonlyif mysql # here\nstatement ok\nnonsense\n"), 1);
    assert_eq!(play("query IT rowsort\nSELECT a, b FROM t\n----\n1\n(empty)\n2\nNULL\n3\nx\n"), 0);
    assert_eq!(play("query IT rowsort\nSELECT a, b FROM t\n----\n1\n(empty)\n2\nNULL\n3\ny\n"), 1);
    assert_eq!(play("query IT nosort\nSELECT a, b FROM t\n----\n1\n(empty)\n2\nNULL\n3\nx\n"), 1);
    assert_eq!(play("query R valuesort\nSELECT a / 2.0 FROM t\n----\n0.500\n1.000\n1.500\n"), 0);
    assert_eq!(play("query I nosort\nSELECT nothing FROM t\n----\n"), 1);
    // `printf '1\n2\n3\n' | md5sum`
    let hashed = "query I rowsort\nSELECT a FROM t\n----\n3 values hashing to c0710d6b4f15dfa88f600b0e6b624077\n";
    assert_eq!(play(hashed), 0);
    assert_eq!(play(&hashed.replace("c07", "c08")), 1);
    assert_eq!(play(&hashed.replace("3 values", "4 values")), 1);
    assert_eq!(play("halt\n\nstatement ok\nnonsense\n"), 0);
    assert!(script::read("query\nSELECT 1\n").is_err(), "a line that is none is refused");
}

/// Every `.test` file below a folder.
fn test_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { test_files(&path) } else { vec![path] };
    let files = paths.into_iter().flat_map(below);
    files.filter(|path| path.extension().is_some_and(|ending| ending == "test")).collect()
}

/// Scripts that say themselves what comes: our own, or all that are given.
#[test]
fn written_scripts_give_what_they_say_with_every_journal_d1() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/logic/scripts");
    let given = std::env::var("RAINBOW_EDGE_SQLLOGIC").ok();
    let files = test_files(Path::new(given.as_deref().unwrap_or(own)));
    assert!(!files.is_empty(), "there are no scripts");
    let (mut played, mut not_ours) = (0, 0);
    // Each of our few with every journal, of many the next with the next.
    let times = if given.is_some() { 1 } else { 4 };
    for (number, file) in (0..).zip(files.iter().flat_map(|file| std::iter::repeat_n(file, times))) {
        let folder = Folder::new("logic-written");
        let setting = Setting::of(number, &mut Seeded(number));
        let records = script::read(&fs::read_to_string(file).expect("a script")).expect("reads");
        let mut sealed = Sealed::new(folder.file("sealed.db"), setting);
        let different = sealed.differences(&records);
        if !different.is_empty() {
            // What SQLite of today says on plain files too is not the seal's.
            let plain = plain(&folder.file("plain.db"), setting);
            let there: Vec<String> = records.iter().filter_map(|record| player::play(&plain, record).err()).collect();
            assert_eq!(different, there, "{}, {setting:?}", file.display());
            assert!(given.is_some(), "a script of our own says what is not so: {}", there[0]);
            not_ours += there.len();
        }
        played += records.len();
    }
    println!("{} files, {played} records played, {not_ours} with other values on plain files too", files.len());
}
