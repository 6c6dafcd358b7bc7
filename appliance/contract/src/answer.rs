//! What a running box answers to the command line.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Status(Status),
    /// The id of what was added.
    Added {
        id: String,
    },
    /// The new application. Its secret is told this once.
    Application {
        id: String,
        secret: Secret,
    },
    Refused(Refusal),
}

/// Why a request was refused; nothing was changed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// For programs, stable, in snake case: `email_in_use`, `company_unknown`, ...
    pub code: String,
    /// For people: what is wrong.
    pub message: String,
    /// For people: what to do.
    pub what_to_do: String,
}

/// How the box is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Whether it serves people.
    pub ready: bool,
    /// Version of the product.
    pub version: String,
    /// The box's name, as in its certificate.
    pub name: String,
    /// The XMPP domain.
    pub domain: String,
    /// Where people reach it: an `https` URL.
    pub address: String,
    /// File with the certificate of the CA that clients must trust.
    pub ca_file: String,
    pub data_folder: String,
    pub companies: u64,
    pub users: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_at_ms: u64,
    /// What the start found unfinished after a crash and made whole, per database.
    pub recovered: Vec<Recovered>,
    /// Sentences for people, each with what to do.
    pub warnings: Vec<String>,
}

/// What one database had in its write-ahead log when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// `directory` or the company's id.
    pub database: String,
    pub commits: u64,
    pub frames: u64,
}
