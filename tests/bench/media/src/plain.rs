//! The machine's limit: a loop that moves the same bytes between the same sockets in the same way and asks nobody. What ours costs more is
//! the rules; what it costs itself is the kernel.

use media_io::{Arrivals, Departures, Memory, Offloads, Udp};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::collections::HashMap;
use std::net::SocketAddr;
use turn_proto::{CHANNEL_HEAD_BYTES, channel_head};

/// Begins a datagram that asks for a socket; the peer's address follows.
pub(crate) const ASKS: u8 = b'P';
const CHANNEL: u16 = 0x4000;
const LISTENER: u64 = u64::MAX;

struct Relay {
    socket: Udp,
    client: SocketAddr,
    peer: SocketAddr,
}

/// Forwards until it is killed.
pub(crate) fn forward(listening: SocketAddr, relayed: SocketAddr) -> std::io::Result<()> {
    let (offloads, _) = Offloads::find(Offloads::ALL);
    let listener = Udp::bind(listening, false, offloads)?;
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
    let (mut relays, mut by_client): (Vec<Relay>, HashMap<SocketAddr, usize>) = (Vec::new(), HashMap::new());
    let (mut arrivals, mut memory) = (Arrivals::new(64, offloads), Memory::new(offloads));
    let mut events = [EpollEvent::empty(); 128];
    loop {
        let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
        arrivals.clear();
        let mut origins = Vec::with_capacity(64);
        for event in &events[..count] {
            let relay = usize::try_from(event.data()).ok().filter(|_| event.data() != LISTENER);
            let (socket, most) = relay.map_or((&listener, 48), |at| (&relays[at].socket, 4));
            let new = arrivals.receive(socket, most).unwrap_or(0..0);
            origins.extend(new.map(|_| relay));
        }
        let asked = (0..arrivals.len()).filter(|at| arrivals.memory()[arrivals.get(*at).bytes.start] == ASKS);
        for at in asked {
            let arrived = arrivals.get(at);
            let text = String::from_utf8_lossy(&arrivals.memory()[arrived.bytes.clone()][1..]).into_owned();
            let Ok(peer) = text.parse() else { continue };
            let socket = Udp::bind(relayed, false, offloads)?;
            epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, relays.len() as u64))?;
            by_client.insert(arrived.from, relays.len());
            let told = socket.local().to_string();
            let mut departures = Departures::begin(&mut memory);
            departures.push(&listener, arrived.from, None, &[told.as_bytes()]);
            let _ = departures.send();
            relays.push(Relay { socket, client: arrived.from, peer });
        }
        send(&listener, &relays, &by_client, &arrivals, &origins, &mut memory);
    }
}

fn send(
    listener: &Udp,
    relays: &[Relay],
    by_client: &HashMap<SocketAddr, usize>,
    arrivals: &Arrivals,
    origins: &[Option<usize>],
    memory: &mut Memory,
) {
    // Packets of one run are of one length.
    let longest = (0..arrivals.len()).map(|at| arrivals.get(at).segment).max().unwrap_or(0);
    let Some(head) = channel_head(CHANNEL, longest) else { return };
    let mut departures = Departures::begin(memory);
    for (at, origin) in origins.iter().enumerate() {
        let arrived = arrivals.get(at);
        for packet in arrivals.memory()[arrived.bytes.clone()].chunks(arrived.segment) {
            match origin {
                Some(relay) => departures.push(listener, relays[*relay].client, None, &[&head, packet]),
                None => {
                    let relay = by_client.get(&arrived.from).map(|at| &relays[*at]);
                    let data = packet.get(CHANNEL_HEAD_BYTES..).filter(|_| packet[0] != ASKS);
                    if let (Some(relay), Some(data)) = (relay, data) {
                        departures.push(&relay.socket, relay.peer, None, &[data]);
                    }
                }
            }
        }
    }
    let _ = departures.send();
}
