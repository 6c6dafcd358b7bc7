use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use crate::{Client, Limits, Peers, Secrets};

/// Ports of virtual relayed addresses, and of real ones unless a range is given (RFC 8656, section 7.2).
pub(crate) const PORTS: RangeInclusive<u16> = 49_152..=65_535;

/// What all servers of a process are told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether anything is relayed; `false`: Binding requests only.
    pub relay: bool,
    /// Where user names hold.
    pub realm: String,
    /// What credentials are checked with.
    pub secrets: Secrets,
    /// How peers see the box.
    pub addresses: Addresses,
    /// Real ports for relayed addresses; without them they are virtual: clients of this box meet inside.
    pub relay_ports: Option<RangeInclusive<u16>>,
    /// Whom data may go to.
    pub peers: Peers,
    /// Bounds.
    pub limits: Limits,
    /// No new allocations; those that live may go on.
    pub drain: bool,
}

/// The addresses that relayed ones are of.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// What is told, and the machine's address behind it where a NAT is in between.
    pub external: Vec<(IpAddr, Option<IpAddr>)>,
    /// All of the machine, those that others reach first: what is told where nothing else is given.
    pub own: Vec<IpAddr>,
}

/// Which of several servers this one is: each gives out ports of its own, so that a port tells whose allocation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// From 0.
    pub index: u16,
    /// At least 1.
    pub of: u16,
}

impl Share {
    /// Whose port it is. Ports go in pairs, because an even one may be asked for.
    #[must_use]
    pub fn of_port(port: u16, of: u16) -> u16 {
        (port / 2) % of.max(1)
    }
}

/// An address to be told, and the one that is bound where there is a real port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) public: IpAddr,
    pub(crate) local: IpAddr,
}

impl Settings {
    /// Whether data may go there at all.
    pub(crate) fn may_reach(&self, peer: SocketAddr) -> bool {
        (peer.port() > 0 && self.addresses.is_ours(peer.ip())) || self.may_leave(peer)
    }

    /// Whether data may go to a peer that is none of the box's own relayed addresses.
    pub(crate) fn may_leave(&self, peer: SocketAddr) -> bool {
        peer.port() > 0 && self.relay_ports.is_some() && self.peers.may_reach(peer.ip())
    }
}

impl Addresses {
    /// Where a client's relayed address of a family lies. `None` when the box has none of it.
    pub(crate) fn place(&self, client: &Client, ipv4: bool) -> Option<Place> {
        let came_to = match client {
            Client::Datagrams { local, .. } if !local.is_unspecified() && local.is_ipv4() == ipv4 => Some(*local),
            Client::Datagrams { .. } | Client::Stream { .. } => None,
        };
        let any = if ipv4 { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let mut told = self.external.iter().filter(|(public, _)| public.is_ipv4() == ipv4).peekable();
        if let Some(first) = told.peek().copied() {
            let (public, local) = told.find(|(_, local)| local.is_some() && *local == came_to).unwrap_or(first);
            return Some(Place { public: *public, local: local.unwrap_or(any) });
        }
        let own = || self.own.iter().copied().find(|own| own.is_ipv4() == ipv4);
        let address = came_to.or_else(own)?;
        Some(Place { public: address, local: address })
    }

    /// Whether relayed addresses of this box may be of this one.
    pub(crate) fn is_ours(&self, address: IpAddr) -> bool {
        let told = self.external.iter().any(|(public, _)| *public == address);
        told || (self.external.is_empty() && self.own.contains(&address))
    }
}
