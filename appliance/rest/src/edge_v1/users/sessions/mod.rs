//! The sign-in sessions of a member.

pub(crate) mod end;
pub(crate) mod end_all;
pub(crate) mod list;
