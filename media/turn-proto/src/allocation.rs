use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::message::Transaction;
use crate::people::{Person, Traffic};
use crate::server::{Carried, Lane, Loan};
use crate::{Client, Password};

/// RFC 8656, section 9.
pub(crate) const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// RFC 8656, section 12.
pub(crate) const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);
/// What carried nothing for so long is not worth a way of its own.
const IDLE: Duration = Duration::from_secs(2);

/// What a client has been given.
#[derive(Debug)]
pub(crate) struct Allocation {
    pub(crate) client: Client,
    pub(crate) username: Box<str>,
    /// Goes on to hold when the credential has expired: a call may be longer.
    pub(crate) password: Password,
    pub(crate) credential_expires_unix_s: u64,
    pub(crate) person: Arc<Person>,
    pub(crate) made_by: Transaction,
    pub(crate) made: Duration,
    pub(crate) expires: Duration,
    pub(crate) relayed: Vec<Relayed>,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) traffic: Traffic,
    /// What somebody else carries: one way of each direction of a channel at most.
    pub(crate) lent: Vec<Lent>,
}

/// An address at which peers reach the client: one of a family.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Relayed {
    pub(crate) address: SocketAddr,
    /// Whoever holds sockets knows it by this number; `None`: virtual.
    pub(crate) socket: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Permission {
    pub(crate) peer: IpAddr,
    pub(crate) expires: Duration,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    pub(crate) number: u16,
    pub(crate) peer: SocketAddr,
    pub(crate) expires: Duration,
    /// From the peer, to the peer.
    pub(crate) seen: [Seen; 2],
}

/// What came of one direction of a channel.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) packets: u64,
    /// Before that nobody looks whether somebody else is to carry it.
    pub(crate) again: Duration,
}

/// What was lent to the way of one direction of a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lent {
    pub(crate) way: u64,
    pub(crate) channel: u16,
    pub(crate) outward: bool,
    pub(crate) until: Duration,
    /// Bytes, since it was begun.
    lent: u64,
    counted: Carried,
    /// When more was carried than at the last loan, or it was begun.
    moved: Duration,
    packets_then: u64,
}

impl Channel {
    pub(crate) fn new(number: u16, peer: SocketAddr, expires: Duration) -> Self {
        Self { number, peer, expires, seen: Default::default() }
    }

    pub(crate) fn seen(&self, outward: bool) -> &Seen {
        &self.seen[usize::from(outward)]
    }

    pub(crate) fn seen_mut(&mut self, outward: bool) -> &mut Seen {
        &mut self.seen[usize::from(outward)]
    }
}

impl Lent {
    pub(crate) fn new(lane: &Lane, way: u64, loan: Loan, now: Duration) -> Self {
        let Lane { channel, outward, .. } = *lane;
        let counted = Carried::default();
        Self { way, channel, outward, until: loan.until, lent: loan.bytes, counted, moved: now, packets_then: 0 }
    }

    pub(crate) fn is_of(&self, lane: &Lane) -> bool {
        self.channel == lane.channel && self.outward == lane.outward
    }

    pub(crate) fn more(&mut self, loan: Loan, now: Duration) {
        self.until = loan.until;
        self.lent += loan.bytes;
        if self.counted.packets > self.packets_then {
            (self.packets_then, self.moved) = (self.counted.packets, now);
        }
    }

    /// Not carried yet.
    pub(crate) fn left(&self) -> u64 {
        self.lent.saturating_sub(self.counted.bytes)
    }

    /// Nothing is carried although somebody asks for more.
    pub(crate) fn is_idle(&self, now: Duration) -> bool {
        self.counted.packets == self.packets_then && now.saturating_sub(self.moved) > IDLE
    }

    /// What is new of all that was carried.
    pub(crate) fn count(&mut self, carried: Carried) -> Carried {
        let new = Carried {
            packets: carried.packets.saturating_sub(self.counted.packets),
            bytes: carried.bytes.saturating_sub(self.counted.bytes),
        };
        self.counted = Carried { packets: self.counted.packets + new.packets, bytes: self.counted.bytes + new.bytes };
        new
    }
}

impl Allocation {
    pub(crate) fn relayed_of(&self, ipv4: bool) -> Option<&Relayed> {
        self.relayed.iter().find(|relayed| relayed.address.is_ipv4() == ipv4)
    }

