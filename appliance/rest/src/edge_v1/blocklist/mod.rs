//! People whom the caller has blocked.

pub(crate) mod block;
pub(crate) mod list;
pub(crate) mod unblock;
