//! What of bubbles Rainbow's interface has no call for.

pub(crate) mod readers;
