use super::Subject;
use crate::StoreError;
use rusqlite::Connection;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What one database is.
#[derive(Debug, Clone)]
pub struct DatabaseFacts {
    /// `directory` or the company's id.
    pub database: String,
    /// Its file.
    pub path: PathBuf,
    /// Bytes of the file; 0 where there is none.
    pub bytes: u64,
    /// When the file was last written, in milliseconds since 1970.
    pub written_ms: Option<i64>,
    /// Bytes of the write-ahead log beside it.
    pub log_bytes: u64,
    /// What it holds, or why it does not open.
    pub inside: Result<Inside, String>,
}

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// Its id for life, in hexadecimal.
    pub id: String,
    /// Epochs of the keys that open its pages, oldest first. New pages are sealed under the last.
    pub key_epochs: Vec<u32>,
    /// Pages, those of the log included.
    pub pages: u64,
    /// Its schema step.
    pub schema: i64,
    /// The newest schema step that this executable knows.
    pub schema_known: usize,
    /// Shared files that were passed on; their bytes lie in sealed files of their own.
    pub files: u64,
    /// Plain bytes of those.
    pub file_bytes: u64,
}

impl Subject {
    /// What this database is. What is wrong with it is told, and is no error.
    pub(crate) fn facts(&self) -> DatabaseFacts {
        // Before it is opened: that may cut a torn end off the log.
        let seen = DatabaseFacts::seen(&self.place.database, &self.place.path);
        let inside = self.reader().and_then(|connection| {
            self.inside(&connection).map_err(|error| self.place.name_in(StoreError::Statement(error)))
        });
        DatabaseFacts { inside: inside.map_err(|error| error.to_string()), ..seen }
    }

    fn inside(&self, connection: &Connection) -> rusqlite::Result<Inside> {
        let number = |sql| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
        let (files, file_bytes) = match self.company {
            Some(_) => shared_files(connection)?,
            None => (0, 0),
        };
        Ok(Inside {
            id: self.key.id().iter().map(|byte| format!("{byte:02x}")).collect(),
            key_epochs: self.key.epoch_numbers(),
            pages: number("PRAGMA page_count")?,
            schema: connection.query_row("PRAGMA user_version", [], |row| row.get(0))?,
            schema_known: self.schema_known(),
            files,
            file_bytes,
        })
    }
}

/// How many files a company shares, and their bytes. One of an older version may have no such table yet.
fn shared_files(connection: &Connection) -> rusqlite::Result<(u64, u64)> {
    if !connection.table_exists(None, "file")? {
        return Ok((0, 0));
    }
    let sql = "SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM file WHERE state = 'clean'";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

impl DatabaseFacts {
    /// One that could not even be tried.
    pub(super) fn unopened(database: &str, path: &Path, problem: &StoreError) -> Self {
        Self { inside: Err(problem.to_string()), ..Self::seen(database, path) }
    }

    fn seen(database: &str, path: &Path) -> Self {
        let metadata = path.metadata().ok();
        let milliseconds = |at: &std::fs::Metadata| at.mtime().saturating_mul(1000) + at.mtime_nsec() / 1_000_000;
        Self {
            database: database.to_owned(),
            path: path.to_owned(),
            bytes: metadata.as_ref().map_or(0, std::fs::Metadata::len),
            written_ms: metadata.as_ref().map(milliseconds),
            log_bytes: path.with_extension("db-wal").metadata().map_or(0, |log| log.len()),
            inside: Err(String::from("it was not opened")),
        }
    }
}
