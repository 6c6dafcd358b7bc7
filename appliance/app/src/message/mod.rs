//! 1:1 messages (C1): sending, marks, typing, what waited, history.

mod clear;
mod committed;
mod give_back;
mod history;
mod mark;
mod send;
mod transient;
mod waiting;

pub use clear::clear;
pub use committed::committed;
pub use give_back::give_back;
pub use history::{Asked, History, history};
pub use mark::{Mark, MarkKind, mark};
pub use send::{Keep, Kind, Outgoing, send};
pub(crate) use send::{digest, settle};
pub use store::message::StoredMessage;
pub use transient::send_transient;
pub(crate) use waiting::deliver_waiting;
