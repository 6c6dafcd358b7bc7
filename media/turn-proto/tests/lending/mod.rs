//! Ways that somebody else carries.

use crate::client::{Client as Caller, World, address};
use std::time::Duration;
use turn_proto::{Carried, Lane, Loan, Worth};

const WAY: u64 = 77;
const CHANNEL: u16 = 0x4000;
const RATE: u64 = 10_000_000;
const PART: u64 = RATE / 32;

/// A client with a channel to a peer outside, and the lane of a direction.
fn bound(world: &mut World, remote: &str) -> (Caller, Lane) {
    let mut caller = Caller::new(remote, "ada");
    world.allocate(&mut caller);
    assert_eq!(world.channel_bind(&caller, CHANNEL, address("8.8.8.8:99")).error(), None);
    let lane = Lane { client: caller.tuple, channel: CHANNEL, outward: true };
    (caller, lane)
}

fn busy(world: &mut World, lane: &Lane) {
    assert!(world.server.channel(&lane.client, lane.channel, 40, 400, world.now).is_some());
}

fn lend(world: &mut World, lane: &Lane, way: u64) -> Option<Loan> {
    world.server.lend(lane, way, &mut world.ports, world.now)
}

fn carry(world: &mut World, packets: u64, bytes: u64) {
    world.ports.carried.insert(WAY, Carried { packets, bytes });
}

#[test]
fn a_lane_is_worth_a_way_after_some_packets_and_not_twice_g4() {
    let mut world = World::real();
    let (_, lane) = bound(&mut world, "9.1.1.1:1");
    world.server.channel(&lane.client, CHANNEL, 31, 31, world.now);
    assert_eq!(world.server.worth(&lane, world.now), Worth::Nothing);
    world.server.channel(&lane.client, CHANNEL, 1, 1, world.now);
    assert_eq!(world.server.worth(&lane, world.now), Worth::Begin);
    let back = Lane { outward: false, ..lane };
    assert_eq!(world.server.worth(&back, world.now), Worth::Nothing, "nothing came from the peer");
    let loan = lend(&mut world, &lane, WAY).expect("it is far from the limit");
    assert_eq!(loan, Loan { bytes: PART, until: world.now.since_start + Duration::from_secs(10) });
    assert_eq!(world.server.worth(&lane, world.now), Worth::Nothing, "just now");
    world.pass(Duration::from_secs(1));
    assert_eq!(world.server.worth(&lane, world.now), Worth::More(WAY));
}

#[test]
fn what_is_carried_is_counted_once_and_lent_anew_e5() {
    let mut world = World::real();
    let (caller, lane) = bound(&mut world, "9.1.1.1:1");
    busy(&mut world, &lane);
    lend(&mut world, &lane, WAY).expect("it is far from the limit");
    carry(&mut world, 10, 9_000);
    world.pass(Duration::from_secs(1));
    world.pass(Duration::from_secs(1));
    let counts = world.server.counts();
    assert_eq!((counts.carried, counts.traffic.packets_to_peers, counts.traffic.bytes_to_peers), (10, 50, 9_400));
    assert_eq!(lend(&mut world, &lane, WAY).map(|loan| loan.bytes), Some(9_000), "what was carried of it");
    carry(&mut world, 12, 10_000);
    world.refresh(&caller, 0);
    assert_eq!(world.ports.stopped, [WAY]);
    assert_eq!(world.server.counts().traffic.bytes_to_peers, 10_400);
    let (ended, _) = world.people.take_ended();
    assert_eq!((ended[0].traffic.packets_to_peers, ended[0].traffic.bytes_to_peers), (52, 10_400));
}

