//! Where an export is read: the data of a stopped box, or a sealed snapshot that a running one lays down. It is opened here, with
//! the root key: who cannot open the box exports nothing, and a running one tells nothing in clear.

use super::super::super::ask;
use super::super::Stopped;
use crate::admin;
use crate::cli::Folder;
use crate::commands::bar::Bar;
use crate::error::CommandError;
use crate::root_key;
use app::vault::{SNAPSHOT_FOLDER, SNAPSHOT_LOCK};
use appliance_contract::{Answer, ExportBegin, ExportOf, ExportSnapshot, Request};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::{Keyring, Vault};

/// How often a running box is asked how far it is.
const ASKED_EVERY: Duration = Duration::from_millis(100);

/// What is read, and what keeps it there.
pub(super) enum Source {
    /// The data folder, which this process holds.
    Data { folder: PathBuf, stopped: Stopped },
    /// A snapshot beside a running box.
    Snapshot { vault: Vault, snapshot: Snapshot },
}

/// It goes when nobody reads it any more.
pub(super) struct Snapshot {
    folder: PathBuf,
    _lock: File,
}

impl Source {
    /// Has the box note the export, and takes what it is read from.
    pub(super) fn take(on: &Folder, of: &ExportOf, to: &Path) -> Result<Self, CommandError> {
        let begin =
            |snapshot| Request::ExportBegin(ExportBegin { of: of.clone(), to: to.display().to_string(), snapshot });
        // A key that does not open the box is told before anything is done.
        let key = root_key::find_beside(on)?;
        let vault = Keyring::open(&on.data, &key)?;
        match admin::ask(&on.data, &begin(true))? {
            Some(Answer::ExportSnapshot(first)) => {
                let snapshot = Snapshot::take(&on.data)?;
                follow(on, first)?;
                Ok(Self::Snapshot { vault, snapshot })
            }
            Some(answer) => Err(ask::other(answer)),
            None => match ask::box_of(on, begin(false))? {
                Answer::Done => Ok(Self::Data { folder: on.data.clone(), stopped: Stopped::open(on)? }),
                answer => Err(ask::other(answer)),
            },
        }
    }

    /// The folder with databases and files.
    pub(super) fn folder(&self) -> &Path {
        match self {
            Self::Data { folder, .. } => folder,
            Self::Snapshot { snapshot, .. } => &snapshot.folder,
        }
    }

    /// What opens them.
    pub(super) fn vault(&self) -> &Vault {
        match self {
            Self::Data { stopped, .. } => &stopped.vault,
            Self::Snapshot { vault, .. } => vault,
        }
    }
}

impl Snapshot {
    fn take(data: &Path) -> Result<Self, CommandError> {
        let folder = data.join(SNAPSHOT_FOLDER);
        let path = folder.join(SNAPSHOT_LOCK);
        let lock = File::open(&path).map_err(CommandError::file("open", &path))?;
        lock.try_lock().map_err(|_| CommandError::Refused {
            message: String::from("another export goes on"),
            what_to_do: String::from("Wait until it has ended, or end it"),
        })?;
        Ok(Self { folder, _lock: lock })
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // Where this fails, the box does it.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Waits until the snapshot is laid down.
fn follow(on: &Folder, first: ExportSnapshot) -> Result<(), CommandError> {
    let (mut far, mut bar) = (first, Bar::new());
    while !far.ended {
        bar.show("sealed snapshot", far.done_bytes, far.total_bytes);
        std::thread::sleep(ASKED_EVERY);
        far = match admin::ask(&on.data, &Request::ExportSnapshot)? {
            Some(Answer::ExportSnapshot(far)) => far,
            Some(answer) => return Err(ask::other(answer)),
            None => return Err(CommandError::Usage(String::from("the box was stopped meanwhile; export again"))),
        };
    }
    bar.clear();
    match far.failure {
        None => Ok(()),
        Some(message) => Err(CommandError::Refused {
            message: format!("the box could not lay down a sealed snapshot beside its data: {message}"),
            what_to_do: String::from(
                "Make room on its disk, or stop the box and export then, which needs none; nothing was written",
            ),
        }),
    }
}
