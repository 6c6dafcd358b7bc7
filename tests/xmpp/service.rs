//! What the server itself answers: ping, service discovery, unknown requests (sections 4 and 5).

use crate::{online, world};
use world::stanza::ns;

#[tokio::test]
async fn ping_is_answered_by_the_domain_and_the_own_account_xep_0199() {
    let (paco, mut device) = online("quentin").await;
    let ping = format!("<ping xmlns='{}'/>", ns::PING);
    for to in [None, Some("edge.test"), Some(paco.jid())] {
        let answer = device.iq("get", to, &ping).await;
        assert_eq!(answer.attr("type"), Some("result"), "{to:?}: {answer:?}");
    }
    device.socket().send_ping(b"are you there").await;
    let pong = tokio::time::timeout(std::time::Duration::from_secs(world::PATIENCE_S), device.socket().next_pong());
    assert_eq!(pong.await.expect("a pong in time").as_deref(), Some(&b"are you there"[..]));
}

#[tokio::test]
async fn the_domain_says_what_it_can_xep_0030() {
    let (_, mut device) = online("quirin").await;
    let answer = device.iq("get", Some("edge.test"), &format!("<query xmlns='{}'/>", ns::DISCO_INFO)).await;
    assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    let query = answer.child("query", ns::DISCO_INFO).expect("<query/>");
    assert!(
        query.child("identity", ns::DISCO_INFO).is_some_and(|identity| identity.attr("category") == Some("server"))
    );
    let features: Vec<_> =
        query.children.iter().filter(|e| e.name == "feature").filter_map(|e| e.attr("var")).collect();
    for feature in [ns::DISCO_INFO, ns::PING, ns::CARBONS] {
        assert!(features.contains(&feature), "{feature}: {features:?}");
    }
}

#[tokio::test]
async fn unknown_requests_are_unavailable_with_a_text() {
    let (quinn, mut device) = online("quinn").await;
    let tel = format!("tel_{}@edge.test/phone", quinn.local());
    for (to, payload) in [
        (Some("edge.test"), "<query xmlns='urn:example:unknown'/>"),
        (None, "<query xmlns='urn:example:unknown'/>"),
        (Some(tel.as_str()), "<pbxagentstatus xmlns='urn:xmpp:pbxagent:monitoring:1'/>"),
    ] {
        let answer = device.iq("get", to, payload).await;
        let (condition, text) = answer.error().unwrap_or_else(|| panic!("an error: {answer:?}"));
        assert_eq!(condition, "service-unavailable", "{payload}");
        assert!(text.is_some_and(|text| !text.is_empty()), "the SDK reads error/text unguarded: {answer:?}");
    }
    assert!(world().edge.alive());
}

#[tokio::test]
async fn carbons_are_enabled_under_the_sdks_own_id() {
    let world = world();
    let who = world.signed_in("quirina").await;
    let mut device = world::Device::sign_in(&world.edge, &who, "node_carbons").await;
    device
        .send(&format!(
            "<iq xmlns='jabber:client' type='set' id='enable_xmpp_carbon'><enable xmlns='{}'/></iq>",
            ns::CARBONS
        ))
        .await;
    assert_eq!(device.answer_to("enable_xmpp_carbon").await.attr("type"), Some("result"));
}
