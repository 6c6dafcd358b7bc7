//! RFC 6121, 4: presence of standard clients: priorities, presence to one person, probes, what comes at sign-in (C2, B6).

use crate::{Standard, another, online, saying, standard, world};
use world::device::STORE;
use world::stanza::{bare, ns};
use world::{Device, Element};

fn presence<'a>(from: &'a str, kind: Option<&'a str>) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("presence", ns::CLIENT) && e.attr("from") == Some(from) && e.attr("type") == kind
}

fn show(e: &Element) -> Option<&str> {
    e.child("show", ns::CLIENT).map(|show| show.text.as_str())
}

#[tokio::test]
async fn a_negative_priority_gets_no_message_to_the_account_and_those_to_itself_rfc_6121_8_5() {
    let tamara = Standard::new("tamara").await;
    let (_, mut sender) = standard("tobias").await;
    let (mut shy, mut phone) = (tamara.device("shy").await, tamara.device("phone").await);
    shy.iq("set", None, &format!("<disable xmlns='{}'/>", ns::CARBONS)).await;
    shy.presence("<priority>-1</priority>").await;
    sender.chat(tamara.who.jid(), "n1", "<body>to everybody</body>").await;
    phone.expect("the message", saying("to everybody")).await;
    sender.chat(shy.jid(), "n2", "<body>to the shy one</body>").await;
    let got = shy.expect("what is addressed to it", saying("to the shy one")).await;
    assert_eq!(got.attr("to"), Some(shy.jid()));
    shy.never("a message to the account", saying("to everybody")).await;
    phone.leave().await;
    sender.chat(tamara.who.jid(), "n3", "<body>nobody there</body>").await;
    sender.settle().await;
    shy.never("what waits for others", saying("nobody there")).await;
    shy.presence("<priority>1</priority>").await;
    let waited = shy.expect("what waited", saying("nobody there")).await;
    assert!(waited.child("delay", ns::DELAY).is_some(), "{waited:?}");
    for wrong in ["200", "x"] {
        shy.send(&format!("<presence xmlns='jabber:client' id='p-{wrong}'><priority>{wrong}</priority></presence>"))
            .await;
        shy.expect("the refusal", |e| e.attr("type") == Some("error") && e.is("presence", ns::CLIENT)).await;
    }
}

#[tokio::test]
async fn presence_to_one_contact_reaches_him_alone_and_ends_with_the_device_rfc_6121_4_6() {
    let (_, mut hidden) = standard("thea").await;
    let (tim, mut contact) = standard("tim").await;
    let (_, mut other) = standard("tina").await;
    let from = hidden.jid().to_owned();
    for device in [&mut contact, &mut other] {
        device.expect("presence", presence(&from, None)).await;
    }
    hidden.send("<presence xmlns='jabber:client' type='unavailable'/>").await;
    for device in [&mut contact, &mut other] {
        device.expect("invisible", presence(&from, Some("unavailable"))).await;
    }
    hidden.send(&format!("<presence xmlns='jabber:client' to='{}'><show>chat</show></presence>", tim.jid())).await;
    let seen = contact.expect("presence to him", presence(&from, None)).await;
    assert_eq!(show(&seen), Some("chat"));
    hidden.settle().await;
    other.never("presence to somebody else", presence(&from, None)).await;
    hidden.leave().await;
    contact.expect("its end", presence(&from, Some("unavailable"))).await;
}

#[tokio::test]
async fn presence_to_who_is_in_no_network_goes_nowhere_b6() {
    let world = world();
    let (_, mut device) = standard("tessa").await;
    let eve = world.outsider("ev-direct").sign_in(&world.edge).await;
    let mut outsider = Device::online(&world.edge, &eve, "node_ev").await;
    for kind in ["", " type='unavailable'", " type='probe'"] {
        device.send(&format!("<presence xmlns='jabber:client' to='{}'{kind}/>", eve.jid())).await;
    }
    let jid = bare(device.jid()).to_owned();
    device.never("anything of the outsider", |e| e.is_from("presence", eve.jid())).await;
    outsider.never("presence of a stranger", |e| e.is_from("presence", &jid)).await;
}

