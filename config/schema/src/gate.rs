//! Section `[gate]`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::reader::Section;

/// Addresses, bounds and times of the one TLS port and of the redirect port (E1, E5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Local addresses that both ports are bound on.
    pub listen: Vec<IpAddr>,
    /// TCP port of the TLS gate.
    pub https_port: u16,
    /// TCP port that only redirects.
    pub http_port: u16,
    /// Connections at once, all together.
    pub connections_max: usize,
    /// Connections at once from one source that nobody has signed in on. An office behind NAT is one source.
    pub connections_per_source_max: usize,
    /// Connections that one source may open at once before somebody signs in on them.
    pub connections_per_source_burst: u32,
    /// How many of these come back each minute.
    pub connections_per_source_per_minute: u32,
    /// TLS handshakes at once, all together.
    pub handshakes_max: usize,
    /// TLS handshakes at once from one source.
    pub handshakes_per_source_max: usize,
    /// Time for somebody to sign in on a connection.
    pub stranger_life_ms: u64,
    /// Time for the TLS handshake.
    pub tls_handshake_timeout_ms: u64,
    /// Time until a request's head is complete, of silence in a body; also how long a connection may wait between two requests.
    pub header_timeout_ms: u64,
    /// Time from a request's head to its answer's head.
    pub request_timeout_ms: u64,
    /// How long a peer may take nothing of what is being sent to it.
    pub write_stall_timeout_ms: u64,
    /// Pace at which bodies must come and answers be taken once these times are used up.
    pub rate_min_bytes_per_s: u32,
    /// Largest request body.
    pub body_limit_bytes: usize,
    /// Bodies of all running requests together.
    pub bodies_limit_bytes: usize,
    /// Time that running requests are given when the box stops.
    pub shutdown_grace_ms: u64,
}

impl Gate {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        let any = [IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::UNSPECIFIED)];
        let gate = Self {
            listen: section.addresses("listen", &any, "Local addresses to listen on."),
            https_port: section.integer("https_port", 443, 1..=65_535, "TCP port of HTTPS and WSS."),
            http_port: section.integer("http_port", 80, 1..=65_535, "TCP port that only redirects to https_port."),
            connections_max: section.integer("connections_max", 8_192, 16..=1_000_000, "Connections at once, all together."),
            connections_per_source_max: section.integer(
                "connections_per_source_max", 1_024, 1..=1_000_000,
                "Connections at once from one address (IPv6: one /64) that nobody has signed in on; an office shares one address.",
            ),
            connections_per_source_burst: section.integer(
                "connections_per_source_burst", 2_048, 1..=1_000_000,
                "Connections that one address may open at once before somebody signs in on them; who signs in gives his back.",
            ),
            connections_per_source_per_minute: section.integer(
                "connections_per_source_per_minute", 1_200, 1..=1_000_000, "How many of these come back each minute.",
            ),
            handshakes_max: section.integer("handshakes_max", 2_048, 16..=1_000_000, "TLS handshakes at once, all together."),
            handshakes_per_source_max: section.integer(
                "handshakes_per_source_max", 512, 1..=1_000_000, "TLS handshakes at once from one address (IPv6: one /64).",
            ),
            stranger_life_ms: section.integer(
                "stranger_life_ms", 120_000, 1_000..=3_600_000,
                "Time for somebody to sign in on a connection, whatever else happens on it.",
            ),
            tls_handshake_timeout_ms: section.integer("tls_handshake_timeout_ms", 10_000, 100..=120_000, "Time for the TLS handshake."),
            header_timeout_ms: section.integer(
                "header_timeout_ms", 30_000, 100..=300_000,
                "Time until the head of a request is complete; also how long a connection may wait between two requests, and a body for its next part.",
            ),
            request_timeout_ms: section.integer(
                "request_timeout_ms", 60_000, 100..=600_000,
                "Time from the head of a request to the head of its answer; WebSockets are not cut by it.",
            ),
            write_stall_timeout_ms: section.integer(
                "write_stall_timeout_ms", 60_000, 1_000..=600_000, "How long a client may take nothing of what is being sent to it.",
            ),
            rate_min_bytes_per_s: section.integer(
                "rate_min_bytes_per_s", 1_024, 1..=1_048_576,
                "Pace at which bodies must come and answers be taken by who has used up header_timeout_ms or write_stall_timeout_ms.",
            ),
            body_limit_bytes: section.integer("body_limit_bytes", 1_048_576, 1_024..=67_108_864, "Largest body of a request."),
            bodies_limit_bytes: section.integer(
                "bodies_limit_bytes", 67_108_864, 1_048_576..=4_294_967_296, "Bodies of all running requests together.",
            ),
            shutdown_grace_ms: section.integer("shutdown_grace_ms", 10_000, 0..=120_000, "Time that running requests are given when the box stops."),
        };
        section.must(gate.https_port != gate.http_port, "http_port", "another port than https_port");
        section.must(
            gate.connections_per_source_max <= gate.connections_max,
            "connections_per_source_max",
            "at most connections_max",
        );
        section.must(
            gate.handshakes_per_source_max <= gate.handshakes_max,
            "handshakes_per_source_max",
            "at most handshakes_max",
        );
        section.must(
            gate.bodies_limit_bytes >= gate.body_limit_bytes,
            "bodies_limit_bytes",
            "at least body_limit_bytes",
        );
        gate
    }
}
