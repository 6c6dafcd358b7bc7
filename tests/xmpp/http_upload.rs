//! Standard clients put files where whoever is told the address gets them (XEP-0363, C6).

use crate::{Standard, world};
use serde_json::json;
use world::stanza::ns;
use world::{Client, Device, Element, expect};

const UPLOAD: &str = "urn:xmpp:http:upload:0";
const DATA_FORM: &str = "jabber:x:data";
const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";

async fn asked(device: &mut Device, attributes: &str) -> Element {
    device.iq("get", Some("upload.edge.test"), &format!("<request xmlns='{UPLOAD}' {attributes}/>")).await
}

/// The paths to put and to get a file.
async fn slot(device: &mut Device, name: &str, size: usize) -> (String, String) {
    let answer = asked(device, &format!("filename='{name}' size='{size}' content-type='text/html'")).await;
    let slot = answer.child("slot", UPLOAD).unwrap_or_else(|| panic!("a slot: {answer:?}"));
    let path = |name: &str| {
        let url = slot.child(name, UPLOAD).and_then(|place| place.attr("url")).expect("an address");
        let base = format!("https://localhost:{}", world().edge.https());
        url.strip_prefix(&base).unwrap_or_else(|| panic!("{url} is not below {base}")).to_owned()
    };
    (path("put"), path("get"))
}

async fn put(client: &Client, path: &str, bytes: &[u8]) -> world::Answer {
    client.request("PUT", path).body("text/html", bytes).send().await
}

#[tokio::test]
async fn the_service_is_found_with_the_largest_file_that_it_takes_xep_0363() {
    let mut device = Standard::new("slot-ulla").await.device("phone").await;
    let items = device.iq("get", Some("edge.test"), &format!("<query xmlns='{}'/>", DISCO_ITEMS)).await;
    let items = items.child("query", DISCO_ITEMS).expect("items");
    assert!(items.children.iter().any(|item| item.attr("jid") == Some("upload.edge.test")), "{items:?}");
    let answer = device.iq("get", Some("upload.edge.test"), &format!("<query xmlns='{}'/>", ns::DISCO_INFO)).await;
    let query = answer.child("query", ns::DISCO_INFO).expect("<query/>");
    let features: Vec<_> = query.children.iter().filter_map(|e| e.attr("var")).collect();
    assert!(features.contains(&UPLOAD), "{features:?}");
    let form = query.child("x", DATA_FORM).expect("a form");
    let most = form.children.iter().find(|field| field.attr("var") == Some("max-file-size")).expect("the field");
    assert_eq!(most.child("value", DATA_FORM).map(|value| value.text.as_str()), Some("104857600"));
}

#[tokio::test]
async fn a_file_is_put_once_and_had_by_whoever_is_told_its_address_xep_0363() {
    let standard = Standard::new("slot-uwe").await;
    let mut device = standard.device("phone").await;
    let bytes = b"<html>what I wanted to show you</html>".repeat(1000);
    let (to, from) = slot(&mut device, "holiday picture.html", bytes.len()).await;
    assert!(from.ends_with("/holiday%20picture.html"), "{from}");
    let nobody = Client::new(&world().edge);
    assert_eq!(nobody.get(&from).await.status, 409, "not there yet");
    assert_eq!(put(&nobody, &from, &bytes).await.status, 404, "the address to get it is none to put it");
    assert_eq!(put(&nobody, &to, &bytes[1..]).await.status, 400, "not all of it");
    assert_eq!(put(&nobody, &to, &bytes).await.status, 201);
    expect::refusal(&put(&nobody, &to, &bytes).await, 409);
    let got = nobody.get(&from).await;
    assert_eq!((got.status, &got.body[..]), (200, &bytes[..]));
    assert_eq!(got.header("content-type"), Some("text/plain"), "nothing that a browser runs");
    assert_eq!(got.header("access-control-allow-origin"), Some("*"), "clients in browsers come from elsewhere");
    let asks = nobody.request("OPTIONS", &to).send().await;
    assert_eq!((asks.status, asks.header("access-control-allow-methods")), (204, Some("GET, HEAD, OPTIONS, PUT")));
    assert_eq!(nobody.get(&to).await.status, 404);
    assert_eq!(nobody.get(&from.replacen('.', "x.", 1)).await.status, 404, "an address of nobody");
    // It is among his files, and his to delete (C8).
    let own = expect::list(&standard.who.client.get("/api/rainbow/filestorage/v1.0/files").await);
    assert_eq!((own.len(), &own[0]["fileName"]), (1, &json!("holiday picture.html")));
    let path = format!("/api/rainbow/filestorage/v1.0/files/{}", own[0]["id"].as_str().expect("an id"));
    expect::success(&standard.who.client.delete(&path).await);
    assert_eq!(nobody.get(&from).await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_and_what_is_bad_is_refused_xep_0363() {
    let mut device = Standard::new("slot-urs").await.device("phone").await;
    for (attributes, condition) in [
        ("filename='a.txt'", "bad-request"),
        ("size='5'", "bad-request"),
        ("filename='a.txt' size='x'", "bad-request"),
        ("filename='a.txt' size='0'", "bad-request"),
        ("filename='../a.txt' size='5'", "bad-request"),
        ("filename='a.txt' size='999999999999'", "not-acceptable"),
    ] {
        let answer = asked(&mut device, attributes).await;
        assert_eq!(
            answer.error().map(|(condition, _)| condition.to_owned()).as_deref(),
            Some(condition),
            "{attributes}"
        );
    }
    let bad = world::clamav::eicar();
    let (to, from) = slot(&mut device, "game.exe", bad.len()).await;
    let nobody = Client::new(&world().edge);
    expect::refusal(&put(&nobody, &to, &bad).await, 403);
    assert_eq!(nobody.get(&from).await.status, 403);
}
