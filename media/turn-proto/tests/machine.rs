//! A server without sockets, by its answers (RFC 8656).

mod client;
mod lending;

use client::{Client as Caller, Families, World, address};
use std::time::Duration;
use turn_proto::message::attribute as at;
use turn_proto::message::{Algorithm, Class, Method};
use turn_proto::{Action, Hop, Refusal};

/// Numbers and values.
type Attributes<'a> = &'a [(u16, &'a [u8])];

#[test]
fn nobody_without_a_credential_is_given_anything_g1() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    let refused =
        world.ask(&caller, Method::Allocate, |writer| writer.attribute(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]));
    assert_eq!(refused.error(), Some(401));
    assert!(refused.text(at::NONCE).unwrap().starts_with("obMatJos2"));
    caller.learn(&refused);
    caller.password = "wrong".to_owned();
    assert_eq!(world.allocate(&mut caller).error(), Some(401));
    assert_eq!(world.server.counts().refused(Refusal::Credentials), 1);
    assert!(world.server.is_idle());
}

#[test]
fn a_credential_is_good_until_its_time_and_for_what_was_made_beyond_it_g1() {
    let mut world = World::new();
    let mut caller = Caller::until("9.1.1.1:4000", "ada", world.now.unix_s + 60);
    assert_eq!(world.allocate(&mut caller).error(), None);
    world.pass(Duration::from_secs(120));
    assert_eq!(world.refresh(&caller, 600).error(), None, "a call is longer than a credential");
    let mut late = Caller::until("9.1.1.1:4001", "ada", world.now.unix_s);
    assert_eq!(world.allocate(&mut late).error(), Some(401));
}

#[test]
fn a_revoked_person_loses_what_was_made_and_gets_nothing_new_g1() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    let mut other = Caller::new("9.1.1.2:4000", "bob");
    world.allocate(&mut caller);
    world.allocate(&mut other);
    let until = caller.expires();
    world.people.revoke("ada", until, world.now);
    world.server.revoke("ada", until, world.now, &mut world.ports);
    assert_eq!(world.server.allocations(), (1, 0));
    assert_eq!(world.allocate(&mut caller).error(), Some(401));
    let mut again = Caller::until("9.1.1.1:4002", "ada", until + 1);
    assert_eq!(world.allocate(&mut again).error(), None, "what is handed out later is good");
}

#[test]
fn both_ways_to_make_a_key_are_served_and_the_stronger_cannot_be_taken_away_g1() {
    let mut world = World::new();
    for (port, algorithm) in [(4000, None), (4001, Some(Algorithm::Md5)), (4002, Some(Algorithm::Sha256))] {
        let mut caller = Caller::new(&format!("9.1.1.1:{port}"), "ada");
        caller.algorithm = algorithm;
        let given = world.allocate(&mut caller);
        assert_eq!(given.error(), None, "{algorithm:?}");
        assert!(given.is_by(&caller), "the answer is shown to be the server's");
    }
    let mut robbed = Caller::new("9.1.1.1:4003", "ada");
    robbed.algorithm = Some(Algorithm::Md5);
    robbed.algorithms_told = Some(vec![0, 1, 0, 0]);
    assert_eq!(world.allocate(&mut robbed).error(), Some(400));
}

#[test]
fn an_allocation_is_answered_again_alike_and_not_made_twice_g1() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    let given = world.allocate(&mut caller);
    let relayed = given.address(at::XOR_RELAYED_ADDRESS).unwrap();
    assert_eq!(given.address(at::XOR_MAPPED_ADDRESS), Some(address("9.1.1.1:4000")));
    let again = world.repeat(&caller);
    assert_eq!(again.address(at::XOR_RELAYED_ADDRESS), Some(relayed));
    assert_eq!(world.allocate(&mut caller).error(), Some(437), "another request from the same address");
    assert_eq!(world.server.counts().allocated, 1);
}

