//! What the node tells the server.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::Person;

/// One line up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// First on each connection.
    Ready(Ready),
    /// How the node is.
    Standing(Box<Standing>),
    /// A person's last allocation ended.
    Ended(Ended),
    /// Somebody proved on the stream of this number who they are: it is no stranger's any more.
    StreamKnown { number: u64 },
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// Of its executable.
    pub executable: String,
    /// Where it takes packets.
    pub udp: Vec<SocketAddr>,
    /// Threads that do.
    pub threads: u16,
    /// What was found at its start (G4).
    pub capabilities: Vec<Capability>,
}

/// A way to be faster, and whether it is gone (G4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// `udp_gro`, `udp_gso`, `recvmmsg`, `xdp` ...
    pub name: String,
    /// Whether it is in use.
    pub used: bool,
    /// Why, or why not, in words.
    pub reason: String,
}

/// How somebody's packets come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// In datagrams.
    Udp,
    /// In a stream of TCP 443.
    Stream,
}

/// What was relayed; all of it grows only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relayed {
    /// Packets from clients to peers.
    pub packets_to_peers: u64,
    /// Their payload.
    pub bytes_to_peers: u64,
    /// Packets from peers to clients.
    pub packets_to_clients: u64,
    /// Their payload.
    pub bytes_to_clients: u64,
}

/// What was not done, by reason, since the start of the node; all of it grows only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Wrong, expired or revoked credentials.
    pub credentials: u64,
    /// Allocations beyond a person's quota.
    pub quota: u64,
    /// Allocations beyond what all may have, or while the node is drained.
    pub capacity: u64,
    /// Peers that may not be reached.
    pub peers: u64,
    /// Packets beyond a person's bandwidth.
    pub bandwidth: u64,
    /// Packets from or to peers without permission.
    pub permission: u64,
    /// Requests of strangers beyond their rate, unanswered.
    pub flood: u64,
    /// What is no STUN and no channel's data, or breaks its rules.
    pub malformed: u64,
}

/// How the node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Allocations at this time, of clients that come by UDP.
    pub allocations_udp: u32,
    /// Of those that come by stream.
    pub allocations_stream: u32,
    /// Persons who have any.
    pub persons: u32,
    /// Streams at this time.
    pub streams: u32,
    /// Allocations made since the start of the node.
    pub allocated: u64,
    /// Relayed since then.
    pub relayed: Relayed,
    /// Packets of that which the card's driver carried past the node.
    #[serde(default)]
    pub carried_packets: u64,
    /// Refused since then.
    pub refused: Refused,
    /// Facts that were forgotten because the server was away for too long.
    pub facts_lost: u64,
    /// Whether it takes no new allocations.
    pub drained: bool,
}

/// What a person used, from the first of his allocations to the end of the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// Who, as in his credentials.
    pub person: Person,
    /// How the last one came.
    pub via: Via,
    /// Allocations that he had.
    pub allocations: u32,
    /// For so long.
    pub seconds: u64,
    /// What was relayed for him.
    pub relayed: Relayed,
}
