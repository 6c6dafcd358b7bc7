//! What an inactive client is spared (XEP-0352, C2).

use crate::{online, saying, world};
use world::device::{NO_STORE, STORE};
use world::stanza::ns;
use world::{Device, Element};

async fn state(device: &mut Device, name: &str) {
    device.send(&format!("<{name} xmlns='{}'/>", ns::CLIENT_STATE)).await;
    device.settle().await;
}

#[tokio::test]
async fn presence_waits_and_typing_is_spared_while_nobody_looks_c2() {
    let (oda, mut odas) = online("oda-csi").await;
    let (olaf, mut olafs) = online("olaf-csi").await;
    let from_olaf = |e: &Element| e.is_from("presence", olaf.jid());
    odas.expect("the first presence", from_olaf).await;
    state(&mut odas, "inactive").await;
    for show in ["away", "chat", "dnd"] {
        olafs.presence(&format!("<show>{show}</show>")).await;
    }
    olafs.chat(oda.jid(), "typing", &format!("<composing xmlns='{}'/>", ns::CHAT_STATES)).await;
    olafs.message(oda.jid(), "text", "a text", STORE).await;
    olafs.message(oda.jid(), "fleeting", "a fleeting text", NO_STORE).await;
    olafs.settle().await;
    odas.expect("the text", saying("a text")).await;
    odas.expect("the fleeting text", saying("a fleeting text")).await;
    odas.never("presence while nobody looks", from_olaf).await;
    let own = odas.presence("<show>away</show>").await;
    assert_eq!(own.attr("from"), Some(odas.jid()), "one's own presence is an answer");
    state(&mut odas, "active").await;
    let shown = odas.take_all(from_olaf).await;
    let shows: Vec<_> =
        shown.iter().filter_map(|e| e.find("show", ns::CLIENT)).map(|show| show.text.as_str()).collect();
    assert_eq!(shows, ["dnd"], "the newest, once: {shown:?}");
    odas.never("typing that is long over", |e| {
        e.find("composing", ns::CHAT_STATES).is_some_and(|_| e.body().is_none())
    })
    .await;
    olafs.presence("<show>away</show>").await;
    odas.expect("presence again at once", from_olaf).await;
}

#[tokio::test]
async fn both_doors_offer_client_state_and_stream_management_c2() {
    let who = world().signed_in("olga-csi").await;
    let mut device = Device::connect(&world().edge).await;
    device.open().await;
    device.authenticate(who.local(), who.secret()).await.expect("the secret");
    let features = device.open().await;
    assert!(features.child("csi", ns::CLIENT_STATE).is_some() && features.child("sm", ns::MANAGEMENT).is_some());
}

#[tokio::test]
async fn who_parts_while_nobody_looks_is_gone_when_somebody_does_c2_b6() {
    let (ole, mut oles) = online("ole-csi").await;
    let (otto, mut ottos) = online("otto-csi").await;
    let from_otto = |e: &Element| e.is_from("presence", otto.jid());
    oles.expect("the first presence", from_otto).await;
    state(&mut oles, "inactive").await;
    ottos.presence("<show>dnd</show>").await;
    let block = format!("<block xmlns='urn:xmpp:blocking'><item jid='{}'/></block>", ole.jid());
    assert_eq!(ottos.iq("set", None, &block).await.attr("type"), Some("result"));
    state(&mut oles, "active").await;
    let shown = oles.take_all(from_otto).await;
    let last = shown.last().expect("that he has gone");
    assert_eq!(last.attr("type"), Some("unavailable"), "{shown:?}");
}
