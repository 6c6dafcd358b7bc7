//! What the server tells the media node, what it is told, and how a byte stream is handed over (G1, J10).
//!
//! ```json
//! {"version":1,"body":{"revoke":{"person":"6f2ab1","expiry_s_max":1796000000}}}
//! {"version":1,"body":{"stream_known":{"number":17}}}
//! ```
//! Pure: bytes in, messages out. The sockets and the clock are the caller's. Both ends check what they read.

mod configuration;
mod credential;
mod fact;
mod line;
mod network;
mod order;
mod stream;

pub use configuration::{
    Configuration, ConfigurationError, EXTERNAL_MAX, External, Limits, NETWORKS_MAX, PortRange, REVOKED_AT_ONCE_MAX,
    Revoked, Secret, Secrets,
};
pub use credential::{PERSON_BYTES_MAX, Person, Username, UsernameError};
pub use fact::{Capability, Ended, Fact, Ready, Refused, Relayed, Standing, Via};
pub use line::{ContractError, LINE_LIMIT_BYTES, PROTOCOL_VERSION, decode_fact, decode_order, encode};
pub use network::{Network, NetworkError};
pub use order::Order;
pub use stream::{STREAM_HEAD_BYTES, StreamHead, StreamHeadError};

/// Where a box's node listens for the server: systemd makes it, for the server's user alone.
pub const CONTROL_SOCKET: &str = "/run/rainbow-edge-media/control.sock";
/// Where it listens for byte streams that came in on TCP 443, likewise.
pub const STREAMS_SOCKET: &str = "/run/rainbow-edge-media/streams.sock";

/// Names under which sockets are passed to the node (`sd_listen_fds_with_names`), by systemd and by the supervisor of `run` alike.
pub mod passed {
    /// The control socket, listening.
    pub const CONTROL: &str = "control";
    /// The stream socket, listening.
    pub const STREAMS: &str = "streams";
    /// A UDP socket, bound; several of one address are of one `SO_REUSEPORT` group.
    pub const UDP: &str = "udp";
}

/// Facts that the node keeps for a server that is away; older ones make room.
pub const FACTS_KEPT_MAX: usize = 1_024;
