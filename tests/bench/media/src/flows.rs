use media_io::{Offloads, Udp};
use media_suite::{Caller, Line};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;

use crate::server::Server;

/// What the generator's own sockets do: its receivers join nothing, so the kernel has to cut what a server sends in one.
const PLAIN: Offloads = Offloads { gro: false, gso: true, batches: true };
const CHANNEL: u16 = 0x4000;

/// One way of data through a server.
pub(crate) struct Flow {
    /// A client.
    pub(crate) near: Udp,
    /// Its peer, or another client.
    pub(crate) far: Udp,
    /// Where the peer sends to.
    pub(crate) relayed: SocketAddr,
    /// Kept, so that the other client's end stays as it is.
    allocations: usize,
}

pub(crate) struct Flows {
    pub(crate) all: Vec<Flow>,
    pub(crate) server: SocketAddr,
}

impl Flows {
    pub(crate) fn new(server: &Server, count: usize, inside: bool) -> Self {
        let address = server.address();
        let flow = |number: usize| if inside { between_clients(address, number) } else { to_peer(address, number) };
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
fn socket(caller: Caller) -> Udp {
    let Line::Udp(socket) = caller.into_line() else { unreachable!("it was made so") };
    udp(socket)
}

fn udp(socket: UdpSocket) -> Udp {
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