    pub(crate) fn permits(&self, peer: IpAddr, now: Duration) -> bool {
        self.permissions.iter().any(|permission| permission.peer == peer && permission.expires > now)
    }

    /// Renewed or new. `false` where there is no room.
    pub(crate) fn permit(&mut self, peer: IpAddr, most: u16, now: Duration) -> bool {
        let expires = now + PERMISSION_LIFETIME;
        if let Some(known) = self.permissions.iter_mut().find(|permission| permission.peer == peer) {
            known.expires = expires;
            return true;
        }
        self.permissions.retain(|permission| permission.expires > now);
        let room = self.permissions.len() < usize::from(most);
        if room {
            self.permissions.push(Permission { peer, expires });
        }
        room
    }

    pub(crate) fn channel(&self, number: u16, now: Duration) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.number == number && channel.expires > now)
    }

    pub(crate) fn channel_mut(&mut self, number: u16, now: Duration) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.number == number && channel.expires > now)
    }

    pub(crate) fn channel_of(&self, peer: SocketAddr, now: Duration) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.peer == peer && channel.expires > now)
    }

    /// Forgets what has expired.
    pub(crate) fn tidy(&mut self, now: Duration) {
        self.permissions.retain(|permission| permission.expires > now);
        self.channels.retain(|channel| channel.expires > now);
    }
}

/// The allocations of one server, found by client and by relayed port.
#[derive(Debug, Default)]
pub(crate) struct Allocations {
    places: Vec<Option<Box<Allocation>>>,
    free: Vec<usize>,
    by_client: HashMap<Client, usize>,
    by_port: HashMap<(bool, u16), usize>,
}

impl Allocations {
    pub(crate) fn of(&self, client: &Client) -> Option<&Allocation> {
        self.places.get(*self.by_client.get(client)?)?.as_deref()
    }

    pub(crate) fn of_mut(&mut self, client: &Client) -> Option<&mut Allocation> {
        self.places.get_mut(*self.by_client.get(client)?)?.as_deref_mut()
    }

    /// Unless its time is over.
    pub(crate) fn living_mut(&mut self, client: &Client, now: Duration) -> Option<&mut Allocation> {
        self.of_mut(client).filter(|allocation| allocation.expires > now)
    }

    pub(crate) fn at_mut(&mut self, relayed: SocketAddr) -> Option<&mut Allocation> {
        let at = *self.by_port.get(&(relayed.is_ipv4(), relayed.port()))?;
        let allocation = self.places.get_mut(at)?.as_deref_mut()?;
        allocation.relayed.iter().any(|known| known.address == relayed).then_some(allocation)
    }

    pub(crate) fn is_free(&self, ipv4: bool, port: u16) -> bool {
        !self.by_port.contains_key(&(ipv4, port))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_client.len()
    }

    pub(crate) fn insert(&mut self, allocation: Allocation) {
        let at = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.by_client.insert(allocation.client, at);
        for relayed in &allocation.relayed {
            self.by_port.insert((relayed.address.is_ipv4(), relayed.address.port()), at);
        }
        self.places[at] = Some(Box::new(allocation));
    }

    pub(crate) fn remove(&mut self, client: &Client) -> Option<Allocation> {
        let at = self.by_client.remove(client)?;
        let allocation = self.places.get_mut(at)?.take()?;
        self.free.push(at);
        for relayed in &allocation.relayed {
            self.by_port.remove(&(relayed.address.is_ipv4(), relayed.address.port()));
        }
        Some(*allocation)
    }

    /// Gives back the address of one family of two.
    pub(crate) fn remove_relayed(&mut self, client: &Client, ipv4: bool) -> Option<Relayed> {
        let allocation = self.of_mut(client)?;
        let at = allocation.relayed.iter().position(|relayed| relayed.address.is_ipv4() == ipv4)?;
        let relayed = allocation.relayed.remove(at);
        allocation.channels.retain(|channel| channel.peer.is_ipv4() != ipv4);
        allocation.permissions.retain(|permission| permission.peer.is_ipv4() != ipv4);
        self.by_port.remove(&(ipv4, relayed.address.port()));
        Some(relayed)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Allocation> {
        self.places.iter().filter_map(Option::as_deref)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Allocation> {
        self.places.iter_mut().filter_map(Option::as_deref_mut)
    }
}
