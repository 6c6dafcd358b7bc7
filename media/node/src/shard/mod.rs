//! One thread: its sockets, its streams, and its part of the clients. Nothing that comes is handed to another thread: whoever has a
//! packet for another one's client asks that part where it goes, and sends it himself.

mod batch;
mod relays;
mod stream;
mod ways;

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use media_contract::{Fact, STREAM_HEAD_BYTES, StreamHead};
use media_io::{Arrivals, Memory, Offloads, Udp};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use turn_proto::{Client, Now};

use crate::NodeError;
use crate::clock::Clock;
use crate::shared::{Order, Shared};
use batch::{Batch, Doors};
use relays::Relays;
use stream::Reading;
pub(crate) use stream::Stream;
use ways::Ways;

/// Datagrams, or joined ones, in one batch.
const SLOTS: usize = 64;
/// Of a batch, so that clients do not starve peers.
const SLOTS_OF_LISTENERS: usize = 48;
/// Of one relayed address; one call with one slot is cheaper than one with several where little comes.
const SLOTS_OF_RELAY: usize = 4;
const EVENTS: usize = 128;
const TICK: Duration = Duration::from_secs(1);
/// Whoever hands a stream over says whose it is within this time.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// What is read of one stream at once.
const READ_BYTES: usize = 64 * 1024;

/// What an event is about: a kind in the upper bits, a number below.
mod token {
    pub(super) const KIND: u64 = 0xFF << 56;
    pub(super) const LISTENER: u64 = 1 << 56;
    pub(super) const RELAY: u64 = 2 << 56;
    pub(super) const STREAM: u64 = 3 << 56;
    pub(super) const ACCEPT: u64 = 4 << 56;
    pub(super) const WAKE: u64 = 5 << 56;
}

pub(crate) struct Thread {
    index: usize,
    listeners: Vec<Udp>,
    accepts: Arc<UnixListener>,
    shared: Arc<Shared>,
    epoll: Arc<Epoll>,
    relays: Relays,
    ways: Option<Ways>,
    readings: HashMap<u64, Reading>,
    arrivals: Arrivals,
    origins: Vec<Origin>,
    batch: Batch,
    memory: Memory,
    scratch: Vec<u8>,
    clock: Clock,
    expired: Duration,
}

/// Where something of a batch came in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin {
    Listener(usize),
    Relay(u32),
}

impl Thread {
    pub(crate) fn new(
        index: usize,
        listeners: Vec<Udp>,
        accepts: Arc<UnixListener>,
        shared: Arc<Shared>,
        offloads: Offloads,
    ) -> Result<Self, NodeError> {
        let epoll = Arc::new(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map_err(NodeError::Wait)?);
        let add = |kind: u64, at: usize| EpollEvent::new(EpollFlags::EPOLLIN, kind | at as u64);
        for (at, listener) in listeners.iter().enumerate() {
            epoll.add(listener, add(token::LISTENER, at)).map_err(NodeError::Wait)?;
        }
        accepts.set_nonblocking(true).map_err(NodeError::Listener)?;
        let one_of_all = EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE;
        epoll.add(&*accepts, EpollEvent::new(one_of_all, token::ACCEPT)).map_err(NodeError::Wait)?;
        epoll.add(&shared.shards[index].wake, add(token::WAKE, 0)).map_err(NodeError::Wait)?;
        Ok(Self {
            index,
            listeners,
            accepts,
            relays: Relays::new(Arc::clone(&epoll), offloads, shared.path.clone()),
            ways: Ways::new(&shared),
            epoll,
            readings: HashMap::new(),
            arrivals: Arrivals::new(SLOTS, offloads),
            origins: Vec::with_capacity(SLOTS),
            batch: Batch::watching(shared.path.is_some()),
            memory: Memory::new(offloads),
            scratch: vec![0; READ_BYTES],
            clock: Clock::new(shared.started),
            expired: Duration::ZERO,
            shared,
        })
    }

