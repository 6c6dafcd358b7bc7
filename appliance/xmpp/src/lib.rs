//! XMPP over WebSocket and direct TLS, as Rainbow clients and standard ones speak it (RFC 6120, RFC 7395, XEP-0368).
//!
//! Three layers, each usable alone: [`xml`] (one frame, one small tree), [`stream`] (opening, SASL and
//! binding without any IO or clock) and what carries it ([`websocket`], or bytes within TLS).

mod counters;
mod direct_tls;
mod endpoint;
mod handlers;
mod host_meta;
pub mod jid;
pub mod jingle;
mod render;
mod session;
pub mod stream;
pub mod transport;
pub mod websocket;
pub mod xml;

pub use counters::Counters;
pub use endpoint::{Endpoint, router};
pub use handlers::{doap, supported_xeps};

#[cfg(test)]
mod dice;
