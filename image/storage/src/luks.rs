//! One LUKS2 volume, by cryptsetup and systemd's tools.

use crate::error::StorageError;
use crate::header::{self, Header};
use crate::tool::{Ended, Run, Tools};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// cryptsetup's exit code for a key that does not fit.
const WRONG_KEY: i32 = 2;

/// A partition with a LUKS2 header.
pub(crate) struct Luks<'a> {
    tools: &'a Tools,
    pub(crate) partition: &'a Path,
}

/// With what another key may be added.
pub(crate) enum Unlock {
    /// The machine's TPM.
    Tpm,
    /// A file with a key that opens the volume.
    KeyFile(PathBuf),
}

impl<'a> Luks<'a> {
    pub(crate) fn new(tools: &'a Tools, partition: &'a Path) -> Self {
        Self { tools, partition }
    }

    /// Reads the header; cryptsetup repairs one of its two copies by the other.
    pub(crate) fn header(&self) -> Result<Header, StorageError> {
        let partition = || self.partition.to_owned();
        let dump = self.cryptsetup("luksDump").arg("--dump-json-metadata").arg(self.partition).end()?;
        if !dump.is_success() {
            return Err(StorageError::Header { partition: partition(), said: dump.last_words() });
        }
        Header::parse(&dump.output).map_err(|said| StorageError::Header { partition: partition(), said })
    }

    /// Whether a key opens it, or one slot of it. Nothing is opened.
    pub(crate) fn opens(&self, key: &str, slot: Option<u32>) -> Result<bool, StorageError> {
        // Else a TPM that opens would make any key a right one.
        let mut run = self.cryptsetup("open").args(["--test-passphrase", "--disable-external-tokens", "--key-file=-"]);
        if let Some(slot) = slot {
            run = run.arg(format!("--key-slot={slot}"));
        }
        let tried = run.arg(self.partition).input(key.as_bytes()).end()?;
        match tried.code {
            Some(0) => Ok(true),
            Some(WRONG_KEY) => Ok(false),
            _ => Err(StorageError::Open { partition: self.partition.to_owned(), said: tried.last_words() }),
        }
    }

    /// Opens it as `/dev/mapper/data` by the TPM; what the tool said tells why not.
    pub(crate) fn attach_by_tpm(&self) -> Result<Ended, StorageError> {
        self.attach(Path::new("none"), "luks,headless=true,tpm2-device=auto")
    }

    /// Opens it as `/dev/mapper/data` by a key that is known to fit.
    pub(crate) fn attach_by(&self, key_file: &Path) -> Result<(), StorageError> {
        let attached = self.attach(key_file, "luks,headless=true")?;
        if attached.is_success() {
            return Ok(());
        }
        Err(StorageError::Open { partition: self.partition.to_owned(), said: attached.last_words() })
    }

    /// Adds a key of our own making and returns its slot. It has the strength of a random key, so it is stretched as little
    /// as possible: a machine with less memory must be able to open it as well.
    pub(crate) fn add_key(&self, key: &str, unlock: &Unlock) -> Result<u32, StorageError> {
        let before = self.header()?;
        let run = self.tools.run("systemd-cryptenroll").env("NEWPASSWORD", key).arg("--password");
        let added = unlocked(run, unlock).arg(self.partition).end()?;
        done(&added, "add a key")?;
        let slots: BTreeSet<u32> = self.header()?.slots_since(&before);
        let slot = *slots.first().ok_or(StorageError::Enrol { step: "find the new key", said: added.last_words() })?;
        let run = self.cryptsetup("luksConvertKey").arg(format!("--key-slot={slot}"));
        let run = run.args(["--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000", "--key-file=-"]);
        done(&run.arg(self.partition).input(key.as_bytes()).end()?, "fit the new key for every machine")?;
        Ok(slot)
    }

    /// Seals a key to the machine's TPM and takes away what was sealed before, in an order that a power cut may cut.
    pub(crate) fn seal_to_tpm(&self, arguments: &[String], unlock: &Unlock) -> Result<(), StorageError> {
        let run = self.tools.run("systemd-cryptenroll").arg("--wipe-slot=tpm2").args(arguments);
        done(&unlocked(run, unlock).arg(self.partition).end()?, "seal to the TPM")
    }

    /// Notes what a slot is for.
    pub(crate) fn add_token(&self, kind: &str, slot: Option<u32>) -> Result<(), StorageError> {
        let token = header::token(kind, slot);
        let run = self.cryptsetup("token").args(["import", "--json-file=-"]).arg(self.partition);
        done(&run.input(token.as_bytes()).end()?, "note what a key is for")
    }

    pub(crate) fn remove_token(&self, id: u32) -> Result<(), StorageError> {
        let run = self.cryptsetup("token").arg("remove").arg(format!("--token-id={id}")).arg(self.partition);
        done(&run.end()?, "forget what a key was for")
    }

    pub(crate) fn remove_slot(&self, slot: u32) -> Result<(), StorageError> {
        let run = self.cryptsetup("luksKillSlot").arg("--batch-mode").arg(self.partition).arg(slot.to_string());
        done(&run.end()?, "remove an older key")
    }

    fn attach(&self, key_file: &Path, options: &str) -> Result<Ended, StorageError> {
        self.tools
            .run("systemd-cryptsetup")
            .args(["attach", "data"])
            .arg(self.partition)
            .arg(key_file)
            .arg(options)
            .end()
    }

    fn cryptsetup(&self, action: &str) -> Run {
        self.tools.run("cryptsetup").arg(action)
    }
}

fn unlocked(run: Run, unlock: &Unlock) -> Run {
    match unlock {
        Unlock::Tpm => run.arg("--unlock-tpm2-device=auto"),
        Unlock::KeyFile(path) => run.option("--unlock-key-file", path),
    }
}

fn done(ended: &Ended, step: &'static str) -> Result<(), StorageError> {
    if ended.is_success() { Ok(()) } else { Err(StorageError::Enrol { step, said: ended.last_words() }) }
}
