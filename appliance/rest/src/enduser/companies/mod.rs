//! Companies as their members see them.

pub(crate) mod read;
