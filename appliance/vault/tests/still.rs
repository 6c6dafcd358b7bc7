//! The copy of a moment beside a writer that goes on, and checkpoints that come while it is copied: what is in the copy is what
//! was acknowledged at that moment, all of it, and nothing of what came after (D7).

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::{Connection, params};
use support::{Folder, Seeded, filler, key};
use vault::{Ready, Role};

const ROWS: i64 = 4_000;
const ROW_BYTES: usize = 2_500;
const MODES: [&str; 4] = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"];

/// The last transaction that was acknowledged, and by row the one that wrote it last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    last: i64,
    rows: BTreeMap<i64, i64>,
}

/// A writer, and who looks on.
struct Work {
    path: PathBuf,
    /// Held while something is written.
    state: Mutex<State>,
    copying: AtomicBool,
    ended: AtomicBool,
    /// While something was copied: checkpoints that copied frames back, and logs that began anew.
    copied_back: AtomicU64,
    begun_anew: AtomicU64,
}

impl Work {
    fn new(folder: &Folder) -> Self {
        let path = folder.file("a.db");
        let schema = "CREATE TABLE ledger(last INTEGER); INSERT INTO ledger VALUES(0);
            CREATE TABLE line(id INTEGER PRIMARY KEY, number INTEGER, bytes BLOB)";
        vault::create(&path, &key(1), |connection| {
            connection.execute_batch(schema)?;
            connection.execute_batch("BEGIN")?;
            (0..ROWS).try_for_each(|id| put(connection, id, 0))?;
            connection.execute_batch("COMMIT")
        })
        .expect("a new database");
        let state = State { last: 0, rows: (0..ROWS).map(|id| (id, 0)).collect() };
        let counter = || AtomicU64::new(0);
        let (copying, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { path, state: Mutex::new(state), copying, ended, copied_back: counter(), begun_anew: counter() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic holds this")
    }

    /// Writes, and forces checkpoints, until it is told to end.
    fn write(&self) {
        let (writer, _) = vault::open(&self.path, &key(1), Role::Writer).expect("opens");
        writer.busy_timeout(Duration::ZERO).expect("nobody is waited for");
        let (mut seeded, mut before) = (Seeded(1), 0);
        while !self.ended.load(Ordering::Acquire) {
            self.change(&writer, &mut seeded);
            if seeded.below(3) == 0 {
                self.checkpoint(&writer, MODES[seeded.below(MODES.len())], &mut before);
            }
        }
    }

    fn change(&self, writer: &Connection, seeded: &mut Seeded) {
        let mut state = self.lock();
        let number = state.last + 1;
        let mut work = || -> rusqlite::Result<Vec<i64>> {
            writer.execute_batch("BEGIN IMMEDIATE")?;
            let id = |seeded: &mut Seeded| i64::try_from(seeded.below(1 << 20)).expect("small") % (ROWS + ROWS / 8);
            let ids: Vec<i64> = (0..1 + seeded.below(40)).map(|_| id(seeded)).collect();
            ids.iter().try_for_each(|id| put(writer, *id, number))?;
            writer.execute("UPDATE ledger SET last = ?1", [number])?;
            writer.execute_batch("COMMIT")?;
            Ok(ids)
        };
        let ids = work().expect("a change");
        state.last = number;
        state.rows.extend(ids.into_iter().map(|id| (id, number)));
    }

    fn checkpoint(&self, writer: &Connection, mode: &str, before: &mut i64) {
        let pragma = format!("PRAGMA wal_checkpoint({mode})");
        let copied: i64 = writer.query_row(&pragma, [], |row| row.get(2)).expect("a checkpoint");
        if self.copying.load(Ordering::Acquire) {
            self.copied_back.fetch_add(u64::from(copied > *before), Ordering::Relaxed);
            self.begun_anew.fetch_add(u64::from(copied < *before), Ordering::Relaxed);
        }
        *before = copied;
    }

    /// Copies a moment; what it was.
    fn copy(&self, to: &Path, all: bool) -> State {
        let ready = Ready::open(&self.path, &key(1)).expect("another connection");
        let state = self.lock();
        let still = ready.hold().expect("a moment");
        let moment = state.clone();
        drop(state);
        self.copying.store(true, Ordering::Release);
        let copied = still.copy(to, all).expect("a copy");
        self.copying.store(false, Ordering::Release);
        drop(still);
        assert_eq!(copied.sum, vault::sum_of(to).expect("reads"), "it tells what is there");
        moment
    }
}

/// Ends the writer, also where a look at a copy fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn put(connection: &Connection, id: i64, number: i64) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached("INSERT OR REPLACE INTO line VALUES(?1, ?2, ?3)")?;
    put.execute(params![id, number, filler(id ^ number, ROW_BYTES)]).map(|_| ())
}

/// What a copy holds, opened as a restored database is.
fn read(copy: &Path) -> State {
    assert_eq!(vault::verify(copy, &key(1)).expect("verifies"), Vec::<u32>::new(), "every page opens");
    let (connection, _) = vault::open(copy, &key(1), Role::Reader).expect("opens");
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(sound, "ok");
    let last = connection.query_row("SELECT last FROM ledger", [], |row| row.get(0)).expect("reads");
    let mut statement = connection.prepare("SELECT id, number, bytes FROM line").expect("a statement");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)));
    let whole = |row: rusqlite::Result<(i64, i64, Vec<u8>)>| {
        let (id, number, bytes) = row.expect("a row");
        assert!(bytes == filler(id ^ number, ROW_BYTES), "row {id} is not whole");
        (id, number)
    };
    State { last, rows: rows.expect("rows").map(whole).collect() }
}

#[test]
fn a_copy_of_a_moment_is_that_moment_although_checkpoints_come_while_it_is_copied_d7() {
    let folder = Folder::new("still");
    let (work, copy) = (Work::new(&folder), folder.file("copy.db"));
    let rounds = if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 1_000 } else { 15 };
    let came_between = || work.copied_back.load(Ordering::Relaxed) > 5 && work.begun_anew.load(Ordering::Relaxed) > 2;
    std::thread::scope(|scope| {
        scope.spawn(|| work.write());
        let _end = End(&work.ended);
        let mut last = -1;
        // On a machine that has much else to do, little comes between.
        for round in (0..20 * rounds).take_while(|round| *round < rounds || !came_between()) {
            // Onto the copy before, as an hourly backup does it.
            let moment = work.copy(&copy, round % 5 == 4);
            let found = read(&copy);
            assert_eq!(found.last, moment.last, "round {round}: all that was acknowledged, and nothing else");
            assert!(found == moment, "round {round}: a row of another moment");
            assert!(found.last > last, "round {round}: the writer stood still");
            last = found.last;
        }
    });
    assert!(came_between(), "hardly anything came between: this shows nothing");
    let (copied_back, begun_anew) = (work.copied_back.into_inner(), work.begun_anew.into_inner());
    println!(
        "while moments were copied, {copied_back} checkpoints copied frames back and {begun_anew} logs began anew"
    );
}
