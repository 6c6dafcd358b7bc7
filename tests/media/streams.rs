//! Clients that come by TCP 443: their streams are handed over by the gate.

use crate::{caller, node};
use media_contract::Fact;
use media_suite::{Caller, Line, Node, Relayed, configuration};
use std::io::{Read, Write};
use std::net::SocketAddr;

fn stream_caller(node: &mut Node, person: &str) -> (u64, Caller) {
    let client: SocketAddr = "198.51.100.7:5000".parse().expect("an address");
    let (number, stream) = node.stream(client);
    (number, Caller::new(Line::Stream(stream, Vec::new()), person))
}

#[test]
fn streams_and_datagrams_meet_g1() {
    let mut node = node(&configuration());
    for _ in 0..4 {
        let (_, mut ada) = stream_caller(&mut node, "ada");
        let mut bob = caller(&node, "bob");
        assert_eq!(ada.binding(), "198.51.100.7:5000".parse().expect("an address"));
        let (to_ada, to_bob) = (ada.allocate().expect("served"), bob.allocate().expect("served"));
        ada.bind(0x4000, to_bob).expect("bob may be reached");
        bob.bind(0x4001, to_ada).expect("ada may be reached");
        for length in [0, 1, 2, 3, 4, 1_201, 20_000] {
            let data = vec![5; length];
            ada.say(0x4000, &data);
            assert_eq!(bob.hear(), Some(Relayed::Channel(0x4001, data.clone())), "{length}");
            bob.say(0x4001, &data);
            assert_eq!(ada.hear(), Some(Relayed::Channel(0x4000, data)), "{length}");
        }
        ada.send(to_bob, b"indicated");
        assert_eq!(bob.hear(), Some(Relayed::Channel(0x4001, b"indicated".to_vec())));
    }
}

#[test]
fn a_closed_stream_takes_its_allocation_with_it_and_who_it_was_is_told_g1() {
    let mut node = node(&configuration());
    let (number, mut ada) = stream_caller(&mut node, "ada");
    ada.allocate().expect("served");
    node.until("it is counted", |standing| (standing.allocations_stream, standing.streams) == (1, 1));
    node.tells(|fact| *fact == Fact::StreamKnown { number });
    drop(ada);
    node.until("it is gone", |standing| (standing.allocations_stream, standing.streams) == (0, 0));
}

#[test]
fn a_stream_that_breaks_the_protocol_is_closed_e5() {
    let mut node = node(&configuration());
    for wrong in [&b"\x80\x00\x00\x00"[..], b"\x16\x03\x01\x00\x00", b"\x00\x01\x00\x03garbage"] {
        let (_, mut stream) = node.stream("198.51.100.7:5000".parse().expect("an address"));
        stream.write_all(wrong).expect("it leaves");
        assert_eq!(stream.read(&mut [0; 10]).expect("it is closed, not kept"), 0);
    }
    node.until("none is kept", |standing| standing.streams == 0);
}

#[test]
fn who_reads_slowly_loses_data_and_the_node_holds_little_e5() {
    let mut node = node(&configuration());
    let (_, mut slow) = stream_caller(&mut node, "slow");
    let mut ada = caller(&node, "ada");
    let (to_slow, to_ada) = (slow.allocate().expect("served"), ada.allocate().expect("served"));
    slow.bind(0x4000, to_ada).expect("ada may be reached");
    ada.bind(0x4000, to_slow).expect("slow may be reached");
    let before = node.memory_kib();
    for number in 0..20_000_u32 {
        ada.say(0x4000, &[&number.to_be_bytes()[..], &[0; 1_196]].concat());
        if number % 100 == 0 {
            node.standing();
        }
    }
    let grown = node.memory_kib().saturating_sub(before);
    assert!(grown < 8_192, "{grown} KiB more for 24 MB that were not read");
    // What does come is whole, and in order.
    let (mut last, mut heard) = (None, 0);
    while let Line::Stream(stream, _) = slow.line() {
        stream.set_read_timeout(Some(std::time::Duration::from_millis(300))).expect("a time-out");
        let Some(Relayed::Channel(0x4000, data)) = slow.hear() else { break };
        let number = u32::from_be_bytes(*data.first_chunk().expect("it is whole"));
        assert!(data.len() == 1_200 && Some(number) > last, "{number} after {last:?}");
        (last, heard) = (Some(number), heard + 1);
    }
    assert!((50..20_000).contains(&heard), "{heard} came");
    slow.refresh(600).expect("the stream goes on");
}
