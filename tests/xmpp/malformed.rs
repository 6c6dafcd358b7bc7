//! Frames that no client sends: a stream error as the RFCs say, everybody else unaffected (E5).

use crate::{online, saying, world};
use world::device::STORE;
use world::stanza::ns;
use world::{Device, Element};

/// Sends a frame on a fresh, bound stream; the stream must end with one of these conditions.
async fn ends_the_stream(name: &str, frame: &str, conditions: &[&str]) {
    let (_, mut device) = online(name).await;
    device.send(frame).await;
    let condition = device.expect_stream_error().await;
    let shown: String = frame.chars().take(80).collect();
    assert!(conditions.contains(&condition.as_str()), "{shown}: {condition}");
}

#[tokio::test]
async fn malformed_xml_ends_the_stream_and_nobody_elses() {
    let (_, mut bystander) = online("paula").await;
    for (number, frame) in [
        "<message",
        "<message xmlns='jabber:client'><body></message>",
        "not xml at all",
        "<a><b></a></b>",
        "<message xmlns='jabber:client' id='1' id='2'/>",
        "<message xmlns='jabber:client'>&undefined;</message>",
        "<message xmlns='jabber:client'>\u{1}</message>",
        "<x:message/>",
        "<message xmlns='jabber:client'/><message xmlns='jabber:client'/>",
    ]
    .iter()
    .enumerate()
    {
        ends_the_stream(
            &format!("p-malformed-{number}"),
            frame,
            &["not-well-formed", "bad-format", "invalid-xml", "restricted-xml"],
        )
        .await;
    }
    bystander.settle().await;
}

#[tokio::test]
async fn entities_comments_and_instructions_are_restricted_rfc_6120_11_1() {
    let bomb = "<!DOCTYPE m [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;'>]>\
                <message xmlns='jabber:client'><body>&c;</body></message>";
    let external = "<!DOCTYPE m [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><message xmlns='jabber:client'><body>&x;</body></message>";
    for (number, frame) in [
        bomb,
        external,
        "<?php echo 1 ?>",
        "<!-- comment --><presence xmlns='jabber:client'/>",
        "<message xmlns='jabber:client'><!-- inside --><body>x</body></message>",
        "<message xmlns='jabber:client'><?pi?></message>",
    ]
    .iter()
    .enumerate()
    {
        ends_the_stream(&format!("p-restricted-{number}"), frame, &["restricted-xml", "not-well-formed"]).await;
    }
}

#[tokio::test]
async fn depth_and_size_are_bounded_e5() {
    let (_, mut bystander) = online("philipp").await;
    let deep = format!("<message xmlns='jabber:client'>{}{}</message>", "<a>".repeat(5_000), "</a>".repeat(5_000));
    ends_the_stream("p-deep", &deep, &["policy-violation", "not-well-formed", "resource-constraint"]).await;
    let attributes: String = (0..5_000).map(|n| format!(" a{n}='x'")).collect();
    ends_the_stream(
        "p-wide",
        &format!("<message xmlns='jabber:client'{attributes}/>"),
        &["policy-violation", "not-well-formed"],
    )
    .await;

    let (_, mut device) = online("p-large").await;
    device.send(&format!("<message xmlns='jabber:client'><body>{}</body></message>", "x".repeat(2_000_000))).await;
    // An oversize frame may also be cut at the WebSocket (close code 1009) before XMPP sees it.
    device.expect_end().await;
    bystander.settle().await;
}

#[tokio::test]
async fn binary_frames_are_refused_rfc_7395_3_2() {
    let (_, mut device) = online("petra").await;
    device.socket().send_binary(b"<presence xmlns='jabber:client'/>").await;
    device.expect_end().await;
}

