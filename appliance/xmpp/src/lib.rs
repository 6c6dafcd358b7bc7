//! XMPP over WebSocket, as Rainbow clients and standard ones speak it (RFC 6120, RFC 7395).
//!
//! Three layers, each usable alone: [`xml`] (one frame, one small tree), [`stream`] (opening, SASL and
//! binding without any IO or clock) and [`websocket`] (the transport under it).

mod endpoint;
mod handlers;
pub mod jid;
mod render;
mod session;
pub mod stream;
pub mod websocket;
pub mod xml;

pub use endpoint::{Endpoint, router};
pub use handlers::{doap, supported_xeps};

#[cfg(test)]
mod dice;
