//! Companies that are erased (D2).

use serde::{Deserialize, Serialize};

/// Destroys a company's key, and the company with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyErase {
    /// By id.
    pub company: String,
    /// As a person typed it: it has to be the company's. Absent: only tell what would go.
    #[serde(default)]
    pub name: Option<String>,
}

/// What erasing a company would destroy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasurePlan {
    pub name: String,
    pub people: u64,
    pub messages: u64,
    pub bubbles: u64,
    pub files: u64,
    /// Plain bytes of the files.
    pub file_bytes: u64,
}

/// What a backup has of an erased company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasedAt {
    /// The target's name.
    pub target: String,
    /// Why its key is still there, until the next run; absent: it is gone.
    pub kept: Option<String>,
}

/// Receipts of erased companies, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    /// The box's key that signs them, in hexadecimal.
    pub public_key: String,
    /// Each as JSON.
    pub receipts: Vec<String>,
}
