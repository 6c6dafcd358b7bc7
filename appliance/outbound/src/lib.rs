//! Calls to services outside of the box: one file a service, over one bounded HTTPS client.
//!
//! The virus scanner is asked over a socket of this machine. The box calls only hosts that its configuration lists (E6), and no address inside of a network unless it says so.
#![warn(missing_docs)]

mod address;
pub mod backup;
pub mod clamav;
mod error;
mod https;
pub mod media;
pub mod push;
mod resolve;
pub mod roots;
pub mod worker;

pub use error::OutboundError;
pub use https::{Https, Trust};