#[test]
fn no_more_is_lent_than_the_bandwidth_holds_and_the_rest_is_given_back_e5() {
    let mut world = World::real();
    let clients: Vec<(Caller, Lane)> = (1..=10).map(|number| bound(&mut world, &format!("9.1.1.1:{number}"))).collect();
    let both = clients.iter().flat_map(|(_, lane)| [*lane, Lane { outward: false, ..*lane }]);
    let lanes: Vec<(u64, Lane)> = (WAY..).zip(both).collect();
    let lent: u64 = lanes.iter().filter_map(|(way, lane)| lend(&mut world, lane, *way)).map(|loan| loan.bytes).sum();
    assert_eq!(lent, PART * 12, "of what may come at once, less what is kept for the others");
    // The rest of it is there for who asks, and is not more after a while in which nothing was carried.
    let asked = |world: &mut World, lane: &Lane| {
        let server = &mut world.server;
        let taken = (0..100_000).filter(|_| server.channel(&lane.client, CHANNEL, 1, 100, world.now).is_some());
        taken.count() as u64 * 100
    };
    for _ in 0..3 {
        let all = lent + asked(&mut world, &lanes[0].1);
        assert!(all <= RATE / 2 && all > RATE * 9 / 20, "{all} of {RATE} a second at once");
        world.now.since_start += Duration::from_secs(1);
    }
    // What was carried is no longer kept free, but used.
    let carried = Carried { packets: 300, bytes: PART };
    world.ports.carried.extend(lanes.iter().map(|(way, _)| (*way, carried)));
    world.pass(Duration::ZERO);
    let all = lent + asked(&mut world, &lanes[0].1);
    assert!(all <= RATE / 2 && all > RATE * 9 / 20, "{all} of {RATE} a second at once");
    // Nobody keeps anything free at the end.
    clients.iter().for_each(|(caller, _)| drop(world.refresh(caller, 0)));
    world.pass(Duration::from_secs(1));
    let (_, lane) = bound(&mut world, "9.1.1.1:99");
    let all = asked(&mut world, &lane);
    assert!(all <= RATE / 2 && all > RATE * 9 / 20, "{all} of {RATE} a second at once");
}

#[test]
fn nothing_is_lent_beyond_what_a_packet_may_and_it_ends_with_it_e5() {
    let refused = |change: fn(&mut turn_proto::Settings)| {
        let mut world = World::real();
        let (_, lane) = bound(&mut world, "9.1.1.1:1");
        busy(&mut world, &lane);
        lend(&mut world, &lane, WAY).expect("at first");
        world.change(change);
        assert_eq!(lend(&mut world, &lane, WAY), None);
        assert_eq!(world.ports.stopped.first(), Some(&WAY));
        assert_eq!(world.server.worth(&lane, world.now), Worth::Nothing, "not soon");
    };
    refused(|settings| settings.drain = true);
    refused(|settings| settings.relay = false);
    refused(|settings| settings.relay_ports = None);
    refused(|settings| settings.peers.refused = vec!["8.8.8.0/24".parse().unwrap()]);
    refused(|settings| settings.limits.bytes_per_s_per_person_max = 0);
    let mut world = World::real();
    let (_, lane) = bound(&mut world, "9.1.1.1:1");
    let back = Lane { outward: false, ..lane };
    world.pass(Duration::from_secs(295));
    let loan = lend(&mut world, &back, WAY).expect("the permission holds");
    assert_eq!(loan.until, Duration::from_secs(1_300), "no longer than the permission");
    world.pass(Duration::from_secs(6));
    assert_eq!(world.ports.stopped, [WAY], "its time is over");
    assert_eq!(lend(&mut world, &back, WAY + 1), None, "nobody is permitted");
    assert!(lend(&mut world, &lane, WAY + 2).is_some(), "the channel holds");
}

#[test]
fn what_carries_nothing_is_given_up_g4() {
    let mut world = World::real();
    let (_, lane) = bound(&mut world, "9.1.1.1:1");
    busy(&mut world, &lane);
    lend(&mut world, &lane, WAY).expect("it is far from the limit");
    world.pass(Duration::from_secs(3));
    assert_eq!(lend(&mut world, &lane, WAY), None, "asked for more of nothing");
    assert_eq!(world.server.worth(&lane, world.now), Worth::Nothing);
    world.pass(Duration::from_secs(61));
    assert_eq!(world.server.worth(&lane, world.now), Worth::Begin, "it may be another way now");
    lend(&mut world, &lane, WAY + 1).expect("it is tried again");
    world.server.give_up(&lane, &mut world.ports, world.now);
    assert_eq!(world.ports.stopped, [WAY, WAY, WAY + 1]);
}

#[test]
fn a_way_to_one_peer_ends_before_its_channel_is_bound_to_another_g4() {
    let mut world = World::real();
    let (caller, lane) = bound(&mut world, "9.1.1.1:1");
    assert_eq!(world.refresh(&caller, 3_600).error(), None);
    world.pass(Duration::from_secs(595));
    busy(&mut world, &lane);
    let loan = lend(&mut world, &lane, WAY).expect("the channel holds");
    assert_eq!(loan.until, Duration::from_secs(1_600), "no longer than the channel");
    // Nobody has looked yet for what is over.
    world.now.since_start = loan.until;
    assert_eq!(world.channel_bind(&caller, CHANNEL, address("8.8.4.4:99")).error(), None);
    assert_eq!(world.ports.stopped, [WAY]);
    busy(&mut world, &lane);
    assert_eq!(world.server.worth(&lane, world.now), Worth::Begin, "another way");
}
