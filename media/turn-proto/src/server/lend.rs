//! Ways that somebody else carries for a while without asking for each packet: who may, how much, and what it came to. What is lent is kept
//! free in the person's bandwidth, so the limit holds whoever carries.

use std::time::Duration;

use super::{Counts, Ports, Server};
use crate::allocation::{Allocation, Channel, Lent};
use crate::people::Traffic;
use crate::{Client, Limits, Now, Settings};

/// A channel is worth it after so many packets of a direction.
const WORTH_PACKETS: u64 = 32;
/// Of a second's bandwidth: what is lent at once.
const PART_OF_SECOND: u64 = 32;
/// Nothing is carried for longer without being asked about.
const LENT_FOR: Duration = Duration::from_secs(10);
/// Looked at again no earlier.
const PAUSE: Duration = Duration::from_millis(100);
/// Where the bandwidth is nearly used up.
const NEAR_LIMIT: Duration = Duration::from_secs(1);
/// Where it is not worth it, or not possible.
const NOT_SOON: Duration = Duration::from_secs(60);

/// What was carried on a way since it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carried {
    /// Packets.
    pub packets: u64,
    /// Bytes of data.
    pub bytes: u64,
}

/// What may be carried on a way from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loan {
    /// So many bytes of data more.
    pub bytes: u64,
    /// At this time it is over.
    pub until: Duration,
}

/// One direction of a channel of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Whose.
    pub client: Client,
    /// Its number.
    pub channel: u16,
    /// From the client to the peer.
    pub outward: bool,
}

/// Whether a way is to be made for a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// No, or not now.
    Nothing,
    /// One more.
    Begin,
    /// It has this one, to which more may be lent.
    More(u64),
}

impl Server {
    /// Whether a lane has so much to carry that a way for it is worth the trouble.
    #[must_use]
    pub fn worth(&self, lane: &Lane, now: Now) -> Worth {
        let at = now.since_start;
        let Some(allocation) = self.allocations.of(&lane.client) else { return Worth::Nothing };
        let Some(channel) = allocation.channel(lane.channel, at) else { return Worth::Nothing };
        let seen = channel.seen(lane.outward);
        if seen.packets < WORTH_PACKETS || at < seen.again {
            return Worth::Nothing;
        }
        allocation.lent.iter().find(|lent| lent.is_of(lane)).map_or(Worth::Begin, |lent| Worth::More(lent.way))
    }

    /// Lends to the way of a lane: `None` ends it. What it may carry is kept free.
    pub fn lend<P: Ports>(&mut self, lane: &Lane, way: u64, ports: &mut P, now: Now) -> Option<Loan> {
        let Self { settings, counts, allocations, .. } = self;
        let allocation = allocations.of_mut(&lane.client)?;
        retire(allocation, counts, (&settings.limits, now), ports, |lent| lent.is_of(lane) && lent.way != way);
        settle(allocation, counts, (&settings.limits, now), ports);
        let loan = loan(settings, allocation, lane, way, now);
        let pause = match loan {
            Ok(loan) => {
                match allocation.lent.iter_mut().find(|lent| lent.way == way) {
                    Some(lent) => lent.more(loan, now.since_start),
                    None => allocation.lent.push(Lent::new(lane, way, loan, now.since_start)),
                }
                PAUSE
            }
            Err(pause) => {
                retire(allocation, counts, (&settings.limits, now), ports, |lent| lent.way == way);
                ports.stop(way);
                pause
            }
        };
        postpone(allocation, lane, now.since_start + pause);
        loan.ok()
    }

    /// There is no way for a lane, or none any more: it is not looked for again soon.
    pub fn give_up<P: Ports>(&mut self, lane: &Lane, ports: &mut P, now: Now) {
        let Self { settings, counts, allocations, .. } = self;
        let Some(allocation) = allocations.of_mut(&lane.client) else { return };
        retire(allocation, counts, (&settings.limits, now), ports, |lent| lent.is_of(lane));
        postpone(allocation, lane, now.since_start + NOT_SOON);
    }

    /// Counts what was carried, and ends the ways whose time is over.
    pub(super) fn settle_all<P: Ports>(&mut self, ports: &mut P, now: Now) {
        let Self { settings, counts, allocations, .. } = self;
        for allocation in allocations.iter_mut().filter(|allocation| !allocation.lent.is_empty()) {
            settle(allocation, counts, (&settings.limits, now), ports);
            retire(allocation, counts, (&settings.limits, now), ports, |lent| lent.until <= now.since_start);
        }
    }

