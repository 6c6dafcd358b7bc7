//! What a server of messages does to a database, phase by phase; the same code for every kind of database.

use nix::sys::resource::{UsageWho, getrusage};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};
use std::path::Path;

const CONVERSATIONS: u64 = 200;
const SCHEMA: &str =
    "CREATE TABLE message(id INTEGER PRIMARY KEY, conversation INTEGER, sender INTEGER, sent INTEGER, body TEXT);
    CREATE INDEX in_conversation ON message(conversation, id);
    CREATE VIRTUAL TABLE word USING fts5(body, content = '', detail = full)";
const WORDS: [&str; 24] = [
    "meeting", "tomorrow", "release", "the", "and", "please", "server", "customer", "offer", "delayed", "thanks",
    "call", "picture", "attached", "friday", "budget", "review", "draft", "contract", "signed", "lunch", "station",
    "minutes", "later",
];

/// SplitMix64.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// About 200 bytes.
    fn body(&mut self) -> String {
        let word = |seeded: &mut Self| WORDS[(seeded.next() % 24) as usize];
        let mut body: Vec<String> = (0..26).map(|_| word(self).to_owned()).collect();
        body.push(format!("w{}", self.below(20_000)));
        body.join(" ")
    }
}

/// Processor time of this process, or of those that it waited for, in seconds.
pub(crate) fn cpu(whose: UsageWho) -> f64 {
    let usage = getrusage(whose).expect("the system counts");
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

fn phase(name: &str, work: impl FnOnce() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let before = cpu(UsageWho::RUSAGE_SELF);
    work()?;
    println!("{name}\t{:.6}", cpu(UsageWho::RUSAGE_SELF) - before);
    Ok(())
}

pub(crate) fn set_up(connection: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    let ignore = |_: &rusqlite::Row<'_>| Ok(());
    // As the vault does it: else a statement is planned anew each time that something is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", ignore)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update_and_check(None, "secure_delete", false, ignore)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

pub(crate) fn insert(connection: &Connection, seeded: &mut Seeded, id: u64, indexed: bool) -> rusqlite::Result<()> {
    let body = seeded.body();
    let conversation = seeded.below(CONVERSATIONS);
    let id = i64::try_from(id).expect("few messages");
    let mut message = connection.prepare_cached("INSERT INTO message VALUES(?1, ?2, ?3, ?4, ?5)")?;
    message.execute(params![id, conversation as i64, (conversation % 7) as i64, id * 1000, body])?;
    if indexed {
        connection.prepare_cached("INSERT INTO word(rowid, body) VALUES(?1, ?2)")?.execute(params![id, body])?;
    }
    Ok(())
}

fn many(
    connection: &Connection,
    seeded: &mut Seeded,
    (from, to, at_once): (u64, u64, u64),
    indexed: bool,
) -> rusqlite::Result<()> {
    let mut id = from;
    while id < to {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..at_once.min(to - id) {
            insert(connection, seeded, id, indexed)?;
            id += 1;
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(())
}

pub(crate) fn last_fifty(connection: &Connection, seeded: &mut Seeded, times: u64) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT id, body FROM message WHERE conversation = ?1 ORDER BY id DESC LIMIT 50")?;
    for _ in 0..times {
        let mut rows = statement.query([seeded.below(CONVERSATIONS) as i64])?;
        while let Some(row) = rows.next()? {
            std::hint::black_box(row.get_ref(1)?.as_str()?.len());
        }
    }
    Ok(())
}

pub(crate) fn points(connection: &Connection, seeded: &mut Seeded, messages: u64, times: u64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("SELECT body FROM message WHERE id = ?1")?;
    for _ in 0..times {
        let id = seeded.below(messages) as i64;
        std::hint::black_box(statement.query_row([id], |row| row.get::<_, String>(0))?);
    }
    Ok(())
}

fn searches(connection: &Connection, seeded: &mut Seeded, times: u64) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT rowid FROM word WHERE word MATCH ?1 ORDER BY rank LIMIT 20")?;
    for _ in 0..times {
        let text = format!("w{} OR w{}", seeded.below(20_000), seeded.below(20_000));
        let mut rows = statement.query([text])?;
        while let Some(row) = rows.next()? {
            std::hint::black_box(row.get::<_, i64>(0)?);
        }
    }
    Ok(())
}

/// All phases: a line each of its name and its processor seconds; at the end the bytes of the file.
pub(crate) fn run(open: &dyn Fn() -> rusqlite::Result<Connection>, path: &Path, messages: u64) -> rusqlite::Result<()> {
    let mut seeded = Seeded(20_261_130);
    let connection = open()?;
    set_up(&connection, 2048)?;
    connection.execute_batch(SCHEMA)?;
    let (hundreds, singles) = (messages * 8 / 10, messages / 10);
    let (first, second) = (hundreds, hundreds + singles);
    phase("inserts, 100 a transaction", || many(&connection, &mut seeded, (0, first, 100), false))?;
    phase("inserts, 1 a transaction", || many(&connection, &mut seeded, (first, second, 1), false))?;
    phase("inserts with full-text index, 1 a transaction", || {
        many(&connection, &mut seeded, (second, messages, 1), true)
    })?;
    drop(connection);
    let connection = open()?;
    set_up(&connection, 2048)?;
    phase("point reads beside the cache", || points(&connection, &mut seeded, messages, messages / 2))?;
    phase("last 50 of a conversation beside the cache", || last_fifty(&connection, &mut seeded, messages / 50))?;
    phase("full-text searches", || searches(&connection, &mut seeded, messages / 25))?;
    phase("full scan beside the cache", || {
        (0..5).try_for_each(|_| connection.query_row("SELECT sum(length(body)) FROM message", [], |_| Ok(())))
    })?;
    drop(connection);
    let connection = open()?;
    set_up(&connection, 400 * 1024)?;
    connection.query_row("SELECT sum(length(body)) FROM message", [], |_| Ok(()))?;
    last_fifty(&connection, &mut seeded, CONVERSATIONS * 4)?;
    phase("point reads in the cache", || points(&connection, &mut seeded, messages, messages / 2))?;
    phase("last 50 in the cache", || last_fifty(&connection, &mut seeded, messages / 50))?;
    drop(connection);
    let connection = open()?;
    set_up(&connection, 2048)?;
    phase("an update of every eighth", || {
        connection.execute("UPDATE message SET sent = sent + 1 WHERE id % 8 = 0", []).map(|_| ())
    })?;
    phase("VACUUM", || connection.execute_batch("VACUUM"))?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(connection);
    println!("size\t{}", std::fs::metadata(path).map_or(0, |metadata| metadata.len()));
    Ok(())
}
