//! 1:1 messages (C1): sending, marks, typing, what waited, history.

mod clear;
mod committed;
mod give_back;
mod history;
mod mark;
mod outgoing;
mod route;
mod send;
mod transient;
mod waiting;

pub use clear::clear;
pub use committed::committed;
pub use give_back::give_back;
pub use history::{Asked, History, PLACE, history, messages};
pub(crate) use history::{PAGE_MAX, counts, cut, range};
pub(crate) use mark::receipt;
pub use mark::{Mark, MarkKind, mark};
pub(crate) use outgoing::enter_about;
pub use outgoing::{About, Keep, Kind, Outgoing};
pub use route::{Request, refuse, route};
pub use send::send;
pub(crate) use send::{digest, own_id, reason, settle};
pub use store::message::{Remark, StoredMessage};
pub use transient::{Transient, send_transient};
pub(crate) use waiting::deliver_waiting;
