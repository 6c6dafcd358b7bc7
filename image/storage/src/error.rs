//! What can fail. Each says what is wrong and where; `what_to_do` goes on the screen below it.

use std::path::PathBuf;

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The running root lies on no partition of a disk.
    #[error("the disk that this system was started from cannot be found ({0})")]
    NoDisk(String),
    /// The disk has no room for the data partition.
    #[error("the disk {0} has no room for the data partition")]
    DiskTooSmall(PathBuf),
    /// The data partition could not be made.
    #[error("the data partition could not be made on {}: {said}", disk.display())]
    Make {
        /// The disk.
        disk: PathBuf,
        /// The tool's last words.
        said: String,
    },
    /// What is on the data partition is no LUKS2 volume that can be read.
    #[error("the encryption header of the data partition {} is damaged or missing: {said}", partition.display())]
    Header {
        /// The partition.
        partition: PathBuf,
        /// The tool's last words.
        said: String,
    },
    /// The right key was there, and yet the partition did not open.
    #[error("the data partition {} could not be opened although the key fits: {said}", partition.display())]
    Open {
        /// The partition.
        partition: PathBuf,
        /// The tool's last words.
        said: String,
    },
    /// The check left errors in the filesystem.
    #[error("the filesystem of the data partition is damaged and could not be repaired: {0}")]
    Damaged(String),
    /// What is inside is no filesystem of ours.
    #[error("the data partition holds something that is not our filesystem: {0}")]
    Foreign(String),
    /// A key could not be added to or taken from the header.
    #[error("the data partition's header could not be changed ({step}): {said}")]
    Enrol {
        /// Which step.
        step: &'static str,
        /// The tool's last words.
        said: String,
    },
    /// Nobody has typed a key, and nothing else is there to add another one with.
    #[error("no key is at hand to add the recovery key to the data partition with")]
    NoKeyAtHand,
    /// What was sent is no recovery key.
    #[error("what was sent is no recovery key")]
    NoRecoveryKey,
    /// The root key could not be sealed or stored.
    #[error("the root key could not be sealed: {0}")]
    Seal(String),
    /// The vault refused.
    #[error("the root key could not be recovered: {0}")]
    Vault(#[from] vault::VaultError),
    /// A program of the system could not be run.
    #[error("the program {program} could not be run: {source}")]
    Tool {
        /// Which.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A question could not be asked.
    #[error("the question on the screen failed: {0}")]
    Ask(String),
    /// A file could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StorageError {
    /// What a person can do, in one sentence.
    #[must_use]
    pub fn what_to_do(&self) -> &'static str {
        match self {
            Self::NoDisk(_) => "Start the box from its own disk; if it is, report this with the lines above.",
            Self::DiskTooSmall(_) => "Use a disk of at least 4 GB, or make the virtual disk larger, and start again.",
            Self::Make { .. } => "Check the disk and its cable, and start again: nothing was kept on it yet.",
            Self::Header { .. } => {
                "Nothing was changed. Check the disk; restore the box from its backup, or install it anew on this disk."
            }
            Self::Open { .. } => "Nothing was changed. Start again; if it stays so, check the disk.",
            Self::Damaged(_) => "Nothing was formatted. Check the disk, and restore the box from its backup.",
            Self::Foreign(_) => "Nothing was formatted. If this disk is from another system, use an empty one.",
            Self::Enrol { .. } => {
                "What opened the data until now still does. Try again; check the disk if it stays so."
            }
            Self::NoKeyAtHand => "Restart the box, open the data partition, and try again.",
            Self::NoRecoveryKey => "Make a new recovery key in the setup.",
            Self::Seal(_) | Self::Vault(_) => "Start again; the recovery key opens the box.",
            Self::Tool { .. } | Self::Ask(_) => "Install the image anew: it is not whole.",
            Self::File { .. } => "Start again; if it stays so, check the disk.",
        }
    }

    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
