//! Both ends of the media node's sockets.

use media_contract::{
    Configuration, ConfigurationError, ContractError, Ended, Fact, LINE_LIMIT_BYTES, Limits, Network, Order, Person,
    PortRange, Ready, Relayed, Revoked, STREAM_HEAD_BYTES, Secret, Secrets, Standing, StreamHead, Username, Via,
    decode_fact, decode_order, encode,
};

fn person(word: &str) -> Person {
    Person::try_from(word.to_owned()).expect("a word")
}

fn configuration() -> Configuration {
    Configuration {
        relay: true,
        realm: String::from("edge.example.org"),
        secrets: Secrets { current: Secret::new("north".repeat(8)), previous: None, next: None },
        revoked: vec![Revoked { person: person("a1"), expiry_s_max: 1_796_000_000 }],
        limits: Limits {
            allocations_max: 2_000,
            allocations_per_person_max: 8,
            bytes_per_s_per_person_max: 4_000_000,
            permissions_max: 64,
            channels_max: 64,
            lifetime_s_max: 3_600,
            allocation_life_s_max: 43_200,
            unproven_per_source_per_s: 50,
            unproven_per_s: 5_000,
            streams_max: 1_024,
        },
        external: Vec::new(),
        relay_ports: Some(PortRange { first: 49_152, last: 65_535 }),
        peers_allowed: vec!["10.1.0.0/16".parse().expect("a network"), "fd00::/8".parse().expect("a network")],
        peers_refused: Vec::new(),
        drain: false,
        report_every_s: 5,
    }
}

#[test]
fn what_is_told_arrives_as_it_was_told_g1() {
    let orders = [
        Order::Configure(Box::new(configuration())),
        Order::Revoke(Revoked { person: person("b2"), expiry_s_max: 1 }),
        Order::Report,
    ];
    for order in orders {
        assert_eq!(decode_order(&encode(&order).expect("short")).expect("ours"), order);
    }
    let ready = Ready { executable: String::from("0.1.0"), udp: Vec::new(), threads: 2, capabilities: Vec::new() };
    let relayed = Relayed { packets_to_peers: 3, bytes_to_peers: 480, ..Relayed::default() };
    let facts = [
        Fact::Ready(ready),
        Fact::Standing(Box::new(Standing { relayed, persons: 1, ..Standing::default() })),
        Fact::Ended(Ended { person: person("a1"), via: Via::Stream, allocations: 2, seconds: 61, relayed }),
        Fact::StreamKnown { number: u64::MAX },
    ];
    for fact in facts {
        assert_eq!(decode_fact(&encode(&fact).expect("short")).expect("ours"), fact);
    }
}

