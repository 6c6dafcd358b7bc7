//! The control socket: one connection at a time, orders down, facts up.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use media_contract::{
    Capability, ContractError, Ended, Fact, LINE_LIMIT_BYTES, Order, Ready, Refused, Relayed, Revoked, Standing, Via,
    decode_order, encode,
};
use media_io::Found;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use turn_proto::{Refusal, Traffic};
use zeroize::{Zeroize as _, Zeroizing};

use crate::NodeError;
use crate::clock::Clock;
use crate::configure;
use crate::shared::{Order as ToShard, Shared};

/// How often persons whose last allocation ended are looked for.
const TICK_MS: u16 = 500;
/// What is read of the connection at once.
const PART_BYTES: usize = 4_096;
/// Lines that have come in part or whole and were not obeyed yet.
const RECEIVED_BYTES_MAX: usize = 2 * LINE_LIMIT_BYTES;
/// The server reads, or is let go.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

pub(crate) struct Control {
    listener: UnixListener,
    connection: Option<Connection>,
    shared: Arc<Shared>,
    clock: Clock,
    ready: Ready,
    report_every: Option<Duration>,
    reported: Duration,
}

struct Connection {
    stream: UnixStream,
    /// Has room for all that may come, since it may hold secrets: one that grows leaves copies behind that nobody wipes.
    received: Zeroizing<Vec<u8>>,
}

impl Control {
    pub(crate) fn new(
        listener: UnixListener,
        shared: Arc<Shared>,
        executable: String,
        found: &[Found],
    ) -> Result<Self, NodeError> {
        listener.set_nonblocking(true).map_err(NodeError::Listener)?;
        let capability =
            |one: &Found| Capability { name: one.name.to_owned(), used: one.used, reason: one.reason.clone() };
        let ready = Ready {
            executable,
            udp: shared.udp.clone(),
            threads: u16::try_from(shared.shards.len()).unwrap_or(u16::MAX),
            capabilities: found.iter().map(capability).collect(),
        };
        let clock = Clock::new(shared.started);
        Ok(Self { listener, connection: None, shared, clock, ready, report_every: None, reported: Duration::ZERO })
    }

    pub(crate) fn run(mut self) -> NodeError {
        loop {
            if let Err(error) = self.turn() {
                return error;
            }
        }
    }

    fn turn(&mut self) -> Result<(), NodeError> {
        self.wait()?;
        if let Ok((stream, _)) = self.listener.accept()
            && self.shared.may_connect(&stream)
        {
            self.connection = Connection::new(stream);
            self.say(&Fact::Ready(self.ready.clone()));
        }
        for order in self.orders() {
            self.obey(order);
        }
        self.report();
        let _ = self.shared.facts.wake.read();
        while self.connection.is_some() {
            let Some(fact) = self.shared.facts.take() else { break };
            self.say(&fact);
        }
        Ok(())
    }

