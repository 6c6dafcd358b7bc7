//! Instant messages by their ids.

pub(crate) mod find;
