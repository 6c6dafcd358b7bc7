//! What the card's driver carries for this thread's clients (G4): for which lanes `turn-proto` lends, on which way out the kernel would send.
//! Packets of a way go up once in a while, and renew what was lent: so a way ends soon after the firewall, a route or a neighbour does.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use media_io::{FastPath, NextHop, Routes, Way};
use turn_proto::{Client, Lane, Loan, Now, Worth};

use super::relays::Relays;
use crate::shared::{Shard, Shared};

/// One packet goes up so long after the one that renewed a way.
const SHOWN_AFTER: Duration = Duration::from_secs(4);
/// Lanes looked at in one turn; the others come again.
pub(crate) const LANES_MAX: usize = 8;

/// Packets that went up, and where they went on to: what a way would do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) lane: Lane,
    /// Where they came in.
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) onward: Onward,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Onward {
    /// Out of a socket of a relayed address.
    Peer { socket: u32, peer: SocketAddr },
    /// To the client of the lane, from the address that it speaks to.
    Own,
    /// To another client, on a lane of its own.
    Client(Lane),
}

pub(crate) struct Ways {
    path: Arc<FastPath>,
    routes: Routes,
    /// The port at which clients come in.
    port: u16,
    /// How each way of this thread leaves.
    hops: HashMap<u64, NextHop>,
}

impl Ways {
    /// `None` where there is no path, or nobody to ask for routes.
    pub(crate) fn new(shared: &Shared) -> Option<Self> {
        let path = Arc::clone(shared.path.as_ref()?);
        let port = shared.udp.first()?.port();
        Some(Self { path, routes: Routes::new().ok()?, port, hops: HashMap::new() })
    }

    /// Renews the way of what went up, or makes one, or ends it.
    pub(crate) fn tend(&mut self, seen: &Seen, shared: &Shared, index: usize, relays: &mut Relays, now: Now) {
        let of_lane = &shared.shards[index];
        let known = match of_lane.server().worth(&seen.lane, now) {
            Worth::Nothing => return,
            Worth::Begin => None,
            Worth::More(way) => Some(way),
        };
        let told = self.way(seen, relays).and_then(|way| self.tell(known, &way));
        let carries = told.and_then(|number| self.lend(number, seen, shared, of_lane, relays, now));
        if carries == Some(true) {
            return;
        }
        known.into_iter().chain(told).for_each(|number| {
            self.path.stop(number);
            self.hops.remove(&number);
        });
        // Who is near the limit is asked again sooner: that was noted when nothing was lent.
        if carries.is_none() {
            of_lane.server().give_up(&seen.lane, relays, now);
        }
    }

    /// The way that is known already, or another one where it leaves otherwise by now.
    fn tell(&mut self, known: Option<u64>, way: &Way) -> Option<u64> {
        let same = known.filter(|known| self.hops.get(known) == Some(&way.hop));
        let number = same.or_else(|| {
            known.iter().for_each(|known| self.path.stop(*known));
            self.path.tell(way)
        })?;
        self.hops.insert(number, way.hop);
        Some(number)
    }

    /// Lends to it what everybody who pays for it lends. `None`: somebody cannot at all; `false`: the lane's own client cannot now.
    fn lend(
        &self,
        number: u64,
        seen: &Seen,
        shared: &Shared,
        of_lane: &Shard,
        relays: &mut Relays,
        now: Now,
    ) -> Option<bool> {
        let halts = self.path.halts();
        let Some(mut loan) = of_lane.server().lend(&seen.lane, number, relays, now) else { return Some(false) };
        if let Onward::Client(lane) = seen.onward {
            let other = shared.shards.iter().find_map(|shard| shard.server().lend(&lane, number, relays, now))?;
            loan = Loan { bytes: loan.bytes.min(other.bytes), until: loan.until.min(other.until) };
        }
        let lasts = loan.until.saturating_sub(now.since_start);
        let loan = media_io::Loan { bytes: loan.bytes, lasts, shown_after: SHOWN_AFTER };
        // Where all were halted meanwhile, the next packet is asked about anew.
        (self.path.lend(number, loan, halts) || self.path.halts() != halts).then_some(true)
    }

    /// What the kernel would have to do. `None`: it cannot.
    fn way(&mut self, seen: &Seen, relays: &Relays) -> Option<Way> {
        let address = |client: &Client| match client {
            Client::Datagrams { remote, local } => Some((SocketAddr::new(*local, self.port), *remote)),
            Client::Stream { .. } => None,
        };
        let (as_from, as_to, as_channel) = match seen.onward {
            Onward::Peer { socket, peer } => (relays.get(socket)?.socket.local(), peer, None),
            Onward::Own => {
                let (from, to) = address(&seen.lane.client)?;
                (from, to, Some(seen.lane.channel))
            }
            Onward::Client(lane) => {
                let (from, to) = address(&lane.client)?;
                (from, to, Some(lane.channel))
            }
        };
        let route = self.path.next_hop(&mut self.routes, as_from.ip(), as_to.ip())?;
        let channel = seen.lane.outward.then_some(seen.lane.channel);
        let as_from = SocketAddr::new(route.from, as_from.port());
        Some(Way { from: seen.from, to: seen.to, channel, as_from, as_to, as_channel, hop: route.hop })
    }

    /// Forgets how ways leave that are no more.
    pub(crate) fn forget(&mut self) {
        let path = &self.path;
        self.hops.retain(|way, _| path.carried(*way).is_some());
    }
}
