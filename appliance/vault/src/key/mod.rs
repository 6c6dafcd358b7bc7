//! The key tree (D2): root → branch (directory, one per company) → purpose (database pages, token MACs, log-in hashes).
//! The root key is given from outside; branch keys are random and stored wrapped, so that forgetting one erases its
//! company and a new root needs no new data. A recovery key opens a sealed copy of the root key in the keyring.

mod branch;
mod kept;
mod keyring;
mod locked;
mod recovery;
mod recovery_key;
mod root;
mod secret;
mod wrap;

pub use branch::{BranchKey, DatabaseId, DatabaseKey, FileWrapping};
pub use keyring::{KEYRING_FILE, Keyring, Vault, keyring_box_id};
pub(crate) use locked::Locked;
pub use locked::keys_are_locked;
pub use recovery_key::RecoveryKey;
pub use root::{RootKey, RootSource};
pub use secret::SecretKey;
