//! What is told of the databases and of the files beside them.

use crate::ExportInfo;
use serde::{Deserialize, Serialize};

/// Databases that one answer tells of, so that it fits into a line.
pub const DATABASES_PER_ANSWER: usize = 50;

/// What databases there are (D1), some of them: as many as one answer has room for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultInfo {
    /// How pages are sealed.
    pub cipher: String,
    /// What of the processor helps with it.
    pub acceleration: String,
    /// Whether a server has them open.
    pub running: bool,
    /// The directory first, then companies by id.
    pub databases: Vec<DatabaseInfo>,
    /// After which one to ask on; absent: this was the last.
    #[serde(default)]
    pub next: Option<String>,
    /// What is noted of all of them (D3); absent: nothing yet.
    #[serde(default)]
    pub anchor: Option<AnchorInfo>,
    /// Exports in clear that were begun lately, the newest last.
    #[serde(default)]
    pub exports: Vec<ExportInfo>,
}

/// What shows whether databases are the newest (D3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorInfo {
    /// When it was noted, in milliseconds since 1970-01-01 UTC.
    pub noted_at_ms: u64,
    /// The value of the TPM's counter; absent: nothing was counted.
    #[serde(default)]
    pub counter: Option<u64>,
    /// Whether that counter is looked at now: without, a whole data folder that was put back is not noticed.
    #[serde(default)]
    pub counted: bool,
    /// Older states that somebody accepted lately, the newest last.
    pub accepted: Vec<AcceptedInfo>,
}

/// That somebody accepted an older state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedInfo {
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    pub why: String,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseInfo {
    /// `directory` or the company's id.
    pub database: String,
    pub file: String,
    /// Of the file.
    pub bytes: u64,
    /// Of the write-ahead log beside it.
    pub log_bytes: u64,
    /// When the file was last written, in milliseconds since 1970-01-01 UTC. The log may be newer.
    #[serde(default)]
    pub written_at_ms: Option<u64>,
    /// Of a stopped box: whether its last end left nothing in the log.
    #[serde(default)]
    pub ended_cleanly: Option<bool>,
    /// Absent where it does not open.
    #[serde(default)]
    pub inside: Option<DatabaseInside>,
    /// Why it does not open.
    #[serde(default)]
    pub problem: Option<String>,
}

/// What an open database says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseInside {
    /// Its id for life, in hexadecimal.
    pub id: String,
    /// Epochs of the keys that open its pages, oldest first; new pages are sealed under the last.
    pub key_epochs: Vec<u32>,
    /// Those in the log included.
    pub pages: u64,
    pub schema: i64,
    /// The newest that the executable knows.
    pub schema_known: u64,
    /// Shared files, whose bytes lie in sealed files of their own.
    pub files: u64,
    /// Plain bytes of those.
    pub file_bytes: u64,
}

/// What a check is to look at (D3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultCheck {
    /// Id of one company; absent: all, and the directory.
    pub company: Option<String>,
    /// All bytes of stored files too.
    pub files: bool,
    /// Seals of pages and logs alone.
    pub quick: bool,
}

/// Findings that one answer tells of at most, so that it fits into a line. Long texts are cut.
pub const FINDINGS_PER_ANSWER: usize = 20;
/// Longest text of one, in bytes.
pub const FINDING_BYTES_MAX: usize = 2048;

/// How far a check is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultChecking {
    /// Bytes that were looked at, and about how many there are.
    pub done_bytes: u64,
    pub total_bytes: u64,
    /// What is looked at now: `directory` or a company's id, and what of it.
    pub database: String,
    pub what: String,
    /// Some of those that were not told before.
    pub findings: Vec<VaultFinding>,
    /// How many there are until now.
    pub found: u64,
    /// Absent while it goes on; then whether it came to its end.
    #[serde(default)]
    pub ended: Option<bool>,
}

/// One thing that is wrong, or worth a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultFinding {
    /// `directory` or the company's id.
    pub database: String,
    /// For programs, stable: `pages`, `wrong_key`, `torn_log`, ...
    pub kind: String,
    /// Whether something is lost or wrong by it.
    pub hurts: bool,
    pub text: String,
}
