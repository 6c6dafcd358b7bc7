//! Standard clients by direct TLS: RFC 6120's own streams on the one port (XEP-0368, C1, E5).

use crate::application_passwords::{remove, with_password};
use crate::{online, saying, world};
use std::time::{Duration, Instant};
use world::device::STORE;
use world::direct::Direct;
use world::edge_box::DOMAIN;
use world::stanza::ns;
use world::tls::Door;
use world::websocket::Frame;
use world::{Device, Element, World};

#[tokio::test]
async fn a_client_signs_in_by_direct_tls_and_talks_with_rainbow_clients_c1() {
    let (_, mara, made) = with_password("mara-tls").await;
    let (milo, mut milos) = online("milo-tls").await;
    let mut phone = Device::connect_direct(&world().edge).await;
    let features = phone.open().await;
    let mechanisms = features.child("mechanisms", ns::SASL).expect("mechanisms before authentication");
    assert!(mechanisms.children.iter().all(|mechanism| mechanism.text.starts_with("SCRAM-SHA-256")), "{features:?}");
    phone.prove(mara.local(), &made.password).await.expect("the application password");
    let features = phone.open().await;
    assert!(features.child("bind", ns::BIND).is_some(), "{features:?}");
    phone.bind("phone").await;
    let roster = phone.iq("get", None, &format!("<query xmlns='{}'/>", ns::ROSTER)).await;
    assert!(roster.find("item", ns::ROSTER).is_some(), "{roster:?}");
    phone.presence("").await;
    // White space keeps alive, and a stanza may inherit the namespace of the stream and come in pieces.
    for part in
        [" \n ", "<message type='chat' id='from-direct' to='", milo.jid(), "'><body>from bytes</bo", "dy>", STORE]
    {
        phone.send(part).await;
    }
    phone.send("</message> ").await;
    let got = milos.expect("the message", saying("from bytes")).await;
    assert_eq!(got.attr("from"), Some(phone.jid()));
    milos.message(mara.jid(), "to-direct", "an answer", STORE).await;
    phone.expect("the answer", saying("an answer")).await;
    phone.leave().await;
}

#[tokio::test]
async fn without_alpn_the_first_byte_tells_and_a_first_stream_may_be_refused_and_tried_again() {
    let (_, mika, made) = with_password("mika-tls").await;
    let mut direct = Direct::connect(&Door::of(&world().edge), &[]).await.expect("TLS");
    assert_eq!(direct.alpn(), None);
    direct.send(&Device::header(DOMAIN)).await;
    let Frame::Text(header) = direct.next().await else { panic!("no header") };
    assert!(header.contains(&format!("from=\"{DOMAIN}\"")), "{header}");
    let mut device = Device::connect_direct(&world().edge).await;
    device.open().await;
    device.prove(mika.local(), "wrong").await.expect_err("a wrong password");
    device.prove(mika.local(), &made.password).await.expect("the right one");
}

/// What answers these bytes on a fresh connection: the condition of the stream error, and the connection's end.
async fn ends_with(bytes: &str) -> String {
    let mut device = Device::connect_direct(&world().edge).await;
    device.send(bytes).await;
    device.expect_stream_error().await
}

#[tokio::test]
async fn what_is_no_stream_of_ours_is_told_why_and_ended_e5() {
    let header = Device::header(DOMAIN);
    for (bytes, condition) in [
        (Device::header("elsewhere.example"), "host-unknown"),
        (header.replace("version='1.0' to", "to"), "unsupported-version"),
        (header.replace("jabber:client", "jabber:server"), "invalid-namespace"),
        (header.replace("etherx", "other"), "invalid-namespace"),
        (header.replace("?>", " encoding='UTF-16'?>"), "unsupported-encoding"),
        ("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>".to_owned(), "invalid-namespace"),
        (format!("{header}<iq></message>"), "not-well-formed"),
        (format!("{header}text"), "not-well-formed"),
        (format!("{header}<!DOCTYPE a>"), "restricted-xml"),
        (format!("{header}<a><!-- x --></a>"), "restricted-xml"),
        (format!("{header}<a>&lol;</a>"), "restricted-xml"),
        (format!("{header}{}", "<a>".repeat(40)), "policy-violation"),
        (format!("{header}<a>{}", "x".repeat(300_000)), "policy-violation"),
        (format!("{header}{header}"), "policy-violation"),
        (format!("{header}<message to='a@b'/>"), "not-authorized"),
    ] {
        let begin: String = bytes.chars().take(200).collect();
        assert_eq!(ends_with(&bytes).await, condition, "{begin}");
    }
}

#[tokio::test]
async fn a_stream_is_closed_by_its_end_tag_c1() {
    let (_, moritz, made) = with_password("moritz-tls").await;
    let mut device = Device::direct(&world().edge, moritz.local(), &made.password, "phone").await;
    device.close().await;
    device.expect("</stream:stream>", |e: &Element| e.is("close", ns::FRAMING)).await;
    device.expect_end().await;
}

#[tokio::test]
async fn a_stranger_who_proves_nothing_is_sent_away_in_time_e5() {
    const LIMIT: Duration = Duration::from_secs(3);
    let world = World::configured(&format!("[xmpp]\nauthentication_timeout_ms = {}\n", LIMIT.as_millis()));
    for drip in [false, true] {
        let begun = Instant::now();
        let mut device = Device::connect_direct(&world.edge).await;
        device.open().await;
        if drip {
            device.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' ").await;
        }
        assert_eq!(device.expect_stream_error().await, "connection-timeout");
        assert!(begun.elapsed() >= LIMIT, "it was sent away after {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_removed_password_and_a_stopping_box_end_direct_streams_a11() {
    let (_, mona, made) = with_password("mona-tls").await;
    let mut device = Device::direct(&world().edge, mona.local(), &made.password, "phone").await;
    remove(&mona, &made).await;
    assert_eq!(device.expect_stream_error().await, "not-authorized");

    let world = World::new();
    let alice = world.alice.sign_in(&world.edge).await;
    let made = alice.application_password("Phone", &world.alice.password).await;
    let password = made["password"].as_str().expect("a password");
    let mut bound = Device::direct(&world.edge, alice.local(), password, "phone").await;
    let mut stranger = Device::connect_direct(&world.edge).await;
    stranger.open().await;
    world.edge.terminate();
    assert_eq!(bound.expect_stream_error().await, "system-shutdown");
    assert_eq!(stranger.expect_stream_error().await, "system-shutdown");
}
