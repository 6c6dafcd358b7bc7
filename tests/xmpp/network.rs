//! Two companies that may see one another (B6): invitations as notices, roster pushes, presence, messages, blocking.

use crate::{error_for, online, receipt, saying, standard, world};
use std::sync::OnceLock;
use world::device::STORE;
use world::stanza::ns;
use world::{Device, Element, SignedIn};

const BLOCKING: &str = "urn:xmpp:blocking";
const ROSTER: &str = "jabber:iq:roster";
const INITECH: &str = "Initech-Nachbarhaus";

/// Somebody of a company that sees Acme and is seen by it, with one device that is there.
pub(crate) async fn neighbour(name: &str) -> (SignedIn, Device) {
    static MADE: OnceLock<()> = OnceLock::new();
    let world = world();
    MADE.get_or_init(|| world.edge.add_company(INITECH, "public"));
    let who = world.edge.add_person(INITECH, &format!("{name}@initech.test"), &[]).sign_in(&world.edge).await;
    let device = Device::online(&world.edge, &who, &format!("node_{name}")).await;
    (who, device)
}

/// A notice about an invitation (sheet section 12).
fn invitation<'a>(side: &'a str, action: &'a str, status: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        e.attr("type") == Some("management")
            && e.child("userinvite", ns::CONFIGURATION).is_some_and(|notice| {
                [("type", side), ("action", action), ("status", status)]
                    .iter()
                    .all(|(name, value)| notice.attr(name) == Some(*value))
            })
    }
}

fn roster<'a>(of: &'a str, subscription: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        let item = e.child("query", ROSTER).and_then(|query| query.child("item", ROSTER));
        e.attr("type") == Some("set")
            && item.is_some_and(|item| item.attr("jid") == Some(of) && item.attr("subscription") == Some(subscription))
    }
}

fn presence<'a>(from: &'a str, kind: Option<&'a str>) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("presence", ns::CLIENT) && e.attr("from") == Some(from) && e.attr("type") == kind
}

async fn block(device: &mut Device, name: &str, whom: &str) -> Element {
    let payload = format!("<{name} xmlns='{BLOCKING}'><item jid='{whom}'/></{name}>");
    device.iq("set", None, &payload).await
}

#[tokio::test]
async fn an_invitation_its_acceptance_and_its_end_are_told_to_both_sides_b6() {
    let (nora, mut noras) = online("norina").await;
    let (nils, mut nilss) = neighbour("nils").await;
    let id = nora.invite(&nils).await;
    noras.expect("the notice of the inviter", invitation("sent", "create", "pending")).await;
    let notice = nilss.expect("the notice of the invited", invitation("received", "create", "pending")).await;
    let told = notice.child("userinvite", ns::CONFIGURATION).and_then(|notice| notice.attr("id"));
    assert_eq!(told, Some(id.as_str()));
    nilss
        .never("presence before the answer", |e| e.is("presence", ns::CLIENT) && e.is_from("presence", nora.jid()))
        .await;
    nils.accept(&id).await;
    noras.expect("the answer", invitation("sent", "update", "accepted")).await;
    noras.expect("the new contact", roster(nils.jid(), "both")).await;
    nilss.expect("the new contact", roster(nora.jid(), "both")).await;
    let (noras_jid, nilss_jid) = (noras.jid().to_owned(), nilss.jid().to_owned());
    noras.expect("the contact's presence", presence(&nilss_jid, None)).await;
    nilss.expect("the contact's presence", presence(&noras_jid, None)).await;
    let left = nils.client.delete(&format!("/api/rainbow/enduser/v1.0/users/networks/{}", nora.id())).await;
    assert_eq!(left.status, 200, "{}", left.text());
    noras.expect("the end", roster(nils.jid(), "remove")).await;
    noras.expect("no presence any more", presence(&nilss_jid, Some("unavailable"))).await;
    nilss.expect("no presence any more", presence(&noras_jid, Some("unavailable"))).await;
}

