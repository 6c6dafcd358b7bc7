//! What the gate is given, and what can go wrong while it is set up.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;

/// What the gate is and allows.
#[derive(Debug, Clone)]
pub struct GateSettings {
    /// The box's public name; the redirect sends everyone there who did not ask for an address of the box.
    pub name: String,
    /// Whether that name leads here. While the box is set up it does not yet: the redirect stays at the address asked for.
    pub name_resolves: bool,
    /// The port that people see; 443 is left out of the redirect.
    pub public_https_port: u16,
    /// Paths that begin so take bodies as they come, up to a size of their own.
    pub streamed: Option<Streamed>,
    pub limits: GateLimits,
}

/// Requests whose bodies are handed on as they come and never held: they may be larger than others and take longer.
#[derive(Debug, Clone)]
pub struct Streamed {
    /// How their paths begin.
    pub below: &'static [&'static str],
    /// Largest body.
    pub body_limit_bytes: usize,
    /// From the head of such a request to its answer's head. Its body has to keep the pace all the same.
    pub request_timeout: Duration,
}

/// Bounds on what strangers can make the gate hold, and for how long (E5).
#[derive(Debug, Clone)]
pub struct GateLimits {
    /// Connections at once, all together, both ports.
    pub connections_max: usize,
    /// Connections at once from one source on which nobody has signed in.
    pub connections_per_source_max: usize,
    /// Connections that one source may open at once before somebody signs in on them.
    pub connections_per_source_burst: u32,
    /// How many of these come back each minute. Who signs in gives one back at once.
    pub connections_per_source_per_minute: u32,
    /// TLS handshakes at once, all together.
    pub handshakes_max: usize,
    /// TLS handshakes at once from one source.
    pub handshakes_per_source_max: usize,
    pub tls_handshake_timeout: Duration,
    /// From its opening, for somebody to sign in on a connection, whatever else happens on it.
    pub stranger_life: Duration,
    /// Until the first byte of a connection without ALPN, until a request's head is complete, and between two requests
    /// of one connection; and how long a peer may send nothing of a body.
    pub header_timeout: Duration,
    /// From a request's head to its answer's head; upgraded connections are not cut by it.
    pub request_timeout: Duration,
    /// How long a peer may take nothing of what is being sent to it.
    pub write_stall_timeout: Duration,
    /// The pace at which a body must come and an answer be taken by who has used up these times.
    pub rate_min_bytes_per_s: u32,
    /// Of one request.
    pub body_limit_bytes: usize,
    /// Of all running requests together.
    pub bodies_limit_bytes: usize,
    /// For running requests when the gate closes.
    pub shutdown_grace: Duration,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self {
            connections_max: 8_192,
            connections_per_source_max: 1_024,
            connections_per_source_burst: 2_048,
            connections_per_source_per_minute: 1_200,
            handshakes_max: 2_048,
            handshakes_per_source_max: 512,
            tls_handshake_timeout: Duration::from_secs(10),
            stranger_life: Duration::from_secs(120),
            header_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            write_stall_timeout: Duration::from_secs(60),
            rate_min_bytes_per_s: 1_024,
            body_limit_bytes: 1024 * 1024,
            bodies_limit_bytes: 64 * 1024 * 1024,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// Why the gate cannot be opened.
#[derive(Debug, Error)]
pub enum GateError {
    #[error(
        "port {} needs more rights than this process has; start it as root, give it CAP_NET_BIND_SERVICE, \
         or choose a port above 1023",
        address.port()
    )]
    PortForbidden { address: SocketAddr },
    #[error(
        "port {} of {} is in use by another program; stop that program (`ss -ltnp` names it) or choose another port",
        address.port(), address.ip()
    )]
    PortTaken { address: SocketAddr },
    #[error("{} is not an address of this machine; correct the addresses to listen on", address.ip())]
    AddressUnknown { address: SocketAddr },
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("there is no address to listen on; give one at least")]
    NoAddress,
    #[error("cannot start the thread for TLS handshakes")]
    Handshakes(#[source] io::Error),
    #[error("cannot hand a listening socket to the runtime")]
    Register(#[source] io::Error),
    #[error("the TLS provider does not support the versions and suites that are required")]
    Tls(#[source] rustls::Error),
    #[error("the certificate chain is not valid PEM: {problem}")]
    ChainPem { problem: String },
    #[error("the certificate's private key is not valid PEM: {problem}")]
    KeyPem { problem: String },
    #[error("certificate and private key cannot be used together; give the key that the certificate was made for")]
    Certificate(#[source] rustls::Error),
    #[error("'{name}' cannot be the name of a box; give a host name without scheme, port and path")]
    Name { name: String },
}

impl GateError {
    /// Whether another port may succeed where this one did not.
    pub fn is_about_the_port(&self) -> bool {
        matches!(self, Self::PortForbidden { .. } | Self::PortTaken { .. })
    }
}
