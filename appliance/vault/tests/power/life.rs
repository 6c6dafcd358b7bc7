//! A database that is written to, and what must be in it: every change is a numbered transaction, so that what is found
//! after a crash can be held against what was acknowledged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use rusqlite::{Connection, params};
use vault::{DatabaseKey, Disk, Role, VaultError};

use super::support::{Folder, Seeded, filler, key};

/// Rows by id: what their bytes are made of, and how many.
pub(crate) type Rows = BTreeMap<i64, (i64, usize)>;

/// The database's name on the disk.
pub(crate) const NAME: &str = "a.db";

/// The key of all databases here.
pub(crate) fn the_key() -> DatabaseKey {
    key(7)
}

/// An empty database as `vault::create` leaves it.
pub(crate) fn newborn() -> Vec<u8> {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(made);
    BYTES.clone()
}

fn made() -> Vec<u8> {
    let folder = Folder::new("power");
    let path = folder.file(NAME);
    let schema = "CREATE TABLE ledger(last INTEGER); INSERT INTO ledger VALUES(0);
        CREATE TABLE line(id INTEGER PRIMARY KEY, seed INTEGER, bytes BLOB); CREATE INDEX by_seed ON line(seed)";
    vault::create(&path, &the_key(), |connection| connection.execute_batch(schema)).expect("a new database");
    std::fs::read(&path).expect("reads")
}

/// What a program does to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    Checkpoint(&'static str),
    Vacuum,
    /// All connections are closed.
    End,
    /// A reader comes or goes.
    Reader,
    /// A transaction that does not fit the cache, and whether it stays or is taken back.
    Spill(bool),
    Change,
}

/// Why a look at the database ended.
#[derive(Debug)]
pub(crate) enum Found {
    /// All of it is there, and it is the state after this transaction.
    Whole(i64, Rows),
    /// The vault refuses the file or a page of it.
    Refused(VaultError),
    /// SQLite, or the rows themselves, say that something is wrong.
    Broken(String),
}

/// Opens, checks and reads all.
pub(crate) fn look(disk: Disk, path: &str) -> Found {
    let connection = match disk.open(Path::new(path), &the_key(), Role::Writer) {
        Ok((connection, _)) => connection,
        Err(error) => return Found::Refused(error),
    };
    let found = read(&connection);
    // What the vault knows is asked for while the database is open.
    let found = found.map_err(|error| vault::diagnose(Path::new(path), error));
    match found {
        Ok(Ok((last, rows))) => Found::Whole(last, rows),
        Ok(Err(text)) => Found::Broken(text),
        Err(VaultError::Sqlite { source, .. }) => Found::Broken(source.to_string()),
        Err(error) => Found::Refused(error),
    }
}

fn read(connection: &Connection) -> rusqlite::Result<Result<(i64, Rows), String>> {
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if sound != "ok" {
        return Ok(Err(sound));
    }
    let last = connection.query_row("SELECT last FROM ledger", [], |row| row.get(0))?;
    let mut statement = connection.prepare("SELECT id, seed, bytes FROM line ORDER BY id")?;
    let mut found = statement.query([])?;
    let mut rows = Rows::new();
    while let Some(row) = found.next()? {
        let (id, seed): (i64, i64) = (row.get(0)?, row.get(1)?);
        let bytes = row.get_ref(2)?.as_blob().unwrap_or_default();
        if bytes != filler(seed, bytes.len()) {
            return Ok(Err(format!("row {id} has bytes that nobody wrote")));
        }
        rows.insert(id, (seed, bytes.len()));
    }
    Ok(Ok((last, rows)))
}

