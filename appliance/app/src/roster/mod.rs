//! The roster of standard clients (RFC 6121, 2): the network, invitations that wait, and what one noted oneself.

mod list;
mod listed;
mod set;
mod subscribe;

pub use list::{Item, find, list};
pub use listed::Listed;
pub use set::{NOT_LISTED, remove, set};
pub use subscribe::{Request, request, request_in_vain, said_by};
