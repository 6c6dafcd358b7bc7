//! What the server tells, and is told.

use crate::{caller, node};
use media_contract::{Configuration, Fact, Order, Revoked, Via};
use media_suite::{Relayed, configuration};
use std::time::SystemTime;

#[test]
fn a_node_that_was_told_nothing_relays_nothing_g1() {
    let node = node(&Configuration { relay: false, ..configuration() });
    let mut ada = caller(&node, "ada");
    assert_eq!(ada.allocate(), Err(400));
    ada.binding();
}

#[test]
fn a_drained_node_takes_nobody_new_and_drops_nobody_g1() {
    let mut node = node(&configuration());
    let (mut ada, mut bob) = (caller(&node, "ada"), caller(&node, "bob"));
    let (to_ada, to_bob) = (ada.allocate().expect("served"), bob.allocate().expect("served"));
    node.configure(&Configuration { drain: true, ..configuration() });
    assert!(node.standing().drained);
    assert_eq!(caller(&node, "eve").allocate(), Err(508));
    ada.bind(0x4000, to_bob).expect("what lives is served");
    bob.bind(0x4000, to_ada).expect("what lives is served");
    ada.say(0x4000, b"still here");
    assert_eq!(bob.hear(), Some(Relayed::Channel(0x4000, b"still here".to_vec())));
    ada.refresh(600).expect("what lives is served");
}

#[test]
fn a_killed_node_leaves_nothing_behind_and_clients_come_back_g1() {
    let mut node = node(&configuration());
    let mut ada = caller(&node, "ada");
    ada.allocate().expect("served");
    node.kill_and_start(&configuration());
    assert_eq!(ada.refresh(600), Err(437), "what the client had is gone, and it is told so");
    ada.allocate().expect("it comes back from the same socket, over a nonce of the new node");
    assert_eq!(node.standing().allocations_udp, 1);
}

#[test]
fn a_revoked_person_is_cut_off_at_once_and_others_are_not_g1() {
    let mut node = node(&configuration());
    let (mut ada, mut bob) = (caller(&node, "ada"), caller(&node, "bob"));
    ada.allocate().expect("served");
    bob.allocate().expect("served");
    let later = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs() + 7_200;
    let person = "ada".to_owned().try_into().expect("a word");
    node.order(&Order::Revoke(Revoked { person, expiry_s_max: later }));
    node.until("ada's allocation ends", |standing| standing.allocations_udp == 1);
    assert_eq!(ada.refresh(600), Err(401));
    bob.refresh(600).expect("others are served");
    node.tells(|fact| matches!(fact, Fact::Ended(ended) if ended.person.as_str() == "ada"));
}

#[test]
fn what_a_person_used_is_told_when_the_last_allocation_ends_g1() {
    let mut node = node(&configuration());
    let (mut ada, mut bob) = (caller(&node, "ada"), caller(&node, "bob"));
    let (to_ada, to_bob) = (ada.allocate().expect("served"), bob.allocate().expect("served"));
    ada.bind(0x4000, to_bob).expect("bob may be reached");
    bob.bind(0x4000, to_ada).expect("ada may be reached");
    ada.say(0x4000, &[1; 500]);
    bob.hear().expect("it arrives");
    ada.refresh(0).expect("it is given back");
    let Fact::Ended(ended) = node.tells(|fact| matches!(fact, Fact::Ended(_))) else { panic!("it is told") };
    assert_eq!((ended.person.as_str(), ended.via, ended.allocations), ("ada", Via::Udp, 1));
    assert_eq!((ended.relayed.packets_to_peers, ended.relayed.bytes_to_peers), (1, 500));
    let standing = node.standing();
    assert_eq!((standing.allocated, standing.persons), (2, 1));
    assert_eq!(standing.relayed.bytes_to_clients, 500);
}

#[test]
fn what_was_found_at_the_start_is_told_g4() {
    let node = node(&configuration());
    let Some(Fact::Ready(ready)) = node.facts.first() else { panic!("Ready comes first") };
    assert_eq!((ready.threads, ready.udp.len()), (2, 3));
    let names: Vec<&str> = ready.capabilities.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["recvmmsg", "udp_gso", "udp_gro", "xdp"]);
    assert!(ready.capabilities.iter().all(|one| !one.reason.is_empty()));
}
