use crate::{Purpose, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use vault::{NOTE_BYTES_MAX, SecretKey, Vault, open_note, seal_note};

/// The anchor's file in the data folder.
pub(crate) const ANCHOR_FILE: &str = "anchor.sealed";
const NAME: &str = "anchor";
/// Acceptances that are kept; the oldest go.
const ACCEPTED_MAX: usize = 100;
/// Words that are kept of each.
const WORDS_MAX: usize = 100;

/// What is noted of all databases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// One more each time.
    pub number: u32,
    /// When it was noted, in milliseconds since 1970.
    pub made_ms: i64,
    /// The counter outside, where there is one.
    pub counter: Option<Counted>,
    /// The least mark of each database: `directory`, and companies by id.
    pub marks: BTreeMap<String, u32>,
    /// Older states that somebody accepted, the newest last.
    pub accepted: Vec<Accepted>,
}

/// A counter in a TPM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// What tells the TPM from others, in hexadecimal; empty where it does not say.
    pub machine: String,
    /// The value that it has, or is about to be given; 0 before it is counted for the first time.
    pub value: u64,
}

/// That somebody accepted an older state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Why, in words.
    pub why: String,
    /// What was older.
    pub older: Vec<String>,
}

impl Anchor {
    /// Reads the anchor of a data folder; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError::Anchor`] where it was changed or belongs to another box, [`StoreError::File`].
    pub fn read(data: &Path, vault: &Vault) -> Result<Option<Self>, StoreError> {
        let path = data.join(ANCHOR_FILE);
        let failed = |source| StoreError::File { path: path.clone(), source };
        let mut sealed = Vec::new();
        match File::open(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            file => {
                let limit = u64::try_from(NOTE_BYTES_MAX).unwrap_or(u64::MAX);
                file.map_err(failed)?.take(limit).read_to_end(&mut sealed).map_err(failed)?;
            }
        }
        let note = open_note(&key(vault), NAME, &sealed);
        let anchor = note.and_then(|note| serde_json::from_slice(&note).ok());
        anchor.map(Some).ok_or(StoreError::Anchor { path })
    }

    /// Writes it whole or not at all, and waits for the disk.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn write(&self, data: &Path, vault: &Vault) -> Result<(), StoreError> {
        let path = data.join(ANCHOR_FILE);
        let fresh = path.with_extension("fresh");
        let note = serde_json::to_vec(self).unwrap_or_default();
        let sealed = seal_note(&key(vault), NAME, &note).map_err(StoreError::vault(NAME))?;
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            file.write_all(&sealed)?;
            file.sync_all()?;
            std::fs::rename(&fresh, &path)?;
            File::open(data)?.sync_all()
        };
        write().map_err(|source| StoreError::File { path: path.clone(), source })
    }

    pub(super) fn accept(&mut self, mut accepted: Accepted) {
        accepted.older.truncate(WORDS_MAX);
        let surplus = (self.accepted.len() + 1).saturating_sub(ACCEPTED_MAX);
        self.accepted.drain(..surplus);
        self.accepted.push(accepted);
    }
}

/// Of the directory's branch, which the root key opens: another root key or passphrase does not change it.
fn key(vault: &Vault) -> SecretKey {
    Purpose::Anchor.of(vault)
}
