//! People by name.

pub(crate) mod find;