    /// The ways of a client whose time is over end at once.
    pub(super) fn settle_over<P: Ports>(&mut self, client: &Client, now: Now, ports: &mut P) {
        let Self { settings, counts, allocations, .. } = self;
        let Some(allocation) = allocations.of_mut(client) else { return };
        retire(allocation, counts, (&settings.limits, now), ports, |lent| lent.until <= now.since_start);
    }

    /// All ways of an allocation end.
    pub(super) fn settle_last<P: Ports>(&mut self, allocation: &mut Allocation, now: Now, ports: &mut P) {
        retire(allocation, &mut self.counts, (&self.settings.limits, now), ports, |_| true);
    }

    /// The ways of one family of peers end.
    pub(super) fn settle_family<P: Ports>(&mut self, client: &Client, ipv4: bool, now: Now, ports: &mut P) {
        let Self { settings, counts, allocations, .. } = self;
        let Some(allocation) = allocations.of_mut(client) else { return };
        let of_family = |channel: &&Channel| channel.peer.is_ipv4() == ipv4;
        let numbers: Vec<u16> = allocation.channels.iter().filter(of_family).map(|channel| channel.number).collect();
        retire(allocation, counts, (&settings.limits, now), ports, |lent| numbers.contains(&lent.channel));
    }
}

/// The same questions as for a packet, and whether the person is far from the limit; else for how long not to ask again.
fn loan(settings: &Settings, allocation: &Allocation, lane: &Lane, way: u64, now: Now) -> Result<Loan, Duration> {
    let at = now.since_start;
    let channel = allocation.channel(lane.channel, at).ok_or(NOT_SOON)?;
    let peer = channel.peer;
    let permission = allocation.permissions.iter().find(|permission| permission.peer == peer.ip());
    let permitted = if lane.outward { channel.expires } else { permission.ok_or(NOT_SOON)?.expires };
    let until = [allocation.expires, channel.expires, permitted].into_iter().fold(at + LENT_FOR, Duration::min);
    let reached = settings.addresses.is_ours(peer.ip()) || settings.may_leave(peer);
    if settings.drain || !settings.relay || !reached || until <= at {
        return Err(NOT_SOON);
    }
    let lent = allocation.lent.iter().find(|lent| lent.way == way);
    if lent.is_some_and(|lent| lent.is_idle(at)) {
        return Err(NOT_SOON);
    }
    let part = settings.limits.bytes_per_s_per_person_max / PART_OF_SECOND;
    let bytes = part.saturating_sub(lent.map_or(0, Lent::left));
    if !allocation.person.may_lend(bytes, &settings.limits, now) {
        return Err(NEAR_LIMIT);
    }
    Ok(Loan { bytes, until })
}

/// Counts what was carried since it was counted last.
fn settle<P: Ports>(allocation: &mut Allocation, counts: &mut Counts, (limits, now): (&Limits, Now), ports: &P) {
    let Allocation { lent, traffic, person, .. } = allocation;
    for lent in lent {
        let Some(carried) = ports.carried(lent.way) else { continue };
        let new = lent.count(carried);
        person.has_relayed(new.bytes, limits, now);
        counts.carried += new.packets;
        let way = if lent.outward {
            Traffic { packets_to_peers: new.packets, bytes_to_peers: new.bytes, ..Traffic::default() }
        } else {
            Traffic { packets_to_clients: new.packets, bytes_to_clients: new.bytes, ..Traffic::default() }
        };
        traffic.add(way);
        counts.traffic.add(way);
    }
}

/// Ends ways, counts them for the last time, and gives back what was not carried.
fn retire<P: Ports>(
    allocation: &mut Allocation,
    counts: &mut Counts,
    at: (&Limits, Now),
    ports: &mut P,
    which: impl Fn(&Lent) -> bool,
) {
    let ending: Vec<u64> = allocation.lent.iter().filter(|lent| which(lent)).map(|lent| lent.way).collect();
    if ending.is_empty() {
        return;
    }
    ending.iter().for_each(|way| ports.stop(*way));
    settle(allocation, counts, at, ports);
    let Allocation { lent, person, .. } = allocation;
    lent.retain(|lent| {
        let ends = ending.contains(&lent.way);
        if ends {
            person.give_back(lent.left());
        }
        !ends
    });
}

fn postpone(allocation: &mut Allocation, lane: &Lane, again: Duration) {
    if let Some(channel) = allocation.channels.iter_mut().find(|channel| channel.number == lane.channel) {
        channel.seen_mut(lane.outward).again = again;
    }
}