/// One run of the program that owns the database.
pub(crate) struct Life {
    disk: Disk,
    path: String,
    /// `journal_mode`, where it is not the product's.
    journal: Option<&'static str>,
    writer: Option<Connection>,
    reader: Option<Connection>,
    /// The state by transaction, from the one that this life began with.
    pub(crate) states: BTreeMap<i64, Rows>,
    /// The last transaction that was acknowledged.
    pub(crate) acknowledged: i64,
    /// The last one that was seen: what the next one begins with.
    seen: i64,
    /// The last one that was tried.
    tried: i64,
    /// How often the writer was opened.
    pub(crate) openings: usize,
}

impl Life {
    pub(crate) fn begin(
        (disk, journal): (Disk, Option<&'static str>),
        path: String,
        (last, rows): (i64, Rows),
    ) -> Self {
        let states = BTreeMap::from([(last, rows)]);
        let (writer, reader) = (None, None);
        Self { disk, path, journal, writer, reader, states, acknowledged: last, seen: last, tried: last, openings: 0 }
    }

    fn writer(&mut self) -> rusqlite::Result<&Connection> {
        if self.writer.is_none() {
            let opened = self.disk.open(Path::new(&self.path), &the_key(), Role::Writer);
            let (writer, _) = opened.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            // Nobody else will be ready later.
            writer.busy_timeout(Duration::ZERO)?;
            writer.pragma_update(None, "wal_autocheckpoint", 12)?;
            if let Some(mode) = self.journal {
                writer.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()))?;
                // Less does not wait until the journal is gone for good, by SQLite's own word.
                writer.pragma_update(None, "synchronous", "EXTRA")?;
            }
            // What was refused may be there all the same, whole; whoever opens sees it, and goes on from it.
            let last: i64 = writer.query_row("SELECT last FROM ledger", [], |row| row.get(0))?;
            assert!(
                last >= self.acknowledged,
                "transaction {} was acknowledged, {last} is the last",
                self.acknowledged
            );
            if self.journal.is_none() {
                // It stays, as recovery waits for it. The end of a journal that could not be synced may still be taken back.
                self.acknowledged = last;
            }
            self.seen = last;
            self.writer = Some(writer);
            self.openings += 1;
        }
        Ok(self.writer.as_ref().expect("just opened"))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.writer.is_some()
    }

    /// What a program does to a database next.
    pub(crate) fn choose(&self, seeded: &mut Seeded) -> Act {
        match seeded.below(24) {
            // Beside a journal there is nothing to copy back, and a reader would only keep the writer from committing.
            0 if self.journal.is_none() => Act::Checkpoint("PASSIVE"),
            1 if self.journal.is_none() => Act::Checkpoint("RESTART"),
            2 if self.journal.is_none() => Act::Checkpoint("TRUNCATE"),
            3 if self.reader.is_none() || self.journal.is_some() => Act::Vacuum,
            4 => Act::End,
            5 if self.journal.is_none() => Act::Reader,
            6 => Act::Spill(seeded.below(3) > 0),
            _ => Act::Change,
        }
    }

    /// Does it.
    pub(crate) fn act(&mut self, act: Act, seeded: &mut Seeded) -> rusqlite::Result<()> {
        match act {
            Act::Checkpoint(how) => self.writer()?.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(())),
            Act::Vacuum => self.writer()?.execute_batch("VACUUM"),
            Act::End => {
                self.end();
                Ok(())
            }
            Act::Reader => self.turn_reader(),
            Act::Spill(stays) => self.spill(stays, seeded),
            Act::Change => {
                let changes = 1 + seeded.below(3);
                self.change(seeded, changes)
            }
        }
    }

    /// Only transactions: nothing is copied back from the log.
    pub(crate) fn append(&mut self, seeded: &mut Seeded) -> rusqlite::Result<()> {
        self.writer()?.pragma_update(None, "wal_autocheckpoint", 0)?;
        self.change(seeded, 2)
    }

    /// Closes everything; what goes wrong with that is nobody's news.
    pub(crate) fn end(&mut self) {
        self.reader = None;
        self.writer = None;
    }

    /// A reader comes and holds a state, so that checkpoints cannot finish; or goes.
    fn turn_reader(&mut self) -> rusqlite::Result<()> {
        if self.reader.take().is_none() {
            self.writer()?;
            let opened = self.disk.open(Path::new(&self.path), &the_key(), Role::Reader);
            let (reader, _) = opened.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            reader.execute_batch("BEGIN; SELECT last FROM ledger")?;
            self.reader = Some(reader);
        }
        Ok(())
    }

    /// A transaction that does not fit the cache, so that frames are written before it commits and written anew.
    fn spill(&mut self, stays: bool, seeded: &mut Seeded) -> rusqlite::Result<()> {
        self.writer()?.pragma_update(None, "cache_size", 5)?;
        if stays {
            return self.change(seeded, 14);
        }
        self.writer()?.execute_batch("BEGIN IMMEDIATE")?;
        let mut rows = self.states[&self.seen].clone();
        let changed = (0..14).try_for_each(|_| one(self.writer()?, seeded, &mut rows));
        let back = self.writer()?.execute_batch("ROLLBACK");
        changed.and(back)
    }

    /// The next numbered transaction, of so many changes.
    fn change(&mut self, seeded: &mut Seeded, changes: usize) -> rusqlite::Result<()> {
        self.writer()?.execute_batch("BEGIN IMMEDIATE")?;
        let number = self.tried + 1;
        self.tried = number;
        let mut rows = self.states[&self.seen].clone();
        let changed = self.write(seeded, changes, number, &mut rows);
        self.states.insert(number, rows);
        let committed = changed.and_then(|()| self.writer()?.execute_batch("COMMIT"));
        if committed.is_ok() {
            self.acknowledged = number;
            self.seen = number;
        } else {
            self.look_again();
        }
        committed
    }

    /// A refused commit may have happened: whoever goes on looks.
    fn look_again(&mut self) {
        let Some(writer) = &self.writer else { return };
        if !writer.is_autocommit() {
            let _ = writer.execute_batch("ROLLBACK");
        }
        match writer.query_row("SELECT last FROM ledger", [], |row| row.get(0)) {
            Ok(last) => self.seen = last,
            // Nothing is to be seen here: the next opening will show.
            Err(_) => self.end(),
        }
    }

    fn write(&mut self, seeded: &mut Seeded, changes: usize, number: i64, rows: &mut Rows) -> rusqlite::Result<()> {
        let writer = self.writer()?;
        (0..changes).try_for_each(|_| one(writer, seeded, rows))?;
        writer.execute("UPDATE ledger SET last = ?1", [number]).map(|_| ())
    }
}

