//! The recovery key of the box (D2).

pub(crate) mod check;
pub(crate) mod make;
