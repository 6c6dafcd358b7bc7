//! What the holder of a join link sees and does; nobody who comes here has signed in.

pub(crate) mod accept;
pub(crate) mod read;
