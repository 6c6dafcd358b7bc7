//! Strangers, floods, and what is no protocol (E5).

use crate::{caller, node, with_ports};
use media_contract::{Configuration, Limits};
use media_suite::{Caller, Line, configuration};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use turn_proto::message::attribute as at;
use turn_proto::message::{Class, Kind, Method, Transaction, Writer};
use world::Seeded;

/// More than this a flood must not make the node hold, in KiB.
const GROWTH_KIB_MAX: u64 = 2_048;

fn request(method: Method, number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut transaction = Transaction([0; 12]);
    transaction.0[..4].copy_from_slice(&number.to_be_bytes());
    let writer = Writer::new(&mut bytes, Kind { method, class: Class::Request }, transaction);
    writer.attribute(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]).end();
    bytes
}

#[test]
fn strangers_are_relayed_nothing_g1() {
    let mut node = node(&with_ports(41_400));
    let (mut ada, mut bob) = (caller(&node, "ada"), caller(&node, "bob"));
    let to_bob = bob.allocate().expect("served");
    let to_ada = ada.allocate().expect("served");
    bob.bind(0x4000, to_ada).expect("ada may be reached");
    let mut wrong = Caller::with(Line::udp(node.address(0)), "9999999999:eve".to_owned(), "guessed".to_owned());
    assert_eq!(wrong.allocate(), Err(401));
    let mut eve = caller(&node, "eve");
    for channel in 0x4000..0x4010 {
        eve.say(channel, b"by nobody");
    }
    eve.send(to_bob, b"by nobody");
    eve.send(SocketAddr::from((Ipv4Addr::LOCALHOST, 22)), b"by nobody");
    ada.say(0x4000, b"on a channel that is not bound");
    assert!(bob.hears_nothing());
    assert_eq!(node.standing().relayed.packets_to_clients, 0);
}

#[test]
fn the_machine_and_private_networks_are_out_of_reach_e5() {
    let node = node(&Configuration { peers_allowed: Vec::new(), ..with_ports(41_600) });
    let mut ada = caller(&node, "ada");
    ada.allocate().expect("served");
    for peer in [
        "127.0.0.1:22",
        "127.0.0.2:443",
        "10.0.0.1:1",
        "192.168.0.1:1",
        "169.254.169.254:80",
        "224.0.0.1:1",
        "0.0.0.0:1",
    ] {
        let peer: SocketAddr = peer.parse().expect("an address");
        assert_eq!(ada.permit(peer), Err(403), "{peer}");
        assert_eq!(ada.bind(0x4000, peer), Err(403), "{peer}");
    }
}

#[test]
fn a_flood_of_strangers_leaves_nothing_and_friends_are_served_e5() {
    let limits = Limits { unproven_per_source_per_s: 20, ..configuration().limits };
    let mut node = node(&Configuration { limits, ..configuration() });
    let mut ada = caller(&node, "ada");
    ada.allocate().expect("served");
    let before = node.memory_kib();
    let mut sent = 0_u64;
    // The loopback interface has as many sources as one likes.
    for source in 0..500_u16 {
        let [high, low] = source.to_be_bytes();
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 9, high, low), 0)).expect("an address of this machine");
        socket.connect(node.address(0)).expect("an address");
        for number in 0..100 {
            let method = if number % 2 == 0 { Method::Allocate } else { Method::Binding };
            sent += u64::from(socket.send(&request(method, number)).is_ok());
        }
    }
    let standing = node.until("the flood is over", |standing| standing.refused.flood > sent / 4);
    assert_eq!(standing.allocations_udp, 1);
    ada.refresh(600).expect("who is known is served");
    caller(&node, "bob").allocate().expect("who comes now is served");
    let grown = node.memory_kib().saturating_sub(before);
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB more after {sent} requests");
}

#[test]
fn a_person_cannot_take_more_than_his_share_e5() {
    let limits = Limits {
        allocations_per_person_max: 5,
        permissions_max: 8,
        channels_max: 8,
        bytes_per_s_per_person_max: 50_000,
        ..configuration().limits
    };
    let mut node = node(&Configuration { limits, ..configuration() });
    let mut callers: Vec<Caller> = (0..20).map(|_| caller(&node, "eve")).collect();
    let given = callers.iter_mut().filter_map(|caller| caller.allocate().ok()).count();
    assert_eq!(given, 5);
    let eve = &mut callers[0];
    let place: SocketAddr = "127.0.0.9:50000".parse().expect("an address");
    let bound = (0..100_u16)
        .filter(|number| eve.bind(0x4000 + number, SocketAddr::new(place.ip(), place.port() + number)).is_ok());
    assert_eq!(bound.count(), 8);
    for _ in 0..2_000 {
        eve.say(0x4000, &[1; 1_000]);
    }
    let standing = node.until("all of it was looked at", |standing| standing.refused.bandwidth > 1_000);
    assert!(standing.relayed.bytes_to_peers < 500_000, "{standing:?}");
    assert_eq!(standing.refused.quota, 15);
}

#[test]
fn what_is_no_protocol_harms_nobody_e5() {
    let mut node = node(&configuration());
    let mut ada = caller(&node, "ada");
    ada.allocate().expect("served");
    let before = node.memory_kib();
    let mut seeded = Seeded::from_environment();
    let sound = request(Method::Allocate, 1);
    let mut eve = caller(&node, "eve");
    eve.allocate().expect("the garbage of somebody who is known, too");
    for number in 0..20_000_u32 {
        let mut bytes = if number % 3 == 0 { sound.clone() } else { vec![0; (seeded.bits() % 1_500) as usize] };
        if number % 3 != 0 {
            bytes.fill_with(|| seeded.bits().to_le_bytes()[0]);
        }
        if let Some(first) = bytes.first_mut() {
            *first = [0x00, 0x01, 0x40, 0x4F, 0x16, 0x80][(seeded.bits() % 6) as usize];
        }
        let flips = seeded.bits() % 4;
        for _ in 0..flips {
            let at = (seeded.bits() % 1_500) as usize;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= seeded.bits().to_le_bytes()[0];
            }
        }
        eve.line().send(&bytes);
        if number % 500 == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    node.until("it was looked at", |standing| standing.refused.malformed > 1_000);
    assert!(node.lives());
    ada.refresh(600).expect("others are served");
    let grown = node.memory_kib().saturating_sub(before);
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB more");
}
