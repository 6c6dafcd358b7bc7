use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use super::*;

fn peer(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().expect("an address"), 1)
}

fn bounds(all: usize, per_source: usize) -> GateLimits {
    GateLimits { connections_max: all, connections_per_source_max: per_source, ..GateLimits::default() }
}

fn admit(admission: &Arc<Admission>, from: &str) -> Result<Place, Refusal> {
    admission.admit(peer(from), Activity::new(), Instant::now()).map(|(place, _)| place)
}

fn is_cut(place: &Place) -> bool {
    place.cut().while_reading(Waker::noop())
}

#[test]
fn strangers_of_one_source_are_bounded_and_others_are_served_e5() {
    let admission = Admission::new(&bounds(10, 2));
    let held = [admit(&admission, "192.0.2.1"), admit(&admission, "::ffff:192.0.2.1")];
    assert!(held.iter().all(Result::is_ok));
    assert_eq!(admit(&admission, "192.0.2.1").err(), Some(Refusal::SourceFull));
    assert!(admit(&admission, "192.0.2.2").is_ok());
}

#[test]
fn an_ipv6_network_is_one_source_e5() {
    let admission = Admission::new(&bounds(10, 1));
    let _held = admit(&admission, "2001:db8:0:1::1").expect("the first");
    assert_eq!(admit(&admission, "2001:db8:0:1:ffff::2").err(), Some(Refusal::SourceFull));
    assert!(admit(&admission, "2001:db8:0:2::1").is_ok());
}

#[test]
fn signed_in_connections_do_not_count_for_their_source_and_are_never_dropped_a5() {
    let admission = Admission::new(&bounds(4, 1));
    let colleague = || {
        let place = admit(&admission, "192.0.2.1").expect("an office shares its address");
        place.connection().sign_in();
        place.connection().sign_in();
        place
    };
    let colleagues: Vec<Place> = (0..4).map(|_| colleague()).collect();
    assert_eq!(admit(&admission, "192.0.2.9").err(), Some(Refusal::Full), "nobody may be dropped");
    assert!(!colleagues.iter().any(is_cut));
    drop(colleagues);
    assert!(admit(&admission, "192.0.2.9").is_ok());
}

#[test]
fn a_full_gate_drops_the_oldest_idle_stranger_of_the_busiest_source_e5() {
    let admission = Admission::new(&bounds(4, 10));
    let busy = Activity::new();
    let _running = busy.request();
    let (first, _) = admission.admit(peer("192.0.2.66"), busy, Instant::now()).expect("room");
    let (second, third) =
        (admit(&admission, "192.0.2.66").expect("room"), admit(&admission, "192.0.2.66").expect("room"));
    let other = admit(&admission, "192.0.2.1").expect("room");
    assert_eq!(admit(&admission, "192.0.2.66").err(), Some(Refusal::Full), "the busiest source drops nobody else");
    let newcomer = admit(&admission, "192.0.2.2").expect("others get in");
    let cut = [&first, &second, &third, &other, &newcomer].map(is_cut);
    assert_eq!(cut, [false, true, false, false, false], "the first one is at work, the second is the oldest idle one");
    let _more = admit(&admission, "192.0.2.3").expect("and again");
    assert!(is_cut(&third) && !is_cut(&first));
    drop(second);
    assert_eq!(admission.book().all, 4, "a dropped one is not counted down twice");
}

#[test]
fn the_rate_of_new_strangers_is_bounded_and_those_who_sign_in_are_not_counted_a5_e5() {
    let limits =
        GateLimits { connections_per_source_burst: 3, connections_per_source_per_minute: 1, ..bounds(1000, 1000) };
    let admission = Admission::new(&limits);
    let start = Instant::now();
    let at = |when: Instant, from: &str| admission.admit(peer(from), Activity::new(), when).map(|(place, _)| place);
    for _ in 0..100 {
        at(start, "192.0.2.1").expect("an office signs in").connection().sign_in();
    }
    for _ in 0..3 {
        drop(at(start, "192.0.2.1").expect("the burst"));
    }
    assert_eq!(at(start, "192.0.2.1").err(), Some(Refusal::SourceTooFast), "closing gives nothing back");
    assert!(at(start, "192.0.2.2").is_ok());
    assert!(at(start + Duration::from_secs(60), "192.0.2.1").is_ok(), "a minute later");
}

#[test]
fn handshakes_at_once_are_bounded_per_source_and_all_together_e5() {
    let limits = GateLimits { handshakes_max: 3, handshakes_per_source_max: 2, ..bounds(100, 100) };
    let admission = Admission::new(&limits);
    let place = |from: &str| admit(&admission, from).expect("room");
    let attackers = [place("192.0.2.66"), place("192.0.2.66"), place("192.0.2.66")];
    let _held = [admission.begin_handshake(&attackers[0]), admission.begin_handshake(&attackers[1])];
    assert_eq!(admission.begin_handshake(&attackers[2]).err(), Some(Refusal::Handshakes), "too many of one source");
    let (one, two) = (place("192.0.2.1"), place("192.0.2.2"));
    let _one = admission.begin_handshake(&one).expect("room for a third");
    let (_two, dropped) = admission.begin_handshake(&two).expect("the busiest source makes room");
    assert_eq!((dropped, is_cut(&attackers[0]), is_cut(&attackers[1]), is_cut(&one)), (true, true, false, false));
    let three = place("192.0.2.3");
    let (_three, _) = admission.begin_handshake(&three).expect("the oldest of equals makes room");
    assert_eq!([is_cut(&attackers[1]), is_cut(&one), is_cut(&two)], [true, false, false]);
}

#[test]
fn a_closed_connection_leaves_nothing_behind() {
    let admission = Admission::new(&bounds(4, 2));
    let place = admit(&admission, "192.0.2.1").expect("free");
    let late = place.connection();
    drop(place);
    late.sign_in();
    let book = admission.book();
    assert_eq!((book.all, book.strangers.len(), book.handshakes.len()), (0, 0, 0));
}