#[test]
fn lifetimes_are_clamped_and_end_by_the_clock_g1() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    assert_eq!(world.allocate(&mut caller).number(at::LIFETIME), Some(600));
    assert_eq!(world.refresh(&caller, 1_000_000).number(at::LIFETIME), Some(3_600));
    assert_eq!(world.refresh(&caller, 1).number(at::LIFETIME), Some(600));
    world.pass(Duration::from_secs(601));
    assert_eq!(world.refresh(&caller, 600).error(), Some(437));
    assert!(world.server.is_idle());
    let ended = world.people.take_ended().0;
    assert_eq!((ended.len(), ended[0].person.as_str(), ended[0].allocations), (1, "ada", 1));
}

#[test]
fn an_allocation_ends_at_the_longest_life_however_it_is_refreshed_e5() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    world.allocate(&mut caller);
    let life = world.settings.limits.allocation_life_max;
    let begun = world.now.since_start;
    while world.now.since_start < begun + 2 * life && !world.server.is_idle() {
        let answer = world.refresh(&caller, 3_600);
        if answer.error() == Some(438) {
            caller.learn(&answer);
        } else {
            world.pass(Duration::from_secs(500));
        }
    }
    assert!(world.server.is_idle());
    let lived = world.now.since_start - begun;
    assert!((life..=life + Duration::from_secs(1_000)).contains(&lived), "{lived:?}");
}

#[test]
fn a_lifetime_of_zero_gives_back_everything_g1() {
    let mut world = World::real();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    world.allocate(&mut caller);
    assert_eq!(world.ports.open.len(), 1);
    assert_eq!(world.refresh(&caller, 0).number(at::LIFETIME), Some(0));
    assert_eq!(world.ports.open.len(), 0);
    assert_eq!(world.refresh(&caller, 0).error(), Some(437));
}

#[test]
fn two_clients_meet_inside_only_where_both_permit_it_g1() {
    let mut world = World::new();
    let (mut ada, mut bob) = (Caller::new("9.1.1.1:4000", "ada"), Caller::new("9.1.1.2:4000", "bob"));
    let to_ada = world.allocate(&mut ada).address(at::XOR_RELAYED_ADDRESS).unwrap();
    let to_bob = world.allocate(&mut bob).address(at::XOR_RELAYED_ADDRESS).unwrap();
    assert_ne!(to_ada, to_bob);
    assert_eq!(world.channel_bind(&ada, 0x4001, to_bob).error(), None);
    let hop = world.channel_data(&ada, 0x4001, 100).unwrap();
    assert_eq!(hop, Hop::Inside { from: to_ada, to: to_bob });
    assert_eq!(world.deliver(hop, 100), None, "bob has not permitted ada's address");
    assert_eq!(world.server.counts().refused(Refusal::Permission), 1);
    assert_eq!(world.permit(&bob, &[to_ada]).error(), None);
    let delivery = world.deliver(hop, 100).unwrap();
    assert_eq!((delivery.client, delivery.channel), (bob.tuple, None));
    assert_eq!(world.channel_bind(&bob, 0x4FFF, to_ada).error(), None);
    assert_eq!(world.deliver(hop, 100).unwrap().channel, Some(0x4FFF));
    world.pass(Duration::from_secs(301));
    assert_eq!(world.deliver(hop, 100), None, "permissions last five minutes");
}

#[test]
fn a_send_indication_carries_its_data_to_a_permitted_peer_only_g1() {
    let mut world = World::real();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    world.allocate(&mut caller);
    let peer = address("8.8.4.4:9");
    assert_eq!(world.send(&caller, peer, b"hello"), Action::Nothing);
    world.permit(&caller, &[address("8.8.4.4:1")]);
    let Action::Relay { hop: Hop::Out { peer: to, .. }, data } = world.send(&caller, peer, b"hello") else {
        panic!("data goes out");
    };
    assert_eq!((to, data.len()), (peer, 5));
    let stranger = Caller::new("9.9.1.1:4000", "ada");
    assert_eq!(world.send(&stranger, peer, b"hello"), Action::Nothing);
}