    pub(crate) fn run(mut self) -> NodeError {
        let mut events = [EpollEvent::empty(); EVENTS];
        let tick = EpollTimeout::try_from(TICK).unwrap_or(EpollTimeout::NONE);
        loop {
            let count = match self.epoll.wait(&mut events, tick) {
                Ok(count) => count,
                Err(nix::Error::EINTR) => 0,
                Err(error) => return NodeError::Wait(error),
            };
            if let Err(error) = self.turn(&events[..count]) {
                return error;
            }
        }
    }

    fn turn(&mut self, events: &[EpollEvent]) -> Result<(), NodeError> {
        let now = self.clock.now();
        self.relays.forget_closed();
        self.arrivals.clear();
        self.origins.clear();
        let numbers = |kind: u64| {
            let of_kind = events.iter().map(EpollEvent::data).filter(move |data| data & token::KIND == kind);
            of_kind.map(|data| data & !token::KIND)
        };
        for at in numbers(token::LISTENER).filter_map(|at| usize::try_from(at).ok()) {
            self.receive_of_clients(at)?;
        }
        for at in numbers(token::RELAY).filter_map(|at| u32::try_from(at).ok()) {
            self.receive_of_peers(at);
        }
        if !self.arrivals.is_empty() {
            self.relay_datagrams(now);
        }
        for id in numbers(token::STREAM) {
            self.serve_stream(id, now);
        }
        if numbers(token::ACCEPT).next().is_some() {
            self.accept(now);
        }
        if numbers(token::WAKE).next().is_some() {
            self.obey(now);
        }
        if now.since_start.saturating_sub(self.expired) >= TICK {
            self.expired = now.since_start;
            self.expire(now);
        }
        Ok(())
    }

    fn receive_of_clients(&mut self, at: usize) -> Result<(), NodeError> {
        let most = SLOTS_OF_LISTENERS.min(self.arrivals.room());
        let new = self.arrivals.receive(&self.listeners[at], most).map_err(NodeError::Listener)?;
        self.origins.extend(new.map(|_| Origin::Listener(at)));
        Ok(())
    }

    fn receive_of_peers(&mut self, at: u32) {
        let Some(relay) = self.relays.get(at) else { return };
        // What breaks here is one client's: it ends with the allocation.
        let new = self.arrivals.receive(&relay.socket, SLOTS_OF_RELAY).unwrap_or(0..0);
        self.origins.extend(new.map(|_| Origin::Relay(at)));
    }

    fn relay_datagrams(&mut self, now: Now) {
        self.batch.clear();
        {
            let mut server = self.shared.shards[self.index].server();
            for (at, origin) in self.origins.iter().enumerate() {
                let arrived = self.arrivals.get(at);
                match origin {
                    Origin::Listener(listener) => {
                        let local = arrived.to.unwrap_or_else(|| self.listeners[*listener].local().ip());
                        let client = Client::Datagrams { remote: arrived.from, local };
                        let memory = self.arrivals.memory();
                        self.batch.of_client(&mut server, &client, arrived, memory, now, &mut self.relays);
                    }
                    Origin::Relay(relay) => {
                        let Some(relay) = self.relays.get(*relay) else { continue };
                        let at = SocketAddr::new(
                            arrived.to.unwrap_or_else(|| relay.socket.local().ip()),
                            relay.socket.local().port(),
                        );
                        self.batch.of_peer(&mut server, relay.relayed, at, arrived, now);
                    }
                }
            }
        }
        let doors = Doors { shared: &self.shared, listeners: &self.listeners, relays: &self.relays };
        self.batch.send(self.arrivals.memory_mut(), &doors, &mut self.memory, now);
        if let Some(ways) = &mut self.ways {
            for seen in self.batch.seen(self.listeners[0].local().port()) {
                ways.tend(&seen, &self.shared, self.index, &mut self.relays, now);
            }
        }
    }

