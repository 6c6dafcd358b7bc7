//! What the server itself answers: ping, service discovery, unknown requests (sections 4 and 5).

use crate::{Standard, online, standard, world};
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

#[tokio::test]
async fn the_box_says_its_program_and_time_to_who_has_signed_in_xep_0092_xep_0202() {
    let (_, mut device) = standard("quirino").await;
    let version = device.iq("get", Some("edge.test"), "<query xmlns='jabber:iq:version'/>").await;
    let text = |name: &str| version.find(name, "jabber:iq:version").map(|e| e.text.clone()).unwrap_or_default();
    assert_eq!(text("name"), "Rainbow Edge");
    assert!(!text("version").is_empty(), "{version:?}");
    let time = device.iq("get", Some("edge.test"), "<time xmlns='urn:xmpp:time'/>").await;
    let utc = time.find("utc", "urn:xmpp:time").map(|utc| utc.text.clone()).unwrap_or_default();
    assert!(utc.contains('T') && utc.ends_with('Z'), "{time:?}");
    assert_eq!(time.find("tzo", "urn:xmpp:time").map(|tzo| tzo.text.as_str()), Some("+00:00"));
}

#[tokio::test]
async fn an_account_says_what_it_can_to_who_may_know_it_xep_0030_b3() {
    let (quade, mut device) = standard("quade").await;
    let (_, mut colleague) = standard("quella").await;
    let hidden = world().outsider("ev-disco").sign_in(&world().edge).await;
    let query = format!("<query xmlns='{}'/>", ns::DISCO_INFO);
    let own = device.iq("get", None, &query).await;
    let theirs = colleague.iq("get", Some(quade.jid()), &query).await;
    for answer in [&own, &theirs] {
        let query = answer.child("query", ns::DISCO_INFO).unwrap_or_else(|| panic!("an answer: {answer:?}"));
        let is = |category: &str, kind: &str| {
            query.children.iter().any(|e| e.attr("category") == Some(category) && e.attr("type") == Some(kind))
        };
        assert!(is("account", "registered") && is("pubsub", "pep"), "{answer:?}");
        for feature in ["urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "http://jabber.org/protocol/pubsub#publish"] {
            assert!(query.children.iter().any(|e| e.attr("var") == Some(feature)), "{feature}: {answer:?}");
        }
    }
    let nobody = Some("d00000000000000000000bad@edge.test");
    let (met, unmet) =
        (colleague.iq("get", Some(hidden.jid()), &query).await, colleague.iq("get", nobody, &query).await);
    assert_eq!((met.attr("type"), met.error()), (Some("error"), unmet.error()));
}

#[tokio::test]
async fn the_hash_in_the_stream_features_is_that_of_the_answer_xep_0115() {
    let person = Standard::new("quentina").await;
    let mut device = world::Device::connect_standard(&world().edge).await;
    device.open().await;
    device.prove(person.who.local(), &person.password).await.expect("the application password");
    let features = device.open().await;
    let caps = features.child("c", "http://jabber.org/protocol/caps").unwrap_or_else(|| panic!("{features:?}")).clone();
    device.bind("phone").await;
    let node = format!("{}#{}", caps.attr("node").expect("a node"), caps.attr("ver").expect("a hash"));
    let answer =
        device.iq("get", Some("edge.test"), &format!("<query xmlns='{}' node='{node}'/>", ns::DISCO_INFO)).await;
    let query = answer.child("query", ns::DISCO_INFO).unwrap_or_else(|| panic!("an answer: {answer:?}"));
    assert_eq!(query.attr("node"), Some(node.as_str()));
    let mut features: Vec<&str> = query.children.iter().filter_map(|e| e.attr("var")).collect();
    features.sort_unstable();
    let text = format!("server/im//Rainbow Edge<{}<", features.join("<"));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    use base64::Engine as _;
    assert_eq!(caps.attr("ver"), Some(base64::engine::general_purpose::STANDARD.encode(hash).as_str()));
    let other = device.iq("get", Some("edge.test"), &format!("<query xmlns='{}' node='urn:x'/>", ns::DISCO_INFO)).await;
    assert_eq!(other.error().map(|(condition, _)| condition).as_deref(), Some("item-not-found"));
    // Rainbow's own door stays as it is.
    let who = world().signed_in("quintus").await;
    let mut rainbow = world::Device::connect(&world().edge).await;
    rainbow.open().await;
    rainbow.authenticate(who.local(), who.secret()).await.expect("the secret of a session");
    let names: Vec<String> = rainbow.open().await.children.into_iter().map(|feature| feature.name).collect();
    assert!(!names.contains(&"c".to_owned()) && !names.contains(&"ver".to_owned()), "{names:?}");
}
