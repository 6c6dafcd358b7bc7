//! What this kernel can do for datagrams, tried out.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use crate::socket::Udp;
use crate::{Arrivals, Departures, Memory};

/// Which ways to be faster are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offloads {
    /// The kernel joins datagrams of one sender (`UDP_GRO`).
    pub gro: bool,
    /// The kernel cuts what is sent to one receiver (`UDP_SEGMENT`).
    pub gso: bool,
    /// Several datagrams with one call (`recvmmsg`, `sendmmsg`).
    pub batches: bool,
}

impl Offloads {
    /// None of them.
    pub const NONE: Self = Self { gro: false, gso: false, batches: false };
    /// All of them.
    pub const ALL: Self = Self { gro: true, gso: true, batches: true };
}

/// One way to be faster, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As operators read it.
    pub name: &'static str,
    /// Whether it is used.
    pub used: bool,
    /// Why, or why not.
    pub reason: String,
}

impl Offloads {
    /// Tries each of `wanted` on the loopback interface: two datagrams are sent as one and received as one.
    #[must_use]
    pub fn find(wanted: Self) -> (Self, Vec<Found>) {
        let tried = |name, wanted: bool, attempt: &dyn Fn() -> io::Result<()>| {
            if !wanted {
                return Found { name, used: false, reason: "switched off".to_owned() };
            }
            match attempt() {
                Ok(()) => Found { name, used: true, reason: "tried out at the start".to_owned() },
                Err(error) => Found { name, used: false, reason: format!("the kernel refuses it: {error}") },
            }
        };
        let found = vec![
            tried("recvmmsg", wanted.batches, &|| attempt(Self { batches: true, ..Self::NONE })),
            tried("udp_gso", wanted.gso, &|| attempt(Self { gso: true, ..Self::NONE })),
            tried("udp_gro", wanted.gro, &|| attempt(Self { gro: true, ..Self::NONE })),
        ];
        (Self { batches: found[0].used, gso: found[1].used, gro: found[2].used }, found)
    }
}

fn attempt(offloads: Offloads) -> io::Result<()> {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (from, to) = (Udp::bind(anywhere, false, offloads)?, Udp::bind(anywhere, false, offloads)?);
    let mut memory = Memory::new(offloads);
    let mut departures = Departures::begin(&mut memory);
    for word in [b"one", b"two"] {
        departures.push(&from, to.local(), None, &[word]);
    }
    if departures.send().datagrams != 2 {
        return Err(io::Error::last_os_error());
    }
    let mut arrivals = Arrivals::new(4, offloads);
    let mut bytes = 0;
    // Loopback delivers before the call that sends returns.
    while bytes < 6 && arrivals.room() > 0 {
        let range = arrivals.receive(&to, 4)?;
        if range.is_empty() {
            return Err(io::Error::other("what was sent did not arrive"));
        }
        bytes += range.map(|at| arrivals.get(at).bytes.len()).sum::<usize>();
    }
    Ok(())
}
