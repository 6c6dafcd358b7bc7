//! `vault`: the databases and the files beside them. One file a verb.

mod accept;
mod check;
mod erase;
mod export;
mod info;
mod rekey;
mod restore;

pub(super) use rekey::stage_in_words;

use super::must_hold_box;
use crate::cli::{Folder, VaultCommand};
use crate::error::CommandError;
use crate::folder::{self, Held};
use crate::root_key;
use std::path::Path;
use std::process::ExitCode;
use vault::{Keyring, Vault};

pub(super) fn execute(command: &VaultCommand) -> Result<ExitCode, CommandError> {
    match command {
        VaultCommand::Info(options) => info::execute(options),
        VaultCommand::Accept(options) => accept::execute(options),
        VaultCommand::Check(options) => check::execute(options),
        VaultCommand::Restore(options) => restore::execute(options),
        VaultCommand::Rekey(options) => rekey::rekey(options),
        VaultCommand::Passphrase(options) => rekey::passphrase(options),
        VaultCommand::Export(options) => export::execute(options),
        VaultCommand::Erase(options) => erase::erase(options),
        VaultCommand::Receipts(on) => erase::receipts(on),
        VaultCommand::Receipt(options) => erase::verify(options),
        VaultCommand::RecoveryKey(options) => rekey::recovery_key(options),
    }
}

/// The data of a stopped box, which no other process has meanwhile.
struct Stopped {
    vault: Vault,
    _held: Held,
}

impl Stopped {
    /// Takes the folder, and opens its keyring.
    fn open(on: &Folder) -> Result<Self, CommandError> {
        let held = folder::hold(&on.data)?;
        let vault = Keyring::open(&on.data, &root_key::find(on)?)?;
        Ok(Self { vault, _held: held })
    }
}

/// Prints what a script asked for.
pub(super) fn print_json(told: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(told)
        .map_err(|e| CommandError::Usage(format!("the answer cannot be written as JSON: {e}")))?;
    println!("{text}");
    Ok(())
}

/// Bytes as people read them.
pub(super) fn in_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut whole = bytes;
    let mut tenths = 0;
    let mut unit = "B";
    for next in UNITS {
        if whole < 1024 {
            break;
        }
        tenths = whole % 1024 * 10 / 1024;
        whole /= 1024;
        unit = next;
    }
    if unit == "B" { format!("{whole} B") } else { format!("{whole}.{tenths} {unit}") }
}

/// Bytes of the files below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let each = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(each).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_largest_unit_that_fits_d1() {
        let told =
            [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_600_000, "1.5 MiB"), (u64::MAX, "16777215.9 TiB")];
        for (bytes, words) in told {
            assert_eq!(in_bytes(bytes), words);
        }
    }
}