    fn wait(&self) -> Result<(), NodeError> {
        let mut waited = vec![
            PollFd::new(self.listener.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.shared.facts.wake.as_fd(), PollFlags::POLLIN),
        ];
        let connection = self.connection.as_ref().map(|connection| connection.stream.as_fd());
        waited.extend(connection.map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN)));
        match poll(&mut waited, PollTimeout::from(TICK_MS)) {
            Ok(_) | Err(nix::Error::EINTR) => Ok(()),
            Err(error) => Err(NodeError::Wait(error)),
        }
    }

    /// A connection that ends, or says what is no order, is let go; the server makes a new one.
    fn orders(&mut self) -> Vec<Order> {
        let Some(connection) = &mut self.connection else { return Vec::new() };
        let open = connection.read();
        let orders = connection.take_orders();
        if !open || orders.is_err() {
            self.connection = None;
        }
        orders.unwrap_or_default()
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Configure(told) => {
                self.shared.configure(&Arc::new(configure::settings(&told)));
                let streams = usize::try_from(told.limits.streams_max).unwrap_or(usize::MAX);
                self.shared.streams_max.store(streams, Ordering::Relaxed);
                self.report_every = Some(Duration::from_secs(u64::from(told.report_every_s)));
                told.revoked.iter().for_each(|revoked| self.revoke(revoked));
            }
            Order::Revoke(revoked) => self.revoke(&revoked),
            Order::Report => self.say(&Fact::Standing(Box::new(self.standing()))),
        }
    }

    fn revoke(&mut self, revoked: &Revoked) {
        let (person, expiry_s_max) = (revoked.person.as_str(), revoked.expiry_s_max);
        self.shared.people.revoke(person, expiry_s_max, self.clock.now());
        for shard in &self.shared.shards {
            shard.order(ToShard::Revoke { person: person.to_owned(), expiry_s_max });
        }
    }

    fn report(&mut self) {
        let (ended, lost) = self.shared.people.take_ended();
        self.shared.facts.lose(lost);
        ended.into_iter().filter_map(fact_of).for_each(|fact| self.shared.facts.push(fact));
        let now = self.clock.now().since_start;
        let due = self.report_every.is_some_and(|every| now.saturating_sub(self.reported) >= every);
        // How it was while nobody listened is of no use to anybody.
        if due && self.connection.is_some() {
            self.reported = now;
            self.say(&Fact::Standing(Box::new(self.standing())));
        }
    }

    fn say(&mut self, fact: &Fact) {
        let Some(connection) = &mut self.connection else { return };
        let said = encode(fact).ok().and_then(|line| connection.stream.write_all(&line).ok());
        if said.is_none() {
            self.connection = None;
        }
    }

    fn standing(&self) -> Standing {
        let mut standing = Standing {
            persons: u32::try_from(self.shared.people.count()).unwrap_or(u32::MAX),
            streams: u32::try_from(self.shared.streams_mut().len()).unwrap_or(u32::MAX),
            facts_lost: self.shared.facts.lost(),
            drained: self.shared.drained.load(Ordering::Relaxed),
            ..Standing::default()
        };
        for shard in &self.shared.shards {
            let server = shard.server();
            let ((udp, stream), counts) = (server.allocations(), server.counts());
            standing.allocations_udp += u32::try_from(udp).unwrap_or(0);
            standing.allocations_stream += u32::try_from(stream).unwrap_or(0);
            standing.allocated += counts.allocated;
            add(&mut standing.relayed, counts.traffic);
            standing.carried_packets += counts.carried;
            let Refused { credentials, quota, capacity, peers, bandwidth, permission, flood, malformed } =
                &mut standing.refused;
            for (sum, why) in [
                (credentials, Refusal::Credentials),
                (quota, Refusal::Quota),
                (capacity, Refusal::Capacity),
                (peers, Refusal::Peers),
                (bandwidth, Refusal::Bandwidth),
                (permission, Refusal::Permission),
                (flood, Refusal::Flood),
                (malformed, Refusal::Malformed),
            ] {
                *sum += counts.refused(why);
            }
        }
        standing
    }
}

fn add(sum: &mut Relayed, traffic: Traffic) {
    sum.packets_to_peers += traffic.packets_to_peers;
    sum.bytes_to_peers += traffic.bytes_to_peers;
    sum.packets_to_clients += traffic.packets_to_clients;
    sum.bytes_to_clients += traffic.bytes_to_clients;
}

/// `None` for a word that the contract has no form for: whoever makes credentials uses those that it has.
fn fact_of(ended: turn_proto::Ended) -> Option<Fact> {
    let mut relayed = Relayed::default();
    add(&mut relayed, ended.traffic);
    Some(Fact::Ended(Ended {
        person: ended.person.try_into().ok()?,
        via: if ended.by_stream { Via::Stream } else { Via::Udp },
        allocations: ended.allocations,
        seconds: ended.lasted.as_secs(),
        relayed,
    }))
}

impl Connection {
    fn new(stream: UnixStream) -> Option<Self> {
        // Read without waiting, written with: the order of both is kept by this one thread.
        stream.set_nonblocking(false).ok()?;
        stream.set_write_timeout(Some(WRITE_WITHIN)).ok()?;
        stream.set_read_timeout(Some(Duration::from_millis(1))).ok()?;
        let received = Zeroizing::new(Vec::with_capacity(RECEIVED_BYTES_MAX + PART_BYTES));
        Some(Self { stream, received })
    }

    /// Whether the connection goes on.
    fn read(&mut self) -> bool {
        let mut part = Zeroizing::new([0; PART_BYTES]);
        loop {
            match self.stream.read(&mut *part) {
                Ok(0) => return false,
                Ok(count) => self.received.extend_from_slice(&part[..count]),
                Err(error) => {
                    return matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted);
                }
            }
            if self.received.len() > RECEIVED_BYTES_MAX {
                return false;
            }
            if self.received.ends_with(b"\n") {
                return true;
            }
        }
    }

    /// Those of whole lines, which are taken out.
    fn take_orders(&mut self) -> Result<Vec<Order>, ContractError> {
        let whole = self.received.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let orders = self.received[..whole].split_inclusive(|byte| *byte == b'\n').map(decode_order).collect();
        self.received.copy_within(whole.., 0);
        let rest = self.received.len() - whole;
        self.received[rest..].zeroize();
        self.received.truncate(rest);
        orders
    }
}
