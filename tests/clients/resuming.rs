//! A client whose connection breaks without a word: nothing is lost, nothing comes twice, all in order (C1).

use crate::program::{Client, Kind, SLIXMPP, STANZA_JS, XMPP_JS};
use crate::proxy::Proxy;
use crate::{with_password, world};
use world::device::STORE;
use world::fault::Seeded;
use world::{Device, Element, SignedIn};

const EACH: usize = 8;

async fn numbered_from_peer(peer: &mut Device, to: &SignedIn, numbers: std::ops::Range<usize>) {
    for number in numbers {
        peer.message(to.jid(), &format!("{}-{number}", to.local()), &format!("down {number}"), STORE).await;
    }
    peer.settle().await;
}

fn expected(word: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{word} {number}")).collect()
}

fn bodies(messages: &[Element]) -> Vec<String> {
    messages.iter().filter_map(Element::body).map(str::to_owned).collect()
}

/// Breaks when the client has seen a seeded number of what is on its way to it: some of the rest is lost in both directions,
/// and more comes while there is no connection.
async fn resumes(kind: &Kind, [rainbow, who]: [&str; 2], seed: u64) -> Client {
    let edge = &world().edge;
    let (rainbow, _) = with_password(rainbow).await;
    let mut peer = Device::online(edge, &rainbow, &format!("node_{}", rainbow.local())).await;
    let (who, password) = with_password(who).await;
    let proxy = Proxy::open().await;
    let (mut client, _) = Client::started(kind, &who, &password, proxy.port()).await;
    let mut chance = Seeded::new(seed);
    let mut sent = 0;
    for _ in 0..4 {
        for number in sent..sent + EACH {
            client.say(rainbow.jid(), &format!("up {number}"));
        }
        numbered_from_peer(&mut peer, &who, sent..sent + EACH / 2).await;
        let seen = usize::try_from(chance.between(0, 4)).expect("a small number");
        client.await_message(&format!("down {}", sent + seen)).await;
        proxy.cut();
        numbered_from_peer(&mut peer, &who, sent + EACH / 2..sent + EACH).await;
        client.expect("resumed", |_| true).await;
        sent += EACH;
    }
    assert_eq!(client.bodies().await, expected("down", sent));
    let last = format!("up {}", sent - 1);
    peer.expect("the last", |e| e.body() == Some(&last)).await;
    assert_eq!(bodies(&peer.take_received(|e| e.is_from("message", who.jid()))), expected("up", sent - 1));
    assert_eq!(
        (client.untold("failed").len(), client.untold("started").len()),
        (0, 0),
        "it is one session all the time"
    );
    let gone = |e: &Element| e.is_from("presence", who.jid()) && e.attr("type") == Some("unavailable");
    peer.never("that the client has gone", gone).await;
    client
}

#[tokio::test]
async fn slixmpp_resumes_a_stream_that_broke_silently_and_nothing_is_lost_or_repeated_c1() {
    resumes(&SLIXMPP, ["ruth", "sara"], 21).await;
}

#[tokio::test]
async fn xmpp_js_resumes_by_a_token_what_broke_silently_and_nothing_is_lost_or_repeated_c1() {
    let client = resumes(&XMPP_JS, ["rudi", "xara"], 22).await;
    let mechanisms: Vec<&str> =
        client.untold("authenticates").iter().filter_map(|event| event["mechanism"].as_str()).collect();
    assert_eq!(mechanisms[0], "SCRAM-SHA-256");
    assert!(mechanisms.len() > 4 && mechanisms[1..].iter().all(|name| *name == "HT-SHA-256-NONE"), "{mechanisms:?}");
}

#[tokio::test]
async fn stanza_js_resumes_a_stream_that_broke_silently_and_nothing_is_lost_or_repeated_c1() {
    resumes(&STANZA_JS, ["rolf", "stina"], 23).await;
}

#[tokio::test]
async fn wherever_in_a_stanza_the_connection_breaks_the_stream_is_resumed_c1() {
    let edge = &world().edge;
    let (rainbow, _) = with_password("rike").await;
    let mut peer = Device::online(edge, &rainbow, "node_rike").await;
    let (who, password) = with_password("siri").await;
    let proxy = Proxy::open().await;
    let (mut client, _) = Client::started(&SLIXMPP, &who, &password, proxy.port()).await;
    let mut chance = Seeded::new(20);
    let mut sent = 0;
    for _ in 0..4 {
        // TLS, SASL and resumption take some 4 KiB; what breaks before them is tried again by the client.
        let bytes = usize::try_from(chance.between(3_000, 9_000)).expect("a small number");
        proxy.next_breaks_after(bytes).await;
        proxy.cut();
        numbered_from_peer(&mut peer, &who, sent..sent + 3 * EACH).await;
        sent += 3 * EACH;
        let last = format!("down {}", sent - 1);
        client.await_message(&last).await;
    }
    assert_eq!(client.bodies().await, expected("down", sent));
    assert_eq!(
        (client.untold("failed").len(), client.untold("started").len()),
        (0, 0),
        "it is one session all the time"
    );
}