#[tokio::test]
async fn a_refusal_is_told_to_nobody_but_who_refused_b6() {
    let (nele, mut neles) = online("nelli").await;
    let (noah, mut noahs) = neighbour("noah").await;
    let id = nele.invite(&noah).await;
    neles.expect("the notice of the inviter", invitation("sent", "create", "pending")).await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}/invitations/{id}/decline", noah.id());
    assert_eq!(noah.client.post(&path, &serde_json::json!({})).await.status, 200);
    noahs.expect("the own other devices", invitation("received", "update", "declined")).await;
    neles.never("a word of the refusal", |e| e.child("userinvite", ns::CONFIGURATION).is_some()).await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}/invitations/{id}", nele.id());
    assert_eq!(nele.client.get(&path).await.json()["data"]["status"], "pending");
}

#[tokio::test]
async fn messages_receipts_and_corrections_cross_between_companies_c1_c8() {
    let (nick, mut nicks) = online("nick").await;
    let (nadja, mut nadjas) = neighbour("nadja").await;
    nick.join(&nadja).await;
    nicks.message(nadja.jid(), "x1", "over the fence", STORE).await;
    nicks.expect("the server's receipt", receipt("server", "received", "x1")).await;
    let message = nadjas.expect("the message", saying("over the fence")).await;
    assert_eq!(message.attr("from"), Some(nicks.jid()));
    assert!(message.children.iter().any(|child| child.is("archived", ns::ARCHIVED)));
    nadjas.receipt(nick.jid(), "read", "x1").await;
    nicks.expect("the reader's receipt", receipt("client", "read", "x1")).await;
    let correction = format!("<body>over the hedge</body><modified xmlns='{}'/>", ns::CORRECT);
    nicks.chat(nadja.jid(), "x1", &correction).await;
    nadjas.expect("the correction", saying("over the hedge")).await;
    for (device, peer) in [(&mut nicks, nadja.jid()), (&mut nadjas, nick.jid())] {
        let page = device.history(peer, 10, None).await;
        assert_eq!(page.bodies(), ["over the hedge"]);
        let forwarded = world::history::forwarded(&page.results[0]);
        let ack = forwarded.child("ack", ns::CLIENT).expect("marks of the message");
        assert_eq!((ack.attr("received"), ack.attr("read")), (Some("true"), Some("true")));
    }
}

#[tokio::test]
async fn who_is_blocked_reaches_nobody_and_sees_nobody_until_the_block_ends_b6() {
    let (nuri, mut nuris) = online("nuri").await;
    let (nana, mut nanas) = neighbour("nana").await;
    nuri.join(&nana).await;
    let nanas_jid = nanas.jid().to_owned();
    nuris.expect("the contact's presence", presence(&nanas_jid, None)).await;
    let answer = block(&mut nanas, "block", nuri.jid()).await;
    assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    nanas.expect("the push of the block", |e| e.child("block", BLOCKING).is_some()).await;
    nuris.expect("presence is taken away", presence(&nanas_jid, Some("unavailable"))).await;
    nuris.message(nana.jid(), "b1", "hello?", STORE).await;
    nuris.expect("the refusal, as of nobody", error_for("message", "b1")).await;
    nuris.chat(nana.jid(), "b2", &format!("<composing xmlns='{}'/>", ns::CHAT_STATES)).await;
    nuris.settle().await;
    nanas.never("anything of the blocked", |e| e.is_from("message", nuri.jid())).await;
    let list = nanas.iq("get", None, &format!("<blocklist xmlns='{BLOCKING}'/>")).await;
    let blocked = list.find("item", BLOCKING).and_then(|item| item.attr("jid").map(str::to_owned));
    assert_eq!(blocked.as_deref(), Some(nuri.jid()));
    assert_eq!(block(&mut nanas, "unblock", nuri.jid()).await.attr("type"), Some("result"));
    nuris.expect("presence is back", presence(&nanas_jid, None)).await;
    nuris.message(nana.jid(), "b3", "better", STORE).await;
    nanas.expect("messages are back", saying("better")).await;
}

