//! The status page on a screen or serial port (I1), and the password agent that asks for the recovery key there (D2).
//!
//! What is wrong (`wrong.rs`), how the page looks (`page.rs`) and when it is drawn (`screen.rs`) are pure; `look` reads the
//! machine, `terminal.rs` and `agent` write to it.

mod agent;
mod clean;
mod facts;
mod look;
mod page;
mod screen;
mod serve;
mod terminal;
mod wrong;

pub use serve::serve;
