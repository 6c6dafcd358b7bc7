//! The data path: a few look-ups a packet, or a burst of packets of one kind.

use std::net::SocketAddr;

use super::{Counts, Delivery, Hop, Refusal, Server};
use crate::allocation::Allocation;
use crate::{Client, Now, Settings};

impl Server {
    /// Where data goes that came on a channel: so many packets of so many bytes of data altogether. `None`: nowhere.
    pub fn channel(&mut self, client: &Client, channel: u16, packets: u64, bytes: u64, now: Now) -> Option<Hop> {
        let bound = self.allocations.living_mut(client, now.since_start).and_then(|allocation| {
            let bound = allocation.channel_mut(channel, now.since_start)?;
            bound.seen_mut(true).packets += packets;
            let peer = bound.peer;
            Some((allocation, peer))
        });
        let Some((allocation, peer)) = bound else {
            self.counts.refuse(Refusal::Permission, packets);
            return None;
        };
        leave(&self.settings, &mut self.counts, allocation, peer, (packets, bytes), now)
    }

    /// How data comes to a client that was sent to one of its relayed addresses (RFC 8656, section 11.3). `None`: nobody's, or
    /// not permitted.
    pub fn from_peer(
        &mut self,
        relayed: SocketAddr,
        peer: SocketAddr,
        packets: u64,
        bytes: u64,
        now: Now,
    ) -> Option<Delivery> {
        let allocation = self.allocations.at_mut(relayed);
        let allocation = allocation.filter(|allocation| {
            allocation.expires > now.since_start && allocation.permits(peer.ip(), now.since_start)
        });
        let Some(allocation) = allocation else {
            self.counts.refuse(Refusal::Permission, packets);
            return None;
        };
        if !allocation.person.may_relay(bytes, &self.settings.limits, now) {
            self.counts.refuse(Refusal::Bandwidth, packets);
            return None;
        }
        for traffic in [&mut allocation.traffic, &mut self.counts.traffic] {
            traffic.packets_to_clients += packets;
            traffic.bytes_to_clients += bytes;
        }
        let channels = &mut allocation.channels;
        let channel = channels.iter_mut().find(|channel| channel.peer == peer && channel.expires > now.since_start);
        let channel = channel.map(|channel| {
            channel.seen_mut(false).packets += packets;
            channel.number
        });
        Some(Delivery { client: allocation.client, channel })
    }
}

/// So many packets of so many bytes on the way out of an allocation. The caller has seen to it that there is a permission.
pub(super) fn leave(
    settings: &Settings,
    counts: &mut Counts,
    allocation: &mut Allocation,
    peer: SocketAddr,
    (packets, bytes): (u64, u64),
    now: Now,
) -> Option<Hop> {
    let inside = settings.addresses.is_ours(peer.ip());
    // Settings may have changed since the permission was given.
    if !inside && !settings.may_leave(peer) {
        counts.refuse(Refusal::Peers, packets);
        return None;
    }
    if !allocation.person.may_relay(bytes, &settings.limits, now) {
        counts.refuse(Refusal::Bandwidth, packets);
        return None;
    }
    let relayed = allocation.relayed_of(peer.is_ipv4()).copied()?;
    let hop = if inside {
        Hop::Inside { from: relayed.address, to: peer }
    } else {
        Hop::Out { socket: relayed.socket?, peer }
    };
    for traffic in [&mut allocation.traffic, &mut counts.traffic] {
        traffic.packets_to_peers += packets;
        traffic.bytes_to_peers += bytes;
    }
    Some(hop)
}
