//! The data folder: what lies where, who holds it.

use crate::cli::Folder;
use crate::error::CommandError;
use config_schema::Config;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Certificate of the bootstrap CA, for clients to trust.
pub const CA_FILE: &str = "ca.pem";
/// Configuration, optional.
pub const CONFIGURATION_FILE: &str = "edge.toml";
/// Held while a process has the databases open; holds its process id.
const LOCK_FILE: &str = "lock";
/// There from the first to the last step of `init`, and of a setup in a browser.
const UNFINISHED_FILE: &str = "init.unfinished";
const DIRECTORY_FILE: &str = "directory.db";
/// Folders of a box: companies' databases, and shared files.
const FOLDERS: [&str; 2] = ["companies", "files"];
/// What may lie in a folder before a box does: what its owner prepares, what a fresh file system holds, and what an
/// `init` makes before all else. A key that lies there may be its owner's only copy: it is used, never removed.
const BEFORE_INIT: [&str; 7] =
    [CONFIGURATION_FILE, crate::root_key::FILE, "root.fresh", "lost+found", LOCK_FILE, UNFINISHED_FILE, "init.fresh"];
/// Files that an `init` or a setup that was cut off may have left besides.
const LEFT_BY_INIT: [&str; 10] = [
    store::BALLAST_FILE,
    vault::KEYRING_FILE,
    "keyring.json.new",
    DIRECTORY_FILE,
    "directory.db-wal",
    "directory.db.new",
    "directory.db.new-wal",
    CA_FILE,
    "ca.fresh",
    appliance_contract::SOCKET_NAME,
];

/// What is configured for the box of a folder. A TPM that the command line names counts where it is there: what lies in the folder
/// must not be able to switch off what shows how old the folder is (D3).
///
/// # Errors
/// [`CommandError::Configuration`].
pub(crate) fn configuration(on: &Folder) -> Result<Config, CommandError> {
    let mut config = Config::read(&on.data.join(CONFIGURATION_FILE)).map_err(CommandError::configuration)?;
    if let Some(device) = on.tpm_device.as_ref().filter(|device| device.exists()) {
        config.store.tpm_device = Some(device.clone());
    }
    Ok(config)
}

/// Whether `init` or a setup finished here once.
#[must_use]
pub fn holds_box(data: &Path) -> bool {
    data.join(vault::KEYRING_FILE).exists() && !data.join(UNFINISHED_FILE).exists()
}

/// Whether a setup or an `init` has laid the foundation here and has not finished.
#[must_use]
pub fn holds_beginning(data: &Path) -> bool {
    // The directory comes last, and whole or not at all.
    [UNFINISHED_FILE, vault::KEYRING_FILE, DIRECTORY_FILE].iter().all(|name| data.join(name).exists())
}

/// Makes the folder, readable by its owner alone.
///
/// # Errors
/// When it cannot be made.
pub fn make(data: &Path) -> Result<(), CommandError> {
    std::fs::create_dir_all(data).map_err(CommandError::file("make the folder", data))?;
    std::fs::set_permissions(data, Permissions::from_mode(0o700))
        .map_err(CommandError::file("set the permissions of", data))
}

/// Whether `init` or a setup may make a box here. Looks only: what is refused is left as it was.
///
/// # Errors
/// When the folder holds a box, or anything else than what belongs to a box that is still to be made.
pub fn examine(data: &Path) -> Result<(), CommandError> {
    let cut_off = data.join(UNFINISHED_FILE).exists();
    if data.join(app::backup::UNFINISHED).exists() {
        return Err(CommandError::RestoreUnfinished(data.to_owned()));
    }
    if holds_box(data) || (!cut_off && data.join(DIRECTORY_FILE).exists()) {
        return Err(CommandError::BoxThere(data.to_owned()));
    }
    let entries = match std::fs::read_dir(data) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(CommandError::file("read the folder", data))?,
    };
    for entry in entries {
        let entry = entry.map_err(CommandError::file("read the folder", data))?.file_name();
        let is_one_of = |names: &[&str]| names.iter().any(|name| entry == *name);
        let left_over = cut_off && (is_one_of(&LEFT_BY_INIT) || is_one_of(&FOLDERS));
        if !left_over && !is_one_of(&BEFORE_INIT) {
            return Err(CommandError::NotEmpty { folder: data.to_owned(), entry });
        }
    }
    Ok(())
}

/// Whether a box may be restored here: a folder without one, or one in which that was begun. Looks only.
///
/// # Errors
/// When the folder holds a box, or anything else.
pub fn examine_for_restore(data: &Path) -> Result<(), CommandError> {
    if data.join(app::backup::UNFINISHED).exists() {
        return Ok(());
    }
    if data.join(UNFINISHED_FILE).exists() {
        let entry = UNFINISHED_FILE.into();
        return Err(CommandError::NotEmpty { folder: data.to_owned(), entry });
    }
    examine(data)
}

/// Begins `init` in a folder that this process holds: takes away what an `init` that was cut off half-way left behind,
/// and nothing else.
///
/// # Errors
/// As [`examine`], or when something cannot be removed.
pub fn begin(data: &Path) -> Result<(), CommandError> {
    examine(data)?;
    let mark = data.join(UNFINISHED_FILE);
    if mark.exists() {
        for name in LEFT_BY_INIT {
            remove_if_there(&data.join(name))?;
        }
        for folder in FOLDERS.map(|name| data.join(name)).into_iter().filter(|folder| folder.exists()) {
            std::fs::remove_dir_all(&folder).map_err(CommandError::file("remove", folder))?;
        }
    }
    write_private(&mark, b"")
}

/// Ends `init` or a setup: the folder holds a box.
///
/// # Errors
/// When the mark cannot be removed.
pub fn finish(data: &Path) -> Result<(), CommandError> {
    remove_if_there(&data.join(UNFINISHED_FILE))?;
    let folder = File::open(data).map_err(CommandError::file("open", data))?;
    folder.sync_all().map_err(CommandError::file("write", data))
}

fn remove_if_there(path: &Path) -> Result<(), CommandError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(CommandError::file("remove", path)(e)),
        _ => Ok(()),
    }
}

/// Writes a small file whole or not at all, readable by its owner alone.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let failed = || CommandError::file("write", path);
    let fresh = path.with_extension("fresh");
    remove_if_there(&fresh)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh).map_err(failed())?;
    file.write_all(content).map_err(failed())?;
    file.sync_all().map_err(failed())?;
    std::fs::rename(&fresh, path).map_err(failed())
}

/// The databases of a folder are open in this process, and in no other.
pub struct Held {
    _lock: Flock<File>,
}

/// Takes the folder.
///
/// # Errors
/// [`CommandError::InUse`] when another process has it.
pub fn hold(data: &Path) -> Result<Held, CommandError> {
    let path: PathBuf = data.join(LOCK_FILE);
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = options.map_err(CommandError::file("open", &path))?;
    let mut holder = String::new();
    // What the last holder wrote; unreadable means unknown.
    let _ = file.read_to_string(&mut holder);
    let mut lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| CommandError::InUse {
        folder: data.to_owned(),
        holder: if holder.trim().is_empty() { String::from("unknown") } else { holder.trim().to_owned() },
    })?;
    let own = format!("{}\n", std::process::id());
    let written = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| lock.write_all(own.as_bytes()));
    written.map_err(CommandError::file("write", &path))?;
    Ok(Held { _lock: lock })
}
