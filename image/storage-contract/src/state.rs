//! How the data partition is, for the console.

use serde::{Deserialize, Serialize};

/// Where the state lies. Replaced as a whole; readable by everybody on the box, so it holds no secret.
pub const STATE_FILE: &str = "/run/rainbow-edge-storage/state.json";

/// A longer file is not read.
pub const STATE_LIMIT_BYTES: usize = 64 * 1024;

/// How far the storage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Looking, making or opening; nobody is needed.
    Working,
    /// A person is asked for a key.
    Asking,
    /// The data partition is open and mounted.
    Open,
    /// It is not, and will not be without a person.
    Failed,
}

/// Which key opened the data partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// The machine's TPM, by itself.
    Tpm,
    /// The recovery key, typed.
    RecoveryKey,
    /// The passphrase that was chosen at the first start, typed.
    Passphrase,
}

/// What is wrong, and what a person can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub what: String,
    pub what_to_do: String,
}

/// How the data partition is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub phase: Phase,
    /// What opened it, once it is open.
    #[serde(default)]
    pub opened_by: Option<Lock>,
    /// From which of its two places on the disk the system was started, for people.
    #[serde(default)]
    pub slot: Option<String>,
    /// What keeps it from being open, or what a person should know of an open one.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

impl State {
    /// Work that nobody is needed for.
    #[must_use]
    pub fn working() -> Self {
        Self { phase: Phase::Working, opened_by: None, slot: None, problems: Vec::new() }
    }

    /// The file's content.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain fields are always JSON")
    }

    /// Reads the file's content; `None` where it is none.
    #[must_use]
    pub fn from_json(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > STATE_LIMIT_BYTES {
            return None;
        }
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_and_something_else_does_not_d2() {
        let problem = Problem { what: "no TPM".to_owned(), what_to_do: "type the passphrase".to_owned() };
        let slot = Some("A (rainbow-edge_1.0.0)".to_owned());
        let state = State { phase: Phase::Asking, opened_by: Some(Lock::RecoveryKey), slot, problems: vec![problem] };
        assert_eq!(State::from_json(&state.to_json()), Some(state));
        for other in [&b""[..], b"{}", b"{\"phase\":\"sleeping\"}", &vec![b' '; STATE_LIMIT_BYTES + 1]] {
            assert_eq!(State::from_json(other), None);
        }
    }
}
