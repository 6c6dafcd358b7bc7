//! What a person does with a standard client.

use crate::program::Slixmpp;
use crate::{with_password, world};
use serde_json::json;
use world::device::STORE;
use world::{Device, stanza::ns};

#[tokio::test]
async fn slixmpp_signs_in_by_direct_tls_sees_its_contacts_and_talks_c1_c2() {
    let edge = &world().edge;
    let (rainbow, _) = with_password("rosa").await;
    let mut peer = Device::online(edge, &rainbow, "node_rosa").await;
    let (who, password) = with_password("sven").await;
    let (mut client, started) = Slixmpp::started(&who, &password, edge.https()).await;
    assert!(started["mechanism"].as_str().is_some_and(|name| name.starts_with("SCRAM-SHA-256")), "{started}");
    assert!(started["jid"].as_str().is_some_and(|jid| jid.starts_with(who.jid())), "{started}");
    assert!(started["roster"].as_array().is_some_and(|jids| jids.contains(&json!(rainbow.jid()))), "{started}");
    assert_eq!(started["resumable"], true, "stream management is enabled");
    client.expect("presence", |event| event["jid"] == rainbow.jid()).await;
    peer.expect("the presence of slixmpp", |e| e.is_from("presence", who.jid())).await;

    client.say(rainbow.jid(), "from slixmpp");
    let got = peer.expect("the message", |e| e.body() == Some("from slixmpp")).await;
    assert!(got.is_from("message", who.jid()), "{got:?}");
    peer.message(who.jid(), "to-slixmpp", "from a Rainbow client <&>", STORE).await;
    let got = client.expect("message", |_| true).await;
    assert_eq!(got["body"], "from a Rainbow client <&>");
    peer.expect("the acknowledgement", |e| e.find("received", ns::RECEIPTS).is_some()).await;

    client.obey(&json!({ "do": "leave" }));
    client.expect("gone", |_| true).await;
    peer.expect("that slixmpp has gone", |e| e.attr("type") == Some("unavailable")).await;
}
