//! What organizers do.

pub(crate) mod clear_content;
