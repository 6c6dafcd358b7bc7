//! Signing in by SASL 2 and everything that comes with it in one message: a resource, stream management, copies, a lost
//! session, tokens in place of the password (XEP-0388, XEP-0386, XEP-0484; A2, A11, C1).

use crate::application_passwords::{Made, remove, with_password};
use crate::{Standard, online, saying, standard, world};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use world::device::{NOBODY, STORE};
use world::stanza::{bare, ns};
use world::{Device, Element, SignedIn};

const UNBOUND: (&str, &[u8]) = ("HT-SHA-256-NONE", &[]);
const AGENT: &str = "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>Test</software></user-agent>";
const FAST: &str = "<fast xmlns='urn:xmpp:fast:0'/>";

fn bind(tag: &str, enabled: &str) -> String {
    format!("<bind xmlns='{}'><tag>{tag}</tag>{enabled}</bind>", ns::BIND_2)
}

fn managed() -> String {
    format!("<enable xmlns='{}' resume='true'/>", ns::MANAGEMENT)
}

fn request(mechanism: &str) -> String {
    format!("<request-token xmlns='{}' mechanism='{mechanism}'/>", ns::FAST)
}

async fn opened() -> Device {
    let mut device = Device::connect_standard(&world().edge).await;
    device.open().await;
    device
}

/// The token in an answer, and its last moment.
fn token(answer: &Element) -> (String, String) {
    let token = answer.child("token", ns::FAST).unwrap_or_else(|| panic!("a token: {answer:?}"));
    let text = |name| token.attr(name).unwrap_or_else(|| panic!("{name}: {token:?}")).to_owned();
    (text("token"), text("expiry"))
}

/// A new member with an application password, and a token for this mechanism.
async fn with_token(name: &str, mechanism: &str) -> (SignedIn, Made, String) {
    let (_, who, made) = with_password(name).await;
    let asked = format!("{AGENT}{}", request(mechanism));
    let answer = opened().await.prove_inline(who.local(), &made.password, &asked).await;
    (who, made, token(&answer).0)
}

#[track_caller]
fn is_refused(answer: &Element, condition: &str) {
    assert_eq!(answer.name, "failure", "{answer:?}");
    assert!(answer.child(condition, ns::SASL).is_some(), "{condition}: {answer:?}");
    assert!(answer.child("token", ns::FAST).is_none() && answer.child("bound", ns::BIND_2).is_none(), "{answer:?}");
}

#[tokio::test]
async fn both_doors_of_standard_clients_offer_it_and_rainbows_does_not_xep_0388() {
    let edge = &world().edge;
    for (mut device, tokens) in [
        (Device::connect_standard(edge).await, &["HT-SHA-256-NONE"][..]),
        (Device::connect_direct(edge).await, &["HT-SHA-256-EXPR", "HT-SHA-256-NONE"][..]),
    ] {
        let features = device.open().await;
        let offered = features.child("authentication", ns::SASL_2).expect("SASL 2");
        let inline = offered.child("inline", ns::SASL_2).expect("what may be asked for inline");
        let fast = inline.child("fast", ns::FAST).expect("tokens");
        assert_eq!(fast.children.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), tokens);
        assert!(fast.attr("tls-0rtt").is_none(), "there is no early data");
        let with_bind = inline.child("bind", ns::BIND_2).and_then(|bind| bind.child("inline", ns::BIND_2));
        let vars: Vec<_> = with_bind.expect("features").children.iter().filter_map(|one| one.attr("var")).collect();
        assert_eq!(vars, [ns::CARBONS, ns::CLIENT_STATE, ns::MANAGEMENT]);
        assert!(inline.child("sm", ns::MANAGEMENT).is_some());
        let mechanisms = offered.children.iter().filter(|one| one.name == "mechanism").map(|one| one.text.as_str());
        assert!(mechanisms.eq(
            features.child("mechanisms", ns::SASL).expect("the old ones").children.iter().map(|one| one.text.as_str())
        ));
    }
    let features = Device::connect(edge).await.open().await;
    assert!(features.child("authentication", ns::SASL_2).is_none(), "Rainbow's clients have tokens of their own");
}

