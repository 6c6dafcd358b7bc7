//! Calls between two people (G2, J6, C2): they ring on all devices, are answered on one, and stand in both histories. What a
//! session holds is passed on between two devices, and is an encrypted call and nothing else (E3).

use crate::network::neighbour;
use crate::{Standard, another, error_for, online, standard};
use world::device::NOBODY;
use world::stanza::ns;
use world::{Device, Element};

const RING: &str = "urn:xmpp:jingle-message:0";
const JINGLE: &str = "urn:xmpp:jingle:1";
const RTP: &str = "urn:xmpp:jingle:apps:rtp:1";
const LOG: &str = "jabber:iq:telephony:call_log";
const NEWS: &str = "jabber:iq:notification:telephony:call_log";

/// A device of Rainbow's that takes calls.
async fn takes_calls(device: &mut Device) {
    let answer = device.iq("set", None, &format!("<enable xmlns='{RING}'/>")).await;
    assert_eq!(answer.attr("type"), Some("result"));
}

fn propose(sid: &str, media: &str) -> String {
    format!("<propose xmlns='{RING}' id='{sid}'><description xmlns='{RTP}' media='{media}'/></propose>")
}

fn said(name: &str, sid: &str) -> String {
    format!("<{name} xmlns='{RING}' id='{sid}'/>")
}

fn hears<'a>(name: &'a str, sid: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.child(name, RING).is_some_and(|said| said.attr("id") == Some(sid))
}

fn copied<'a>(name: &'a str, sid: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        let sent = e.child("sent", ns::CARBONS);
        sent.and_then(|sent| sent.find(name, RING)).is_some_and(|said| said.attr("id") == Some(sid))
    }
}

fn content(media: &str, transport: &str) -> String {
    format!(
        "<content creator='initiator' name='{media}'><description xmlns='{RTP}' media='{media}'/>\
         <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u' pwd='p'>{transport}</transport></content>"
    )
}

const FINGERPRINT: &str =
    "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>00:11</fingerprint>";

fn jingle(action: &str, sid: &str, content: &str) -> String {
    format!("<jingle xmlns='{JINGLE}' action='{action}' sid='{sid}'>{content}</jingle>")
}

fn step<'a>(action: &'a str, sid: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        let jingle = e.child("jingle", JINGLE);
        jingle.is_some_and(|jingle| jingle.attr("action") == Some(action) && jingle.attr("sid") == Some(sid))
    }
}

/// Takes the step and answers it, as every client must.
async fn take_step(device: &mut Device, action: &str, sid: &str) -> Element {
    let taken = device.expect(action, step(action, sid)).await;
    let (from, id) = (taken.attr("from").unwrap_or_default(), taken.attr("id").unwrap_or_default());
    device.send(&format!("<iq xmlns='jabber:client' type='result' to='{from}' id='{id}'/>")).await;
    taken
}

/// One of a device's pushed records: state, media, direction by who called.
fn record(e: &Element) -> (String, String, String) {
    let text = |name| e.find(name, NEWS).map(|found| found.text.clone()).unwrap_or_default();
    (text("state"), text("media"), text("caller"))
}

fn is_record(e: &Element) -> bool {
    e.child("updated_call_log", NEWS).is_some()
}

/// The history, newest last, as (state, caller, read, call_id).
async fn history(device: &mut Device) -> Vec<(String, String, String, String)> {
    let set = format!("<set xmlns='{}'><max>75</max><before/></set>", ns::RSM);
    let answer = device.iq("set", None, &format!("<query xmlns='{LOG}'>{set}</query>")).await;
    assert!(answer.find("count", ns::RSM).is_some(), "{answer:?}");
    let results = device.take_received(|e| e.child("result", LOG).is_some());
    let read = |e: &Element| e.find("ack", NEWS).and_then(|ack| ack.attr("read")).unwrap_or_default().to_owned();
    let text = |e: &Element, name| e.find(name, NEWS).map(|found| found.text.clone()).unwrap_or_default();
    results.iter().map(|e| (text(e, "state"), text(e, "caller"), read(e), text(e, "call_id"))).collect()
}

