//! What came in one turn, from the first look at it to its departure: where each part goes is asked once for all packets of one
//! kind, and no payload is copied on its way from datagram to datagram.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use media_io::{Arrived, Departures, Memory, Udp};
use turn_proto::message::attribute::{DATA, XOR_PEER_ADDRESS};
use turn_proto::message::{Class, Kind, Method, Transaction, Writer};
use turn_proto::{
    Action, CHANNEL_HEAD_BYTES, ChannelData, Client, Frame, FrameError, Hop, Lane, Now, Ports, Server, channel_head,
    frame_length, is_channel, padding,
};

use super::relays::Relays;
use super::ways::{LANES_MAX, Onward, Seen};
use crate::shared::Shared;

/// What is sent by.
pub(crate) struct Doors<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) listeners: &'a [Udp],
    pub(crate) relays: &'a Relays,
}

/// Where packets of one kind go.
#[derive(Debug, Clone, Copy)]
enum Route {
    Out { socket: u32, peer: SocketAddr },
    Inside { from: SocketAddr, to: SocketAddr, packets: u64, bytes: u64 },
    Client { client: Client, channel: Option<u16>, peer: SocketAddr },
    Nowhere,
}

/// The data of one packet.
#[derive(Debug)]
struct Packet {
    data: Range<usize>,
    route: usize,
    /// There are four bytes before the data that nobody needs any more.
    room: bool,
    head: [u8; CHANNEL_HEAD_BYTES],
    /// Where in `built` the packet lies, when it goes in another form.
    built: Option<Range<usize>>,
}

/// Packets of one kind that came in datagrams.
#[derive(Debug)]
struct Watched {
    route: usize,
    /// Whose, and which; `None`: they are a peer's.
    channel: Option<(Client, u16)>,
    from: SocketAddr,
    to: SocketAddr,
}

#[derive(Debug, Default)]
pub(crate) struct Batch {
    packets: Vec<Packet>,
    routes: Vec<Route>,
    answers: Vec<(Client, Range<usize>)>,
    built: Vec<u8>,
    to_streams: Vec<(u64, Vec<u8>)>,
    indications: u64,
    /// Whether anybody asks for what was seen.
    watches: bool,
    watched: Vec<Watched>,
    /// Whether anything showed who sent it.
    pub(crate) proven: bool,
}

impl Batch {
    /// An empty one, that remembers what it saw or does not.
    pub(crate) fn watching(watches: bool) -> Self {
        Self { watches, ..Self::default() }
    }

    pub(crate) fn clear(&mut self) {
        self.packets.clear();
        self.routes.clear();
        self.answers.clear();
        self.built.clear();
        self.to_streams.clear();
        self.watched.clear();
        self.proven = false;
    }

    /// Lanes that packets came on in datagrams, once it was sent. Clients come in at this port.
    pub(crate) fn seen(&self, port: u16) -> impl Iterator<Item = Seen> {
        self.watched.iter().filter_map(move |Watched { route, channel, from, to }| {
            let (lane, onward) = match (channel, self.routes[*route]) {
                (Some((client, channel)), Route::Out { socket, peer }) => {
                    (Lane { client: *client, channel: *channel, outward: true }, Onward::Peer { socket, peer })
                }
                (Some((client, channel)), Route::Client { client: other, channel: Some(of_other), .. }) => {
                    let other = Lane { client: other, channel: of_other, outward: false };
                    (Lane { client: *client, channel: *channel, outward: true }, Onward::Client(other))
                }
                (None, Route::Client { client, channel: Some(channel), .. }) => {
                    (Lane { client, channel, outward: false }, Onward::Own)
                }
                _ => return None,
            };
            let to = if channel.is_some() { SocketAddr::new(to.ip(), port) } else { *to };
            Some(Seen { lane, from: *from, to, onward })
        })
    }

    fn watch(&mut self, channel: Option<(Client, u16)>, from: SocketAddr, to: SocketAddr) {
        if self.watches && self.watched.len() < LANES_MAX {
            self.watched.push(Watched { route: self.routes.len(), channel, from, to });
        }
    }

    /// What a client sent in datagrams, of which the kernel may have joined several.
    pub(crate) fn of_client<P: Ports>(
        &mut self,
        server: &mut Server,
        client: &Client,
        arrived: &Arrived,
        memory: &[u8],
        now: Now,
        ports: &mut P,
    ) {
        let bytes = arrived.bytes.clone();
        let mut at = bytes.start;
        while at < bytes.end {
            let end = (at + arrived.segment).min(bytes.end);
            if !is_channel(&memory[at..end]) {
                self.message(server, client, &memory[at..end], at, now, ports);
                at = end;
                continue;
            }
            at = self.channel_run(server, client, memory, at..bytes.end, arrived.segment, now);
        }
    }

