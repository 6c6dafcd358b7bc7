//! The one public port: TLS, the protocols behind it, and their bounds (E1, E2, E5).
//!
//! ```text
//! listen ── accept ── admission ── TLS (tls) ── protocol table (protocol) ── HTTP (http) ── answer ── Router
//!    └───── accept ── admission ── redirect (port 80)
//! ```
//! A handler finds the [`Connection`] in the extensions of its request: the peer's address, and
//! [`Connection::sign_in`], which takes the connection off the count of its source's strangers.

mod activity;
mod admission;
mod answer;
mod body_limit;
mod contain;
mod headers;
mod http;
mod line;
mod listen;
mod notice;
mod protocol;
mod redirect;
mod serve;
mod settings;
mod tls;

pub use admission::Connection;
pub use listen::{Listeners, bind};
pub use protocol::alpn_protocols;
pub use serve::Gate;
pub use settings::{GateError, GateLimits, GateSettings};
pub use tls::Certificate;
