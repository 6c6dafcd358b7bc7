//! Whatever the kernel joins and cuts: the same datagrams come, in the same order, with each way to be faster on and off.

use media_io::{Arrivals, Departures, Memory, Offloads, Udp};
use std::net::SocketAddr;

/// Of `splitmix64`; enough for lengths.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits") % below
    }
}

fn combinations() -> impl Iterator<Item = Offloads> {
    (0..8).map(|bits| Offloads { gro: bits & 1 > 0, gso: bits & 2 > 0, batches: bits & 4 > 0 })
}

/// Head and body of each datagram, and which of two receivers it is for.
fn datagrams(dice: &mut Dice) -> Vec<(usize, [u8; 4], Vec<u8>)> {
    let mut last = (0, 100);
    (0..40_u8)
        .map(|number| {
            if dice.roll(3) == 0 {
                last = (dice.roll(2), [0, 1, 160, 1_000, 1_200][dice.roll(5)]);
            }
            (last.0, [number; 4], vec![number; last.1])
        })
        .collect()
}

fn received(socket: &Udp, arrivals: &mut Arrivals) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        arrivals.clear();
        let range = arrivals.receive(socket, 8).expect("as the test has made it");
        if range.is_empty() {
            return all;
        }
        for at in range {
            let arrived = arrivals.get(at);
            all.extend(arrivals.memory()[arrived.bytes.clone()].chunks(arrived.segment).map(<[u8]>::to_vec));
        }
    }
}

fn check(address: &str) {
    let any: SocketAddr = address.parse().expect("as the test has made it");
    for offloads in combinations() {
        let mut dice = Dice(7);
        let sender = Udp::bind(any, false, offloads).expect("as the test has made it");
        let receivers = [
            Udp::bind(any, false, offloads).expect("as the test has made it"),
            Udp::bind(any, false, offloads).expect("a port is free"),
        ];
        let (mut memory, mut arrivals) = (Memory::new(offloads), Arrivals::new(8, offloads));
        for _ in 0..50 {
            let datagrams = datagrams(&mut dice);
            let mut departures = Departures::begin(&mut memory);
            for (to, head, body) in &datagrams {
                departures.push(&sender, receivers[*to].local(), None, &[head, body]);
            }
            let sent = departures.send();
            assert_eq!((sent.datagrams, sent.lost), (datagrams.len(), 0), "{offloads:?}");
            for (number, receiver) in receivers.iter().enumerate() {
                let expected = datagrams.iter().filter(|(to, ..)| *to == number);
                let expected: Vec<Vec<u8>> = expected.map(|(_, head, body)| [&head[..], body].concat()).collect();
                assert_eq!(received(receiver, &mut arrivals), expected, "{offloads:?}");
            }
        }
    }
}

#[test]
fn the_same_datagrams_come_with_each_way_on_and_off_g4() {
    check("127.0.0.1:0");
}

#[test]
fn the_same_datagrams_come_over_ipv6_g4() {
    check("[::1]:0");
}

#[test]
fn whoever_listens_everywhere_answers_from_the_address_that_was_asked_e1() {
    for (any, asked) in [("0.0.0.0:0", "127.0.0.2"), ("[::]:0", "::1")] {
        let server = Udp::bind(any.parse().expect("as the test has made it"), true, Offloads::ALL).unwrap();
        let asked = SocketAddr::new(asked.parse().expect("as the test has made it"), server.local().port());
        let client = Udp::bind(SocketAddr::new(asked.ip(), 0), false, Offloads::ALL).expect("as the test has made it");
        let (mut memory, mut arrivals) = (Memory::new(Offloads::ALL), Arrivals::new(2, Offloads::ALL));
        let mut departures = Departures::begin(&mut memory);
        departures.push(&client, asked, None, &[b"who"]);
        assert_eq!(departures.send().datagrams, 1);
        assert_eq!(arrivals.receive(&server, 2).expect("as the test has made it").len(), 1);
        let arrived = arrivals.get(0).clone();
        assert_eq!((arrived.from, arrived.to), (client.local(), Some(asked.ip())));
        let mut departures = Departures::begin(&mut memory);
        departures.push(&server, arrived.from, arrived.to, &[b"me"]);
        assert_eq!(departures.send().datagrams, 1);
        arrivals.clear();
        arrivals.receive(&client, 2).expect("as the test has made it");
        assert_eq!(arrivals.get(0).from, asked);
    }
}

#[test]
fn what_does_not_fit_the_path_in_one_goes_by_itself_g4() {
    let any: SocketAddr = "127.0.0.1:0".parse().expect("as the test has made it");
    let (sender, receiver) = (
        Udp::bind(any, false, Offloads::ALL).expect("as the test has made it"),
        Udp::bind(any, false, Offloads::ALL).unwrap(),
    );
    let (mut memory, mut arrivals) = (Memory::new(Offloads::ALL), Arrivals::new(8, Offloads::ALL));
    let long = vec![1; 30_000];
    let mut departures = Departures::begin(&mut memory);
    for _ in 0..3 {
        departures.push(&sender, receiver.local(), None, &[&long]);
    }
    assert_eq!(departures.send().datagrams, 3);
    assert_eq!(received(&receiver, &mut arrivals), vec![long; 3]);
}

#[test]
fn what_is_found_at_the_start_is_told_with_a_reason_g4() {
    let (all, found) = Offloads::find(Offloads::ALL);
    assert_eq!(found.len(), 3);
    assert_eq!([found[0].used, found[1].used, found[2].used], [all.batches, all.gso, all.gro]);
    let (none, found) = Offloads::find(Offloads::NONE);
    assert_eq!(none, Offloads::NONE);
    assert!(found.iter().all(|one| one.reason == "switched off"));
}
