//! Settings that the server gives to clients.

pub(crate) mod apis;
