//! The members of a company, for administration.

pub(crate) mod invitation;
pub(crate) mod sessions;
