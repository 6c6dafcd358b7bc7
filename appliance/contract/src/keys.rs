//! Keys: turned, changed, given anew (D2).

use serde::{Deserialize, Serialize};

use crate::Secret;

/// A database gets another key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rekey {
    pub whose: Whose,
    /// Only tell what it would go through.
    pub dry_run: bool,
    /// Answer when it is over, and not when it is begun: for a box that is stopped.
    pub wait: bool,
}

/// Whose key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    Directory,
    /// By id.
    Company(String),
}

/// The box gets another root key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootChange {
    pub new: NewRoot,
    /// Has to open the box afterwards too, where it does now.
    #[serde(default)]
    pub recovery_key: Option<Secret>,
    /// Only tell what it would go through.
    pub dry_run: bool,
}

/// Where another root key comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewRoot {
    /// 64 hexadecimal digits.
    Key(Secret),
    Passphrase(Secret),
    /// The box makes one in place of the development key in its data folder.
    Development,
}

/// What a change of keys would go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPlan {
    /// Pages that would be sealed anew.
    pub pages: u64,
    /// Keys that would be wrapped anew: of files, or of companies.
    pub keys: u64,
}

/// How far the turning of a database's key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnFacts {
    /// `directory` or the company's id.
    pub database: String,
    pub stage: TurnStage,
    /// Pages of the database, and how many of them were looked at in this round.
    pub pages: u64,
    pub looked_at: u64,
    /// Since the start of the box.
    pub pages_resealed: u64,
    /// Since the start of the box.
    pub file_keys_rewrapped: u64,
    /// Why it stopped, and what to do.
    #[serde(default)]
    pub problem: Option<String>,
}

/// What the turning of a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnStage {
    /// Seals pages and wraps the keys of files anew.
    Sealing,
    /// Looks whether anything is left under the old key.
    Settling,
    /// The old key is gone.
    Done,
    /// The old key is kept.
    Stopped,
}