#[test]
fn channels_are_bound_one_to_one_and_their_numbers_have_bounds_g1() {
    let mut world = World::real();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    world.allocate(&mut caller);
    let (one, other) = (address("8.8.4.4:9"), address("8.8.4.4:10"));
    assert_eq!(world.channel_bind(&caller, 0x4000, one).error(), None);
    assert_eq!(world.channel_bind(&caller, 0x4000, one).error(), None, "to renew it");
    assert_eq!(world.channel_bind(&caller, 0x4000, other).error(), Some(400));
    assert_eq!(world.channel_bind(&caller, 0x4001, one).error(), Some(400));
    for number in [0x0000, 0x3FFF, 0x8000, 0xFFFF] {
        assert_eq!(world.channel_bind(&caller, number, other).error(), Some(400), "{number:#x}");
    }
    world.pass(Duration::from_secs(500));
    world.refresh(&caller, 600);
    world.pass(Duration::from_secs(101));
    assert_eq!(world.channel_data(&caller, 0x4000, 10), None, "channels last ten minutes");
    assert_eq!(world.channel_bind(&caller, 0x4001, one).error(), None);
}

#[test]
fn private_addresses_and_the_box_itself_are_out_of_reach_e5() {
    let mut world = World::real();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    caller.families = Families::Both;
    world.allocate(&mut caller);
    for peer in [
        "127.0.0.1:80",
        "10.0.0.1:80",
        "169.254.169.254:80",
        "224.0.0.1:80",
        "[::1]:80",
        "[fe80::1]:80",
        "[::ffff:127.0.0.1]:80",
    ] {
        assert_eq!(world.permit(&caller, &[address(peer)]).error(), Some(403), "{peer}");
        assert_eq!(world.channel_bind(&caller, 0x4000, address(peer)).error(), Some(403), "{peer}");
    }
    assert_eq!(world.permit(&caller, &[address("8.8.4.4:1"), address("10.0.0.1:1")]).error(), Some(403), "all or none");
    assert_eq!(world.send(&caller, address("8.8.4.4:1"), b"x"), Action::Nothing);
}

#[test]
fn without_real_ports_only_clients_of_this_box_can_be_reached_e1() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    world.allocate(&mut caller);
    assert_eq!(world.permit(&caller, &[address("8.8.4.4:1")]).error(), Some(403));
    assert_eq!(world.ports.opened, 0);
}

#[test]
fn families_are_given_as_asked_for_g1() {
    let mut world = World::new();
    for (port, families, given) in
        [(1, Families::Ipv4, (1, 0)), (2, Families::Ipv6, (0, 1)), (3, Families::Both, (1, 1))]
    {
        let mut caller = Caller::new(&format!("9.1.1.1:{port}"), "ada");
        caller.families = families;
        let answer = world.allocate(&mut caller);
        let relayed = answer.addresses(at::XOR_RELAYED_ADDRESS);
        let four = relayed.iter().filter(|one| one.is_ipv4()).count();
        assert_eq!((four, relayed.len() - four), given);
    }
    let mut caller = Caller::new("9.1.1.1:9", "ada");
    caller.families = Families::Ipv4;
    world.allocate(&mut caller);
    assert_eq!(world.permit(&caller, &[address("[2606:4700::1]:1")]).error(), Some(443));
}

#[test]
fn a_box_without_ipv6_says_so_and_gives_what_it_has_g1() {
    let mut world = World::new();
    world.change(|settings| settings.addresses.external.retain(|(public, _)| public.is_ipv4()));
    let mut both = Caller::new("9.1.1.1:1", "ada");
    both.families = Families::Both;
    let answer = world.allocate(&mut both);
    assert_eq!(answer.addresses(at::XOR_RELAYED_ADDRESS).len(), 1);
    assert_eq!(answer.get(at::ADDRESS_ERROR_CODE), Some(vec![2, 0, 4, 40]));
    let mut six = Caller::new("9.1.1.1:2", "ada");
    six.families = Families::Ipv6;
    assert_eq!(world.allocate(&mut six).error(), Some(440));
}

