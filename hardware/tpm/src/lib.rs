//! A counter in the TPM that only goes up (D3).
#![warn(missing_docs)]

mod codec;
mod counter;
mod device;
mod error;
mod fake;

pub use codec::ResponseCode;
pub use counter::{Auth, Counter, Tpm, index_for};
pub use device::Stream;
pub use error::TpmError;
pub use fake::Fake;
