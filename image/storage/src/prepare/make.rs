//! The data partition of a first start, made by systemd-repart: it writes the partition table last, so a cut leaves either
//! nothing or a whole volume.

use super::{DATA_LABEL, Work, finish};
use crate::disk::{Disk, Partition};
use crate::error::StorageError;
use crate::header::{Header, PASSPHRASE_TOKEN};
use crate::keys;
use crate::luks::Luks;
use crate::question::ask;
use crate::telling::problem;
use crate::tool::Ended;
use crate::tpm;
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What the new partition takes the place of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    OfNothing,
    /// A partition that never held a mounted filesystem, or that nobody set up and nobody can open.
    OfUnfinished,
}

/// How long a new partition may take to be seen.
const SEEN_WITHIN: &str = "--timeout=30";

impl Work<'_, '_> {
    /// Makes the partition, sealed to the TPM, or under a passphrase that is chosen now.
    pub(super) fn make(&mut self, disk: &Disk, instead: Instead) -> Result<(Partition, Header), StorageError> {
        if tpm::is_there(self.place) {
            self.repart(disk, instead, &self.place.definitions(), &tpm::policy(self.place))?;
            if tpm::public_key(self.place).is_none() {
                self.notes.push(unsigned_system());
            }
        } else {
            let passphrase = self.choose_passphrase()?;
            keys::hold(&self.place.opened_by(), &passphrase)?;
            let definitions = self.definitions_without_tpm()?;
            let key_file = format!("--key-file={}", self.place.opened_by().display());
            self.repart(disk, instead, &definitions, &[key_file])?;
        }
        let partition = self.new_partition(disk)?;
        let luks = Luks::new(self.tools, &partition.node);
        if !tpm::is_there(self.place) {
            let slot = luks.header()?.unnamed_slots().first().copied();
            luks.add_token(PASSPHRASE_TOKEN, slot)?;
        }
        let header = finish(&luks)?;
        Ok((partition, header))
    }

    /// Takes what the disk has gained since the partition was made. A disk that cannot grow is still good.
    pub(super) fn grow(&mut self, disk: &Disk) {
        let definitions = self.place.definitions();
        let grown = self.run_repart(disk, Instead::OfNothing, &definitions, &[]);
        let failed = match &grown {
            Ok(ended) if ended.is_success() => None,
            Ok(ended) => Some(ended.last_words()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(said) = failed {
            eprintln!("the data partition was not looked at for growing: {said}");
        }
    }

    fn repart(
        &self,
        disk: &Disk,
        instead: Instead,
        definitions: &Path,
        arguments: &[String],
    ) -> Result<(), StorageError> {
        let ended = self.run_repart(disk, instead, definitions, arguments)?;
        if ended.is_success() {
            return Ok(());
        }
        if ended.said.contains("Can't fit") {
            return Err(StorageError::DiskTooSmall(disk.node.clone()));
        }
        Err(StorageError::Make { disk: disk.node.clone(), said: ended.last_words() })
    }

    fn run_repart(
        &self,
        disk: &Disk,
        instead: Instead,
        definitions: &Path,
        arguments: &[String],
    ) -> Result<Ended, StorageError> {
        let mut run = self.tools.run("systemd-repart").args(["--dry-run=no", "--empty=refuse", "--no-pager"]);
        if instead == Instead::OfUnfinished {
            run = run.arg("--factory-reset=yes");
        }
        run.option("--definitions", definitions).args(arguments).arg(&disk.node).end()
    }

    fn new_partition(&self, disk: &Disk) -> Result<Partition, StorageError> {
        let failed = |said: &str| StorageError::Make { disk: disk.node.clone(), said: said.to_owned() };
        let disk = Disk::of_root(self.place, self.tools)?;
        let partition = disk.partition(DATA_LABEL).ok_or_else(|| failed("the new partition is not to be seen"))?;
        let wait = self.tools.run("udevadm").args(["wait", "--settle", SEEN_WITHIN]).arg(&partition.node).end()?;
        if wait.is_success() { Ok(partition.clone()) } else { Err(failed(&wait.last_words())) }
    }

    fn choose_passphrase(&mut self) -> Result<Zeroizing<String>, StorageError> {
        let mut problems = vec![problem(
            "This machine has no TPM 2.0 (or it is switched off), so nothing can keep the key of the data for it.",
            "Switch the TPM on in the firmware's settings and start again, or choose a passphrase of at least 12 \
             characters now. It is asked for at every start.",
        )];
        loop {
            self.telling.asking(problems.clone())?;
            let first = ask(self.tools, "Choose a passphrase:")?;
            let second = ask(self.tools, "Type the same passphrase again:")?;
            let Some(fault) = keys::passphrase_fault(&first, &second) else {
                self.telling.working()?;
                return Ok(first);
            };
            problems.truncate(1);
            problems.push(problem(fault, "Choose one again."));
        }
    }

    /// The same definitions, for a key that is given.
    fn definitions_without_tpm(&self) -> Result<PathBuf, StorageError> {
        let (from, to) = (self.place.definitions(), self.place.at("/run/rainbow-edge-storage/repart.d"));
        fs::create_dir_all(&to).map_err(StorageError::file("make", &to))?;
        for entry in fs::read_dir(&from).map_err(StorageError::file("read", &from))? {
            let path = entry.map_err(StorageError::file("read", &from))?.path();
            let text = fs::read_to_string(&path).map_err(StorageError::file("read", &path))?;
            let written = to.join(path.file_name().unwrap_or_default());
            fs::write(&written, without_tpm(&text)).map_err(StorageError::file("write", &written))?;
        }
        Ok(to)
    }
}

fn without_tpm(definition: &str) -> String {
    let line =
        |line: &str| if line.trim() == "Encrypt=tpm2" { "Encrypt=key-file\n".to_owned() } else { format!("{line}\n") };
    definition.lines().map(line).collect()
}

pub(super) fn unsigned_system() -> storage_contract::Problem {
    problem(
        "The started system carries no signature for the TPM: the data is bound to Secure Boot's state alone.",
        "Install an image that was released; this one was built without the key for PCR 11.",
    )
}

#[cfg(test)]
mod tests {
    use super::without_tpm;

    #[test]
    fn without_a_tpm_the_shipped_definition_takes_a_key_and_changes_in_nothing_else_d2() {
        let shipped = include_str!("../../../../config/repart.d/50-data.conf");
        let changed = without_tpm(shipped);
        let differing: Vec<_> = shipped.lines().zip(changed.lines()).filter(|(a, b)| a != b).collect();
        assert_eq!(differing, [("Encrypt=tpm2", "Encrypt=key-file")]);
        assert_eq!(shipped.lines().count(), changed.lines().count());
        for line in ["Label=data", "Format=ext4", "FactoryReset=yes"] {
            assert!(changed.lines().any(|one| one == line), "{line}");
        }
    }
}