/// One row comes, changes or goes.
fn one(writer: &Connection, seeded: &mut Seeded, rows: &mut Rows) -> rusqlite::Result<()> {
    let bytes = if seeded.below(6) == 0 { 2_000 + seeded.below(7_000) } else { seeded.below(600) };
    let seed = i64::try_from(seeded.next() >> 1).expect("63 bits");
    let chosen = rows.keys().nth(seeded.below(rows.len().max(1))).copied();
    match (chosen, seeded.below(if rows.len() > 24 { 3 } else { 6 })) {
        (Some(id), 0 | 2) => {
            rows.remove(&id);
            writer.prepare_cached("DELETE FROM line WHERE id = ?1")?.execute([id]).map(|_| ())
        }
        (Some(id), 1) => {
            rows.insert(id, (seed, bytes));
            let mut update = writer.prepare_cached("UPDATE line SET seed = ?2, bytes = ?3 WHERE id = ?1")?;
            update.execute(params![id, seed, filler(seed, bytes)]).map(|_| ())
        }
        _ => {
            let id = i64::try_from(seeded.below(1_000)).expect("small");
            rows.insert(id, (seed, bytes));
            let mut insert = writer.prepare_cached("INSERT OR REPLACE INTO line VALUES(?1, ?2, ?3)")?;
            insert.execute(params![id, seed, filler(seed, bytes)]).map(|_| ())
        }
    }
}
