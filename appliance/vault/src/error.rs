//! Everything that can go wrong in the vault, in words for the person who has to act on it.

use std::path::PathBuf;

/// One variant per failed step; `path` is always the file that the step acted on.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The operating system refused a file operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase ("open", "rename into place").
        action: &'static str,
        /// The file acted on.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The system's random generator failed, so nothing may be sealed.
    #[error("the operating system gave no random bytes: {0}; nothing was written")]
    Random(#[source] getrandom::Error),
    /// A database, keyring or stored file is already where a new one was asked for.
    #[error("{} already exists; it was left as it is", path.display())]
    AlreadyExists {
        /// The file in the way.
        path: PathBuf,
    },
    /// Another process holds the database.
    #[error("{} is in use by another process; stop that process first", path.display())]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The file has no vault header.
    #[error("{} is not a vault file (its header is foreign or damaged); restore it from a backup", path.display())]
    NotAVaultFile {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version.
    #[error("{} has vault format {found}, this version reads format {supported}; update first", path.display())]
    UnsupportedFormat {
        /// The file.
        path: PathBuf,
        /// The format version found.
        found: u16,
        /// The format version that this build reads.
        supported: u16,
    },
    /// The file belongs to another database: swapped, or restored to the wrong place.
    #[error("{} is another database's file (id {found}, expected {expected}); put the right file back", path.display())]
    WrongDatabase {
        /// The database.
        path: PathBuf,
        /// The id in the file, in hexadecimal.
        found: String,
        /// The id that the key belongs to, in hexadecimal.
        expected: String,
    },
    /// Not one page opens under the key.
    #[error("this key does not open {} (or its first page was changed); check that key and file belong together", path.display())]
    WrongKey {
        /// The database.
        path: PathBuf,
    },
    /// A page was changed, moved or taken from another file (D3).
    #[error("page {page} of {} was changed or moved outside this program; restore the file from a backup", path.display())]
    PageTampered {
        /// The database.
        path: PathBuf,
        /// Page number, from 1.
        page: u32,
    },
    /// The file is shorter than its committed content (D3).
    #[error("{} was cut short: page {page} of {pages} is missing; restore it from a backup", path.display())]
    Truncated {
        /// The database.
        path: PathBuf,
        /// The first missing page, from 1.
        page: u32,
        /// How many pages the last commit had.
        pages: u32,
    },
    /// The write-ahead log's header does not verify, yet frames follow it (D3).
    #[error("the header of {} was changed outside this program; nothing was dropped; restore database and log from a backup", path.display())]
    WalHeaderTampered {
        /// The write-ahead log.
        path: PathBuf,
    },
    /// A frame inside the synced part of the write-ahead log does not verify (D3).
    #[error("frame {frame} of {} was changed or moved outside this program; nothing was dropped; restore database and log from a backup", path.display())]
    WalFrameTampered {
        /// The write-ahead log.
        path: PathBuf,
        /// Frame number, from 1.
        frame: u32,
    },
    /// A header or a record of the rollback journal does not verify (D3).
    #[error("{} was changed outside this program at byte {at}; nothing was rolled back; restore database and journal from a backup", path.display())]
    JournalTampered {
        /// The rollback journal.
        path: PathBuf,
        /// Where the header or record begins.
        at: u64,
    },
    /// SQLite asked for a file or a write that would have left the sealed format (D1).
    #[error("refused to {what} for {}: it would have left the sealed format", path.display())]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// The file it was asked for.
        path: PathBuf,
    },
    /// A segment of a stored file was changed, moved or taken from another file, or the file ends inside of it (D3).
    #[error("segment {segment} of {} was changed, moved or cut outside this program, or belongs to another key; restore the file from a backup", path.display())]
    SegmentTampered {
        /// The stored file.
        path: PathBuf,
        /// Segment number, from 0.
        segment: u64,
    },
    /// A stored file has no last segment (D3).
    #[error("{} ends before its last segment: segment {segment} is missing; it was cut short or never finished; restore it from a backup", path.display())]
    FileTruncated {
        /// The stored file.
        path: PathBuf,
        /// The first missing segment, from 0.
        segment: u64,
    },
    /// A write to the disk was not confirmed; the database takes no writes until it is opened again.
    #[error("{} could not be synced to the disk; it takes no more writes until it is opened again: check disk and file system", path.display())]
    NotSynced {
        /// The database.
        path: PathBuf,
    },
    /// SQLite's own answer, where no cause of ours is known.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// SQLite's error.
        #[source]
        source: rusqlite::Error,
    },
    /// The root key opens nothing in this data folder.
    #[error("this root key does not open this data folder ({}): give the key or passphrase that it was created with", path.display())]
    WrongRootKey {
        /// The keyring.
        path: PathBuf,
    },
    /// The bytes given as root key are neither 32 bytes nor 64 hexadecimal digits.
    #[error("a root key is 32 raw bytes or 64 hexadecimal digits, but {length} bytes were given")]
    RootKeyFormat {
        /// How many bytes were given.
        length: usize,
    },
    /// The keyring was made with the other kind of root key.
    #[error("{} was created with a {expected}, but a {given} was given", path.display())]
    RootKeyKind {
        /// The keyring.
        path: PathBuf,
        /// What the keyring needs.
        expected: &'static str,
        /// What was given.
        given: &'static str,
    },
    /// The text given as recovery key has not its form.
    #[error(
        "a recovery key is 32 letters and digits in 8 groups, as it was shown; letters I, L, O and U do not stand in it"
    )]
    RecoveryKeyFormat,
    /// The checksum at the end of the text is not that of the key before it.
    #[error("this recovery key was mistyped: its last two groups do not belong to the others")]
    RecoveryKeyMistyped,
    /// The recovery key opens nothing in this data folder.
    #[error("this recovery key does not open this data folder ({}), or its record there was changed: give the one that was shown last", path.display())]
    WrongRecoveryKey {
        /// The keyring.
        path: PathBuf,
    },
    /// The keyring holds nothing for a recovery key.
    #[error("{} was made without a recovery key: give the root key or the passphrase", path.display())]
    NoRecoveryKey {
        /// The keyring.
        path: PathBuf,
    },
    /// A new keyring was asked for with a recovery key.
    #[error("a recovery key opens a box that is there; a new one is made with a root key or a passphrase")]
    RecoveryMakesNothing,
    /// The root key is sealed under a recovery key too, and has to be again.
    #[error("{} has a recovery key, which has to open what the new root key opens: give it", path.display())]
    RecoveryKeyNeeded {
        /// The keyring.
        path: PathBuf,
    },
    /// The root key was changed, and not all keys have followed yet.
    #[error("the root key of {} was changed just now, and keys of companies still follow; try again later", path.display())]
    RootChanging {
        /// The keyring.
        path: PathBuf,
    },
    /// The keyring cannot be read.
    #[error("{} is damaged or of a newer version: {reason}; restore it from a backup", path.display())]
    KeyringFormat {
        /// The keyring.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The passphrase could not be turned into a key.
    #[error("the passphrase could not be turned into a key: {reason}")]
    Passphrase {
        /// Argon2's reason.
        reason: String,
    },
    /// A company's wrapped key does not open under this root.
    #[error("the stored key of company {company} does not open: it was changed, or belongs to another company or box")]
    WrappedKey {
        /// The company's id.
        company: String,
    },
    /// A stored file's wrapped key does not open under this company's key.
    #[error("the stored key of file {file} does not open: it was changed, or belongs to another file or company")]
    WrappedFileKey {
        /// The file's id.
        file: String,
    },
}

impl VaultError {
    /// Whether the disk, or this process's share of it, has no room left.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        let full = |e: &std::io::Error| {
            matches!(e.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
        };
        match self {
            Self::Io { source, .. } => full(source),
            Self::Sqlite { source, .. } => source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            _ => false,
        }
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