#[tokio::test]
async fn somebody_unseen_cannot_be_blocked_and_looks_like_nobody_b3() {
    let (_, mut device) = online("norbert").await;
    let world = world();
    let hidden = world.outsider("unseen").sign_in(&world.edge).await;
    let met = block(&mut device, "block", hidden.jid()).await;
    let unmet = block(&mut device, "block", "d00000000000000000000bad@edge.test").await;
    for answer in [&met, &unmet] {
        assert_eq!(answer.attr("type"), Some("error"), "{answer:?}");
    }
    assert_eq!(met.error(), unmet.error());
}

#[tokio::test]
async fn a_block_is_felt_on_both_sides_as_the_extension_says_xep_0191() {
    let (nikita, mut phone) = standard("nikita").await;
    let (nino, mut ninos) = standard("nino").await;
    let (phones, theirs) = (phone.jid().to_owned(), ninos.jid().to_owned());
    ninos.expect("presence", presence(&phones, None)).await;
    assert_eq!(block(&mut phone, "block", nino.jid()).await.attr("type"), Some("result"));
    phone.expect("the push", |e| e.find("block", BLOCKING).is_some()).await;
    ninos.expect("presence ends", presence(&phones, Some("unavailable"))).await;
    phone.chat(nino.jid(), "bl-1", "<body>to the blocked</body>").await;
    let refused = phone.expect("the refusal", error_for("message", "bl-1")).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("not-acceptable"));
    assert!(refused.find("blocked", "urn:xmpp:blocking:errors").is_some(), "{refused:?}");
    ninos.chat(nikita.jid(), "bl-2", "<body>of the blocked</body>").await;
    let refused = ninos.expect("the refusal", error_for("message", "bl-2")).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("service-unavailable"));
    let version = "<query xmlns='jabber:iq:version'/>";
    assert_eq!(ninos.iq("get", Some(&phones), version).await.attr("type"), Some("error"), "no requests either");
    ninos.send(&format!("<presence xmlns='jabber:client' type='probe' to='{}'/>", nikita.jid())).await;
    ninos.send(&format!("<presence xmlns='jabber:client' to='{}'><show>dnd</show></presence>", nikita.jid())).await;
    ninos.never("presence of the blocker", presence(&phones, None)).await;
    phone
        .never("anything of the blocked", |e| {
            e.body() == Some("of the blocked")
                || e.child("show", ns::CLIENT).is_some_and(|show| show.text == "dnd" && e.attr("from") == Some(&theirs))
        })
        .await;
    assert_eq!(phone.iq("set", None, &format!("<unblock xmlns='{BLOCKING}'/>")).await.attr("type"), Some("result"));
    ninos.expect("presence is back", presence(&phones, None)).await;
    phone.chat(nino.jid(), "bl-3", "<body>friends again</body>").await;
    ninos.expect("the message", saying("friends again")).await;
}

#[tokio::test]
async fn colleagues_hear_of_a_new_account_and_of_its_end_and_nobody_else_does_b6() {
    let (_, mut colleague) = online("news-colleague").await;
    let (_, mut stranger) = neighbour("news-stranger").await;
    let (who, mut own) = online("news-nuno").await;
    colleague.expect("the new colleague", roster(who.jid(), "both")).await;
    let admin = world().manager.sign_in(&world().edge).await;
    let path = format!("/api/rainbow/admin/v1.0/users/{}", who.id());
    assert_eq!(admin.client.delete(&path).await.status, 200);
    own.expect_stream_error().await;
    colleague.expect("that he is none any more", roster(who.jid(), "remove")).await;
    let told = |e: &Element| ["both", "remove"].iter().any(|subscription| roster(who.jid(), subscription)(e));
    stranger.never("a word of another company's accounts", told).await;
}