#[tokio::test]
async fn a_call_rings_everywhere_is_answered_on_one_device_and_stops_on_the_others_g2_j6() {
    let (caller, mut browser) = online("calls-ada").await;
    let (callee, mut laptop) = online("calls-ben").await;
    let mut tablet = another(&callee, "web_tablet").await;
    let mut bot = another(&callee, "node_bot").await;
    for device in [&mut browser, &mut laptop, &mut tablet] {
        takes_calls(device).await;
        device.iq("set", None, &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
    }
    browser.chat(callee.jid(), "p1", &propose("s1", "video")).await;
    for device in [&mut laptop, &mut tablet] {
        device.expect("the ring", hears("propose", "s1")).await;
    }
    bot.never("a call that it could not take", hears("propose", "s1")).await;
    laptop.chat(browser.jid().to_owned().as_str(), "r1", &said("ringing", "s1")).await;
    browser.expect("that it rings", hears("ringing", "s1")).await;
    laptop.chat(browser.jid().to_owned().as_str(), "a1", &said("proceed", "s1")).await;
    tablet.expect("that it was answered elsewhere", copied("proceed", "s1")).await;
    let proceed = browser.expect("that it was answered", hears("proceed", "s1")).await;
    assert_eq!(proceed.attr("from"), Some(laptop.jid()), "by which device");

    let to = laptop.jid().to_owned();
    let initiate = jingle("session-initiate", "s1", &(content("audio", FINGERPRINT) + &content("video", FINGERPRINT)));
    browser.send(&format!("<iq xmlns='jabber:client' type='set' id='i1' to='{to}'>{initiate}</iq>")).await;
    let initiated = take_step(&mut laptop, "session-initiate", "s1").await;
    assert_eq!(initiated.attr("from"), Some(browser.jid()));
    assert_eq!(browser.answer_to("i1").await.attr("type"), Some("result"));
    let accept = jingle("session-accept", "s1", &content("audio", FINGERPRINT));
    laptop.send(&format!("<iq xmlns='jabber:client' type='set' id='i2' to='{}'>{accept}</iq>", browser.jid())).await;
    take_step(&mut browser, "session-accept", "s1").await;
    let end = jingle("session-terminate", "s1", "<reason><success/></reason>");
    browser.send(&format!("<iq xmlns='jabber:client' type='set' id='i3' to='{to}'>{end}</iq>")).await;
    take_step(&mut laptop, "session-terminate", "s1").await;

    let expected = ("answered".to_owned(), "video".to_owned(), caller.jid().to_owned());
    for device in [&mut browser, &mut laptop, &mut tablet, &mut bot] {
        assert_eq!(record(&device.expect("the record", is_record).await), expected);
    }
    for device in [&mut browser, &mut tablet] {
        let all = history(device).await;
        assert_eq!(
            all.iter().map(|(state, _, read, _)| (&**state, &**read)).collect::<Vec<_>>(),
            [("answered", "true")]
        );
    }
}

#[tokio::test]
async fn a_device_that_comes_while_it_rings_rings_too_g2() {
    let (_, mut caller) = online("calls-olof").await;
    let paula = Standard::new("calls-paula").await;
    caller.chat(paula.who.jid(), "p1", &propose("late", "audio")).await;
    caller.settle().await;
    let mut phone = paula.device("phone").await;
    phone.expect("the ring", hears("propose", "late")).await;
    let mut browser = another(&paula.who, "web_paula").await;
    browser.never("a call before it takes any", hears("propose", "late")).await;
    takes_calls(&mut browser).await;
    browser.expect("the ring", hears("propose", "late")).await;
    phone.chat(caller.jid().to_owned().as_str(), "p2", &said("proceed", "late")).await;
    let (to, _) = (phone.jid().to_owned(), phone.settle().await);
    assert!(to.ends_with("/phone"));
    let mut later = paula.device("later").await;
    later.never("a call that was answered", hears("propose", "late")).await;
}

#[tokio::test]
async fn standard_clients_call_each_other_and_are_asked_what_they_can_g2() {
    let (_, mut phone) = standard("calls-cora").await;
    let (dirk, mut other) = standard("calls-dirk").await;
    let to = other.jid().to_owned();
    phone.chat(dirk.jid(), "p1", &(propose("s2", "audio") + world::device::STORE)).await;
    other.expect("the ring", hears("propose", "s2")).await;
    other.chat(phone.jid().to_owned().as_str(), "x", &said("proceed", "s2")).await;
    phone.expect("that it was answered", hears("proceed", "s2")).await;
    let initiate = jingle("session-initiate", "s2", &content("audio", FINGERPRINT));
    phone.send(&format!("<iq xmlns='jabber:client' type='set' id='i1' to='{to}'>{initiate}</iq>")).await;
    take_step(&mut other, "session-initiate", "s2").await;
    assert_eq!(phone.answer_to("i1").await.attr("type"), Some("result"));
    let mut mine = another(&dirk, "web_dirk").await;
    takes_calls(&mut mine).await;
    // A browser is asked what it can, by its full address, like any client (XEP-0030).
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    phone.send(&format!("<iq xmlns='jabber:client' type='get' id='d' to='{}'>{info}</iq>", mine.jid())).await;
    let asked = mine.expect("the question", |e| e.attr("id") == Some("d")).await;
    assert_eq!(asked.attr("from"), Some(phone.jid()));
    mine.send(&format!("<iq xmlns='jabber:client' type='result' id='d' to='{}'>{info}</iq>", phone.jid())).await;
    assert_eq!(phone.answer_to("d").await.attr("from"), Some(mine.jid()));
}

#[tokio::test]
async fn a_call_that_nobody_took_is_missed_until_it_was_seen_and_a_declined_one_is_declined_j6() {
    let (emil, mut emils) = online("calls-emil").await;
    let (fina, mut finas) = online("calls-fina").await;
    takes_calls(&mut emils).await;
    takes_calls(&mut finas).await;
    emils.chat(fina.jid(), "p1", &propose("s3", "audio")).await;
    finas.expect("the ring", hears("propose", "s3")).await;
    emils.chat(fina.jid(), "p2", &said("retract", "s3")).await;
    finas.expect("that the caller gave up", hears("retract", "s3")).await;
    assert_eq!(record(&finas.expect("the record", is_record).await).0, "missed");
    let mut later = another(&fina, "node_later").await;
    let [(state, caller, read, id)] = history(&mut later).await.try_into().expect("one record");
    assert_eq!((&*state, &*caller, &*read), ("missed", emil.jid(), "false"));
    let all = history(&mut emils).await;
    assert_eq!((&*all[0].0, &*all[0].2), ("missed", "true"), "who called has nothing to see");

    // As the SDK says that one has seen it (a message to oneself); all devices hear so.
    let seen = format!("<read xmlns='urn:xmpp:telephony:call_log:receipts' call_id='{id}'/>");
    let own = later.jid().to_owned();
    later
        .send(&format!("<message xmlns='jabber:client' to='{}' id='m1'>{seen}</message>", world::stanza::bare(&own)))
        .await;
    let is_seen = |e: &Element| e.child("read", "urn:xmpp:telephony:call_log:receipts").is_some();
    finas.expect("that it was seen", is_seen).await;
    assert_eq!(history(&mut finas).await[0].2, "true");

    emils.chat(fina.jid(), "p3", &propose("s4", "video")).await;
    finas.expect("the ring", hears("propose", "s4")).await;
    finas.chat(emil.jid(), "p4", &said("reject", "s4")).await;
    emils.expect("that it was declined", hears("reject", "s4")).await;
    assert_eq!(record(&emils.expect("the record", |e| is_record(e) && record(e).0 == "declined").await).1, "video");

    let deleted =
        later.iq("set", Some(world::stanza::bare(&own)), &format!("<delete xmlns='{LOG}' call_id='{id}'/>")).await;
    assert_eq!(deleted.attr("type"), Some("result"));
    finas.expect("that records are gone", |e| e.child("deleted_call_log", NEWS).is_some()).await;
    assert_eq!(history(&mut finas).await.len(), 1);
    later.iq("set", None, &format!("<delete xmlns='{LOG}' peer='{}'/>", emil.jid())).await;
    assert_eq!(history(&mut finas).await, []);
    assert_eq!(history(&mut emils).await.len(), 2, "the other one's history is his own");
}

#[tokio::test]
async fn who_is_not_in_the_network_cannot_be_called_and_cannot_be_told_from_nobody_b3_b6() {
    let (gero, mut geros) = online("calls-gero").await;
    let (hella, mut hellas) = neighbour("calls-hella").await;
    takes_calls(&mut geros).await;
    takes_calls(&mut hellas).await;
    let nobody = format!("{NOBODY}@{}", world::edge_box::DOMAIN);
    let mut answers = Vec::new();
    for (id, to) in [("c1", hella.jid()), ("c2", nobody.as_str())] {
        geros.chat(to, id, &propose(id, "audio")).await;
        let refused = geros.expect("a refusal", error_for("message", id)).await;
        answers.push(refused.error());
        let full = if id == "c1" { hellas.jid().to_owned() } else { format!("{nobody}/web") };
        let initiate = jingle("session-initiate", id, &content("audio", FINGERPRINT));
        geros.send(&format!("<iq xmlns='jabber:client' type='set' id='i{id}' to='{full}'>{initiate}</iq>")).await;
        answers.push(geros.answer_to(&format!("i{id}")).await.error());
    }
    assert_eq!((&answers[0], &answers[1]), (&answers[2], &answers[3]));
    assert_eq!(answers[0].as_ref().map(|(condition, _)| &**condition), Some("service-unavailable"));
    hellas
        .never("a call of a stranger", |e| e.find("propose", RING).is_some() || e.find("jingle", JINGLE).is_some())
        .await;

    // Once they know each other they call across their companies, and both files know of it.
    let id = gero.invite(&hella).await;
    hella.accept(&id).await;
    geros.chat(hella.jid(), "c3", &propose("s5", "audio")).await;
    hellas.expect("the ring", hears("propose", "s5")).await;
    geros.chat(hella.jid(), "c4", &said("retract", "s5")).await;
    for device in [&mut geros, &mut hellas] {
        assert_eq!(record(&device.expect("the record", is_record).await).2, gero.jid());
        assert_eq!(history(device).await.len(), 1);
    }
}

#[tokio::test]
async fn a_session_without_dtls_srtp_or_of_anything_but_a_call_is_refused_e3_c6() {
    let (_, mut phone) = standard("calls-ilka").await;
    let (_, mut other) = standard("calls-jost").await;
    let to = other.jid().to_owned();
    let sdes = "<encryption xmlns='urn:xmpp:jingle:apps:rtp:1'/>";
    let file =
        "<content creator='initiator' name='f'><description xmlns='urn:xmpp:jingle:apps:file-transfer:5'/></content>";
    let mixed = content("audio", FINGERPRINT) + file;
    let refused = [
        (content("audio", ""), "bad-request"),
        (content("audio", sdes), "bad-request"),
        (content("audio", FINGERPRINT) + &content("video", ""), "bad-request"),
        (String::new(), "bad-request"),
        (file.to_owned(), "service-unavailable"),
        (mixed, "service-unavailable"),
    ];
    for (number, (content, condition)) in refused.iter().enumerate() {
        let (id, sid) = (format!("i{number}"), format!("r{number}"));
        let initiate = jingle("session-initiate", &sid, content);
        phone.send(&format!("<iq xmlns='jabber:client' type='set' id='{id}' to='{to}'>{initiate}</iq>")).await;
        let answer = phone.answer_to(&id).await;
        assert_eq!(answer.error().map(|(condition, _)| condition).as_deref(), Some(*condition), "{content}");
    }
    let hidden = jingle("session-info", "r", "") + &jingle("session-initiate", "r", &content("audio", ""));
    let later = [
        jingle("content-add", "r", file),
        jingle("content-add", "r", &content("video", "")),
        jingle("transport-replace", "r", &content("audio", "")),
        hidden,
    ];
    for (number, asked) in later.iter().enumerate() {
        let id = format!("later{number}");
        phone.send(&format!("<iq xmlns='jabber:client' type='set' id='{id}' to='{to}'>{asked}</iq>")).await;
        assert_eq!(phone.answer_to(&id).await.attr("type"), Some("error"), "{asked}");
    }
    other.never("a session that is none", |e| e.find("jingle", JINGLE).is_some()).await;
}

#[tokio::test]
async fn hostile_signals_are_refused_and_a_storm_of_them_ends_e5() {
    let (_, mut storm) = online("calls-kurt").await;
    let (lore, mut lores) = online("calls-lore").await;
    takes_calls(&mut lores).await;
    let long = "s".repeat(200);
    let fat =
        format!("<propose xmlns='{RING}' id='f'><description xmlns='{RTP}' media='{}'/></propose>", "a".repeat(9_000));
    let hostile = [
        said("explode", "h"),
        said("propose", "h"),
        propose("", "audio"),
        propose(&long, "audio"),
        fat,
        format!("<propose xmlns='{RING}'/>"),
        said("ringing", "h") + &propose("hidden", "audio"),
    ];
    for (number, payload) in hostile.iter().enumerate() {
        let id = format!("h{number}");
        storm.chat(lore.jid(), &id, payload).await;
        storm.expect("a refusal", error_for("message", &id)).await;
    }
    for number in 0..60 {
        storm.chat(lore.jid(), &format!("c{number}"), &propose(&format!("c{number}"), "audio")).await;
    }
    storm.settle().await;
    let refused = storm.take_all(|e| e.attr("type") == Some("error")).await;
    let waits = refused.iter().filter(|e| e.error().is_some_and(|(condition, _)| condition == "resource-constraint"));
    let refused = waits.count();
    let rang = lores.take_all(|e| e.find("propose", RING).is_some()).await.len();
    assert_eq!(rang + refused, 60);
    assert!((10..=12).contains(&rang), "{rang} calls rang");
}

#[tokio::test]
async fn several_devices_add_up_to_busy_while_one_is_in_a_call_c2() {
    let (mona, mut laptop) = online("calls-mona").await;
    let mut phone = another(&mona, "mobile_mona").await;
    let level = async || {
        let told = mona.client.get("/api/rainbow/enduser/v1.0/users/me/presences").await;
        world::expect::data(&told)["presence"].as_str().unwrap_or_default().to_owned()
    };
    phone.presence("").await;
    for status in ["audio", "video", "sharing"] {
        laptop.presence(&format!("<show>dnd</show><status>{status}</status>")).await;
        assert_eq!(level().await, "busy");
    }
    phone.presence("<show>dnd</show>").await;
    assert_eq!(level().await, "dnd", "what was chosen by hand stands before");
    phone.presence("<show>away</show>").await;
    laptop.presence("<status>mode=auto</status>").await;
    assert_eq!(level().await, "online");
}
