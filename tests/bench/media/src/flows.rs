use media_io::{Offloads, Udp};
use media_suite::{Caller, Line};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::Duration;

use crate::plain::ASKS;
use crate::server::Server;

/// What the generator's own sockets do: its receivers join nothing, so the kernel has to cut what a server sends in one.
const PLAIN: Offloads = Offloads { gro: false, gso: true, batches: true };
pub(crate) const CHANNEL: u16 = 0x4000;

/// One way of data through a server.
pub(crate) struct Flow {
    /// A client.
    pub(crate) near: Udp,
    /// Its peer, or another client.
    pub(crate) far: Udp,
    /// Where the peer sends to.
    pub(crate) relayed: SocketAddr,
    /// Kept, so that the other client's end stays as it is.
    pub(crate) allocations: usize,
}

pub(crate) struct Flows {
    pub(crate) all: Vec<Flow>,
    pub(crate) server: SocketAddr,
}

impl Flows {
    pub(crate) fn new(server: &Server, count: usize, inside: bool) -> Self {
        let address = server.address();
        let flow = |number: usize| match (inside, server.has_clients()) {
            (true, _) => between_clients(address, number),
            (false, true) => to_peer(address, number),
            (false, false) => without_rules(address),
        };
        Self { all: (0..count).map(flow).collect(), server: address }
    }

    pub(crate) fn allocations(&self) -> usize {
        self.all.iter().map(|flow| flow.allocations).sum()
    }
}

fn caller(server: SocketAddr, person: String) -> Caller {
    Caller::new(Line::udp(server), &person)
}

/// Its socket, which from now on never waits.
pub(crate) fn socket(caller: Caller) -> Udp {
    let Line::Udp(socket) = caller.into_line() else { unreachable!("it was made so") };
    udp(socket)
}

pub(crate) fn udp(socket: UdpSocket) -> Udp {
    Udp::given(OwnedFd::from(socket), PLAIN).expect("a bound socket")
}

fn to_peer(server: SocketAddr, number: usize) -> Flow {
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let peer_address = peer.local_addr().expect("it is bound");
    let mut caller = caller(server, format!("near-{number}"));
    let relayed = caller.allocate().expect("the server serves");
    caller.bind(CHANNEL, peer_address).expect("the peer is allowed");
    Flow { near: socket(caller), far: udp(peer), relayed, allocations: 1 }
}

fn between_clients(server: SocketAddr, number: usize) -> Flow {
    let mut one = caller(server, format!("near-{number}"));
    let mut other = caller(server, format!("far-{number}"));
    let (to_one, to_other) = (one.allocate().expect("served"), other.allocate().expect("served"));
    one.bind(CHANNEL, to_other).expect("it is allowed");
    other.bind(CHANNEL, to_one).expect("it is allowed");
    Flow { near: socket(one), far: socket(other), relayed: to_one, allocations: 2 }
}

/// Asks until it is answered: the program may not listen yet.
fn without_rules(server: SocketAddr) -> Flow {
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let near = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    near.set_read_timeout(Some(Duration::from_millis(50))).expect("a socket has a time-out");
    let asks = format!("{}{}", char::from(ASKS), peer.local_addr().expect("it is bound"));
    let mut told = [0; 64];
    let count = (0..200).find_map(|_| {
        near.send_to(asks.as_bytes(), server).ok()?;
        near.recv(&mut told).ok()
    });
    let text = std::str::from_utf8(&told[..count.expect("it answers")]).expect("an address");
    let relayed = text.parse().expect("an address");
    Flow { near: udp(near), far: udp(peer), relayed, allocations: 1 }
}