#[tokio::test]
async fn one_exchange_signs_in_binds_and_enables_what_is_asked_for_xep_0386() {
    let (_, wanda, made) = with_password("wanda-s2").await;
    let (walter, mut peer) = online("walter-s2").await;
    let mut other = Device::standard(&world().edge, wanda.local(), &made.password, "other").await;
    let mut device = opened().await;
    let enabled = format!("<enable xmlns='{}'/><inactive xmlns='{}'/>{}", ns::CARBONS, ns::CLIENT_STATE, managed());
    let asked = format!("{AGENT}{}", bind("Phone", &enabled));
    let success = device.prove_inline(wanda.local(), &made.password, &asked).await;
    let bound = success.child("bound", ns::BIND_2).unwrap_or_else(|| panic!("bound: {success:?}"));
    let told = bound.child("enabled", ns::MANAGEMENT).expect("stream management");
    assert_eq!(told.attr("resume"), Some("true"), "{told:?}");
    let resource = device.jid().strip_prefix(&format!("{}/Phone.", wanda.jid())).expect("a full address with the tag");
    assert!(resource.len() >= 16 && !resource.contains("d4565fa7"), "the id is not told: {resource}");
    let features = device.expect("features at once", |e| e.is("features", ns::STREAMS)).await;
    for gone in [features.child("bind", ns::BIND), features.child("sm", ns::MANAGEMENT)] {
        assert!(gone.is_none(), "what there is already: {features:?}");
    }
    device.presence("").await;
    assert_eq!(device.handled().await, 1, "counted from the start");
    other.chat(walter.jid(), "c-s2", "<body>from the other</body>").await;
    device.expect("a copy", |e| e.find("sent", ns::CARBONS).is_some()).await;
    peer.presence("<show>dnd</show>").await;
    let looked = |e: &Element| e.is_from("presence", walter.jid()) && e.find("show", ns::CLIENT).is_some();
    device.never("presence while nobody looks", looked).await;
    // The same installation again: its old session ends, the address stays.
    let mut again = opened().await;
    again.prove_inline(wanda.local(), &made.password, &asked).await;
    assert_eq!(again.jid(), device.jid());
    assert_eq!(device.expect_stream_error().await, "conflict");
    // Without an id each session has a name of its own.
    let mut nameless = opened().await;
    nameless.prove_inline(wanda.local(), &made.password, &bind("Phone", "")).await;
    assert!(nameless.jid() != again.jid() && nameless.jid().contains("/Phone."), "{}", nameless.jid());
}

#[tokio::test]
async fn who_asks_for_no_resource_binds_one_as_before_without_a_new_stream_xep_0388() {
    let (_, wilma, made) = with_password("wilma-s2").await;
    let mut device = opened().await;
    let success = device.prove_inline(wilma.local(), &made.password, "").await;
    assert_eq!(device.jid(), wilma.jid(), "a bare address: {success:?}");
    let features = device.expect("features", |e| e.is("features", ns::STREAMS)).await;
    assert!(features.child("bind", ns::BIND).is_some());
    device.bind("phone").await;
    device.presence("").await;
}

#[tokio::test]
async fn a_wrong_password_gets_nothing_of_what_was_asked_for_a2() {
    let (_, willi, made) = with_password("willi-s2").await;
    let asked = format!("{AGENT}{}{}", bind("Phone", &managed()), request(UNBOUND.0));
    let mut device = opened().await;
    is_refused(&device.prove_inline(willi.local(), "wrong", &asked).await, "not-authorized");
    is_refused(&device.prove_inline(NOBODY, &made.password, &asked).await, "not-authorized");
    is_refused(&device.authenticate_inline("PLAIN", &STANDARD.encode("\0a\0b"), &asked).await, "invalid-mechanism");
    // An exchange goes on in the profile that it was begun in.
    device.challenge(willi.local()).await.expect("a challenge of the old profile");
    device.send(&format!("<response xmlns='{}'>eA==</response>", ns::SASL_2)).await;
    device.expect("the refusal", |e| e.name == "failure" && e.child("malformed-request", ns::SASL).is_some()).await;
    let success = device.prove_inline(willi.local(), &made.password, &asked).await;
    assert!(success.child("bound", ns::BIND_2).is_some(), "{success:?}");
}

