//! Clients that meet.

use crate::{caller, node, starting, with_ports};
use media_suite::{Caller, Line, Node, Relayed, configuration};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;
use turn_proto::message::Algorithm;

/// Both bind channels to one another, and talk.
fn talk(ada: &mut Caller, bob: &mut Caller) {
    let (to_ada, to_bob) = (ada.allocate().expect("ada is served"), bob.allocate().expect("bob is served"));
    ada.bind(0x4001, to_bob).expect("bob may be reached");
    bob.bind(0x4ABC, to_ada).expect("ada may be reached");
    for length in [0, 1, 3, 160, 1_200, 8_000] {
        let data = vec![7; length];
        ada.say(0x4001, &data);
        assert_eq!(bob.hear(), Some(Relayed::Channel(0x4ABC, data.clone())), "{length} bytes");
        bob.say(0x4ABC, &data);
        assert_eq!(ada.hear(), Some(Relayed::Channel(0x4001, data)), "{length} bytes");
    }
    ada.send(to_bob, b"as an indication");
    assert_eq!(bob.hear(), Some(Relayed::Channel(0x4ABC, b"as an indication".to_vec())));
}

#[test]
fn clients_meet_inside_whichever_threads_serve_them_g1() {
    let mut node = node(&configuration());
    // The kernel spreads clients over two threads by their ports.
    for _ in 0..8 {
        talk(&mut caller(&node, "ada"), &mut caller(&node, "bob"));
    }
    assert_eq!(node.standing().relayed.packets_to_peers, node.standing().relayed.packets_to_clients);
}

#[test]
fn no_port_is_open_beside_the_one_that_is_listened_on_e1() {
    let node = node(&configuration());
    let mut ada = caller(&node, "ada");
    let mut bob = caller(&node, "bob");
    talk(&mut ada, &mut bob);
    let mut ports: Vec<u16> = udp_ports(node.id());
    ports.dedup();
    assert_eq!(ports, vec![node.address(0).port()]);
}

/// Ports of UDP sockets that a process holds, in order.
fn udp_ports(process: u32) -> Vec<u16> {
    let held: Vec<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .expect("the node lives")
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()?.to_str().map(str::to_owned))
        .collect();
    let mut ports = Vec::new();
    for table in ["udp", "udp6"] {
        let table = std::fs::read_to_string(format!("/proc/{process}/net/{table}")).expect("the kernel tells it");
        for line in table.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let port = words[1].rsplit(':').next().and_then(|hex| u16::from_str_radix(hex, 16).ok());
            if held.contains(&format!("socket:[{}]", words[9])) {
                ports.extend(port);
            }
        }
    }
    ports.sort_unstable();
    ports
}

#[test]
fn each_way_to_be_faster_may_be_off_and_the_same_arrives_g4() {
    for without in ["gro", "gso", "batches", "gro,gso,batches"] {
        let node = Node::start(media_suite::Starting { without, ..starting() }, &configuration());
        talk(&mut caller(&node, "ada"), &mut caller(&node, "bob"));
    }
}

#[test]
fn ipv6_is_served_as_ipv4_is_and_they_meet_g1() {
    let node = node(&configuration());
    let mut ada = Caller::new(Line::udp(node.address(2)), "ada");
    let mut bob = caller(&node, "bob");
    let to_ada = ada.allocate_family(Some(2)).expect("IPv6 for IPv6");
    let to_bob = bob.allocate_family(Some(2)).expect("IPv6 for IPv4");
    assert!(to_ada.is_ipv6() && to_bob.is_ipv6());
    ada.bind(0x4000, to_bob).expect("bob may be reached");
    bob.permit(to_ada).expect("ada may be reached");
    ada.say(0x4000, b"six");
    assert_eq!(bob.hear(), Some(Relayed::Indication(to_ada, b"six".to_vec())));
}

#[test]
fn both_kinds_of_keys_are_taken_g1() {
    let node = node(&configuration());
    for algorithm in [None, Some(Algorithm::Md5), Some(Algorithm::Sha256)] {
        let mut ada = caller(&node, "ada");
        ada.algorithm = algorithm;
        ada.allocate().expect("each way is served");
    }
}

#[test]
fn a_peer_without_a_relay_is_reached_by_a_real_port_that_admits_only_it_g1() {
    let mut node = node(&with_ports(41_000));
    let mut ada = caller(&node, "ada");
    let relayed = ada.allocate().expect("ada is served");
    assert!((41_000..41_200).contains(&relayed.port()));
    let peer = peer_at("127.0.0.1:0");
    let stranger = peer_at("127.0.0.3:0");
    let peer_address = peer.local_addr().expect("it is bound");
    ada.bind(0x4000, peer_address).expect("it is allowed");
    ada.say(0x4000, b"to the peer");
    let mut bytes = [0; 100];
    let (count, from) = peer.recv_from(&mut bytes).expect("it arrives");
    assert_eq!((&bytes[..count], from.port()), (&b"to the peer"[..], relayed.port()));
    let door = SocketAddr::new("127.0.0.9".parse().expect("an address"), relayed.port());
    stranger.send_to(b"from a stranger", door).expect("it leaves");
    peer.send_to(b"from the peer", door).expect("it leaves");
    assert_eq!(ada.hear(), Some(Relayed::Channel(0x4000, b"from the peer".to_vec())));
    assert!(ada.hears_nothing());
    assert_eq!(node.standing().refused.permission, 1);
    ada.refresh(0).expect("it is given back");
    assert_eq!(udp_ports(node.id()).iter().filter(|port| (41_000..41_200).contains(*port)).count(), 0);
}

#[test]
fn a_burst_arrives_in_order_and_unchanged_through_a_real_port_g4() {
    for without in ["", "gso", "gro", "batches"] {
        let node = Node::start(media_suite::Starting { without, ..starting() }, &with_ports(41_200));
        let mut ada = caller(&node, "ada");
        let relayed = ada.allocate().expect("ada is served");
        let peer = peer_at("127.0.0.1:0");
        ada.bind(0x4000, peer.local_addr().expect("it is bound")).expect("it is allowed");
        let door = SocketAddr::new("127.0.0.9".parse().expect("an address"), relayed.port());
        for burst in 0..20_u8 {
            let sent: Vec<Vec<u8>> =
                (0..32_u8).map(|number| vec![number ^ burst; if number % 8 == 7 { 300 } else { 1_100 }]).collect();
            sent.iter().for_each(|data| ada.say(0x4000, data));
            let mut bytes = [0; 2_000];
            for data in &sent {
                let count = peer.recv(&mut bytes).expect("it arrives");
                assert!(bytes[..count] == data[..], "in order, without {without}");
            }
            sent.iter().for_each(|data| drop(peer.send_to(data, door)));
            for data in sent {
                assert_eq!(ada.hear(), Some(Relayed::Channel(0x4000, data)), "in order, without {without}");
            }
        }
    }
}

fn peer_at(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind(address).expect("a port is free");
    socket.set_read_timeout(Some(Duration::from_secs(world::PATIENCE_S))).expect("a socket has a time-out");
    socket
}

#[test]
fn the_client_is_told_how_it_is_seen_and_answered_from_where_it_asked_g1() {
    let node = node(&configuration());
    for at in [0, 1, 2] {
        let mut line = Line::udp(node.address(at));
        let Line::Udp(socket) = &mut line else { panic!("it is UDP") };
        let own = socket.local_addr().expect("it is bound");
        // The socket takes answers of the address that it asked only.
        assert_eq!(Caller::new(line, "ada").binding(), own);
    }
}
