//! Two who are at home behind routers of every kind, and a box on the street with the ports that boxes have: calls by aiortc
//! come up, directly where that can be and else by the box; and its probe says what is between (G1, G2, E1).

use media_suite::Ends;
use serde_json::{Value, json};
use std::sync::OnceLock;
use world::{EdgeBox, Place, Router, Town};

const NAME: &str = "edge.town.test";

/// The town of this suite, and the box in it.
struct Setting {
    town: Town,
    edge: EdgeBox,
}

fn setting() -> &'static Setting {
    static SETTING: OnceLock<Setting> = OnceLock::new();
    SETTING.get_or_init(|| {
        let town = Town::build();
        // Two addresses, by which it sees devices from two places.
        let place = town.place(2);
        let [one, two] = [place.addresses[0], place.addresses[1]];
        town.name(NAME, one);
        let edge = EdgeBox::init_at(place, NAME);
        edge.configure(&format!("[media]\nexternal_addresses = [\"{one}\", \"{two}\"]\n"));
        edge.start();
        Setting { town, edge }
    })
}

/// What the two of a call may use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    All,
    NoRelay,
}

/// Somebody at home who has signed in from there.
fn at_home(router: Router) -> (Place, Ends) {
    let Setting { town, edge } = setting();
    let home = town.home(router);
    let person = world::Person::first_admin();
    let ca = edge.data().join("ca.pem");
    let mut ends = Ends::start(Some(&home), &ca);
    let relays = ends.sign_in(&format!("https://{NAME}"), &ca, &person.email, &person.password);
    let [udp, tls] = [format!("turn:{NAME}:443?transport=udp"), format!("turns:{NAME}:443?transport=tcp")];
    assert!(relays.contains(&udp) && relays.contains(&tls), "{relays:?}");
    (home, ends)
}

/// A call from behind one router to behind another: who sees and hears whom, by which ways the two speak to each other, and by what
/// each reached its relay.
fn call(routers: [Router; 2], allowed: Allowed) -> ([String; 2], [String; 2]) {
    let [from, to] = routers;
    let begun = std::thread::scope(|scope| {
        let caller = scope.spawn(|| at_home(from));
        let called = at_home(to);
        [caller.join().expect("she is at home"), called]
    });
    let [(_ada_at, mut ada), (_bob_at, mut bob)] = begun;
    let without = allowed == Allowed::NoRelay;
    ada.obey(&json!({"do": "offer", "of": "ada", "without relays": without}));
    let offer = ada.expect("ada", "described", |_| true);
    bob.obey(&json!({"do": "answer", "of": "bob", "sdp": offer["sdp"], "without relays": without}));
    let answer = bob.expect("bob", "described", |_| true);
    ada.obey(&json!({"do": "take", "of": "ada", "sdp": answer["sdp"]}));
    let ways = [ada.connected("ada"), bob.connected("bob")];
    ada.hears_and_sees("ada");
    bob.hears_and_sees("bob");
    for (ends, name) in [(&mut ada, "ada"), (&mut bob, "bob")] {
        ends.obey(&json!({"do": "close", "of": name}));
        ends.expect(name, "over", |_| true);
    }
    (ways, [offer, answer].map(|told| told["by"].as_str().expect("a way").to_owned()))
}

#[test]
fn behind_full_cones_two_speak_directly_although_there_is_a_relay_g1_g2() {
    let (ways, _) = call([Router::FullCone, Router::FullCone], Allowed::All);
    assert!(ways.iter().all(|way| way != "relay"), "{ways:?}");
}

#[test]
fn two_routers_in_a_row_are_passed_with_what_the_box_tells_of_addresses_g1_g2() {
    let (ways, _) = call([Router::Double, Router::Restricted], Allowed::NoRelay);
    assert!(ways.iter().all(|way| way != "relay"), "{ways:?}");
}

#[test]
fn behind_symmetric_routers_the_box_relays_g1_g2() {
    let (ways, by) = call([Router::Symmetric, Router::Symmetric], Allowed::All);
    assert!(ways.iter().any(|way| way == "relay"), "{ways:?}");
    assert_eq!(by, ["turn", "turn"]);
}

#[test]
fn where_no_udp_passes_the_box_relays_by_tls_on_443_g1_g2_e1() {
    let (ways, by) = call([Router::UdpBlocked, Router::Symmetric], Allowed::All);
    assert!(ways.iter().any(|way| way == "relay"), "{ways:?}");
    assert_eq!(by, ["turns", "turn"]);
}

/// What `media probe` finds there, with these further words.
fn probe(edge: &EdgeBox, place: Option<&Place>, more: &[&str]) -> Vec<Value> {
    let told = edge.edge_at(place, &[&["media", "probe", "--json"], more].concat(), "");
    let found: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("no JSON: {}", told.text()));
    let found = found["findings"].as_array().expect("a list").clone();
    assert_eq!(told.code == Some(0), found.iter().all(|one| one["ok"] == true), "{}", told.text());
    found
}

/// By which way, at which hop, and in which words it is broken.
fn broken(found: &[Value]) -> Vec<[&str; 3]> {
    let broken = found.iter().filter(|one| one["ok"] == false);
    broken.map(|one| ["way", "hop", "told"].map(|key| one[key].as_str().expect("words"))).collect()
}

#[test]
fn the_probe_names_a_symmetric_router_and_one_that_lets_no_udp_pass_g1_e1() {
    let Setting { town, edge } = setting();
    let [symmetric, blocked, cone] =
        [Router::Symmetric, Router::UdpBlocked, Router::FullCone].map(|router| town.home(router));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let found = probe(edge, Some(&blocked), &[]);
            let [[way, hop, told]] = broken(&found)[..] else { panic!("{found:?}") };
            assert!(way.ends_with("udp") && hop == "reach" && told.contains("does not answer as a relay"), "{found:?}");
        });
        let nat = |home: &Place| {
            let found = probe(edge, Some(home), &[]);
            assert_eq!(broken(&found), [[""; 3]; 0]);
            let nat = found.iter().find(|one| one["hop"] == "nat").unwrap_or_else(|| panic!("{found:?}"));
            nat["told"].as_str().expect("words").to_owned()
        };
        assert!(nat(&symmetric).contains("a symmetric NAT"));
        assert!(nat(&cone).contains("alike"));
    });
}

#[test]
fn the_probe_names_a_wrong_external_address_and_a_certificate_of_somebody_else_g1_e2() {
    let Setting { town, edge } = setting();
    let (place, nobodys) = (town.place(1), town.address());
    let (address, name) = (place.address().to_string(), "other.town.test");
    town.name(name, place.address());
    let other = EdgeBox::init_at(place, name);
    other.configure(&format!("[media]\nexternal_addresses = [\"{nobodys}\"]\nrelay_ports = \"50000-50099\"\n"));
    other.start();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let found = probe(&other, other.place(), &[]);
            let wrong = format!("others are told {nobodys}, which does not lead to this relay");
            assert!(
                broken(&found).iter().all(|[_, hop, told]| *hop == "address" && told.contains(&wrong)),
                "{found:?}"
            );
            assert_eq!(broken(&found).len(), 2, "by both ways");
        });
        let found = probe(edge, edge.place(), &["--at", &address]);
        let [[_, refused, _], [_, hop, told]] = broken(&found)[..] else { panic!("{found:?}") };
        assert_eq!((refused, hop), ("allocation", "certificate"), "{found:?}");
        assert!(told.contains("browsers will refuse the certificate"), "{found:?}");
    });
}
