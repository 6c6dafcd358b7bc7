//! The data partition of the image (D2, I1): made at the first boot, opened by the TPM or by a typed key, mounted, and given
//! the recovery key at the end of the setup. Everything that touches a disk or a TPM is done by systemd's and cryptsetup's
//! own programs; here is only what is decided, and in which order.

mod disk;
mod enrol;
mod error;
mod header;
mod keys;
mod luks;
mod older;
mod place;
mod prepare;
mod question;
mod refusal;
mod root_key;
mod telling;
mod tool;
mod tpm;

pub use enrol::enrol;
pub use error::StorageError;
pub use older::older;
pub use place::Place;
pub use prepare::prepare;
pub use root_key::root_key;
pub use tool::Tools;
