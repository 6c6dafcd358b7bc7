//! Backups: what is asked, how far it is, how the targets stand.

use serde::{Deserialize, Serialize};

/// Snapshots of each target that one answer tells of, the newest: so that it fits into a line.
pub const SNAPSHOTS_PER_ANSWER: usize = 100;

/// What is to be done with backups; it goes on when who asked has gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupBegin {
    pub wish: BackupWish,
    /// One target; absent means all.
    #[serde(default)]
    pub target: Option<String>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupWish {
    /// A snapshot, to the targets.
    Now {
        /// Everything is looked at anew, what is not needed goes, and it is verified.
        full: bool,
    },
    /// The newest snapshot, or one of them, is restored beside the data and compared.
    Verify { snapshot: Option<u64> },
    /// Tell which snapshots there are.
    List,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupJob {
    /// What is being done, by target.
    pub doing: Vec<BackupDoing>,
    /// Once it has ended: what came of it, by target.
    pub outcomes: Option<Vec<BackupOutcome>>,
}

/// What is being done to a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupDoing {
    pub target: String,
    pub stage: String,
    pub done_bytes: u64,
    /// 0 while it is not known.
    pub total_bytes: u64,
}

/// What came of it at a target, or before any of them was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupOutcome {
    pub target: String,
    /// What failed, for people.
    pub failure: Option<String>,
    /// The snapshot that was sent or verified.
    pub snapshot: Option<BackupSnapshot>,
    /// Bytes that were sent.
    pub sent_bytes: Option<u64>,
    /// Bytes that the snapshot holds.
    pub bytes: Option<u64>,
    /// Databases and files that were restored and found right.
    pub verified: Option<(u64, u64)>,
    /// The snapshots that are there, the newest last.
    pub snapshots: Vec<BackupSnapshot>,
    /// How many there are besides.
    pub older: u64,
}

/// A snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupSnapshot {
    pub sequence: u64,
    /// Milliseconds since 1970-01-01 UTC; absent where only its number is known.
    pub taken_at_ms: Option<u64>,
}

/// How a target stands. Times are milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupStanding {
    pub target: String,
    /// Where it is, for people.
    pub address: String,
    /// When the last snapshot that is there was taken.
    pub taken_at_ms: Option<u64>,
    pub sequence: u64,
    /// When the last snapshot was taken that was restored and found right.
    pub verified_at_ms: Option<u64>,
    /// What failed last, unless it succeeded since.
    pub failure: Option<String>,
    pub doing: Option<BackupDoing>,
}
