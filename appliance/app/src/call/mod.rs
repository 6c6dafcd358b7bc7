//! Calls between two people (G2, J6): their signals reach who may be talked to, at a pace, and what became of each stands in the
//! history of both. Sound and pictures go from device to device, never through here.

mod end;
mod history;
mod ongoing;
mod session;
mod signal;

pub use end::end_all;
pub(crate) use end::{Called, Entered, sweep};
pub use history::{Asked, Page, history, mark_read, remove};
pub(crate) use ongoing::Calls;
pub use session::{Step, session};
pub use signal::{Act, Signal, ring_here, signal};
pub use store::call_record::CallRecord;

/// What is not found of a history of calls.
pub const CALL: &str = "call";
