//! The shortest way (G4): the kernel's driver of the card sends a packet on that it was told of, before anything of it has come up (XDP).
//!
//! The program is written here, in Rust, and loaded by three requests of `bpf(2)`; no library of loaders, since there is no object file
//! to load. Everything that is needed of the kernel is asked for at the start.

mod assemble;
mod kernel;
mod next_hop;
mod program;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use nix::ifaddrs::getifaddrs;
use nix::libc;
use nix::net::if_::InterfaceFlags;
use nix::time::ClockId;

use crate::Found;
pub use next_hop::{Route, Routes};
use table::Table;
pub use table::{Carried, NextHop, Way};

/// Interfaces at once.
const INTERFACES_MAX: usize = 8;
/// `ARPHRD_ETHER`.
const ETHERNET: u16 = 1;

/// Which interfaces may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `false`: none.
    pub on: bool,
    /// By name; empty: all of Ethernet at which the relay takes packets, but for ends of virtual cables.
    pub interfaces: Vec<String>,
}

/// What a way may carry from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loan {
    /// So many bytes of data more.
    pub bytes: u64,
    /// For so long.
    pub lasts: Duration,
    /// So long after now one packet goes up, and again while nobody lends more.
    pub shown_after: Duration,
}

/// Why there is no shortest way.
#[derive(Debug, thiserror::Error)]
enum FastError {
    #[error("switched off")]
    Off,
    #[error("sockets are at several ports")]
    Ports,
    #[error("the machine's interfaces cannot be read: {0}")]
    Interfaces(nix::Error),
    #[error("there is no interface of Ethernet but perhaps ends of virtual cables, which xdp_interfaces has to name")]
    NoInterface,
    #[error("it takes the rights CAP_BPF and CAP_NET_ADMIN")]
    Rights,
    #[error("the kernel makes no table: {0}")]
    Table(io::Error),
    #[error("the program is wrong: {0}")]
    Program(assemble::AssembleError),
    #[error("the kernel refuses the program: {0}")]
    Refused(io::Error),
    #[error("{0}")]
    Attach(String),
}

/// The program at work. Its end is the end of this value, and of the process.
#[derive(Debug)]
pub struct FastPath {
    table: Table,
    /// Kept, so that whoever looks at the process finds how long it runs.
    _program: OwnedFd,
    /// Attached as long as they are open.
    _links: Vec<OwnedFd>,
    interfaces: BTreeMap<u32, [u8; 6]>,
}

impl FastPath {
    /// Attaches the program to each interface at which `listening` takes packets, where rights, kernel and driver allow.
    #[must_use]
    pub fn find(wanted: &Wanted, listening: &[SocketAddr], seed: u64) -> (Option<Self>, Found) {
        let found = |used, reason| Found { name: "xdp", used, reason };
        match Self::attach(wanted, listening, seed) {
            Ok((path, at)) => (Some(path), found(true, format!("at {}", at.join(", ")))),
            Err(error) => (None, found(false, error.to_string())),
        }
    }

    fn attach(wanted: &Wanted, listening: &[SocketAddr], seed: u64) -> Result<(Self, Vec<String>), FastError> {
        if !wanted.on {
            return Err(FastError::Off);
        }
        let port = listening.first().map_or(0, SocketAddr::port);
        if listening.iter().any(|address| address.port() != port) {
            return Err(FastError::Ports);
        }
        let mut candidates = interfaces(wanted, listening).map_err(FastError::Interfaces)?;
        if wanted.interfaces.is_empty() {
            let mut routes = Routes::new().map_err(FastError::Interfaces)?;
            candidates.retain(|_, (index, _)| !routes.is_virtual_cable(*index));
        }
        if candidates.is_empty() {
            return Err(FastError::NoInterface);
        }
        let table = Table::new(seed).map_err(|error| rights_or(error, FastError::Table))?;
        let program = program::write(table.making(port)).map_err(FastError::Program)?;
        let program = kernel::load(&program).map_err(|error| rights_or(error, FastError::Refused))?;
        let (mut links, mut attached, mut told) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (name, (index, own)) in candidates {
            match kernel::attach(&program, index) {
                Ok(link) => {
                    links.push(link);
                    attached.insert(index, own);
                    told.push(format!("{name} by its driver"));
                }
                Err(error) => told.push(format!("not at {name}: {error}")),
            }
        }
        if links.is_empty() {
            return Err(FastError::Attach(told.join(", ")));
        }
        Ok((Self { table, _program: program, _links: links, interfaces: attached }, told))
    }

