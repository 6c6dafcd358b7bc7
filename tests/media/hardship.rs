//! Networks that lose, delay, reorder and repeat, and addresses that change in the middle: calls come up and stay, and nothing is
//! left behind (G1, G2, E5).

use crate::node;
use media_contract::{Configuration, Limits};
use media_suite::{Caller, Ends, Line, Node, Relayed, Road, Weather, configuration, credential};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};
use world::Seeded;

/// Short enough that a test sees allocations end.
const SHORT_LIFE_S: u32 = 8;
/// Of calls with `--full`: aiortc refreshes in its last sixth, which is enough for four questions.
const CALL_LIFE_S: u32 = 24;

/// So many that chance decides nothing.
const SAID: u8 = 200;

/// Some of everything, and this share of datagrams lost.
fn weather(lost: u64) -> Weather {
    let [delay, jitter] = [30, 25].map(Duration::from_millis);
    Weather { lost, twice: 3, late: 5, delay, jitter }
}

fn lived(lifetime_s_max: u32) -> Configuration {
    let limits = Limits { lifetime_s_max, ..configuration().limits };
    Configuration { limits, ..configuration() }
}

fn no_allocation_is_left(node: &mut Node) {
    node.until("nothing is left", |standing| (standing.allocations_udp, standing.persons) == (0, 0));
}

/// The relay at this place, as it is handed out.
fn relay(person: &str, port: u16) -> Value {
    let (username, credential) = credential(person);
    json!([{"urls": format!("turn:127.0.0.1:{port}?transport=udp"), "username": username, "credential": credential}])
}

/// A call through the relay alone: one end beyond this road, the other without anything in between.
fn begin(ends: &mut Ends, name: &str, beyond: u16, near: u16) {
    let [far, here] = [format!("{name} far"), format!("{name} near")];
    let servers = relay("ada", beyond);
    ends.obey(&json!({"do": "offer", "of": far, "servers": servers, "relayed only": true}));
    let offer = ends.expect(&far, "described", |_| true);
    let servers = relay("bob", near);
    ends.obey(&json!({"do": "answer", "of": here, "servers": servers, "relayed only": true, "sdp": offer["sdp"]}));
    let answer = ends.expect(&here, "described", |_| true);
    ends.obey(&json!({"do": "take", "of": far, "sdp": answer["sdp"]}));
}

#[test]
fn calls_come_up_and_stay_where_a_fifth_of_all_is_lost_g1_g2() {
    let mut node = node(&lived(CALL_LIFE_S));
    let mut seeds = Seeded::from_environment();
    let roads = [1, 5, 10, 20].map(|lost| (lost, Road::to(node.address(0), weather(lost), seeds.bits())));
    // Nobody is asked for a certificate here.
    let mut ends = Ends::start(None, Path::new("/dev/null"));
    let names: Vec<String> = roads.iter().map(|(lost, _)| format!("{lost} %")).collect();
    for (name, (_, road)) in names.iter().zip(&roads) {
        begin(&mut ends, name, road.address().port(), node.address(0).port());
    }
    let sides: Vec<String> = names.iter().flat_map(|name| ["far", "near"].map(|end| format!("{name} {end}"))).collect();
    for side in &sides {
        assert_eq!(ends.connected(side), "relay", "{side}");
    }
    let up = Instant::now();
    for side in &sides {
        ends.hears_and_sees(side);
    }
    // Longer than an allocation lives that is not refreshed.
    let full = std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1");
    let stays = Duration::from_secs(if full { u64::from(CALL_LIFE_S) + 1 } else { 0 });
    std::thread::sleep(stays.saturating_sub(up.elapsed()));
    for side in &sides {
        let (before, begun) = (ends.pictures(side), Instant::now());
        while ends.pictures(side) < before + 5 {
            assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "{side}: it did not stay");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    sides.iter().for_each(|side| ends.obey(&json!({"do": "close", "of": side})));
    sides.iter().for_each(|side| drop(ends.expect(side, "over", |_| true)));
    no_allocation_is_left(&mut node);
}

#[test]
fn what_is_lost_or_comes_twice_makes_no_second_allocation_and_leaves_none_g1_e5() {
    let mut node = node(&configuration());
    let mut seeds = Seeded::from_environment();
    let roads = [1, 5, 10, 20].map(|lost| Road::to(node.address(0), weather(lost), seeds.bits()));
    let mut callers: Vec<(Caller, Caller)> = Vec::new();
    for road in &roads {
        let mut pair = ["ada", "bob"].map(|person| Caller::new(Line::udp(road.address()), person));
        let [to_ada, to_bob] =
            pair.each_mut().map(|caller| caller.allocate().expect("served, however often it is asked"));
        let [mut ada, mut bob] = pair;
        ada.bind(0x4000, to_bob).expect("bob may be reached");
        bob.bind(0x4000, to_ada).expect("ada may be reached");
        callers.push((ada, bob));
    }
    assert_eq!(node.standing().allocations_udp, 8, "two for each road, and none for what came twice");
    for (ada, bob) in &mut callers {
        (0..SAID).for_each(|number| ada.say(0x4000, &[number; 160]));
        let heard: HashSet<u8> = std::iter::from_fn(|| bob.hears_within(Duration::from_secs(1)))
            .map(|heard| match heard {
                Relayed::Channel(0x4000, data) if data.len() == 160 && data.iter().all(|byte| *byte == data[0]) => {
                    data[0]
                }
                other => panic!("not as it was sent: {other:?}"),
            })
            .collect();
        // Nearly two thirds do at the worst: each passes the road twice.
        assert!(heard.len() >= usize::from(SAID) / 2, "most of it arrives: {heard:?}");
        ada.refresh(600).expect("it is kept");
        for caller in [ada, bob] {
            // An answer that is lost is asked for again, and then there is nothing left to give back.
            assert!(matches!(caller.refresh(0), Ok(()) | Err(437)), "it is given back");
        }
    }
    no_allocation_is_left(&mut node);
}

#[test]
fn whose_address_changes_in_the_middle_is_told_so_comes_back_and_leaves_nothing_g1_e5() {
    let mut node = node(&lived(SHORT_LIFE_S));
    let road = Road::to(node.address(0), weather(5), Seeded::from_environment().bits());
    let mut ada = Caller::new(Line::udp(road.address()), "ada");
    let mut bob = Caller::new(Line::udp(node.address(0)), "bob");
    let seen = ada.binding();
    ada.allocate().expect("served");
    let to_bob = bob.allocate().expect("served");
    for _ in 0..3 {
        road.renumber();
        assert_eq!(ada.refresh(600), Err(437), "she is told that it is not hers from here");
        let to_ada = ada.allocate().expect("she is served from where she is now");
        ada.bind(0x4000, to_bob).expect("bob may be reached");
        bob.permit(to_ada).expect("ada may be reached");
        let came = (0..100).find_map(|_| {
            ada.say(0x4000, b"here I am");
            bob.hears_within(Duration::from_millis(300))
        });
        assert_eq!(came, Some(Relayed::Indication(to_ada, b"here I am".to_vec())));
        bob.refresh(600).expect("he stays where he is");
    }
    assert_ne!(ada.binding().ip(), seen.ip());
    // What she had elsewhere ends by itself, and what both have does when nobody keeps it.
    no_allocation_is_left(&mut node);
}
