//! The local admin socket: the command line talks to the running box through it.

mod client;
mod listen;
mod perform;

pub use client::ask;
pub use listen::{Console, Facts, listen};
pub use perform::perform;
