//! A guest's stream (C4, A8): he enters his bubble and nothing else; who waits enters nothing, and organizers hear of him (C5).

use crate::{online, saying, world};
use serde_json::{Value, json};
use world::device::STORE;
use world::stanza::ns;
use world::{Bubble, Client, Device, Element, SignedIn, expect, later};

const MUC: &str = "http://jabber.org/protocol/muc";
const USERS: &str = "/api/rainbow/enduser/v1.0/users";

async fn token(organizer: &SignedIn, bubble: &Bubble) -> String {
    let path = format!("{USERS}/{}/public-links/bind", organizer.id());
    let made = expect::data(&organizer.client.post(&path, &json!({ "roomId": bubble.id })).await);
    made["openInviteId"].as_str().expect("a token").to_owned()
}

async fn guest(token: &str, name: &str) -> (SignedIn, Value) {
    let path = format!("/api/edge/v1/meet/{token}");
    let answer = expect::success(&Client::new(&world().edge).post(&path, &json!({ "name": name })).await);
    (SignedIn::from_answer(&world().edge, &answer), answer["meeting"].clone())
}

/// A notice of the box of this name about that bubble.
fn notice<'a>(name: &'a str, bubble: &'a Bubble) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.find(name, ns::CONFIGURATION).is_some_and(|e| e.attr("roomid") == Some(bubble.id.as_str()))
}

async fn condition(device: &mut Device, kind: &str, to: &str, payload: &str) -> Option<String> {
    let answer = device.iq(kind, Some(to), payload).await;
    answer.error().map(|(condition, _)| condition)
}

#[tokio::test]
async fn a_guest_enters_his_bubble_alone_and_reads_from_then_on_c4_a8() {
    let (ada, mut desk) = online("ada-guests").await;
    let bob = world().signed_in("bob-guests").await;
    let (mine, other) = (ada.bubble("Visited").await, ada.bubble("Not visited").await);
    ada.add_to(&other, &bob).await;
    for bubble in [&mine, &other] {
        desk.enter(bubble).await;
        desk.say(bubble, "early", "<body>before the guest</body>").await;
    }
    later().await;
    let (gast, meeting) = guest(&token(&ada, &mine).await, "Gast").await;
    assert_eq!(meeting["status"], "accepted");
    let mut phone = Device::online(&world().edge, &gast, "node_gast").await;
    phone.enter(&mine).await;
    desk.say(&mine, "late", "<body>with the guest</body>").await;
    phone.expect("the words", saying("with the guest")).await;
    assert_eq!(phone.read_all_of(&mine).await, ["with the guest"]);
    phone.say(&mine, "his", "<body>thank you</body>").await;
    desk.expect("the guest's words", saying("thank you")).await;
    // Of another bubble there is nothing, as of one that nobody ever made.
    let nobody = "room_dddddddddddddddddddddddd@muc.edge.test";
    for to in [other.jid.as_str(), nobody] {
        let frame = format!("<presence xmlns='jabber:client' id='in' to='{to}/me'><x xmlns='{MUC}'/></presence>");
        phone.send(&frame).await;
        let refused = phone.expect("a refusal", |e| e.name == "presence" && e.attr("id") == Some("in")).await;
        assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("item-not-found"));
        for payload in [format!("<query xmlns='{}'/>", ns::MAM), String::from("<query xmlns='urn:xmpp:mam:2'/>")] {
            assert_eq!(
                condition(&mut phone, "set", to, &payload).await.as_deref(),
                Some("item-not-found"),
                "{payload}"
            );
        }
    }
    let items = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
    let rooms = phone.iq("get", Some("muc.edge.test"), items).await;
    let listed: Vec<_> =
        rooms.children.iter().flat_map(|query| &query.children).filter_map(|e| e.attr("jid")).collect();
    assert!(listed.iter().all(|jid| *jid == mine.jid), "{listed:?}");
    // Nobody is written to alone, and nobody's presence comes.
    desk.settle().await;
    phone.message(ada.jid(), "alone", "psst", STORE).await;
    phone.settle().await;
    desk.never("a message of a guest alone", saying("psst")).await;
    desk.message(gast.jid(), "back", "psst you", STORE).await;
    desk.settle().await;
    phone.never("a message to a guest alone", saying("psst you")).await;
    let seen =
        phone.take_received(|e| e.name == "presence" && !e.attr("from").is_some_and(|from| from.starts_with("room_")));
    assert!(seen.iter().all(|e| e.attr("from").is_some_and(|from| from.starts_with(gast.jid()))), "{seen:?}");
}

