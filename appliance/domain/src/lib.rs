//! Words and pure rules of Rainbow Edge: nothing here reads a clock, a disk, a socket or a random source.
#![warn(missing_docs)]

pub mod backup;
pub mod base32;
pub mod bubble;
pub mod call;
pub mod clock;
pub mod company;
pub mod count;
#[cfg(test)]
mod dice;
pub mod email;
pub mod file;
pub mod hex;
pub mod host;
pub mod ids;
pub mod network;
pub mod outbound;
pub mod password;
pub mod peer;
pub mod percent;
pub mod poll;
pub mod presence;
pub mod relations;
pub mod rights;
pub mod visibility;