#[test]
fn what_is_asked_for_wrongly_is_refused_by_its_number_g1() {
    let mut world = World::new();
    let cases: [(Attributes<'_>, u16); 8] = [
        (&[], 400),
        (&[(at::REQUESTED_TRANSPORT, &[6, 0, 0, 0])], 442),
        (&[(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]), (at::REQUESTED_ADDRESS_FAMILY, &[3, 0, 0, 0])], 440),
        (&[(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]), (at::ADDITIONAL_ADDRESS_FAMILY, &[1, 0, 0, 0])], 400),
        (&[(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]), (at::RESERVATION_TOKEN, &[0; 8])], 508),
        (&[(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]), (at::EVEN_PORT, &[0x80])], 508),
        (&[(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]), (at::DONT_FRAGMENT, &[])], 420),
        (&[(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]), (0x7777, &[])], 420),
    ];
    for (number, (attributes, code)) in cases.into_iter().enumerate() {
        let mut caller = Caller::new(&format!("9.1.1.1:{}", 5_000 + number), "ada");
        let answer = world.authenticated(&mut caller, Method::Allocate, |mut writer| {
            for (number, value) in attributes {
                writer = writer.attribute(*number, value);
            }
            writer
        });
        assert_eq!(answer.error(), Some(code), "{attributes:?}");
    }
    let mut even = Caller::new("9.1.1.1:6000", "ada");
    let answer = world.authenticated(&mut even, Method::Allocate, |writer| {
        writer.attribute(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]).attribute(at::EVEN_PORT, &[0])
    });
    assert_eq!(answer.address(at::XOR_RELAYED_ADDRESS).unwrap().port() % 2, 0);
}

#[test]
fn quotas_and_bounds_hold_for_persons_and_for_all_e5() {
    let mut world = World::new();
    world.change(|settings| {
        settings.limits.allocations_per_person_max = 2;
        settings.limits.allocations_max = 3;
        settings.limits.permissions_max = 2;
        settings.limits.channels_max = 1;
    });
    let mut codes = |person: &str, port: u16| {
        let mut caller = Caller::new(&format!("9.1.1.1:{port}"), person);
        world.allocate(&mut caller).error()
    };
    assert_eq!([codes("ada", 1), codes("ada", 2), codes("ada", 3)], [None, None, Some(486)]);
    assert_eq!([codes("bob", 4), codes("bob", 5), codes("eve", 6)], [None, Some(508), Some(508)]);
    let mut caller = Caller::new("9.1.1.1:1", "ada");
    caller.borrow_nonce(&mut world);
    world.change(|settings| settings.addresses.external.push((address("7.7.7.7:1").ip(), None)));
    world.change(|settings| settings.addresses.external.push((address("7.7.7.8:1").ip(), None)));
    let (one, two, three) = (address("9.0.0.1:1"), address("7.7.7.7:1"), address("7.7.7.8:1"));
    assert_eq!(world.permit(&caller, &[one, two, three]).error(), Some(508));
    assert_eq!(world.permit(&caller, &[one, two]).error(), None);
    assert_eq!(world.permit(&caller, &[three]).error(), Some(508));
    assert_eq!(world.channel_bind(&caller, 0x4000, one).error(), None);
    assert_eq!(world.channel_bind(&caller, 0x4001, two).error(), Some(508));
}

#[test]
fn bandwidth_is_a_persons_over_all_allocations_e5() {
    let mut world = World::new();
    world.change(|settings| settings.limits.bytes_per_s_per_person_max = 100_000);
    let (mut one, mut two) = (Caller::new("9.1.1.1:1", "ada"), Caller::new("9.1.1.1:2", "ada"));
    let mut bob = Caller::new("9.1.1.1:3", "bob");
    let to = world.allocate(&mut bob).address(at::XOR_RELAYED_ADDRESS).unwrap();
    for caller in [&mut one, &mut two] {
        world.allocate(caller);
        world.channel_bind(caller, 0x4000, to);
    }
    let mut relayed = 0;
    for _ in 0..1_000 {
        relayed += u32::from(world.channel_data(&one, 0x4000, 1_000).is_some());
        relayed += u32::from(world.channel_data(&two, 0x4000, 1_000).is_some());
        world.pass(Duration::from_millis(1));
    }
    assert!((100..=155).contains(&relayed), "{relayed} kB in a second of 100 kB");
    assert!(world.server.counts().refused(Refusal::Bandwidth) > 1_800);
}

