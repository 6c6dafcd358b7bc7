//! Where things lie, so that tests may have them elsewhere.

use std::path::{Path, PathBuf};

/// The paths of a machine.
#[derive(Debug, Clone)]
pub struct Place {
    /// Folder that stands for `/`.
    root: PathBuf,
    /// Device number of the mounted root; asked of the system where absent.
    root_device: Option<(u64, u64)>,
}

impl Place {
    /// The real one.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self { root: PathBuf::from("/"), root_device: None }
    }

    /// A folder that stands for `/`, whose root lies on the device of this number.
    #[must_use]
    pub fn for_test(root: &Path, root_device: (u64, u64)) -> Self {
        Self { root: root.to_owned(), root_device: Some(root_device) }
    }

    /// An absolute path, in here.
    #[must_use]
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    pub(crate) fn root_device(&self) -> Option<(u64, u64)> {
        self.root_device
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.at(storage_contract::STATE_FILE)
    }

    /// Secrets, in memory only and for root only.
    pub(crate) fn keys(&self) -> PathBuf {
        self.at("/run/rainbow-edge-storage/keys")
    }

    /// What a person typed to open the data partition, for enrolling another key while the machine runs.
    pub(crate) fn opened_by(&self) -> PathBuf {
        self.keys().join("opened-by")
    }

    /// A key that opens the data partition for the moment of one enrolment.
    pub(crate) fn bridge(&self) -> PathBuf {
        self.keys().join("bridge")
    }

    /// The recovery key as it was typed, for who recovers the root key right after.
    pub(crate) fn typed_recovery_key(&self) -> PathBuf {
        self.keys().join("recovery-key")
    }

    pub(crate) fn mapper(&self) -> PathBuf {
        self.at("/dev/mapper/data")
    }

    /// Where the data partition is mounted.
    pub(crate) fn data(&self) -> PathBuf {
        self.at("/data")
    }

    pub(crate) fn credential(&self) -> PathBuf {
        self.at("/var/lib/rainbow-edge-storage/root-key.cred")
    }

    /// The server's data folder.
    pub(crate) fn box_folder(&self) -> PathBuf {
        self.at("/var/lib/rainbow-edge")
    }

    /// What the server says of data that is older than it should be.
    pub(crate) fn older(&self) -> PathBuf {
        self.at("/run/rainbow-edge-server/older")
    }

    pub(crate) fn definitions(&self) -> PathBuf {
        self.at("/usr/lib/rainbow-edge/repart.d")
    }
}
