//! Who may be connected: a bound on all, and a bound on the strangers of one source.
//!
//! Only connections on which nobody has signed in count for their source, because an office of hundreds shares one
//! address (A5).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a connection comes from, as far as limits are concerned: an IPv4 address, or an IPv6 /64, which is what one
/// subscriber is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    V4([u8; 4]),
    V6([u16; 4]),
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => Self::V6(network(v6)),
        }
    }
}

fn network(address: Ipv6Addr) -> [u16; 4] {
    let [a, b, c, d, ..] = address.segments();
    [a, b, c, d]
}

/// Why a connection is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The gate holds as many connections as it may.
    Full,
    /// The source holds as many as strangers may.
    SourceFull,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    strangers_by_source: HashMap<Source, usize>,
}

impl Counts {
    fn remove_stranger(&mut self, source: Source) {
        if let Some(count) = self.strangers_by_source.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                self.strangers_by_source.remove(&source);
            }
        }
    }
}

/// Counts the connections that are open.
#[derive(Debug)]
pub(crate) struct Admission {
    all_max: usize,
    strangers_max: usize,
    counts: Mutex<Counts>,
}

impl Admission {
    pub(crate) fn new(all_max: usize, strangers_max: usize) -> Arc<Self> {
        Arc::new(Self { all_max, strangers_max, counts: Mutex::default() })
    }

    /// A place for a connection from `peer`, held until it is dropped.
    pub(crate) fn admit(self: &Arc<Self>, peer: SocketAddr) -> Result<Place, Refusal> {
        let source = Source::from(peer.ip());
        let mut counts = self.counts();
        if counts.all >= self.all_max {
            return Err(Refusal::Full);
        }
        let strangers = counts.strangers_by_source.get(&source).copied().unwrap_or(0);
        if strangers >= self.strangers_max {
            return Err(Refusal::SourceFull);
        }
        counts.all += 1;
        counts.strangers_by_source.insert(source, strangers + 1);
        let standing = Arc::new(Mutex::new(Standing::Stranger));
        Ok(Place { connection: Connection { peer, admission: Arc::clone(self), standing } })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Stranger,
    SignedIn,
    Closed,
}

/// One connection as handlers see it: an extension of every request, kept by whoever takes over an upgraded one.
#[derive(Debug, Clone)]
pub struct Connection {
    peer: SocketAddr,
    admission: Arc<Admission>,
    standing: Arc<Mutex<Standing>>,
}

impl Connection {
    /// Address of the other end.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Says that somebody proved on this connection who they are: it no longer counts as a stranger of its source.
    /// Any number of times; nothing happens once the connection is closed.
    pub fn sign_in(&self) {
        self.change(Standing::SignedIn);
    }

    /// Moves on and keeps the counts: lock order is standing, then counts.
    fn change(&self, next: Standing) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *standing;
        if before == Standing::Closed || before == next {
            return;
        }
        *standing = next;
        let mut counts = self.admission.counts();
        if before == Standing::Stranger {
            counts.remove_stranger(Source::from(self.peer.ip()));
        }
        if next == Standing::Closed {
            counts.all -= 1;
        }
    }
}

/// Holds a connection's place; lives in the stream itself, so that an upgraded connection keeps it.
#[derive(Debug)]
pub(crate) struct Place {
    connection: Connection,
}

impl Place {
    pub(crate) fn connection(&self) -> Connection {
        self.connection.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connection.change(Standing::Closed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().expect("an address"), 1)
    }

    #[test]
    fn strangers_of_one_source_are_bounded_and_others_are_served_e5() {
        let admission = Admission::new(10, 2);
        let held = [admission.admit(peer("192.0.2.1")), admission.admit(peer("::ffff:192.0.2.1"))];
        assert!(held.iter().all(Result::is_ok));
        assert_eq!(admission.admit(peer("192.0.2.1")).err(), Some(Refusal::SourceFull));
        assert!(admission.admit(peer("192.0.2.2")).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_source_e5() {
        let admission = Admission::new(10, 1);
        let _held = admission.admit(peer("2001:db8:0:1::1")).expect("the first");
        assert_eq!(admission.admit(peer("2001:db8:0:1:ffff::2")).err(), Some(Refusal::SourceFull));
        assert!(admission.admit(peer("2001:db8:0:2::1")).is_ok());
    }

    #[test]
    fn signed_in_connections_do_not_count_for_their_source_a5() {
        let admission = Admission::new(4, 1);
        let colleagues: Vec<Place> = (0..3)
            .map(|_| {
                let place = admission.admit(peer("192.0.2.1")).expect("an office shares its address");
                place.connection().sign_in();
                place.connection().sign_in();
                place
            })
            .collect();
        let _fourth = admission.admit(peer("192.0.2.1")).expect("still no stranger there");
        assert_eq!(admission.admit(peer("192.0.2.9")).err(), Some(Refusal::Full), "all together are bounded");
        drop(colleagues);
        assert!(admission.admit(peer("192.0.2.9")).is_ok());
    }

    #[test]
    fn a_closed_connection_leaves_nothing_behind() {
        let admission = Admission::new(4, 2);
        let place = admission.admit(peer("192.0.2.1")).expect("free");
        let late = place.connection();
        drop(place);
        late.sign_in();
        let counts = admission.counts();
        assert_eq!((counts.all, counts.strangers_by_source.len()), (0, 0));
    }
}