    /// Datagrams of one channel in a row; says where the next one of another kind begins.
    fn channel_run(
        &mut self,
        server: &mut Server,
        client: &Client,
        memory: &[u8],
        bytes: Range<usize>,
        segment: usize,
        now: Now,
    ) -> usize {
        let first = self.packets.len();
        let (mut at, mut channel, mut sum) = (bytes.start, None, 0_u64);
        while at < bytes.end {
            let end = (at + segment).min(bytes.end);
            let Some(read) = ChannelData::read(&memory[at..end]) else {
                if channel.is_none() {
                    at = end;
                }
                break;
            };
            if channel.is_some_and(|channel| channel != read.channel) {
                break;
            }
            channel = Some(read.channel);
            sum += read.data.len() as u64;
            let from = at + CHANNEL_HEAD_BYTES;
            self.packet(from..from + read.data.len(), true);
            at = end;
        }
        let count = (self.packets.len() - first) as u64;
        let hop = channel.and_then(|channel| server.channel(client, channel, count, sum, now));
        if let (Some(channel), Client::Datagrams { remote, local }) = (channel, client) {
            self.watch(Some((*client, channel)), *remote, SocketAddr::new(*local, 0));
        }
        self.routes.push(route(hop, count, sum));
        at
    }

    /// What came in a stream: says how much of it was handled. `offset` is where it lies in memory.
    pub(crate) fn of_stream<P: Ports>(
        &mut self,
        server: &mut Server,
        client: &Client,
        received: &[u8],
        offset: usize,
        now: Now,
        ports: &mut P,
    ) -> Result<usize, FrameError> {
        let mut at = 0;
        while let Frame::Whole { length, padded } = frame_length(&received[at..])? {
            let frame = &received[at..at + length];
            match ChannelData::read(frame) {
                Some(read) => {
                    let from = offset + at + CHANNEL_HEAD_BYTES;
                    let bytes = read.data.len() as u64;
                    self.packet(from..from + read.data.len(), true);
                    let hop = server.channel(client, read.channel, 1, bytes, now);
                    self.routes.push(route(hop, 1, bytes));
                }
                None => self.message(server, client, frame, offset + at, now, ports),
            }
            at += padded;
        }
        Ok(at)
    }

    /// A STUN message that lies at `offset`.
    fn message<P: Ports>(
        &mut self,
        server: &mut Server,
        client: &Client,
        bytes: &[u8],
        offset: usize,
        now: Now,
        ports: &mut P,
    ) {
        let from = self.built.len();
        let arrival = server.receive(client, bytes, now, &mut self.built, ports);
        self.proven |= arrival.proven;
        match arrival.action {
            Action::Nothing => {}
            Action::Answer => self.answers.push((*client, from..self.built.len())),
            Action::Relay { hop, data } => {
                let length = data.len() as u64;
                self.packet(offset + data.start..offset + data.end, true);
                self.routes.push(route(Some(hop), 1, length));
            }
        }
    }

    /// What a peer sent to a relayed address.
    pub(crate) fn of_peer(
        &mut self,
        server: &mut Server,
        relayed: SocketAddr,
        at: SocketAddr,
        arrived: &Arrived,
        now: Now,
    ) {
        let bytes = arrived.bytes.clone();
        let count = bytes.len().div_ceil(arrived.segment).max(1);
        let Some(delivery) = server.from_peer(relayed, arrived.from, count as u64, bytes.len() as u64, now) else {
            return;
        };
        for number in 0..count {
            let from = bytes.start + number * arrived.segment;
            self.packet(from..(from + arrived.segment).min(bytes.end), false);
        }
        let (client, channel) = (delivery.client, delivery.channel);
        self.watch(None, arrived.from, at);
        self.routes.push(Route::Client { client, channel, peer: arrived.from });
    }

    /// One more, for the route that is pushed next.
    fn packet(&mut self, data: Range<usize>, room: bool) {
        let route = self.routes.len();
        self.packets.push(Packet { data, route, room, head: [0; CHANNEL_HEAD_BYTES], built: None });
    }

