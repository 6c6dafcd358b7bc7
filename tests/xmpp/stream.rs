//! Opening, authentication, binding (section 5; RFC 7395, RFC 6120 sections 6 and 7; decision 5).

use crate::world;
use std::time::{Duration, Instant};
use world::stanza::ns;
use world::{Device, World, expect, websocket};

#[tokio::test]
async fn only_plain_is_offered_and_the_exact_resource_is_bound() {
    let world = world();
    let iris = world.signed_in("iris").await;
    let mut device = Device::connect(&world.edge).await;
    let features = device.open().await;
    let mechanisms = features.child("mechanisms", ns::SASL).expect("mechanisms before authentication");
    let offered: Vec<&str> = mechanisms.children.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(offered, ["PLAIN"], "the client would take a stronger one, which no session secret can serve");
    assert!(features.child("bind", ns::BIND).is_none(), "nothing to bind before authentication");
    device.authenticate(iris.local(), iris.secret()).await.expect("the session's secret");
    let features = device.open().await;
    assert!(features.child("bind", ns::BIND).is_some());
    assert!(features.child("mechanisms", ns::SASL).is_none());
    device.bind("node_Ab12cd34").await;
    assert_eq!(device.jid(), format!("{}/node_Ab12cd34", iris.jid()));
    device.leave().await;
}

#[tokio::test]
async fn wrong_secrets_are_not_authorized_a2() {
    let world = world();
    let (ivan, irma) = (world.signed_in("ivan").await, world.signed_in("irma").await);
    let mut cut = ivan.secret().to_owned();
    cut.pop();
    let wrong = ["x", &cut, irma.secret(), &ivan.token, "Pw1!ivan-is-secret"];
    for secret in wrong {
        let mut device = Device::connect(&world.edge).await;
        device.open().await;
        let failure = device.authenticate(ivan.local(), secret).await.expect_err("a wrong secret");
        assert!(failure.child("not-authorized", ns::SASL).is_some(), "{secret}: {failure:?}");
    }
    let mut device = Device::connect(&world.edge).await;
    device.open().await;
    let failure = device.authenticate("d00000000000000000000bad", ivan.secret()).await.expect_err("nobody");
    assert!(failure.child("not-authorized", ns::SASL).is_some(), "nobody is told like a wrong secret: {failure:?}");
}

#[tokio::test]
async fn a_failed_try_can_be_followed_by_a_right_one_on_the_same_stream() {
    let world = world();
    let ilse = world.signed_in("ilse").await;
    let mut device = Device::connect(&world.edge).await;
    device.open().await;
    device.authenticate(ilse.local(), "wrong").await.expect_err("a wrong secret");
    device.authenticate(ilse.local(), ilse.secret()).await.expect("the right one (RFC 6120 section 6.4.5)");
    device.open().await;
    device.bind("node_second").await;
}

#[tokio::test]
async fn mechanisms_not_offered_and_broken_sasl_are_failures_not_streams() {
    let world = world();
    let igor = world.signed_in("igor").await;
    for (auth, condition) in [
        ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>biws</auth>", "invalid-mechanism"),
        ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", "invalid-mechanism"),
        ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>!!!</auth>", "incorrect-encoding"),
    ] {
        let mut device = Device::connect(&world.edge).await;
        device.open().await;
        device.send(auth).await;
        let failure = device.expect("a failure", |e| e.is("failure", ns::SASL)).await;
        assert!(failure.child(condition, ns::SASL).is_some(), "{auth}: {failure:?}");
    }
    // An authorization identity of somebody else is not granted.
    let mut device = Device::connect(&world.edge).await;
    device.open().await;
    let other = format!("{}\0{}\0{}", world.admin.email, igor.local(), igor.secret());
    use base64::Engine as _;
    let plain = base64::engine::general_purpose::STANDARD.encode(other);
    device.send(&format!("<auth xmlns='{}' mechanism='PLAIN'>{plain}</auth>", ns::SASL)).await;
    device.expect("a failure", |e| e.is("failure", ns::SASL)).await;
}

