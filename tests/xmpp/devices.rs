//! RFC 6121, 8: stanzas to one device of somebody, and which messages go where.

use crate::{Standard, another, error_for, online, saying, standard, world};
use world::stanza::ns;
use world::{Device, Element};

const DISCO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";

fn request<'a>(from: &'a str, id: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("iq", ns::CLIENT) && e.attr("from") == Some(from) && e.attr("id") == Some(id)
}

#[tokio::test]
async fn a_request_goes_to_the_device_named_and_its_answer_back_rfc_6121_8_5_3() {
    let ulla = Standard::new("ulla").await;
    let (mut phone, mut laptop) = (ulla.device("phone").await, ulla.device("laptop").await);
    let (_, mut asker) = standard("udo").await;
    let asked = format!("<iq xmlns='jabber:client' type='get' id='ask-1' to='{}'>{DISCO}</iq>", phone.jid());
    asker.send(&asked).await;
    let got = phone.expect("the request", request(asker.jid(), "ask-1")).await;
    assert_eq!((got.attr("type"), got.attr("to")), (Some("get"), Some(phone.jid())));
    assert!(got.child("query", ns::DISCO_INFO).is_some());
    let answer = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:example:talent'/></query>";
    phone.send(&format!("<iq xmlns='jabber:client' type='result' id='ask-1' to='{}'>{answer}</iq>", asker.jid())).await;
    let answered = asker.answer_to("ask-1").await;
    assert_eq!((answered.attr("type"), answered.attr("from")), (Some("result"), Some(phone.jid())));
    assert!(answered.find("feature", ns::DISCO_INFO).is_some_and(|f| f.attr("var") == Some("urn:example:talent")));
    laptop.never("a request for another device", |e| e.attr("id") == Some("ask-1")).await;

    asker.send(&asked.replace("ask-1", "ask-2")).await;
    phone.expect("the request", request(asker.jid(), "ask-2")).await;
    let error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    phone.send(&format!("<iq xmlns='jabber:client' type='error' id='ask-2' to='{}'>{error}</iq>", asker.jid())).await;
    assert_eq!(asker.answer_to("ask-2").await.attr("type"), Some("error"));
}

#[tokio::test]
async fn requests_to_who_is_gone_hidden_or_a_rainbow_client_are_unavailable_alike_b3() {
    let world = world();
    let (uwe, mut rainbow) = online("uwe").await;
    let (_, mut asker) = standard("ursula").await;
    let eve = world.outsider("ev-device").sign_in(&world.edge).await;
    let hidden = Device::online(&world.edge, &eve, "node_hidden").await;
    let gone = format!("{}/gone", uwe.jid());
    for to in [gone.as_str(), rainbow.jid(), hidden.jid(), "d00000000000000000000bad@edge.test/x"] {
        let answer = asker.iq("get", Some(to), DISCO).await;
        assert_eq!(answer.error().map(|(condition, _)| condition).as_deref(), Some("service-unavailable"), "{to}");
    }
    // An answer that nobody waits for ends here.
    asker.send(&format!("<iq xmlns='jabber:client' type='result' id='stray' to='{gone}'/>")).await;
    asker.never("an answer to an answer", |e| e.attr("id") == Some("stray")).await;
    rainbow.never("a request of a person", |e| e.is("iq", ns::CLIENT) && e.attr("from") == Some(asker.jid())).await;
}

#[tokio::test]
async fn a_message_to_a_device_that_has_gone_reaches_the_others_rfc_6121_8_5_3_2() {
    let (urs, mut phone) = standard("urs").await;
    let (_, mut sender) = standard("uta").await;
    sender.chat(&format!("{}/gone", urs.jid()), "fall-1", "<body>whoever is there</body>").await;
    phone.expect("the message", saying("whoever is there")).await;
}

