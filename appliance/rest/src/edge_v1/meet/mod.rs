//! How people without an account come to a bubble by its link in a browser (C4).

pub(crate) mod enter;
pub(crate) mod read;