    fn accept(&mut self, now: Now) {
        while let Ok((socket, _)) = self.accepts.accept() {
            let most = self.shared.streams_max.load(Ordering::Relaxed);
            if self.shared.streams_mut().len() >= most || !self.shared.may_connect(&socket) {
                continue;
            }
            let id = self.shared.next_stream();
            let Ok(stream) = Stream::new(socket, id | token::STREAM, Arc::clone(&self.epoll)) else { continue };
            let stream = Arc::new(stream);
            self.shared.streams_mut().insert(id, Arc::clone(&stream));
            self.readings.insert(id, Reading::new(stream, now.since_start));
        }
    }

    /// Reads what has come of a stream and writes what waited for it.
    fn serve_stream(&mut self, id: u64, now: Now) {
        let goes_on = self.read_stream(id, now);
        let written = self.readings.get(&id).is_some_and(|reading| reading.stream.go_on_writing());
        if !(goes_on && written) {
            self.close_stream(id, now);
        }
    }

    fn read_stream(&mut self, id: u64, now: Now) -> bool {
        let Some(reading) = self.readings.get_mut(&id) else { return false };
        let kept = reading.kept.len();
        self.scratch.resize(kept + READ_BYTES, 0);
        self.scratch[..kept].copy_from_slice(&reading.kept);
        let mut socket = &reading.stream.socket;
        let count = match socket.read(&mut self.scratch[kept..]) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(error) => return matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        };
        let mut received = 0..kept + count;
        if reading.client.is_none() {
            let Some(head) = self.scratch[..received.end].first_chunk::<STREAM_HEAD_BYTES>() else {
                return reading.keep(&self.scratch[received]);
            };
            let Ok(head) = StreamHead::decode(head) else { return false };
            reading.number = head.number;
            reading.client = Some(Client::Stream { id, remote: head.client });
            received.start = STREAM_HEAD_BYTES;
        }
        let Some(client) = reading.client else { return false };
        self.batch.clear();
        let mut server = self.shared.shards[self.index].server();
        let taken = self.batch.of_stream(
            &mut server,
            &client,
            &self.scratch[received.clone()],
            received.start,
            now,
            &mut self.relays,
        );
        drop(server);
        if self.batch.proven && !reading.known {
            reading.known = true;
            self.shared.facts.push(Fact::StreamKnown { number: reading.number });
        }
        let doors = Doors { shared: &self.shared, listeners: &self.listeners, relays: &self.relays };
        self.batch.send(&mut self.scratch, &doors, &mut self.memory, now);
        let rest = taken.map(|taken| received.start + taken..received.end);
        rest.is_ok_and(|rest| reading.keep(&self.scratch[rest]))
    }

    fn close_stream(&mut self, id: u64, now: Now) {
        let Some(reading) = self.readings.remove(&id) else { return };
        let _ = self.epoll.delete(&reading.stream.socket);
        self.shared.streams_mut().remove(&id);
        if let Some(client) = reading.client {
            self.shared.shards[self.index].server().closed(&client, now, &mut self.relays);
        }
    }

    fn obey(&mut self, now: Now) {
        for order in self.shared.shards[self.index].take_orders() {
            match order {
                Order::Revoke { person, expiry_s_max } => {
                    let mut server = self.shared.shards[self.index].server();
                    server.revoke(&person, expiry_s_max, now, &mut self.relays);
                }
            }
        }
    }

    fn expire(&mut self, now: Now) {
        self.shared.shards[self.index].server().expire(now, &mut self.relays);
        self.ways.iter_mut().for_each(Ways::forget);
        let silent =
            |reading: &Reading| reading.client.is_none() && now.since_start.saturating_sub(reading.since) > HEAD_WITHIN;
        let silent: Vec<u64> = self.readings.iter().filter(|(_, reading)| silent(reading)).map(|(id, _)| *id).collect();
        silent.into_iter().for_each(|id| self.close_stream(id, now));
    }
}
