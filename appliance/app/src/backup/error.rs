use super::TargetError;
use domain::ids::CompanyId;
use std::io;
use std::path::{Path, PathBuf};
use store::StoreError;

/// What failed in a backup or a restore, and on what.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target did not do what it was asked.
    #[error("{what}: {source}")]
    Target {
        /// The object.
        what: String,
        /// What it said.
        source: TargetError,
    },
    /// A file of the data folder, of the image or of the scratch folder cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk of a file that is being written has no room left, although there was enough at the beginning.
    #[error(
        "{}: no room is left on its disk ({source}). Make some and begin the same again: it goes on where it was", path.display()
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Keys, databases or files refuse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No backup of a box lies there.
    #[error("there is no backup of a Rainbow Edge box")]
    NoRepository,
    /// There is no snapshot, or not the one that was asked for.
    #[error("there is no {0}; `rainbow-edge backup list` tells which there are")]
    NoSnapshot(String),
    /// Another box's backups lie there.
    #[error("the backups of another box (id {found}, this one has {own}) lie there; give each box a folder of its own")]
    Foreign {
        /// The id of the box whose backups they are.
        found: String,
        /// This box's.
        own: String,
    },
    /// Another life of this box writes there (H7).
    #[error(
        "a box that was restored from a backup of this one has written there at {at}: this box is the old one or a copy. Nothing \
         was changed. Stop one of the two; if this is the one to keep, give it an empty folder"
    )]
    Fenced {
        /// When, as a person reads it.
        at: String,
    },
    /// An object is not what was written, or was moved.
    #[error("{object} is damaged or is not what this box wrote ({why})")]
    Damaged {
        /// The object.
        object: String,
        /// What is wrong.
        why: &'static str,
    },
    /// An object that a snapshot needs is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// An object was written by a newer version.
    #[error("{object} has format {found}, this version knows format {known}: use the newer version")]
    Newer {
        /// The object.
        object: String,
        /// What it has.
        found: u32,
        /// What this version knows.
        known: u32,
    },
    /// A company has been erased since the snapshot was made.
    #[error("company {0} was erased: its key is gone from the backups too")]
    Erased(CompanyId),
    /// What was restored is not what was backed up.
    #[error("what was restored is not what was backed up: {0}")]
    Differs(String),
    /// The disk has too little room.
    #[error("{needed} bytes are needed in {} and {free} are free there, of which {reserve} stay free: make room there", folder.display())]
    NoRoom {
        /// Where.
        folder: PathBuf,
        /// What would be written.
        needed: u64,
        /// What is free.
        free: u64,
        /// What is to stay free.
        reserve: u64,
    },
    /// A backup or a verification is going on.
    #[error("a backup or its verification is going on; wait for its end")]
    Busy,
    /// The configuration names no such target.
    #[error("{0}")]
    NoTarget(String),
}

impl BackupError {
    /// About an object of a target.
    pub(super) fn target(what: &str) -> impl FnOnce(TargetError) -> Self + '_ {
        move |source| Self::Target { what: what.to_owned(), source }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path: path.to_owned(), source }
            }
            _ => Self::File { path: path.to_owned(), source },
        }
    }

    pub(super) fn damaged(object: &str, why: &'static str) -> Self {
        Self::Damaged { object: object.to_owned(), why }
    }
}