#[test]
fn strangers_get_few_answers_and_friends_at_the_same_address_are_not_counted_e5() {
    let mut world = World::new();
    world.change(|settings| settings.limits.unproven_per_source_per_s = 10);
    let answered = |world: &mut World, source: &str| {
        let caller = Caller::new(source, "ada");
        (0..1_000).filter(|_| world.ask_maybe(&caller, Method::Binding, |writer| writer).is_some()).count()
    };
    assert_eq!(answered(&mut world, "9.1.1.1:1"), 20, "two seconds' worth");
    assert_eq!(answered(&mut world, "9.1.1.1:2"), 0, "another port is no other source");
    world.pass(Duration::from_secs(1));
    assert_eq!(answered(&mut world, "9.1.1.1:2"), 10);
    assert_eq!(answered(&mut world, "9.1.1.2:2"), 20);
    world.pass(Duration::from_secs(10));
    // An office: everybody from one address, each with one answer that is not counted in the end, and one that is.
    for port in 0..200 {
        let mut caller = Caller::new(&format!("9.1.1.3:{}", 1_000 + port), &format!("person{port}"));
        assert_eq!(world.allocate(&mut caller).error(), None, "{port}");
        assert_eq!(world.refresh(&caller, 600).error(), None);
        world.pass(Duration::from_millis(100));
    }
}

#[test]
fn an_answer_to_a_stranger_is_short_e5() {
    let mut world = World::new();
    let caller = Caller::new("9.1.1.1:4000", "ada");
    let (asked, answered) = world.sizes(&caller, Method::Binding);
    assert!(answered <= asked + 12, "{asked} bytes were answered by {answered}");
    let (asked, answered) = world.sizes(&caller, Method::Allocate);
    assert!(answered <= asked + 84, "{asked} bytes were answered by {answered}");
}

#[test]
fn a_nonce_is_good_for_one_address_and_one_hour_e5() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    let refused = world.ask(&caller, Method::Allocate, |writer| writer);
    caller.learn(&refused);
    let mut thief = Caller::new("9.1.1.1:4001", "ada");
    thief.nonce = caller.nonce.clone();
    let stale = world.try_allocate(&thief);
    assert_eq!(stale.error(), Some(438));
    world.pass(Duration::from_secs(3_601));
    let stale = world.try_allocate(&caller);
    assert_eq!(stale.error(), Some(438));
    caller.learn(&stale);
    assert_eq!(world.try_allocate(&caller).error(), None);
}

#[test]
fn a_drained_server_takes_nothing_new_and_serves_what_it_has_g1() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    let to = world.allocate(&mut caller).address(at::XOR_RELAYED_ADDRESS).unwrap();
    world.change(|settings| settings.drain = true);
    assert_eq!(world.allocate(&mut Caller::new("9.1.1.1:4001", "ada")).error(), Some(508));
    assert_eq!(world.refresh(&caller, 600).error(), None);
    assert_eq!(world.channel_bind(&caller, 0x4000, to).error(), None);
    assert!(world.channel_data(&caller, 0x4000, 1).is_some());
}

#[test]
fn nobody_serves_himself_from_what_another_has_made_e5() {
    let mut world = World::new();
    let mut caller = Caller::new("9.1.1.1:4000", "ada");
    world.allocate(&mut caller);
    let mut other = Caller::new("9.1.1.1:4000", "bob");
    other.borrow_nonce(&mut world);
    assert_eq!(world.refresh(&other, 0).error(), Some(441));
    assert_eq!(world.server.allocations(), (1, 0));
}

#[test]
fn each_server_gives_out_ports_of_its_own_share_g4() {
    for index in 0..3 {
        let mut world = World::shared(turn_proto::Share { index, of: 3 });
        for port in 1..50 {
            let mut caller = Caller::new(&format!("9.1.1.1:{port}"), &format!("p{port}"));
            let relayed = world.allocate(&mut caller).address(at::XOR_RELAYED_ADDRESS).unwrap();
            assert_eq!(turn_proto::Share::of_port(relayed.port(), 3), index);
        }
    }
}

#[test]
fn only_requests_are_answered_e5() {
    let mut world = World::new();
    let caller = Caller::new("9.1.1.1:4000", "ada");
    for class in [Class::Indication, Class::Success, Class::Error] {
        for method in [Method::Binding, Method::Allocate, Method::Refresh, Method::Data] {
            assert!(world.ask_as(&caller, method, class).is_none(), "{method:?} {class:?}");
        }
    }
}