#[test]
fn what_breaks_a_bound_is_not_taken_e5() {
    let mut broken = vec![(configuration(), None)];
    let mut breaks = |change: fn(&mut Configuration), error| {
        let mut other = configuration();
        change(&mut other);
        broken.push((other, Some(error)));
    };
    breaks(|c| c.realm.clear(), ConfigurationError::Realm);
    breaks(|c| c.realm.push('"'), ConfigurationError::Realm);
    breaks(|c| c.secrets.previous = Some(Secret::new(String::from("short"))), ConfigurationError::Secret);
    breaks(|c| c.revoked = vec![c.revoked[0].clone(); 1_025], ConfigurationError::TooManyRevoked);
    breaks(|c| c.peers_allowed = vec![c.peers_allowed[0]; 65], ConfigurationError::TooManyNetworks);
    breaks(|c| c.relay_ports = Some(PortRange { first: 443, last: 500 }), ConfigurationError::RelayPorts);
    breaks(|c| c.relay_ports = Some(PortRange { first: 2_000, last: 1_999 }), ConfigurationError::RelayPorts);
    breaks(|c| c.report_every_s = 0, ConfigurationError::Reports);
    for (configuration, error) in broken {
        let line = encode(&Order::Configure(Box::new(configuration))).expect("short");
        match decode_order(&line) {
            Ok(_) => assert_eq!(error, None),
            Err(ContractError::Bound(found)) => assert_eq!(Some(found), error),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn the_largest_configuration_fits_a_line() {
    let mut largest = configuration();
    let longest = Revoked { person: person(&"p".repeat(64)), expiry_s_max: u64::MAX };
    largest.revoked = vec![longest; 1_024];
    largest.peers_allowed = vec!["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128".parse().expect("a network"); 64];
    largest.peers_refused.clone_from(&largest.peers_allowed);
    let line = encode(&Order::Configure(Box::new(largest))).expect("it fits");
    assert!(line.len() < LINE_LIMIT_BYTES && line.capacity() == line.len(), "{}", line.len());
}

#[test]
fn a_line_that_is_cut_of_another_version_or_none_is_refused_without_its_content_d1() {
    let line = encode(&Order::Configure(Box::new(configuration()))).expect("short");
    for length in 0..line.len() {
        assert!(decode_order(&line[..length]).is_err(), "{length} bytes");
    }
    assert!(matches!(decode_order(b"{\"version\":2,\"body\":[]}\n"), Err(ContractError::OtherVersion { theirs: 2 })));
    assert!(matches!(decode_fact(&vec![b' '; LINE_LIMIT_BYTES + 1]), Err(ContractError::TooLong { .. })));
    let error =
        decode_order(b"{\"version\":1,\"body\":{\"configure\":{\"secrets\":\"hush\"}}}\n").expect_err("no order");
    assert!(!format!("{error} {error:?} {:?}", configuration()).contains("hush"));
    assert!(!format!("{:?}", configuration()).contains("north"));
}

#[test]
fn a_stream_tells_whence_it_came_in_either_family_g1() {
    let heads = [("192.0.2.7:50000", "198.51.100.1:443"), ("[2001:db8::7]:50000", "[2001:db8::1]:443")];
    for (client, server) in heads {
        let address = |text: &str| text.parse().expect("an address");
        let head = StreamHead { number: 0x0102_0304_0506_0708, client: address(client), server: address(server) };
        let bytes = head.encode();
        assert_eq!(StreamHead::decode(&bytes), Ok(head));
        assert_eq!(bytes[..12], *b"RBS1\x01\x02\x03\x04\x05\x06\x07\x08");
    }
    assert!(StreamHead::decode(&[0; STREAM_HEAD_BYTES]).is_err());
}

#[test]
fn a_user_name_is_a_time_and_a_person_and_has_one_form_g1() {
    let name: Username = "1796000000:5f0c-a".parse().expect("a user name");
    assert_eq!(
        (name.expiry_s, name.person.as_str(), name.to_string()),
        (1_796_000_000, "5f0c-a", String::from("1796000000:5f0c-a"))
    );
    for text in ["", ":", "1:", ":a", "a:1", "+1:a", "01:a", "-1:a", "1:a:b", "1:a b", "1:é", "99999999999999999999:a"]
    {
        assert!(text.parse::<Username>().is_err(), "{text}");
    }
    assert!(format!("1:{}", "p".repeat(65)).parse::<Username>().is_err());
}

#[test]
fn a_network_holds_its_own_addresses_and_no_others_g1() {
    let holds = |network: &str, address: &str| {
        let network: Network = network.parse().expect("a network");
        network.contains(address.parse().expect("an address"))
    };
    assert!(holds("10.1.0.0/16", "10.1.255.255") && !holds("10.1.0.0/16", "10.2.0.0"));
    assert!(holds("10.1.0.0/16", "::ffff:10.1.2.3") && !holds("0.0.0.0/0", "2001:db8::1"));
    assert!(holds("0.0.0.0/0", "255.255.255.255") && holds("::/0", "ffff::") && holds("192.0.2.1/32", "192.0.2.1"));
    assert!(holds("fe80::/10", "febf::1") && !holds("fe80::/10", "fec0::1"));
    for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.1/8", "::1/129", "::ffff:10.0.0.0/104", "a/8", "10.0.0.0/-1"] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}
