//! Where the vault's root key comes from: `--key-file`, `--passphrase-file` or `--recovery-key-file`, else the systemd
//! credential `root-key`, else `root.key` in the data folder (development only). Where the service manager gives
//! credentials, the root key is one of them: nothing takes its place.

use crate::cli::Folder;
use crate::error::CommandError;
use crate::folder;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use vault::{Keyring, RecoveryKey, RootKey, RootSource, VaultError};
use zeroize::Zeroizing;

/// The development key's file in the data folder.
pub const FILE: &str = "root.key";
/// What is to take its place.
const NEXT_FILE: &str = "root.key.next";
const CREDENTIAL: &str = "root-key";
/// Longest key file or passphrase file.
const FILE_LIMIT_BYTES: usize = 4096;
const PASSPHRASE_LENGTH_MIN: usize = 12;

/// What `check` and `status` say when the key lies beside the data.
pub const DEVELOPMENT_WARNING: &str = "the root key lies in the data folder (root.key): whoever copies the folder can read everything. \
     For anything but development, keep it elsewhere: --key-file, --passphrase-file, or the systemd credential root-key";

/// Finds the root key.
///
/// # Errors
/// When the named file cannot be read or holds no key, or there is no key at all.
pub fn find(from: &Folder) -> Result<RootSource, CommandError> {
    if !is_named(from) && credentials().is_none() && from.data.join(FILE).exists() {
        settle(&from.data)?;
    }
    find_beside(from)
}

/// Finds the root key of a box that runs: nothing of what it may be at is touched.
///
/// # Errors
/// As [`find`].
pub(crate) fn find_beside(from: &Folder) -> Result<RootSource, CommandError> {
    if let Some(path) = &from.key_file {
        return read_key(path);
    }
    if let Some(path) = &from.passphrase_file {
        return read_passphrase(path);
    }
    if let Some(path) = &from.recovery_key_file {
        return read_recovery_key(path);
    }
    if let Some(path) = credential()? {
        return read_key(&path);
    }
    let development = from.data.join(FILE);
    if development.exists() {
        return read_key(&development);
    }
    Err(CommandError::Usage(format!(
        "there is no root key: give --key-file, --passphrase-file or --recovery-key-file FILE, or put {} back",
        development.display()
    )))
}

/// Finds the root key for a new box; `None` when the development key is to be made. Writes nothing.
///
/// # Errors
/// As [`find`].
pub fn find_for_new(from: &Folder) -> Result<Option<RootSource>, CommandError> {
    if let Some(path) = &from.recovery_key_file {
        let source = VaultError::RecoveryMakesNothing;
        return Err(CommandError::RootKey { path: path.clone(), source });
    }
    let there = is_named(from) || credential()?.is_some() || from.data.join(FILE).exists();
    there.then(|| find(from)).transpose()
}

/// Makes the development key in the data folder.
///
/// # Errors
/// When it cannot be written.
pub fn make(data: &Path) -> Result<RootSource, CommandError> {
    let key = RootKey::generate()?;
    let text = Zeroizing::new(format!("{}\n", key.to_hex().as_str()));
    folder::write_private(&data.join(FILE), text.as_bytes())?;
    Ok(key.to_source())
}

/// Makes the key that is to take the place of the development key, beside it. Nothing counts before [`settle`].
///
/// # Errors
/// When the development key is not what opens the box, or nothing can be written.
pub(crate) fn make_next(data: &Path) -> Result<RootSource, CommandError> {
    let development = data.join(FILE);
    if !development.exists() {
        let what = "this box has no root.key in its data folder that could be replaced";
        return Err(CommandError::Usage(what.to_owned()));
    }
    Keyring::open(data, &read_key(&development)?)?;
    let next = data.join(NEXT_FILE);
    match std::fs::remove_file(&next) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(CommandError::file("remove", &next)(e)),
        _ => {}
    }
    let key = RootKey::generate()?;
    let text = Zeroizing::new(format!("{}\n", key.to_hex().as_str()));
    folder::write_private(&next, text.as_bytes())?;
    Ok(key.to_source())
}

