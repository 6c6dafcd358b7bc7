//! The floods, one file for each layer that they aim at.

pub(crate) mod bombs;
pub(crate) mod connections;
pub(crate) mod guesses;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod websocket;
