//! How who knows the domain only finds the WebSocket (XEP-0156).

use crate::world;
use serde_json::Value;
use world::{Client, Device, Element};

const RELATION: &str = "urn:xmpp:alt-connections:websocket";
const XRD: &str = "http://docs.oasis-open.org/ns/xri/xrd-1.0";

#[tokio::test]
async fn host_meta_tells_where_the_websocket_is_in_both_forms_c1() {
    let edge = &world().edge;
    let client = Client::new(edge);
    let expected = format!("wss://localhost:{}/xmpp-websocket", edge.https());
    let xml = client.get("/.well-known/host-meta").await;
    assert_eq!((xml.status, xml.header("content-type")), (200, Some("application/xrd+xml")));
    let body = xml.text();
    let body = body.split_once("?>").map_or(body.as_str(), |(_, rest)| rest);
    let root = Element::parse(body.trim()).expect("well-formed");
    let link = root.child("Link", XRD).expect("a link");
    assert_eq!((link.attr("rel"), link.attr("href")), (Some(RELATION), Some(expected.as_str())));
    let json = client.get("/.well-known/host-meta.json").await;
    assert_eq!((json.status, json.header("content-type")), (200, Some("application/json")));
    let told: Value = json.json();
    assert_eq!((&told["links"][0]["rel"], &told["links"][0]["href"]), (&RELATION.into(), &expected.as_str().into()));
    for answer in [&xml, &json] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "for pages of other hosts");
        world::expect::security_headers(answer);
    }
    Device::connect_standard(edge).await.open().await;
}