#[tokio::test]
async fn the_secret_dies_with_its_session_and_a_later_sign_in_ends_no_earlier_one_a5() {
    let world = world();
    let isa = world.member("isa");
    let (first, second) = (isa.sign_in(&world.edge).await, isa.sign_in(&world.edge).await);
    let mut kept = Device::online(&world.edge, &first, "node_first").await;
    let mut ended = Device::online(&world.edge, &second, "node_second").await;
    world::expect::success(&second.sign_out().await);
    ended.expect_end().await;
    let mut device = Device::connect(&world.edge).await;
    device.open().await;
    let failure = device.authenticate(second.local(), second.secret()).await.expect_err("an ended session");
    assert!(failure.child("not-authorized", ns::SASL).is_some(), "{failure:?}");
    kept.settle().await;
    Device::sign_in(&world.edge, &first, "node_again").await.leave().await;
}

#[tokio::test]
async fn a_taken_resource_is_never_shared() {
    let world = world();
    let ingo = world.signed_in("ingo").await;
    let mut old = Device::online(&world.edge, &ingo, "node_same").await;
    let mut new = Device::sign_in(&world.edge, &ingo, "node_same").await;
    // RFC 6120 section 7.7.2.2: the newcomer was given exactly what it asked for, so the old stream must go.
    assert_eq!(old.expect_stream_error().await, "conflict");
    new.presence("").await;
}

#[tokio::test]
async fn the_upgrade_needs_the_xmpp_subprotocol_and_an_own_origin() {
    let world = world();
    let door = world::tls::Door::of(&world.edge);
    for protocol in [None, Some("mqtt")] {
        let refused = websocket::upgrade(&door, world.edge.https(), "/websocket", protocol).await;
        let head = refused.expect_err("RFC 7395 section 3.1 wants the subprotocol");
        assert!(head.starts_with("HTTP/1.1 4") || head.contains("subprotocol was not confirmed"), "{head}");
    }
    let head = websocket::upgrade(&door, world.edge.https(), "/nothing", Some("xmpp")).await.expect_err("no route");
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[tokio::test]
async fn close_is_answered_by_close() {
    let world = world();
    let inge = world.signed_in("inge").await;
    let mut device = Device::online(&world.edge, &inge, "node_inge").await;
    device.send(&format!("<close xmlns='{}'/>", ns::FRAMING)).await;
    device.expect("<close/> (RFC 7395 section 3.6)", |e| e.is("close", ns::FRAMING)).await;
    device.expect_end().await;
}

#[tokio::test]
async fn a_revoked_session_takes_its_streams_with_it_and_no_others_a5() {
    const SESSIONS: &str = "/api/edge/v1/sessions";
    let world = world();
    let jana = world.member("jana");
    let (phone, laptop) = (jana.sign_in(&world.edge).await, jana.sign_in(&world.edge).await);
    let mut on_phone = Device::online(&world.edge, &phone, "node_phone").await;
    let mut on_laptop = Device::online(&world.edge, &laptop, "node_laptop").await;
    let mut second_on_laptop = Device::online(&world.edge, &laptop, "node_second").await;
    let listed = expect::list(&phone.client.get(SESSIONS).await);
    let other = listed.iter().find(|session| session["isCurrent"] == false).expect("two sessions");
    assert_eq!(other["connectedDevices"], 2, "{other}");
    let id = other["id"].as_str().expect("id");
    let begun = Instant::now();
    expect::data(&phone.client.delete(&format!("{SESSIONS}/{id}")).await);
    on_laptop.expect_end().await;
    second_on_laptop.expect_end().await;
    println!("the streams of a revoked session ended within {:?}", begun.elapsed());
    on_phone.settle().await;
    expect::data(
        &world
            .manager
            .sign_in(&world.edge)
            .await
            .client
            .delete(&format!("/api/edge/v1/users/{}/sessions", phone.id()))
            .await,
    );
    on_phone.expect_end().await;
}

#[tokio::test]
async fn an_open_stream_ends_when_its_session_is_as_old_as_it_may_be_a5() {
    const LIFE_S: u64 = 15;
    let world = World::configured(&format!(
        "[sign_in]\nsession_life_s = {LIFE_S}\nsession_idle_life_s = 10\ntoken_life_s = {LIFE_S}\n"
    ));
    let alice = world.alice.sign_in(&world.edge).await;
    let begun = Instant::now();
    let mut device = Device::online(&world.edge, &alice, "node_alice").await;
    let ended = async {
        // The stream alone keeps the session from being idle.
        while device.next_within(Duration::from_secs(LIFE_S + world::PATIENCE_S)).await.is_some() {}
    };
    ended.await;
    assert!(begun.elapsed() > Duration::from_secs(10), "it outlived the time after which an unused session ends");
    expect::refusal(&alice.client.get("/api/rainbow/enduser/v1.0/users/me").await, 401);
}