#[tokio::test]
async fn a_guest_who_is_put_out_is_off_the_stream_at_once_c4() {
    let (ada, mut desk) = online("anna-guests").await;
    let mine = ada.bubble("Short visit").await;
    desk.enter(&mine).await;
    let (gast, _) = guest(&token(&ada, &mine).await, "Gast").await;
    let mut phone = Device::online(&world().edge, &gast, "node_gast").await;
    phone.enter(&mine).await;
    let path = format!("{}/users/{}", mine.path(), gast.id());
    expect::success(&ada.client.put(&path, &json!({ "status": "unsubscribed" })).await);
    phone.expect_end().await;
    let told = desk.expect("that he has gone", notice("room", &mine)).await;
    assert_eq!(
        told.find("room", ns::CONFIGURATION).and_then(|e| e.attr("status")),
        Some("accepted"),
        "first that he came"
    );
    let mut again = Device::connect(&world().edge).await;
    again.open().await;
    assert!(again.authenticate(gast.local(), gast.secret()).await.is_err());
}

#[tokio::test]
async fn organizers_hear_who_waits_and_nobody_else_does_c5_r2() {
    let (ada, mut desk) = online("agnes-guests").await;
    let (ben, mut member) = online("ben-guests").await;
    let mine = ada.bubble("With a lobby").await;
    ada.add_to(&mine, &ben).await;
    let lobbies = format!("{}/lobbies", mine.path());
    expect::data(&ada.client.put(&lobbies, &json!({ "hasLobby": true })).await);
    let on = desk.expect("that there is a lobby", notice("roomlobby", &mine)).await;
    let on = on.find("roomlobby", ns::CONFIGURATION).expect("found");
    assert_eq!((on.attr("action"), on.attr("haslobby")), (Some("activate"), Some("true")));
    let (gast, meeting) = guest(&token(&ada, &mine).await, "Gast").await;
    assert_eq!(meeting["status"], "waiting");
    let incoming = desk.expect("who waits", notice("newIncoming", &mine)).await;
    let incoming = incoming.find("newIncoming", ns::CONFIGURATION).expect("found");
    assert_eq!((incoming.attr("userid"), incoming.attr("firstname")), (Some(gast.id()), Some("Gast")));
    let mut phone = Device::online(&world().edge, &gast, "node_gast").await;
    let frame = format!("<presence xmlns='jabber:client' id='in' to='{}/me'><x xmlns='{MUC}'/></presence>", mine.jid);
    phone.send(&frame).await;
    let refused = phone.expect("a refusal", |e| e.name == "presence" && e.attr("id") == Some("in")).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("item-not-found"));
    let body = json!({ "scope": "some", "users": [gast.id()] });
    expect::data(&ada.client.put(&format!("{lobbies}/accept"), &body).await);
    let told = phone.expect("that he is in", notice("room", &mine)).await;
    let told = told.find("room", ns::CONFIGURATION).expect("found");
    assert_eq!((told.attr("userjid"), told.attr("status")), (Some(gast.jid()), Some("accepted")));
    member.settle().await;
    for name in ["roomlobby", "newIncoming", "openinvite", "roompassword"] {
        member.never(name, notice(name, &mine)).await;
    }
}

#[tokio::test]
async fn the_organizers_devices_hear_of_link_and_password_and_no_others_do_c4_r2() {
    let (ada, mut desk) = online("alma-guests").await;
    let (ben, mut co) = online("bert-guests").await;
    let mine = ada.bubble("Link and password").await;
    ada.add_to(&mine, &ben).await;
    let privilege = json!({ "privilege": "moderator" });
    expect::success(&ada.client.put(&format!("{}/users/{}", mine.path(), ben.id()), &privilege).await);
    let token = token(&ada, &mine).await;
    let made = desk.expect("the link", |e| e.find("openinvite", ns::CONFIGURATION).is_some()).await;
    let made = made.find("openinvite", ns::CONFIGURATION).expect("found");
    let child = |name: &str| made.child(name, ns::CONFIGURATION).map(|e| e.text.clone());
    assert_eq!((made.attr("action"), child("openinviteid")), (Some("create"), Some(token)));
    assert_eq!(child("roomid"), Some(mine.id.clone()));
    expect::data(&ada.client.put(&format!("{}/passwords", mine.path()), &json!({ "hasPassword": true })).await);
    let set = desk.expect("the password", notice("roompassword", &mine)).await;
    let set = set.find("roompassword", ns::CONFIGURATION).expect("found");
    assert_eq!(set.attr("action"), Some("update"), "which one it is, the organizer asks for");
    co.settle().await;
    co.never("a link", |e| e.find("openinvite", ns::CONFIGURATION).is_some()).await;
    co.never("a password", notice("roompassword", &mine)).await;
}
