//! The executable `rainbow-edge`: reads the command line and the configuration, wires the rooms, runs the roles.
//!
//! No rules of the product here. `server` is also what tests start in their own process, with a clock of their own.

pub mod admin;
mod anchor;
mod background;
pub mod backup;
pub mod certificate;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod error;
pub mod folder;
pub mod foundation;
pub mod given;
pub mod log;
pub mod metrics;
pub mod root_key;
pub mod server;
pub mod settings;
pub mod setup;
mod surroundings;
mod systemd;
mod watchdog;
