//! Companies that are written out in clear for who takes them along (D6, D7).

use serde::{Deserialize, Serialize};

/// Companies that one answer tells of, so that it fits into a line.
pub const EXPORTS_PER_ANSWER: usize = 50;

/// What an export is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportOf {
    /// Id or name of one company; absent: all.
    #[serde(default)]
    pub company: Option<String>,
}

/// What an export would hold, some companies of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportPlan {
    /// By id.
    pub companies: Vec<ExportCompany>,
    /// After which one to ask on; absent: this was the last.
    #[serde(default)]
    pub next: Option<String>,
}

/// What an export of one company would hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportCompany {
    pub id: String,
    pub name: String,
    pub people: u64,
    pub messages: u64,
    pub bubbles: u64,
    pub files: u64,
    /// Bytes of the files.
    pub file_bytes: u64,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of the messages' texts.
    pub text_bytes: u64,
}

/// Begins an export: it is noted for good before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportBegin {
    pub of: ExportOf,
    /// Where to, as the person said, for who looks at the note.
    pub to: String,
    /// Also lay down a sealed snapshot of these companies, to be read by who has the key: what a running box is asked for.
    pub snapshot: bool,
}

/// How far a snapshot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportSnapshot {
    pub done_bytes: u64,
    pub total_bytes: u64,
    /// Its folder in the data folder. Whoever wants it holds the file `lock` in it locked; it goes when nobody does.
    pub folder: String,
    pub ended: bool,
    /// Why it could not be made.
    #[serde(default)]
    pub failure: Option<String>,
}

/// An export that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportInfo {
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// By id.
    pub company: String,
    pub to: String,
}