/// Ends what [`make_next`] began, whenever it was cut off: the keyring says which of the two keys opens it, and that one is
/// the development key.
///
/// # Errors
/// When the keyring cannot be read, or a file not be moved.
pub(crate) fn settle(data: &Path) -> Result<(), CommandError> {
    let next = data.join(NEXT_FILE);
    if !next.exists() {
        return Ok(());
    }
    let opened = read_key(&next).and_then(|key| Ok(Keyring::open(data, &key)?));
    let moved = match opened {
        Ok(_) => std::fs::rename(&next, data.join(FILE)),
        Err(CommandError::RootKey { .. } | CommandError::Vault(VaultError::WrongRootKey { .. })) => {
            std::fs::remove_file(&next)
        }
        Err(other) => return Err(other),
    };
    moved.and_then(|()| File::open(data)?.sync_all()).map_err(CommandError::file("replace", data.join(FILE)))
}

/// Whether the service manager gives the root key: then a machine has sealed it.
#[must_use]
pub(crate) fn is_given_by_machine() -> bool {
    credentials().is_some()
}

/// Whether the development key is what opens this box.
#[must_use]
pub fn is_development(from: &Folder) -> bool {
    !is_named(from) && credentials().is_none() && from.data.join(FILE).exists()
}

fn is_named(from: &Folder) -> bool {
    [&from.key_file, &from.passphrase_file, &from.recovery_key_file].iter().any(|file| file.is_some())
}

/// systemd names the folder of credentials by a variable.
pub(crate) fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// The root key among them; `None` where there are none at all.
fn credential() -> Result<Option<PathBuf>, CommandError> {
    let Some(folder) = credentials() else { return Ok(None) };
    let path = folder.join(CREDENTIAL);
    if path.exists() { Ok(Some(path)) } else { Err(CommandError::NoCredential(folder)) }
}

pub(crate) fn read_key(path: &Path) -> Result<RootSource, CommandError> {
    let bytes = read_bounded(path).map_err(CommandError::file("read the root key", path))?;
    RootSource::from_key_bytes(&bytes).map_err(|source| CommandError::RootKey { path: path.to_owned(), source })
}

pub(crate) fn read_recovery_key(path: &Path) -> Result<RootSource, CommandError> {
    let bytes = read_bounded(path).map_err(CommandError::file("read the recovery key", path))?;
    let key = std::str::from_utf8(&bytes).map_err(|_| VaultError::RecoveryKeyFormat).and_then(RecoveryKey::parse);
    key.map(RootSource::Recovery).map_err(|source| CommandError::RootKey { path: path.to_owned(), source })
}

pub(crate) fn read_passphrase(path: &Path) -> Result<RootSource, CommandError> {
    let bytes = read_bounded(path).map_err(CommandError::file("read the passphrase", path))?;
    let refused = |what: &str| CommandError::Usage(format!("{}: {what}", path.display()));
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("a passphrase is text in UTF-8"))?;
    let passphrase = text.trim_end_matches(['\r', '\n']);
    if passphrase.chars().count() < PASSPHRASE_LENGTH_MIN {
        return Err(refused(&format!("a passphrase needs at least {PASSPHRASE_LENGTH_MIN} characters")));
    }
    Ok(RootSource::Passphrase(Zeroizing::new(passphrase.to_owned())))
}

/// Reads a file of secrets. The wrong file may be any file: one over the limit is refused before it fills the memory.
fn read_bounded(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_LIMIT_BYTES + 1));
    let limit = u64::try_from(FILE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > FILE_LIMIT_BYTES {
        let what = format!("it has more than {FILE_LIMIT_BYTES} bytes and so is neither a key nor a passphrase");
        return Err(std::io::Error::other(what));
    }
    Ok(bytes)
}
