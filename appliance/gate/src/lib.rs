//! The one public port: TLS, the protocols behind it, and their bounds (E1, E2, E5).
//!
//! ```text
//! listen ── accept ── admission ── TLS (tls) ── route ──┬── HTTP (http) ── answer ── Router
//!    │                                  (protocol)      └── takers: XMPP, STUN and TURN
//!    └───── accept ── admission ── redirect (port 80)
//! ```
//! A handler finds the [`Connection`] in the extensions of its request: the peer's address, and
//! [`Connection::sign_in`], which takes the connection off the count of its source's strangers.

mod activity;
mod admission;
mod answer;
mod body_limit;
mod buckets;
mod chain;
mod contain;
mod counters;
mod cut;
mod exporter;
mod handshakes;
mod headers;
mod http;
mod line;
mod listen;
mod notice;
mod pace;
mod pem;
mod protocol;
mod redirect;
mod rest_of_body;
mod roster;
mod route;
mod secured;
mod serve;
mod settings;
mod source;
mod stream;
mod takers;
mod tls;

pub use admission::{Connection, Occupancy, Occupied};
pub use chain::{ChainError, Described, describe, examine};
pub use counters::{Counters, GateCounters};
pub use listen::{Listeners, bind};
pub use protocol::Protocol;
pub use serve::{Closing, Gate};
pub use settings::{GateError, GateLimits, GateSettings, Streamed};
pub use stream::Stream;
pub use takers::Takers;
pub use tls::Certificate;