#[tokio::test]
async fn stanzas_before_authentication_are_not_authorized_a2() {
    let world = world();
    let (pia, mut victim) = online("pia").await;
    for stanza in [
        format!("<message xmlns='jabber:client' to='{}'><body>early</body>{STORE}</message>", pia.jid()),
        "<presence xmlns='jabber:client'/>".to_owned(),
        format!("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='{}'/></iq>", ns::BIND),
    ] {
        let mut device = Device::connect(&world.edge).await;
        device.open().await;
        device.send(&stanza).await;
        assert_eq!(device.expect_stream_error().await, "not-authorized", "{stanza}");
    }
    victim.never("a message of nobody", saying("early")).await;
}

#[tokio::test]
async fn stanzas_before_binding_go_nowhere() {
    let world = world();
    let peer = world.signed_in("pascal").await;
    let (pedro, mut victim) = online("pedro").await;
    let mut device = Device::connect(&world.edge).await;
    device.open().await;
    device.authenticate(peer.local(), peer.secret()).await.expect("the secret");
    device.open().await;
    device
        .send(&format!("<message xmlns='jabber:client' to='{}'><body>unbound</body>{STORE}</message>", pedro.jid()))
        .await;
    assert_eq!(device.expect_stream_error().await, "not-authorized", "RFC 6120 section 7.1");
    victim.never("a message of an unbound stream", saying("unbound")).await;
}

#[tokio::test]
async fn streams_to_another_domain_or_of_another_kind_do_not_open() {
    let world = world();
    for (open, condition) in [
        ("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' to='other.test'/>", "host-unknown"),
        ("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='0.9' to='edge.test'/>", "unsupported-version"),
        (
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='edge.test' version='1.0'/>",
            "",
        ),
        ("<open xmlns='urn:example:wrong' version='1.0' to='edge.test'/>", ""),
    ] {
        let mut device = Device::connect(&world.edge).await;
        device.send(open).await;
        let met = device.expect_stream_error().await;
        assert!(condition.is_empty() || met == condition, "{open}: {met}");
    }
}

#[tokio::test]
async fn foreign_top_level_elements_are_unsupported() {
    ends_the_stream(
        "p-foreign",
        "<teapot xmlns='urn:example:tea'/>",
        &["unsupported-stanza-type", "bad-namespace-prefix", "invalid-namespace"],
    )
    .await;
    ends_the_stream(
        "p-spaceless",
        "<presence/>",
        &["invalid-namespace", "unsupported-stanza-type", "bad-namespace-prefix"],
    )
    .await;
}

#[tokio::test]
async fn bad_stanzas_are_stanza_errors_and_the_stream_goes_on() {
    let (_, mut device) = online("pim").await;
    for (id, stanza) in [
        ("e1", "<iq xmlns='jabber:client' type='get' id='e1'/>"),
        ("e2", "<iq xmlns='jabber:client' type='dance' id='e2'><a xmlns='b'/></iq>"),
        ("e3", "<iq xmlns='jabber:client' type='get' id='e3' to='@@@'><ping xmlns='urn:xmpp:ping'/></iq>"),
        ("e4", "<message xmlns='jabber:client' id='e4' type='chat' to='not a jid@@'><body>x</body></message>"),
        (
            "e5",
            "<message xmlns='jabber:client' id='e5' type='chat' to='someone@elsewhere.test'><body>x</body></message>",
        ),
    ] {
        device.send(stanza).await;
        let error = device
            .expect("a stanza error", |e: &Element| e.attr("id") == Some(id) && e.attr("type") == Some("error"))
            .await;
        let (_, text) = error.error().unwrap_or_else(|| panic!("a condition: {error:?}"));
        assert!(text.is_some(), "the SDK reads error/text unguarded: {error:?}");
    }
    // An error is never answered by an error (RFC 6120 section 8.3.1).
    device.send("<message xmlns='jabber:client' type='error' id='e6' to='d00000000000000000000bad@edge.test'/>").await;
    device.never("an error for an error", |e| e.attr("id") == Some("e6")).await;
}