    /// Sends all of it.
    pub(crate) fn send(&mut self, bytes: &mut [u8], doors: &Doors<'_>, memory: &mut Memory, now: Now) {
        self.resolve(doors.shared, now);
        self.dress(bytes);
        let bytes: &[u8] = bytes;
        let mut departures = Departures::begin(memory);
        for (client, answer) in &self.answers {
            let answer = &self.built[answer.clone()];
            match client {
                Client::Datagrams { remote, local } => {
                    if let Some(listener) = listener(doors.listeners, *local) {
                        departures.push(listener, *remote, Some(*local), &[answer]);
                    }
                }
                Client::Stream { id, .. } => append(&mut self.to_streams, *id, &[answer]),
            }
        }
        for packet in &self.packets {
            let data = &bytes[packet.data.clone()];
            match self.routes[packet.route] {
                Route::Out { socket, peer } => {
                    if let Some(relay) = doors.relays.get(socket) {
                        departures.push(&relay.socket, peer, None, &[data]);
                    }
                }
                Route::Client { client: Client::Datagrams { remote, local }, .. } => {
                    let Some(listener) = listener(doors.listeners, local) else { continue };
                    match (&packet.built, packet.room) {
                        (Some(built), _) => {
                            departures.push(listener, remote, Some(local), &[&self.built[built.clone()]]);
                        }
                        (None, true) => {
                            let whole = packet.data.start - CHANNEL_HEAD_BYTES..packet.data.end;
                            departures.push(listener, remote, Some(local), &[&bytes[whole]]);
                        }
                        (None, false) => departures.push(listener, remote, Some(local), &[&packet.head, data]),
                    }
                }
                Route::Client { client: Client::Stream { id, .. }, .. } => match &packet.built {
                    Some(built) => append(&mut self.to_streams, id, &[&self.built[built.clone()]]),
                    None => append(&mut self.to_streams, id, &[&packet.head, data]),
                },
                Route::Inside { .. } | Route::Nowhere => {}
            }
        }
        if !departures.is_empty() {
            // What is lost is lost, as on any line.
            let _ = departures.send();
        }
        for (id, frames) in &self.to_streams {
            if let Some(stream) = doors.shared.stream(*id) {
                stream.write(frames);
            }
        }
    }

    /// Asks the part whose port it is where data goes that stays inside.
    fn resolve(&mut self, shared: &Shared, now: Now) {
        for route in &mut self.routes {
            let Route::Inside { from, to, packets, bytes } = *route else { continue };
            let delivery = shared.shard_of_port(to.port()).server().from_peer(to, from, packets, bytes, now);
            *route = delivery.map_or(Route::Nowhere, |delivery| Route::Client {
                client: delivery.client,
                channel: delivery.channel,
                peer: from,
            });
        }
    }

    /// Puts before each packet for a client what it needs there.
    fn dress(&mut self, bytes: &mut [u8]) {
        for packet in &mut self.packets {
            let Route::Client { client, channel, peer } = self.routes[packet.route] else { continue };
            let head = channel.and_then(|channel| channel_head(channel, packet.data.len()));
            match head {
                Some(head) => {
                    packet.head = head;
                    if packet.room && client.is_datagrams() {
                        bytes[packet.data.start - CHANNEL_HEAD_BYTES..packet.data.start].copy_from_slice(&head);
                    }
                }
                None => {
                    let from = self.built.len();
                    self.indications += 1;
                    let mut transaction = Transaction([0; 12]);
                    transaction.0[4..].copy_from_slice(&self.indications.to_be_bytes());
                    let kind = Kind { method: Method::Data, class: Class::Indication };
                    Writer::new(&mut self.built, kind, transaction)
                        .address(XOR_PEER_ADDRESS, peer)
                        .attribute(DATA, &bytes[packet.data.clone()])
                        .end();
                    packet.built = Some(from..self.built.len());
                }
            }
        }
    }
}

fn route(hop: Option<Hop>, packets: u64, bytes: u64) -> Route {
    match hop {
        Some(Hop::Out { socket, peer }) => Route::Out { socket, peer },
        Some(Hop::Inside { from, to }) => Route::Inside { from, to, packets, bytes },
        None => Route::Nowhere,
    }
}

fn listener(listeners: &[Udp], local: IpAddr) -> Option<&Udp> {
    listeners.iter().find(|listener| listener.serves(local))
}

/// One frame for a stream, padded.
fn append(streams: &mut Vec<(u64, Vec<u8>)>, id: u64, parts: &[&[u8]]) {
    let at = streams.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
        streams.push((id, Vec::new()));
        streams.len() - 1
    });
    let frames = &mut streams[at].1;
    let from = frames.len();
    parts.iter().for_each(|part| frames.extend_from_slice(part));
    let length = frames.len() - from;
    frames.resize(frames.len() + padding(length), 0);
}
