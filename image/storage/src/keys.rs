//! Keys that people type: how they are read, and where they are held while the machine runs. What is held lies in memory
//! (`/run`) for root alone, who could read the volume's own key as well.

use crate::error::StorageError;
use crate::place::Place;
use crate::telling::make_folder;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use storage_contract::Lock;
use vault::RecoveryKey;
use zeroize::Zeroizing;

/// What the recovery key is derived for; part of the format, never changed.
const DISK_PURPOSE: &str = "rainbow-edge data disk";
/// Shortest passphrase for the data of a machine without a TPM.
pub(crate) const PASSPHRASE_CHARS_MIN: usize = 12;
const KEY_FILE_BYTES_MAX: u64 = 4096;

/// What opens the slot of a recovery key.
pub(crate) fn disk_key(key: &RecoveryKey) -> Zeroizing<String> {
    key.derive(DISK_PURPOSE).to_hex()
}

/// What a person typed, as something to try.
pub(crate) struct Typed {
    pub(crate) lock: Lock,
    pub(crate) key: Zeroizing<String>,
}

/// What was typed may be the recovery key, or else the passphrase; in this order, because the former is told by its form.
pub(crate) fn readings(typed: &str, passphrase_opens: bool) -> Vec<Typed> {
    let mut all = Vec::new();
    if let Ok(key) = RecoveryKey::parse(typed) {
        all.push(Typed { lock: Lock::RecoveryKey, key: disk_key(&key) });
    }
    if passphrase_opens && !typed.is_empty() {
        all.push(Typed { lock: Lock::Passphrase, key: Zeroizing::new(typed.to_owned()) });
    }
    all
}

/// Why a passphrase for new data is refused.
pub(crate) fn passphrase_fault(first: &str, second: &str) -> Option<&'static str> {
    if first.chars().count() < PASSPHRASE_CHARS_MIN {
        return Some("A passphrase needs at least 12 characters.");
    }
    (first != second).then_some("The two passphrases were not the same.")
}

/// Holds a secret until the machine is switched off, or [`forget`].
pub(crate) fn hold(path: &Path, secret: &str) -> Result<(), StorageError> {
    make_folder(path, 0o700)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(secret.as_bytes()));
    written.map_err(StorageError::file("write", path))
}

/// What is held, if anything.
pub(crate) fn held(path: &Path) -> Option<Zeroizing<String>> {
    if fs::metadata(path).ok()?.len() > KEY_FILE_BYTES_MAX {
        return None;
    }
    fs::read_to_string(path).ok().map(Zeroizing::new)
}

/// Removes a secret; one that is not there is as good.
pub(crate) fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Removes what only the next step needed.
pub(crate) fn forget_recovery_key(place: &Place) {
    forget(&place.typed_recovery_key());
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0000-1111-2222-3333-4444-5555-6666-7777";

    #[test]
    fn what_was_typed_is_read_as_a_recovery_key_first_and_as_a_passphrase_where_one_opens_d2() {
        let of = |typed: &str, passphrase| readings(typed, passphrase).iter().map(|one| one.lock).collect::<Vec<_>>();
        assert_eq!(of(KEY, false), [Lock::RecoveryKey]);
        assert_eq!(of(&KEY.replace('-', " "), true), [Lock::RecoveryKey, Lock::Passphrase]);
        assert_eq!(of("correct horse", true), [Lock::Passphrase]);
        assert_eq!(of("correct horse", false), []);
        assert_eq!(of("", true), []);
    }

    #[test]
    fn the_disk_is_not_opened_by_the_recovery_key_itself_d2() {
        let one = &readings(KEY, false)[0];
        assert_eq!(one.key.len(), 64);
        assert!(!one.key.contains("1111"));
    }

    #[test]
    fn a_new_passphrase_is_long_enough_and_typed_twice_d2() {
        assert!(passphrase_fault("elevenchars", "elevenchars").expect("too short").contains("at least 12"));
        assert!(passphrase_fault("twelve chars", "twelve charz").expect("differs").contains("not the same"));
        assert_eq!(passphrase_fault("zwölf Zeiche", "zwölf Zeiche"), None);
    }
}
