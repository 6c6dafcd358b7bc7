//! One STUN message (RFC 8489, section 5).

mod address;
/// Numbers of attributes, and which must be understood.
pub mod attribute;
mod fingerprint;
mod integrity;
mod kind;
mod read;
mod write;

pub use address::{read_xor_address, xor_address};
pub use integrity::{Algorithm, Integrity, Key};
pub use kind::{Class, Kind, Method};
pub use read::{Malformed, Message};
pub use write::Writer;

/// Kind, length, cookie, transaction.
pub const HEAD_BYTES: usize = 20;
/// Bytes 4 to 7 of every message (RFC 8489, section 5).
pub const COOKIE: [u8; 4] = 0x2112_A442_u32.to_be_bytes();

/// What an answer is recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transaction(pub [u8; 12]);
