//! What waits for somebody who is away (C1; decision 10).

use crate::{another, online, receipt, saying, world};
use world::Device;
use world::device::STORE;
use world::stanza::ns;

#[tokio::test]
async fn stored_messages_wait_and_come_once_in_order_at_the_next_presence_c1() {
    let world = world();
    let (nora, mut sender) = online("nora").await;
    let nils = world.signed_in("nils").await;
    for number in 0..5 {
        let id = format!("wait-{number}");
        sender.message(nils.jid(), &id, &format!("waiting {number}"), STORE).await;
        sender.expect("the acknowledgement", receipt("server", "received", &id)).await;
    }
    let mut device = Device::sign_in(&world.edge, &nils, "node_nils").await;
    device.never("a message before the first presence", |e| e.body().is_some()).await;
    device.presence("<priority>5</priority>").await;
    device.expect("the last of them", saying("waiting 4")).await;
    let before = device.take_all(|e| e.is_from("message", nora.jid()) && e.body().is_some()).await;
    let bodies: Vec<_> = before.iter().filter_map(world::Element::body).collect();
    assert_eq!(bodies, ["waiting 0", "waiting 1", "waiting 2", "waiting 3"]);
    for message in &before {
        assert!(message.child("archived", ns::ARCHIVED).is_some(), "{message:?}");
        assert!(message.find("delay", ns::DELAY).is_some(), "late messages say when they were sent (XEP-0203)");
    }
    device.presence("<show>dnd</show>").await;
    device.never("a second delivery to the same device", |e| e.body().is_some()).await;
    device.leave().await;
    let mut again = another(&nils, "node_nils").await;
    again.never("a delivery to the same device after reconnecting", |e| e.body().is_some()).await;
}

#[tokio::test]
async fn waiting_messages_survive_a_sender_who_left_and_nothing_is_lost_between_devices_c1() {
    let world = world();
    let (_, mut sender) = online("nadja").await;
    let niko = world.signed_in("niko").await;
    let first = another(&niko, "node_niko").await;
    first.leave().await;
    sender.message(niko.jid(), "left-1", "you were away", STORE).await;
    sender.expect("the acknowledgement", receipt("server", "received", "left-1")).await;
    sender.leave().await;
    let mut device = another(&niko, "web_niko").await;
    device.expect("the message", saying("you were away")).await;
    let unread = world::expect::list(
        &niko.client.get(&format!("/api/rainbow/enduser/v1.0/users/{}/conversations?format=full", niko.id())).await,
    );
    assert_eq!(unread[0]["unreadMessageNumber"], serde_json::json!(1));
}

#[tokio::test]
async fn receipts_of_the_absent_reach_a_sender_who_came_back_by_history_c1() {
    let world = world();
    let (nele, mut sender) = online("nele").await;
    let (noah, mut peer) = online("noah").await;
    sender.message(noah.jid(), "ack-late", "tell me later", STORE).await;
    peer.expect("the message", saying("tell me later")).await;
    sender.leave().await;
    peer.receipt(nele.jid(), "read", "ack-late").await;
    peer.settle().await;
    let mut back = Device::online(&world.edge, &nele, "node_back").await;
    let (_, page) = crate::archive::page(&mut back, noah.jid(), 10, None).await;
    let ack = page[0].find("ack", ns::CLIENT).or_else(|| page[0].find("ack", ns::RECEIPTS)).expect("<ack/>");
    assert_eq!(ack.attr("read"), Some("true"));
}
