//! A folder that goes away, a key, and a seeded generator.

#![expect(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use vault::{DatabaseKey, Role, SecretKey, VaultError};
use zeroize::Zeroizing;

/// A folder of one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vault-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the temporary folder takes a folder");
        Self(path.canonicalize().expect("it was just made"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A secret of one repeated byte.
pub(crate) fn secret(byte: u8) -> SecretKey {
    SecretKey::new(Zeroizing::new([byte; 32]))
}

/// A database key of epoch 1 made of one byte.
pub(crate) fn key(byte: u8) -> DatabaseKey {
    DatabaseKey::new([byte; 8], vec![(1, secret(byte))])
}

/// SplitMix64: the same numbers for the same seed on every machine.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length fits");
        usize::try_from(self.next() % end).expect("below a length")
    }
}

/// Words that must never be seen on the disk.
pub(crate) const TABLE: &str = "confidential_table";
pub(crate) const WORD: &str = "Überraschungsparty am Freitag";

/// Makes a database with an empty table.
pub(crate) fn create(path: &Path, key: &DatabaseKey) {
    vault::create(path, key, |connection| {
        connection.execute_batch(&format!("CREATE TABLE {TABLE}(id INTEGER PRIMARY KEY, word TEXT, filler BLOB)"))
    })
    .expect("a new database");
}

pub(crate) fn open(path: &Path, key: &DatabaseKey) -> Connection {
    vault::open(path, key, Role::Writer).expect("opens").0
}

/// One transaction of one row with about `bytes` of filler that its id determines.
pub(crate) fn insert(connection: &Connection, id: i64, bytes: usize) {
    connection
        .execute(
            &format!("INSERT INTO {TABLE} VALUES(?1, ?2, ?3)"),
            params![id, format!("{WORD} {id}"), filler(id, bytes)],
        )
        .expect("inserts");
}

pub(crate) fn filler(id: i64, bytes: usize) -> Vec<u8> {
    let mut seeded = Seeded(id.unsigned_abs());
    (0..bytes).map(|_| seeded.next().to_le_bytes()[0]).collect()
}

/// Reads every row, checks that each is what was inserted, and gives the ids in order.
pub(crate) fn read_all(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare(&format!("SELECT id, word, filler FROM {TABLE} ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, word, bytes): (i64, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        assert_eq!(word, format!("{WORD} {id}"), "wrong data was returned");
        assert_eq!(bytes, filler(id, bytes.len()), "wrong data was returned");
        ids.push(id);
    }
    Ok(ids)
}

/// Opens and reads all; what the vault says where it does not succeed.
pub(crate) fn open_and_read(path: &Path, key: &DatabaseKey) -> Result<Vec<i64>, VaultError> {
    let (connection, _) = vault::open(path, key, Role::Writer)?;
    let ids = read_all(&connection).map_err(|source| vault::diagnose(path, source));
    connection.close().map_err(|(_, source)| vault::diagnose(path, source))?;
    ids
}

/// Copies a database and its log as they are on the disk now, as a crash would leave them.
pub(crate) fn snapshot(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("copies");
    let (from_log, to_log) = (log_of(from), log_of(to));
    let _ = std::fs::remove_file(&to_log);
    if from_log.exists() {
        std::fs::copy(from_log, to_log).expect("copies");
    }
}

pub(crate) fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

/// Bytes of a log up to its last frame that is not zeros, as which it is written ahead.
pub(crate) fn written(log: &[u8]) -> usize {
    const FRAME: usize = 24 + 4096;
    let last = log[32..].chunks_exact(FRAME).rposition(|frame| frame.iter().any(|byte| *byte != 0));
    32 + last.map_or(0, |last| last + 1) * FRAME
}
