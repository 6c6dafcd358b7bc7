//! The vault: SQLite databases and stored files whose every byte on the disk is sealed, and the tree of keys that opens
//! them (D1-D3).

mod aead;
mod database;
mod disk;
mod drill;
mod envelope;
mod error;
mod examine;
mod journal_format;
mod key;
mod log_format;
mod nonce;
mod note;
mod page;
mod recovery;
mod sealed_file;
mod still;
mod turn;
mod vfs;
mod wipe;
mod xaes;

pub use database::{Recovery, Role, create, diagnose, open, release, verify};
pub use disk::{Admitted, Disk};
pub use drill::{ALGORITHM, Drill, acceleration};
pub use envelope::{Envelope, KeyedHash, sha256};
pub use error::VaultError;
pub use examine::{Damage, Examination, FileExamination, Mending, Owner, SegmentDamage, Step};
pub use key::{
    BranchKey, DatabaseId, DatabaseKey, FileWrapping, KEYRING_FILE, Keyring, RecoveryKey, RootKey, RootSource,
    SecretKey, Vault, keyring_box_id, keys_are_locked,
};
pub use note::{NOTE_BYTES_MAX, open_note, seal_note};
pub use sealed_file::{FileKey, Piece, SealedReader, SealedWriter, Wait, sealed_len};
pub use still::{Copied, PageCheck, Ready, SEALED_PAGE_BYTES, Still, sum_of, trailer};
pub use turn::{Stale, has_stale_frames, reseal, stale_pages, turn};
pub use wipe::Wiping;
