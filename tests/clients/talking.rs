//! What a person does with a standard client.

use crate::program::{CONVERSE, Client, Kind, PROFANITY, SLIXMPP, STANZA_JS, XMPP_JS};
use crate::{with_password, world};
use serde_json::{Value, json};
use world::device::STORE;
use world::{Device, stanza::ns};

/// Signs in, reads its roster, sees who is there and is seen, talks in both directions and goes; what it said at its start.
async fn talks(kind: &Kind, [rainbow, who]: [&str; 2]) -> Value {
    let edge = &world().edge;
    let (rainbow, _) = with_password(rainbow).await;
    let mut peer = Device::online(edge, &rainbow, &format!("node_{}", rainbow.local())).await;
    let (who, password) = with_password(who).await;
    let (mut client, started) = Client::started(kind, &who, &password, edge.https()).await;
    assert!(started["jid"].as_str().is_some_and(|jid| jid.starts_with(who.jid())), "{started}");
    assert!(started["roster"].as_array().is_some_and(|jids| jids.contains(&json!(rainbow.jid()))), "{started}");
    client.expect("presence", |event| event["jid"] == rainbow.jid()).await;
    peer.expect("the client's presence", |e| e.is_from("presence", who.jid())).await;

    client.say(rainbow.jid(), "from a standard client <&>");
    let got = peer.expect("the message", |e| e.body() == Some("from a standard client <&>")).await;
    assert!(got.is_from("message", who.jid()), "{got:?}");
    peer.message(who.jid(), &format!("to-{}", who.local()), "from a Rainbow client <&>", STORE).await;
    let got = client.expect("message", |_| true).await;
    assert_eq!((&got["body"], &got["sender"]), (&json!("from a Rainbow client <&>"), &json!(rainbow.jid())));
    peer.expect("the acknowledgement", |e| e.find("received", ns::RECEIPTS).is_some()).await;

    client.obey(&json!({ "do": "leave" }));
    client.expect("gone", |_| true).await;
    peer.expect("that it has gone", |e| e.is_from("presence", who.jid()) && e.attr("type").is_some()).await;
    started
}

/// Reads what was said on another device before, in order (XEP-0313).
async fn reads_the_archive(kind: &Kind, [rainbow, who]: [&str; 2]) {
    let edge = &world().edge;
    let (rainbow, _) = with_password(rainbow).await;
    let mut peer = Device::online(edge, &rainbow, &format!("node_{}", rainbow.local())).await;
    let (who, password) = with_password(who).await;
    let mut phone = Device::direct(edge, who.local(), &password, "phone").await;
    let mut said = Vec::new();
    for number in 0..4 {
        let (question, answer) = (format!("question {number} <&>"), format!("answer {number}"));
        peer.message(who.jid(), &format!("{}-{number}", who.local()), &question, STORE).await;
        phone.expect("the question", |e| e.body() == Some(&question)).await;
        phone.chat(rainbow.jid(), &format!("answer-{number}"), &format!("<body>{answer}</body>")).await;
        peer.expect("the answer", |e| e.body() == Some(&answer)).await;
        said.extend([question, answer]);
    }
    phone.leave().await;
    let (mut client, _) = Client::started(kind, &who, &password, edge.https()).await;
    client.obey(&json!({ "do": "archive", "with": rainbow.jid(), "of": said.len() }));
    assert_eq!(client.expect("archive", |_| true).await["bodies"], json!(said));
}

#[tokio::test]
async fn slixmpp_signs_in_by_direct_tls_sees_its_contacts_and_talks_c1_c2() {
    let started = talks(&SLIXMPP, ["rosa", "sven"]).await;
    assert!(started["mechanism"].as_str().is_some_and(|name| name.starts_with("SCRAM-SHA-256")), "{started}");
    assert_eq!(started["resumable"], true, "stream management is enabled");
}

#[tokio::test]
async fn profanity_signs_in_by_direct_tls_sees_its_contacts_and_talks_c1_c2() {
    talks(&PROFANITY, ["raul", "petra"]).await;
}

#[tokio::test]
async fn xmpp_js_signs_in_by_websocket_sees_its_contacts_and_talks_c1_c2() {
    talks(&XMPP_JS, ["remo", "xaver"]).await;
}

#[tokio::test]
async fn stanza_js_signs_in_by_websocket_sees_its_contacts_and_talks_c1_c2() {
    talks(&STANZA_JS, ["rita", "stella"]).await;
}

#[tokio::test]
async fn converse_in_a_browser_signs_in_by_websocket_sees_its_contacts_and_talks_c1_c2() {
    talks(&CONVERSE, ["reto", "cora"]).await;
}

#[tokio::test]
async fn slixmpp_reads_the_archive_c1() {
    reads_the_archive(&SLIXMPP, ["rhea", "silke"]).await;
}

#[tokio::test]
async fn xmpp_js_reads_the_archive_c1() {
    reads_the_archive(&XMPP_JS, ["rocco", "xenia"]).await;
}

#[tokio::test]
async fn stanza_js_reads_the_archive_c1() {
    reads_the_archive(&STANZA_JS, ["romy", "sten"]).await;
}

#[tokio::test]
async fn converse_in_a_browser_shows_the_archive_c1() {
    reads_the_archive(&CONVERSE, ["rina", "carlo"]).await;
}

/// A page of another origin puts the file, so the browser asks the box first whether it may (CORS).
#[tokio::test]
async fn converse_in_a_browser_uploads_a_file_and_whoever_gets_its_message_has_it_c6() {
    let edge = &world().edge;
    let (rainbow, _) = with_password("upload-rudi").await;
    let mut peer = Device::online(edge, &rainbow, "node_rudi").await;
    let (who, password) = with_password("upload-conny").await;
    let (mut client, _) = Client::started(&CONVERSE, &who, &password, edge.https()).await;
    client.expect("presence", |event| event["jid"] == rainbow.jid()).await;
    let content = "the minutes of our meeting\n".repeat(4000);
    client.obey(&json!({ "do": "upload", "to": rainbow.jid(), "name": "minutes of today.txt", "content": content }));
    let got = peer.expect("the message", |e| e.child("x", "jabber:x:oob").is_some()).await;
    let url = got.child("x", "jabber:x:oob").and_then(|oob| oob.child("url", "jabber:x:oob")).expect("an address");
    let base = format!("https://localhost:{}", edge.https());
    let path = url.text.strip_prefix(&base).unwrap_or_else(|| panic!("{} is not below {base}", url.text));
    let file = world::Client::new(edge).get(path).await;
    assert_eq!((file.status, file.text()), (200, content));
}