#[tokio::test]
async fn headlines_pass_and_stay_nowhere_rooms_are_no_people_and_errors_are_not_answered_rfc_6121_8_5() {
    let ute = Standard::new("ute").await;
    let (_, mut sender) = standard("ulf").await;
    let (to, send) = (ute.who.jid().to_owned(), |kind: &str, id: &str, to: &str| {
        format!("<message xmlns='jabber:client' type='{kind}' id='{id}' to='{to}'><body>{id}</body></message>")
    });
    sender.send(&send("headline", "h-away", &to)).await;
    sender.never("an answer to a headline that nobody took", error_for("message", "h-away")).await;
    let mut phone = ute.device("phone").await;
    phone.never("a headline that waited", saying("h-away")).await;
    sender.send(&send("headline", "h-there", &to)).await;
    assert_eq!(phone.expect("the headline", saying("h-there")).await.attr("type"), Some("headline"));
    sender.send(&send("normal", "n-there", &to)).await;
    assert_eq!(phone.expect("the message", saying("n-there")).await.attr("type"), Some("normal"));
    sender.send(&send("groupchat", "g", &to)).await;
    let refused = sender.expect("the refusal", error_for("message", "g")).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("service-unavailable"));
    sender.send(&format!("<message xmlns='jabber:client' type='error' id='e' to='{}'/>", phone.jid())).await;
    phone.expect("an error for the device that is named", error_for("message", "e")).await;
    sender.send(&send("error", "e-nobody", "d00000000000000000000bad@edge.test")).await;
    sender.never("an answer to an error", |e| e.attr("id") == Some("e-nobody")).await;
    let page = crate::standard_archive::ask(&mut phone, &[], "", "").await;
    assert_eq!(page.bodies(), ["n-there"], "headlines and errors are kept nowhere");
    let kept = world::history::forwarded(&page.results[0]);
    assert_eq!(kept.attr("type"), Some("normal"));
}

#[tokio::test]
async fn a_message_without_an_id_is_taken_rfc_6120_8_1_3() {
    let (ulrike, mut phone) = standard("ulrike").await;
    let (_, mut sender) = standard("ulrich").await;
    sender
        .send(&format!(
            "<message xmlns='jabber:client' type='chat' to='{}'><body>nameless</body></message>",
            ulrike.jid()
        ))
        .await;
    phone.expect("the message", saying("nameless")).await;
}

#[tokio::test]
async fn iqs_need_an_id_and_one_child_rfc_6120_8_2_3() {
    let (_, mut device) = standard("ulla-mia").await;
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    device.send(&format!("<iq xmlns='jabber:client' type='get'>{ping}</iq>")).await;
    device
        .expect("the refusal", |e| e.is("iq", ns::CLIENT) && e.error().is_some_and(|(c, _)| c == "bad-request"))
        .await;
    let two = device.iq("get", None, &format!("{ping}{ping}")).await;
    assert_eq!(two.error().map(|(condition, _)| condition).as_deref(), Some("bad-request"));
}

#[tokio::test]
async fn copies_go_to_other_devices_that_asked_and_never_of_what_is_private_xep_0280() {
    let (viktor, sender_alone) = (Standard::new("viktor").await, Standard::new("vera").await);
    let (mut phone, mut laptop) = (viktor.device("phone").await, viktor.device("laptop").await);
    let mut web = another(&viktor.who, "web_viktor").await;
    let (mut sender, mut senders_other) = (sender_alone.device("phone").await, sender_alone.device("laptop").await);
    let copied = |way: &'static str, body: &'static str| {
        move |e: &Element| {
            let copy = e.child(way, ns::CARBONS).and_then(|copy| copy.find("message", ns::CLIENT));
            copy.is_some_and(|message| message.body() == Some(body))
        }
    };
    sender.chat(phone.jid(), "c1", "<body>to the phone</body>").await;
    phone.expect("the message", saying("to the phone")).await;
    let copy = laptop.expect("a received copy", copied("received", "to the phone")).await;
    assert_eq!(copy.attr("from"), Some(viktor.who.jid()));
    senders_other.expect("a sent copy", copied("sent", "to the phone")).await;
    web.expect("Rainbow's clients get every message itself", saying("to the phone")).await;
    phone.never("a copy of its own", copied("received", "to the phone")).await;
    laptop.never("the message itself", saying("to the phone")).await;
    for (id, hint) in [("c2", "<private xmlns='urn:xmpp:carbons:2'/>"), ("c3", "<no-copy xmlns='urn:xmpp:hints'/>")] {
        sender.chat(phone.jid(), id, &format!("<body>{id} private</body>{hint}")).await;
        let got = phone.expect("the message", |e| e.attr("id") == Some(id)).await;
        assert!(got.child("private", ns::CARBONS).is_none(), "taken out on the way: {got:?}");
    }
    let any = |e: &Element| e.find("body", ns::CLIENT).is_some_and(|body| body.text.ends_with("private"));
    sender.settle().await;
    laptop.never("a copy of what is private", any).await;
    senders_other.never("a copy of what is private", any).await;
    laptop.iq("set", None, &format!("<disable xmlns='{}'/>", ns::CARBONS)).await;
    sender.chat(phone.jid(), "c4", "<body>no more</body>").await;
    phone.expect("the message", saying("no more")).await;
    laptop.never("a copy after disabling", copied("received", "no more")).await;
    sender.chat(viktor.who.jid(), "c5", "<body>to all</body>").await;
    for device in [&mut phone, &mut laptop] {
        device.expect("the message itself", saying("to all")).await;
    }
    phone.never("a copy beside the message", copied("received", "to all")).await;
}
