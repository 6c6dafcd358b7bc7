//! The link by which a member joins.

pub(crate) mod make;
