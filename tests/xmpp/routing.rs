//! RFC 6121, 8.5: who gets what is for a person, for one of a person's devices, or for nobody.

use crate::{Standard, another, error_for, online, saying, standard};
use world::stanza::ns;
use world::{Device, Element};

fn condition(refused: &Element) -> Option<String> {
    refused.error().map(|(condition, _)| condition)
}

async fn send(device: &mut Device, kind: &str, to: &str, id: &str) {
    let body = format!("<body>{id}</body>");
    device.send(&format!("<message xmlns='jabber:client' type='{kind}' to='{to}' id='{id}'>{body}</message>")).await;
}

/// A device that is there with this priority.
async fn with_priority(person: &Standard, resource: &str, priority: i8) -> Device {
    let mut device = person.bound(resource).await;
    device.presence(&format!("<priority>{priority}</priority>")).await;
    device
}

#[tokio::test]
async fn what_is_for_a_device_that_is_not_there_goes_to_others_only_as_conversation_rfc_6121_8_5_3_2_1() {
    let eckart = Standard::new("eckart").await;
    let mut phone = with_priority(&eckart, "phone", 1).await;
    let (_, mut sender) = standard("eckbert").await;
    let gone = format!("{}/gone", eckart.who.jid());
    send(&mut sender, "normal", &gone, "alone").await;
    let refused = sender.expect("a refusal", error_for("message", "alone")).await;
    assert_eq!(condition(&refused).as_deref(), Some("service-unavailable"));
    send(&mut sender, "groupchat", &gone, "room").await;
    let refused = sender.expect("a refusal", error_for("message", "room")).await;
    assert_eq!(condition(&refused).as_deref(), Some("service-unavailable"));
    send(&mut sender, "headline", &gone, "alert").await;
    send(&mut sender, "error", &gone, "fault").await;
    send(&mut sender, "chat", &gone, "talk").await;
    phone.expect("conversation", saying("talk")).await;
    for lost in ["alone", "room", "alert", "fault"] {
        phone.never("what was for another device alone", saying(lost)).await;
    }
    sender.never("a word about an alert", |e| e.attr("id") == Some("alert")).await;
}

#[tokio::test]
async fn one_device_is_given_what_is_for_it_whatever_type_it_has_rfc_6121_8_5_3_1() {
    let eckehard = Standard::new("eckehard").await;
    let mut phone = with_priority(&eckehard, "phone", -1).await;
    let mut tablet = with_priority(&eckehard, "tablet", 5).await;
    let (_, mut sender) = standard("edda").await;
    let to = format!("{}/phone", eckehard.who.jid());
    for kind in ["normal", "chat", "groupchat", "headline", "error"] {
        send(&mut sender, kind, &to, kind).await;
        let got = phone.expect("what is for it", saying(kind)).await;
        assert_eq!((got.attr("type"), got.attr("to")), (Some(kind), Some(&*to)));
        tablet.never("what is for the other device", saying(kind)).await;
    }
    // A type that nobody knows is that of a message alone (RFC 6121, 5.2.2).
    send(&mut sender, "riddle", &to, "riddle").await;
    assert_eq!(phone.expect("the message", saying("riddle")).await.attr("type"), Some("normal"));
    for (kind, told) in [("", None), (" type='unavailable'", Some("unavailable"))] {
        sender.send(&format!("<presence xmlns='jabber:client'{kind} to='{to}' id='shown'/>")).await;
        let shown =
            phone.expect("the presence", |e| e.is("presence", ns::CLIENT) && e.attr("id") == Some("shown")).await;
        assert_eq!(shown.attr("type"), told);
    }
    tablet.never("presence for the other device", |e| e.attr("id") == Some("shown")).await;
}

#[tokio::test]
async fn every_device_that_takes_messages_gets_what_is_for_the_person_rfc_6121_8_5_2_1_1() {
    let edwina = Standard::new("edwina").await;
    let (mut high, mut low) = (with_priority(&edwina, "high", 5).await, with_priority(&edwina, "low", 0).await);
    let mut never = with_priority(&edwina, "never", -1).await;
    let (_, mut sender) = standard("egbert").await;
    for kind in ["normal", "chat", "headline"] {
        send(&mut sender, kind, edwina.who.jid(), kind).await;
        for device in [&mut high, &mut low] {
            assert_eq!(device.expect("the message", saying(kind)).await.attr("type"), Some(kind));
        }
        never.never("a message to the person", saying(kind)).await;
    }
    send(&mut sender, "groupchat", edwina.who.jid(), "room").await;
    let refused = sender.expect("a refusal", error_for("message", "room")).await;
    assert_eq!(condition(&refused).as_deref(), Some("service-unavailable"));
    send(&mut sender, "error", edwina.who.jid(), "fault").await;
    high.never("an error of nobody's", saying("fault")).await;
    sender.never("an answer to an error", |e| e.attr("id") == Some("fault")).await;
}

