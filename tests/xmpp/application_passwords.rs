//! Standard clients at `/xmpp-websocket`: SCRAM-SHA-256 with application passwords and nothing else (A2, A11, decision 5).

use crate::{online, saying, world};
use serde_json::json;
use std::time::{Duration, Instant};
use world::device::{NOBODY, STORE};
use world::stanza::ns;
use world::{Device, Element, Person, SignedIn, World, expect};

const APPLICATION_PASSWORDS: &str = "/api/edge/v1/application-passwords";

/// A new member of Acme, signed in, with an application password.
pub(crate) async fn with_password(name: &str) -> (Person, SignedIn, Made) {
    let person = world().member(name);
    let who = person.sign_in(&world().edge).await;
    let made = made(&who, "Phone", &person.password).await;
    (person, who, made)
}

pub(crate) struct Made {
    id: String,
    pub(crate) password: String,
}

async fn made(who: &SignedIn, name: &str, current: &str) -> Made {
    let made = who.application_password(name, current).await;
    let text = |key: &str| made[key].as_str().unwrap_or_else(|| panic!("{key}: {made}")).to_owned();
    Made { id: text("id"), password: text("password") }
}

pub(crate) async fn remove(who: &SignedIn, made: &Made) {
    expect::data(&who.client.delete(&format!("{APPLICATION_PASSWORDS}/{}", made.id)).await);
}

async fn opened() -> Device {
    let mut device = Device::connect_standard(&world().edge).await;
    device.open().await;
    device
}

#[track_caller]
fn is_not_authorized(failure: &Element, why: &str) {
    assert!(failure.child("not-authorized", ns::SASL).is_some(), "{why}: {failure:?}");
}

async fn is_refused(local: &str, password: &str, why: &str) {
    let refused = opened().await.prove(local, password).await;
    is_not_authorized(&refused.expect_err(why), why);
}

#[tokio::test]
async fn a_standard_client_signs_in_sees_its_contacts_and_talks_with_rainbow_clients_a2_a11() {
    let (_, zara, made) = with_password("zara").await;
    let (zeno, mut zenos) = online("zeno").await;
    let mut phone = Device::connect_standard(&world().edge).await;
    let features = phone.open().await;
    let mechanisms = features.child("mechanisms", ns::SASL).expect("mechanisms before authentication");
    let offered: Vec<&str> = mechanisms.children.iter().map(|mechanism| mechanism.text.as_str()).collect();
    assert_eq!(offered, ["SCRAM-SHA-256"], "a client that may choose PLAIN would send the password");
    phone.prove(zara.local(), &made.password).await.expect("the application password");
    phone.open().await;
    phone.bind("phone").await;
    assert_eq!(phone.jid(), format!("{}/phone", zara.jid()));

    let roster = phone.iq("get", None, &format!("<query xmlns='{}'/>", ns::ROSTER)).await;
    let query = roster.child("query", ns::ROSTER).unwrap_or_else(|| panic!("a roster: {roster:?}"));
    let item = query.children.iter().find(|item| item.attr("jid") == Some(zeno.jid())).expect("a colleague");
    assert_eq!((item.attr("subscription"), item.attr("name")), (Some("both"), Some("Firstnamezeno Lastnamezeno")));
    assert!(query.children.iter().all(|item| item.attr("jid") != Some(zara.jid())), "nobody is a contact of himself");
    let eve = world().eve.sign_in(&world().edge).await;
    assert!(query.children.iter().all(|item| item.attr("jid") != Some(eve.jid())), "outsiders are no contacts");

    phone.presence("").await;
    phone.expect("the presence of a colleague", |e| e.is_from("presence", zeno.jid())).await;
    zenos.expect("the presence of the phone", |e| e.is_from("presence", phone.jid())).await;
    phone.message(zeno.jid(), "from-phone", "from a standard client", STORE).await;
    let got = zenos.expect("the message", saying("from a standard client")).await;
    assert_eq!(got.attr("from"), Some(phone.jid()));
    zenos.message(zara.jid(), "to-phone", "from a Rainbow client", STORE).await;
    phone.expect("the answer", saying("from a Rainbow client")).await;
    let used = expect::list(&zara.client.get(APPLICATION_PASSWORDS).await);
    assert!(used[0]["lastUseDate"].is_string(), "{used:?}");
    phone.leave().await;
}

