//! Where the vault's root key comes from: `--key-file`, else `--passphrase-file`, else the systemd credential `root-key`,
//! else `root.key` in the data folder (development only).

use crate::cli::Folder;
use crate::error::CommandError;
use crate::folder;
use std::path::{Path, PathBuf};
use vault::{RootKey, RootSource};
use zeroize::Zeroizing;

/// The development key's file in the data folder.
pub const FILE: &str = "root.key";
const CREDENTIAL: &str = "root-key";

/// What `check` and `status` say when the key lies beside the data.
pub const DEVELOPMENT_WARNING: &str = "the root key lies in the data folder (root.key): whoever copies the folder can read everything. \
     For anything but development, keep it elsewhere: --key-file, --passphrase-file, or the systemd credential root-key";

/// Finds the root key.
///
/// # Errors
/// When the named file cannot be read or holds no key, or there is no key at all.
pub fn find(from: &Folder) -> Result<RootSource, CommandError> {
    if let Some(path) = &from.key_file {
        return read_key(path);
    }
    if let Some(path) = &from.passphrase_file {
        return read_passphrase(path);
    }
    if let Some(path) = credential().filter(|path| path.exists()) {
        return read_key(&path);
    }
    let development = from.data.join(FILE);
    if development.exists() {
        return read_key(&development);
    }
    Err(CommandError::Usage(format!(
        "there is no root key: give --key-file FILE or --passphrase-file FILE, or put {} back",
        development.display()
    )))
}

/// Finds the root key for a new box; makes the development key when none is named.
///
/// # Errors
/// As [`find`].
pub fn find_or_make(from: &Folder) -> Result<RootSource, CommandError> {
    let named = from.key_file.is_some() || from.passphrase_file.is_some();
    if named || credential().is_some_and(|path| path.exists()) || from.data.join(FILE).exists() {
        return find(from);
    }
    let key = RootKey::generate()?;
    folder::write_private(&from.data.join(FILE), format!("{}\n", key.to_hex().as_str()).as_bytes())?;
    Ok(key.to_source())
}

/// Whether the development key is what opens this box.
#[must_use]
pub fn is_development(from: &Folder) -> bool {
    let elsewhere = from.key_file.is_some() || from.passphrase_file.is_some();
    !elsewhere && !credential().is_some_and(|path| path.exists()) && from.data.join(FILE).exists()
}

/// systemd names the folder of credentials by a variable.
fn credential() -> Option<PathBuf> {
    Some(Path::new(&std::env::var_os("CREDENTIALS_DIRECTORY")?).join(CREDENTIAL))
}

fn read_key(path: &Path) -> Result<RootSource, CommandError> {
    let bytes = Zeroizing::new(std::fs::read(path).map_err(CommandError::file("read the root key", path))?);
    Ok(RootSource::from_key_bytes(&bytes)?)
}

fn read_passphrase(path: &Path) -> Result<RootSource, CommandError> {
    let text = std::fs::read_to_string(path).map_err(CommandError::file("read the passphrase", path))?;
    let text = Zeroizing::new(text);
    let passphrase = text.trim_end_matches(['\r', '\n']);
    if passphrase.chars().count() < 12 {
        let what = format!("{}: a passphrase needs at least 12 characters", path.display());
        return Err(CommandError::Usage(what));
    }
    Ok(RootSource::Passphrase(Zeroizing::new(passphrase.to_owned())))
}
