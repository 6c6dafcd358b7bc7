//! A box that nobody has set up yet: the same ports, and behind them the setup in a browser and nothing else (I8).
//!
//! `serve.rs` is where it becomes a normal box, in the same process and on the same ports.

mod begin;
mod disk;
mod own_name;
mod serve;
mod terminal;

pub use begin::begin;
pub(crate) use disk::give_machine;
pub use serve::SetupServer;
pub use terminal::shows_codes;