#[tokio::test]
async fn a_probe_is_answered_with_what_is_there_rfc_6121_4_3() {
    let (theo, mut contact) = standard("theo").await;
    let mut web = another(&theo, "web_theo").await;
    web.presence("<show>dnd</show>").await;
    let (_, mut asker) = standard("thora").await;
    asker.settle().await;
    asker.take_received(|e| e.is("presence", ns::CLIENT));
    let probe = |to: &str| format!("<presence xmlns='jabber:client' type='probe' to='{to}'/>");
    asker.send(&probe(theo.jid())).await;
    asker.expect("one device", presence(contact.jid(), None)).await;
    let seen = asker.expect("the other one", presence(web.jid(), None)).await;
    assert_eq!(show(&seen), Some("dnd"));
    asker.send(&probe(web.jid())).await;
    asker.expect("the one asked for", presence(web.jid(), None)).await;
    asker.never("another one", presence(contact.jid(), None)).await;
    contact.settle().await;
    let away = Standard::new("thilo").await;
    asker.send(&probe(away.who.jid())).await;
    asker.expect("that nobody is there", presence(away.who.jid(), Some("unavailable"))).await;
}

#[tokio::test]
async fn who_goes_says_why_and_who_comes_sees_all_rfc_6121_4() {
    let (_, mut watcher) = standard("till").await;
    let going = Standard::new("trude").await;
    let mut device = going.bound("phone").await;
    device.presence("<show>away</show><status>in a meeting</status>").await;
    let jid = device.jid().to_owned();
    let seen = watcher.expect("presence", presence(&jid, None)).await;
    assert_eq!(seen.child("status", ns::CLIENT).map(|status| status.text.as_str()), Some("in a meeting"));
    let (_, mut late) = standard("tilda").await;
    late.expect("the contact's presence at sign-in", |e| presence(&jid, None)(e) && show(e) == Some("away")).await;
    device.send("<presence xmlns='jabber:client' type='unavailable'><status>gone home</status></presence>").await;
    let gone = watcher.expect("its end", presence(&jid, Some("unavailable"))).await;
    assert_eq!(gone.child("status", ns::CLIENT).map(|status| status.text.as_str()), Some("gone home"));
    device.send("<presence xmlns='jabber:client' type='dance' id='odd'/>").await;
    device.expect("the refusal of an unknown type", |e| e.attr("id") == Some("odd") && e.error().is_some()).await;
}

#[tokio::test]
async fn what_waited_comes_in_order_with_the_time_xep_0203() {
    let waiting = Standard::new("trudi").await;
    let (_, mut sender) = online("tristan").await;
    for number in 0..4 {
        sender.message(waiting.who.jid(), &format!("tw-{number}"), &format!("waited {number}"), STORE).await;
    }
    sender.settle().await;
    let mut device = waiting.device("phone").await;
    let last = device.expect("the last one", saying("waited 3")).await;
    let mut all = device.take_received(|e| e.body().is_some_and(|body| body.starts_with("waited")));
    all.push(last);
    let bodies: Vec<_> = all.iter().filter_map(Element::body).collect();
    assert_eq!(bodies, ["waited 0", "waited 1", "waited 2", "waited 3"]);
    for message in &all {
        let delay = message.child("delay", ns::DELAY).unwrap_or_else(|| panic!("a delay: {message:?}"));
        assert_eq!(delay.attr("from"), Some("edge.test"));
        assert!(delay.attr("stamp").is_some_and(|stamp| stamp.ends_with('Z')), "{delay:?}");
    }
}

#[tokio::test]
async fn extended_away_of_a_standard_client_is_away_for_everybody_and_not_invisible_rfc_6121_4_7_2_c2() {
    let (_, mut phone) = standard("tancred").await;
    let (_, mut rainbow) = online("tatjana").await;
    let (_, mut watcher) = standard("tassilo").await;
    let from = phone.jid().to_owned();
    for device in [&mut rainbow, &mut watcher] {
        device.expect("presence", presence(&from, None)).await;
    }
    phone.presence("<show>xa</show>").await;
    for device in [&mut rainbow, &mut watcher] {
        let away = device.expect("away", presence(&from, None)).await;
        // Rainbow's word for away: `xa` alone is its word for invisible.
        let status = away.child("status", ns::CLIENT).map(|status| status.text.as_str());
        assert_eq!((show(&away), status), (Some("xa"), Some("away")), "{away:?}");
    }
    phone.presence("<show>xa</show><status>on a boat</status>").await;
    let seen = watcher.expect("the own words", presence(&from, None)).await;
    assert_eq!(seen.child("status", ns::CLIENT).map(|status| status.text.as_str()), Some("on a boat"));
    rainbow.never("that the device has gone", presence(&from, Some("unavailable"))).await;
}