#[tokio::test]
async fn the_box_answers_requests_for_accounts_and_passes_none_on_rfc_6121_8_5_2_1_3() {
    let (egmont, mut there) = standard("egmont").await;
    let (_, mut asker) = standard("eike").await;
    let unknown = asker.iq("get", Some(egmont.jid()), "<query xmlns='urn:example:unknown'/>").await;
    assert_eq!(condition(&unknown).as_deref(), Some("service-unavailable"));
    let known = asker.iq("get", Some(egmont.jid()), &format!("<query xmlns='{}'/>", ns::DISCO_INFO)).await;
    assert_eq!(known.attr("type"), Some("result"));
    there.never("a request for the account", |e| e.is("iq", ns::CLIENT) && e.attr("type") == Some("get")).await;
}

#[tokio::test]
async fn who_does_not_exist_has_nothing_and_nothing_of_his_can_be_asked_xep_0030_8_b3() {
    let (_, mut asker) = standard("ekko").await;
    let hidden = crate::world().outsider("ev-items").sign_in(&crate::world().edge).await;
    for of in [hidden.jid(), "d00000000000000000000bad@edge.test", "nobody-at-all@edge.test"] {
        for node in ["", " node='urn:example:node'"] {
            let items = asker.iq("get", Some(of), &format!("<query xmlns='{}'{node}/>", ns::DISCO_ITEMS)).await;
            let query = items.child("query", ns::DISCO_ITEMS).unwrap_or_else(|| panic!("an answer: {items:?}"));
            assert!(query.children.is_empty(), "{of}: {query:?}");
            let info = asker.iq("get", Some(of), &format!("<query xmlns='{}'{node}/>", ns::DISCO_INFO)).await;
            assert_eq!(condition(&info).as_deref(), Some("service-unavailable"), "{of}");
        }
    }
}

#[tokio::test]
async fn a_node_of_an_account_says_that_it_is_one_xep_0060_5_3() {
    let (eila, mut device) = standard("eila").await;
    let item = "<item><tune xmlns='http://jabber.org/protocol/tune'><title>x</title></tune></item>";
    let publish =
        format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='tune'>{item}</publish></pubsub>");
    assert_eq!(device.iq("set", None, &publish).await.attr("type"), Some("result"));
    let info = |node: &str| format!("<query xmlns='{}' node='{node}'/>", ns::DISCO_INFO);
    let answer = device.iq("get", Some(eila.jid()), &info("tune")).await;
    let query = answer.child("query", ns::DISCO_INFO).unwrap_or_else(|| panic!("an answer: {answer:?}"));
    assert_eq!(query.attr("node"), Some("tune"));
    let identity = query.child("identity", ns::DISCO_INFO).expect("an identity");
    assert_eq!((identity.attr("category"), identity.attr("type")), (Some("pubsub"), Some("leaf")));
    let other = device.iq("get", Some(eila.jid()), &info("nothing")).await;
    assert_eq!(condition(&other).as_deref(), Some("item-not-found"));
}

#[tokio::test]
async fn rainbow_clients_hear_nothing_that_they_do_not_know_rfc_6121_8_5_3() {
    let (elke, mut web) = online("elke").await;
    let mut second = another(&elke, "web_2").await;
    let (_, mut sender) = standard("emmo").await;
    let to = web.jid().to_owned();
    for kind in ["groupchat", "headline", "error"] {
        send(&mut sender, kind, &to, kind).await;
        for device in [&mut web, &mut second] {
            device.never("a type that Rainbow does not know", saying(kind)).await;
        }
    }
}

#[tokio::test]
async fn what_is_for_no_address_is_told_so_rfc_6120_8_3_3_8() {
    let (_, mut device) = standard("engel").await;
    for to in ["@edge.test", "a b@edge.test", "someone@edge.test/"] {
        let answer = device.iq("get", Some(to), "<ping xmlns='urn:xmpp:ping'/>").await;
        assert_eq!(condition(&answer).as_deref(), Some("jid-malformed"), "{to}");
    }
}