    /// How a packet would leave, where that is by an interface that the program is at; and as whose where `from` leaves it open.
    pub fn next_hop(&self, routes: &mut Routes, from: std::net::IpAddr, to: std::net::IpAddr) -> Option<Route> {
        let found = routes.find(from, to)?;
        let own = *self.interfaces.get(&found.interface)?;
        let next = routes.neighbour(found.interface, found.gateway.unwrap_or(to))?;
        let mtu = found.mtu.or_else(|| routes.mtu(found.interface))?;
        Some(Route { hop: NextHop { interface: found.interface, own, next, mtu }, from: found.source.unwrap_or(from) })
    }

    /// A number for a way, which carries nothing before [`FastPath::lend`]. `None`: there is no room for it, it is there already, or
    /// it goes from one family of addresses to the other.
    #[must_use]
    pub fn tell(&self, way: &Way) -> Option<u64> {
        self.table.tell(way, now_ns())
    }

    /// How often all ways were halted: what was decided before a halt is not good after it.
    #[must_use]
    pub fn halts(&self) -> u64 {
        self.table.halts()
    }

    /// It carries from now on. `false`: it was stopped, or all were halted since `halts` was asked for.
    #[must_use]
    pub fn lend(&self, number: u64, loan: Loan, halts: u64) -> bool {
        let after = |time: Duration| now_ns().saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let (until_ns, sample_ns) = (after(loan.lasts), after(loan.shown_after));
        self.table.lend(number, table::Loan { bytes: loan.bytes, until_ns, sample_ns }, halts)
    }

    /// What a way carried. `None`: it was stopped so long ago that nobody knows.
    #[must_use]
    pub fn carried(&self, number: u64) -> Option<Carried> {
        self.table.carried(number)
    }

    /// It carries nothing from now on.
    pub fn stop(&self, number: u64) {
        self.table.stop(number, now_ns());
    }

    /// None carries anything before more is lent to it.
    pub fn halt(&self) {
        self.table.halt();
    }
}

/// The clock that the program asks.
fn now_ns() -> u64 {
    let Ok(time) = ClockId::CLOCK_MONOTONIC.now() else { return 0 };
    u64::try_from(time.tv_sec()).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0)
}

fn rights_or(error: io::Error, other: impl Fn(io::Error) -> FastError) -> FastError {
    if error.raw_os_error() == Some(libc::EPERM) { FastError::Rights } else { other(error) }
}

/// Number and address of each interface by its name: those of Ethernet that are up and have an address that is listened at.
fn interfaces(wanted: &Wanted, listening: &[SocketAddr]) -> nix::Result<BTreeMap<String, (u32, [u8; 6])>> {
    let everywhere = listening.iter().any(|address| address.ip().is_unspecified());
    let all: Vec<_> = getifaddrs()?.collect();
    let heard = |name: &str| {
        everywhere
            || all.iter().filter(|one| one.interface_name == name).any(|one| {
                let address = one.address.as_ref();
                let four = address.and_then(|of| of.as_sockaddr_in()).map(|of| std::net::IpAddr::V4(of.ip()));
                let six = address.and_then(|of| of.as_sockaddr_in6()).map(|of| std::net::IpAddr::V6(of.ip()));
                listening.iter().any(|at| Some(at.ip()) == four.or(six))
            })
    };
    let named = |name: &String| wanted.interfaces.is_empty() || wanted.interfaces.contains(name);
    let usable = all.iter().filter_map(|one| {
        let link = one.address.as_ref()?.as_link_addr()?;
        let up = one.flags.contains(InterfaceFlags::IFF_UP) && !one.flags.contains(InterfaceFlags::IFF_LOOPBACK);
        let own = link.addr().filter(|own| up && link.hatype() == ETHERNET && *own != [0; 6])?;
        let index = u32::try_from(link.ifindex()).ok()?;
        Some((one.interface_name.clone(), (index, own)))
    });
    Ok(usable.filter(|(name, _)| named(name) && heard(name)).take(INTERFACES_MAX).collect())
}