#[tokio::test]
async fn a_lost_session_is_resumed_with_the_authentication_or_a_new_one_bound_c1() {
    let (_, mut sender) = online("wolf-s2").await;
    let (_, wera, made) = with_password("wera-s2").await;
    let mut device = opened().await;
    let asked = format!("{AGENT}{}{}", bind("Phone", &managed()), request(UNBOUND.0));
    let success = device.prove_inline(wera.local(), &made.password, &asked).await;
    let secret = token(&success).0;
    let ticket = success.find("enabled", ns::MANAGEMENT).and_then(|e| e.attr("id")).expect("a ticket").to_owned();
    device.presence("").await;
    let (jid, received) = (device.jid().to_owned(), device.received());
    drop(device);
    for number in 0..3 {
        sender.message(wera.jid(), &format!("w-{number}"), &format!("text {number}"), STORE).await;
    }
    sender.settle().await;
    let resume = format!("<resume xmlns='{}' previd='{ticket}' h='{received}'/>", ns::MANAGEMENT);
    let asked = format!("{AGENT}{FAST}{resume}{}", bind("Phone", &managed()));
    let mut back = opened().await;
    let success = back.show_token(UNBOUND, wera.local(), &secret, &asked).await;
    assert!(success.child("resumed", ns::MANAGEMENT).is_some() && success.child("bound", ns::BIND_2).is_none());
    assert_eq!(back.jid(), jid);
    back.expect("the features before stanzas", |e| e.is("features", ns::STREAMS)).await;
    back.expect("the last", saying("text 2")).await;
    let missed = back.take_received(|e| e.body().is_some());
    assert_eq!(missed.iter().filter_map(Element::body).collect::<Vec<_>>(), ["text 0", "text 1"]);
    back.leave().await;

    let mut new = opened().await;
    let success = new.show_token(UNBOUND, wera.local(), &secret, &asked).await;
    let failed = success.child("failed", ns::MANAGEMENT).expect("it has ended");
    assert!(failed.child("item-not-found", ns::STANZAS).is_some(), "{failed:?}");
    let bound = success.child("bound", ns::BIND_2).expect("a new session instead");
    assert!(bound.child("enabled", ns::MANAGEMENT).is_some());
    new.presence("").await;
}

