//! Pushes to the browser of the caller's sign-in (RFC 8030).

pub(crate) mod key;
pub(crate) mod subscriptions;
