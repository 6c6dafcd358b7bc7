//! The local admin socket: the command line talks to the running box through it.

mod addresses;
mod client;
mod erase;
mod export;
mod keys;
mod listen;
mod perform;
mod vault;

pub use client::ask;
pub(crate) use client::ask_within;
pub(crate) use export::{EXPORTS_TOLD, export_of};
pub(crate) use listen::recovered;
pub use listen::{Console, Desk, Facts, listen};
pub use perform::perform;
pub(crate) use perform::refusal;
pub(crate) use vault::{finding_of, info_of, wish_of};
