//! The command line as an administrator uses it, and what it leaves on disk.

mod accounts;
mod anchor;
mod certificates;
mod configuration;
mod damage;
mod dumps;
mod erasing;
mod exporting;
mod init;
mod key_tree;
mod keys;
mod memory;
mod metrics;
mod planted;
mod rekeys;
mod running;
mod scrub;
mod secrecy;
mod setup;
mod systemd;
mod vault;

/// A password that A1 accepts.
const GOOD: &str = "G00d-enough!";