#[tokio::test]
async fn no_other_secret_opens_a_standard_stream_a2() {
    let (person, zita, made) = with_password("zita").await;
    let (_, _, other) = with_password("zacharias").await;
    let without_hyphens = made.password.replace('-', "");
    for (secret, why) in [
        (person.password.as_str(), "the account's own password"),
        (zita.secret(), "the XMPP secret of a session"),
        (&zita.token, "a token"),
        (&other.password, "somebody else's application password"),
        (&without_hyphens, "not as it was told"),
        ("", "no password"),
    ] {
        is_refused(zita.local(), secret, why).await;
    }
    is_refused(NOBODY, &made.password, "nobody").await;
    is_refused("nobody-of-ours", &made.password, "what can be no user").await;
    let mut device = opened().await;
    device.prove(zita.local(), "wrong").await.expect_err("a wrong password");
    device.prove(zita.local(), &made.password).await.expect("the right one on the same stream");
}

#[tokio::test]
async fn each_door_takes_its_own_mechanism_only_a2() {
    let (_, zoe, made) = with_password("zoe").await;
    let mut standard = opened().await;
    for secret in [zoe.secret(), &made.password] {
        let failure = standard.authenticate(zoe.local(), secret).await.expect_err("PLAIN is not offered there");
        assert!(failure.child("invalid-mechanism", ns::SASL).is_some(), "{failure:?}");
    }
    let mut rainbow = Device::connect(&world().edge).await;
    rainbow.open().await;
    let failure = rainbow.prove(zoe.local(), &made.password).await.expect_err("SCRAM is not offered there");
    assert!(failure.child("invalid-mechanism", ns::SASL).is_some(), "{failure:?}");
    let failure = rainbow.authenticate(zoe.local(), &made.password).await.expect_err("no secret of a session");
    is_not_authorized(&failure, "an application password as PLAIN");
}

#[tokio::test]
async fn a_removed_password_ends_its_streams_within_a_second_and_opens_none_a11() {
    let edge = &world().edge;
    let (person, zelda, phone) = with_password("zelda").await;
    let bot = made(&zelda, "Bot", &person.password).await;
    let mut on_phone = Device::standard(edge, zelda.local(), &phone.password, "phone").await;
    let mut on_bot = Device::standard(edge, zelda.local(), &bot.password, "bot").await;
    let mut on_laptop = Device::online(edge, &zelda, "node_laptop").await;
    let begun = Instant::now();
    remove(&zelda, &phone).await;
    assert_eq!(on_phone.expect_stream_error().await, "not-authorized");
    // A second on an idle box (A5); a busy machine is not what is tested, the end of an unused session is minutes away.
    assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "it took {:?}", begun.elapsed());
    is_refused(zelda.local(), &phone.password, "removed").await;
    on_bot.settle().await;
    on_laptop.settle().await;
    Device::standard(edge, zelda.local(), &bot.password, "again").await.leave().await;
}

#[tokio::test]
async fn a_password_that_is_removed_between_proof_and_binding_opens_nothing_a11() {
    let (_, zilla, made) = with_password("zilla").await;
    let mut device = opened().await;
    device.prove(zilla.local(), &made.password).await.expect("still there");
    device.open().await;
    remove(&zilla, &made).await;
    device.send(&format!("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='{}'/></iq>", ns::BIND)).await;
    assert_eq!(device.expect_stream_error().await, "not-authorized");
}

#[tokio::test]
async fn a_closed_or_removed_account_ends_and_refuses_its_standard_streams_a8_a11() {
    let edge = &world().edge;
    let (_, zora, made) = with_password("zora").await;
    let admin = world().manager.sign_in(edge).await;
    let path = format!("/api/rainbow/admin/v1.0/users/{}", zora.id());
    let mut device = Device::standard(edge, zora.local(), &made.password, "phone").await;
    expect::data(&admin.client.put(&path, &json!({ "isActive": false })).await);
    device.expect_end().await;
    is_refused(zora.local(), &made.password, "a closed account").await;
    expect::data(&admin.client.put(&path, &json!({ "isActive": true })).await);
    let mut device = Device::standard(edge, zora.local(), &made.password, "phone").await;
    expect::success(&admin.client.delete(&path).await);
    device.expect_end().await;
    is_refused(zora.local(), &made.password, "a removed account").await;
}

