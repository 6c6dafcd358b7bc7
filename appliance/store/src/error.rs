use std::path::PathBuf;

/// What failed in the store, and on what.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The vault refused: wrong key, damaged page, cut file.
    #[error("{database}: {source}")]
    Vault {
        /// `directory` or the company's id.
        database: String,
        /// What the vault found.
        source: vault::VaultError,
    },
    /// A statement failed.
    #[error("the database refused a statement: {0}")]
    Statement(#[from] rusqlite::Error),
    /// A row holds what this version cannot read.
    #[error("a row of table {table} cannot be read: {what}")]
    Row {
        /// Table of the row.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The change was not committed.
    #[error("{database}: the change could not be committed: {why}")]
    Commit {
        /// `directory` or the company's id.
        database: String,
        /// What SQLite or the vault said.
        why: String,
        /// Whether the disk had no room left.
        full: bool,
    },
    /// The database was closed, or its writer stopped.
    #[error("database {0} is closed")]
    Closed(String),
    /// A job panicked: a bug; its change was rolled back.
    #[error("a change of database {0} was given up because of an internal fault")]
    Fault(String),
    /// The schema was written by a newer version.
    #[error("{database} has schema {found}, this version knows up to {known}: start the newer version again")]
    NewerSchema {
        /// `directory` or the company's id.
        database: String,
        /// Version in the file.
        found: i64,
        /// Newest version that this executable knows.
        known: i64,
    },
    /// The schema was written by an older version, and nobody who may change it is at work.
    #[error(
        "{database} has schema {found} of an older version, and {known} is wanted: start the box once, which brings it up to date"
    )]
    OlderSchema {
        /// `directory` or the company's id.
        database: String,
        /// Version in the file.
        found: i64,
        /// The version that is wanted.
        known: i64,
    },
    /// A database is an older state of itself (D3).
    #[error(
        "{database}: {} was put back to an older state: it carries mark {is}, and {noted} was noted later; nothing is served from it. \
         Put the newest file back. If a backup was restored on purpose, or the newest file is lost: stop the box and run \
         `rainbow-edge vault accept --older-state`", path.display()
    )]
    OlderState {
        /// `directory` or the company's id.
        database: String,
        /// Its file.
        path: PathBuf,
        /// Its mark.
        is: u32,
        /// The mark that it had once.
        noted: u32,
    },
    /// What is noted of all databases does not open (D3).
    #[error(
        "{} was changed, or belongs to another box, so nobody can tell whether the databases are the newest. Put the newest data folder \
         back, or stop the box and run `rainbow-edge vault accept --older-state`", path.display()
    )]
    Anchor {
        /// Its file.
        path: PathBuf,
    },
    /// No such company on this box.
    #[error("company {0} is not on this box")]
    NoCompany(String),
    /// A file of the data folder could not be used.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether the disk has no room left.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        match self {
            Self::Vault { source, .. } => source.is_full_disk(),
            Self::Statement(failure) => failure.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::Commit { full, .. } => *full,
            Self::File { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            _ => false,
        }
    }

    pub(crate) fn vault(database: &str) -> impl FnOnce(vault::VaultError) -> Self + '_ {
        move |source| Self::Vault { database: database.to_owned(), source }
    }
}

/// What the vault found wrong with a file that is no database.
impl From<vault::VaultError> for StoreError {
    fn from(source: vault::VaultError) -> Self {
        Self::Vault { database: String::from("files"), source }
    }
}