#[tokio::test]
async fn a_token_opens_a_stream_in_one_message_and_ends_with_its_application_password_a11() {
    let (wido, made, secret) = with_token("wido-s2", UNBOUND.0).await;
    let mut device = opened().await;
    let asked = format!("{AGENT}{FAST}{}", bind("Phone", ""));
    let success = device.show_token(UNBOUND, wido.local(), &secret, &asked).await;
    assert!(success.child("bound", ns::BIND_2).is_some(), "{success:?}");
    assert!(success.child("token", ns::FAST).is_none(), "the old one is good for long yet");
    device.presence("").await;
    remove(&wido, &made).await;
    assert_eq!(device.expect_stream_error().await, "not-authorized");
    is_refused(&opened().await.show_token(UNBOUND, wido.local(), &secret, &asked).await, "not-authorized");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_person_installation_and_mechanism_alone_a2() {
    let (wibke, made, secret) = with_token("wibke-s2", UNBOUND.0).await;
    let (wiebke, _, _) = with_token("wiebke-s2", UNBOUND.0).await;
    let asked = format!("{AGENT}{FAST}");
    let elsewhere = "<user-agent id='00000000-4d72-4749-b3d3-740edbf87770'/>";
    for (local, secret, asked, why) in [
        (wibke.local(), "guessed", asked.as_str(), "another token"),
        (wiebke.local(), &secret, &asked, "another person"),
        (NOBODY, &secret, &asked, "nobody"),
        (wibke.local(), &secret, &format!("{elsewhere}{FAST}"), "another installation"),
        (wibke.local(), &made.password, &asked, "the password"),
    ] {
        let answer = opened().await.show_token(UNBOUND, local, secret, asked).await;
        assert!(answer.child("not-authorized", ns::SASL).is_some(), "{why}: {answer:?}");
    }
    for (asked, message) in [
        (AGENT, None),
        (FAST, None),
        (&format!("{AGENT}<fast xmlns='{}' count='x'/>", ns::FAST), None),
        (&asked, Some("")),
        (&asked, Some("AAAA")),
        (&asked, Some("%%%")),
    ] {
        let mut device = opened().await;
        let answer = match message {
            None => device.show_token(UNBOUND, wibke.local(), &secret, asked).await,
            Some(message) => device.authenticate_inline(UNBOUND.0, message, asked).await,
        };
        assert_eq!(answer.name, "failure", "{asked} {message:?}");
    }
    let mut direct = Device::connect_direct(&world().edge).await;
    direct.open().await;
    let exporter = direct.exporter();
    let bound = ("HT-SHA-256-EXPR", exporter.as_slice());
    is_refused(&direct.show_token(bound, wibke.local(), &secret, &asked).await, "not-authorized");
    let success = direct.show_token(UNBOUND, wibke.local(), &secret, &asked).await;
    assert_eq!(success.name, "success", "the token itself is good all the while: {success:?}");
}

#[tokio::test]
async fn a_token_bound_to_its_channel_is_worth_nothing_on_another_e2() {
    let edge = &world().edge;
    let (_, winona, made) = with_password("winona-s2").await;
    let mut device = Device::connect_direct(edge).await;
    device.open().await;
    let asked = format!("{AGENT}{}", request("HT-SHA-256-EXPR"));
    let secret = token(&device.prove_inline(winona.local(), &made.password, &asked).await).0;
    let (mut other, mut right) = (Device::connect_direct(edge).await, Device::connect_direct(edge).await);
    other.open().await;
    right.open().await;
    let exporter = right.exporter();
    let (bound, asked) = (("HT-SHA-256-EXPR", exporter.as_slice()), format!("{AGENT}{FAST}"));
    is_refused(&other.show_token(bound, winona.local(), &secret, &asked).await, "not-authorized");
    is_refused(&right.show_token(UNBOUND, winona.local(), &secret, &asked).await, "not-authorized");
    assert_eq!(right.show_token(bound, winona.local(), &secret, &asked).await.name, "success");
}

#[tokio::test]
async fn a_message_with_a_count_is_not_taken_twice_and_a_token_may_be_given_up_a2() {
    let (wenke, _, secret) = with_token("wenke-s2", UNBOUND.0).await;
    let counting = |count: &str| format!("{AGENT}<fast xmlns='{}' {count}/>", ns::FAST);
    for (count, taken) in
        [("count='1'", true), ("count='1'", false), ("", false), ("count='3'", true), ("count='2'", false)]
    {
        let answer = opened().await.show_token(UNBOUND, wenke.local(), &secret, &counting(count)).await;
        assert_eq!(answer.name == "success", taken, "{count}: {answer:?}");
    }
    let last = counting("count='4' invalidate='true'");
    assert_eq!(opened().await.show_token(UNBOUND, wenke.local(), &secret, &last).await.name, "success");
    is_refused(
        &opened().await.show_token(UNBOUND, wenke.local(), &secret, &counting("count='5'")).await,
        "not-authorized",
    );
}

#[tokio::test]
async fn a_token_asked_for_again_leaves_the_old_one_until_the_new_one_is_used_a11() {
    let (wigald, _, old) = with_token("wigald-s2", UNBOUND.0).await;
    let plain = format!("{AGENT}{FAST}");
    let asked = format!("{plain}{}", request(UNBOUND.0));
    let (new, expiry) = token(&opened().await.show_token(UNBOUND, wigald.local(), &old, &asked).await);
    assert!(new != old && expiry.ends_with('Z'), "{expiry}");
    assert_eq!(opened().await.show_token(UNBOUND, wigald.local(), &old, &plain).await.name, "success");
    assert_eq!(opened().await.show_token(UNBOUND, wigald.local(), &new, &plain).await.name, "success");
    is_refused(&opened().await.show_token(UNBOUND, wigald.local(), &old, &plain).await, "not-authorized");
    // Without the id of an installation there is none.
    let none = Standard::new("wim-s2").await;
    let answer = opened().await.prove_inline(none.who.local(), &none.password, &request(UNBOUND.0)).await;
    assert!(answer.name == "success" && answer.child("token", ns::FAST).is_none(), "{answer:?}");
}

#[tokio::test]
async fn what_waited_comes_to_who_binds_inline_as_to_everybody_c1() {
    let (_, mut sender) = standard("wotan-s2").await;
    let (_, wulf, made) = with_password("wulf-s2").await;
    sender.chat(wulf.jid(), "waits-s2", "<body>it waited</body>").await;
    sender.settle().await;
    let mut device = opened().await;
    device.prove_inline(wulf.local(), &made.password, &bind("Phone", "")).await;
    device.presence("").await;
    device.expect("what waited", saying("it waited")).await;
    assert_eq!(bare(device.jid()), wulf.jid());
}