#[tokio::test]
async fn a_new_password_of_the_account_ends_its_standard_streams_a5_a11() {
    let edge = &world().edge;
    let (person, zack, made) = with_password("zack").await;
    let mut device = Device::standard(edge, zack.local(), &made.password, "phone").await;
    let body = json!({ "currentPassword": person.password, "newPassword": "Brand-New-Passw0rd" });
    expect::data(&zack.client.put("/api/edge/v1/password", &body).await);
    assert_eq!(device.expect_stream_error().await, "not-authorized");
    is_refused(zack.local(), &made.password, "made before the new password").await;
}

#[tokio::test]
async fn whether_somebody_exists_or_has_application_passwords_cannot_be_told_a5() {
    let (person, zoltan) = {
        let person = world().member("zoltan");
        let who = person.sign_in(&world().edge).await;
        (person, who)
    };
    let asked = async |local: &str| opened().await.challenge(local).await.expect("a challenge");
    let before = asked(zoltan.local()).await;
    let (nobody, again) = (asked(NOBODY).await, asked(NOBODY).await);
    assert_eq!((&nobody.salt, nobody.iterations), (&again.salt, again.iterations), "the same at every time");
    assert_ne!(nobody.nonce, again.nonce);
    assert_eq!((before.salt.len(), before.iterations), (nobody.salt.len(), nobody.iterations));
    assert!(before.iterations >= 4096 && before.salt.len() >= 16 && before.salt != nobody.salt);
    let one = made(&zoltan, "Phone", &person.password).await;
    assert_eq!(asked(zoltan.local()).await.salt, before.salt, "the first one changes nothing");
    remove(&zoltan, &one).await;
    assert_eq!(asked(zoltan.local()).await.salt, before.salt);
    let texts: Vec<String> = {
        let mut texts = Vec::new();
        for local in [zoltan.local(), NOBODY, world().admin.email.split('@').next().expect("a name")] {
            let failure = opened().await.prove(local, "wrong").await.expect_err("a wrong password");
            texts.push(format!("{failure:?}"));
        }
        texts
    };
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

#[tokio::test]
async fn a_dialogue_that_is_not_scram_is_refused_and_let_go_on_a2() {
    let (_, zenobia, made) = with_password("zenobia").await;
    let local = zenobia.local();
    for (first, condition) in [
        (format!("p=tls-exporter,,n={local},r=abc"), "malformed-request"),
        (format!("n,a={NOBODY},n={local},r=abc"), "invalid-authzid"),
        (format!("n,,m=x,n={local},r=abc"), "malformed-request"),
        (format!("n,,n={local}"), "malformed-request"),
    ] {
        let mut device = opened().await;
        let failure = device.sasl("auth", &first).await;
        assert!(failure.child(condition, ns::SASL).is_some(), "{first}: {failure:?}");
        device.prove(local, &made.password).await.expect("a right one after it");
    }
    let mut device = opened().await;
    let one = device.challenge(local).await.expect("a challenge");
    let (stale, _) = one.answer(local, &made.password);
    device.send(&format!("<abort xmlns='{}'/>", ns::SASL)).await;
    device.expect("a failure", |e| e.is("failure", ns::SASL)).await;
    device.challenge(local).await.expect("a challenge with another nonce");
    is_not_authorized(&device.sasl("response", &stale).await, "a proof that was overheard");
    device.prove(local, &made.password).await.expect("a right one after it");
}

#[tokio::test]
async fn guessing_costs_the_guesser_the_stream_and_nobody_else_anything_a5() {
    let (person, zorro, made) = with_password("zorro").await;
    let mut device = opened().await;
    for _ in 0..4 {
        is_not_authorized(&device.prove(zorro.local(), "guess").await.expect_err("a guess"), "a guess");
    }
    is_not_authorized(&device.prove(zorro.local(), "guess").await.expect_err("a guess"), "the fifth");
    assert_eq!(device.expect_stream_error().await, "policy-violation");
    Device::standard(&world().edge, zorro.local(), &made.password, "phone").await.leave().await;
    expect::success(&person.try_sign_in(&world().edge).await);
}

#[tokio::test]
async fn application_passwords_outlive_a_restart_and_their_owner_need_not_sign_in_a11() {
    let world = World::new();
    let alice = world.alice.sign_in(&world.edge).await;
    let made = made(&alice, "Phone", &world.alice.password).await;
    expect::success(&alice.sign_out().await);
    world.edge.kill_9();
    world.edge.start();
    let mut device = Device::standard(&world.edge, alice.local(), &made.password, "phone").await;
    world.edge.terminate();
    assert_eq!(device.expect_stream_error().await, "system-shutdown");
}
