//! The browsers that the caller has told of new messages.

pub(crate) mod list;
pub(crate) mod subscribe;
pub(crate) mod unsubscribe;
