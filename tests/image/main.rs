//! The image, booted: QEMU with Secure Boot and a TPM, looked at as a technician, a user, an auditor and an attacker do.
//!
//! A boot is made once and looked at by several tests: `OnceLock` keeps what it showed. `--full` adds the boots in hardship.

mod auditors;
mod browser;
mod disk;
mod error;
mod firmware;
mod lan;
mod machine;
mod milestones;
mod monitor;
mod partitions;
mod place;
mod scenarios;
mod serial;
mod shell;
mod sockets;
mod status_page;
mod terminal;
mod tools;
mod tpm;
