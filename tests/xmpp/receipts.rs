//! Client receipts and read markers (section 7, steps 3 and 4; C1).

use crate::{another, online, receipt, saying};
use world::device::STORE;
use world::stanza::ns;

#[tokio::test]
async fn receipts_fan_out_to_every_device_of_the_sender_c1() {
    let (lars, mut phone) = online("lars").await;
    let mut laptop = another(&lars, "web_lars").await;
    let (lena, mut peer) = online("lena").await;
    phone.message(lena.jid(), "ask-1", "did you get it?", STORE).await;
    peer.expect("the message", saying("did you get it?")).await;
    for event in ["received", "read"] {
        peer.receipt(lars.jid(), event, "ask-1").await;
        for device in [&mut phone, &mut laptop] {
            let got = device.expect(event, receipt("client", event, "ask-1")).await;
            assert_eq!(got.attr("type"), Some("chat"));
            assert!(got.is_from("message", lena.jid()), "{got:?}");
        }
    }
}

#[tokio::test]
async fn receipts_mark_the_archived_message_and_are_no_entries_themselves_c1() {
    let (leo, mut sender) = online("leo").await;
    let (lisa, mut peer) = online("lisa").await;
    sender.message(lisa.jid(), "mark-1", "mark me", STORE).await;
    peer.expect("the message", saying("mark me")).await;
    let ack = |entry: &world::Element| {
        let ack = entry.find("ack", ns::CLIENT).or_else(|| entry.find("ack", ns::RECEIPTS));
        ack.map_or((false, false), |ack| (ack.attr("received") == Some("true"), ack.attr("read") == Some("true")))
    };
    for (event, expected) in [("received", (true, false)), ("read", (true, true))] {
        peer.receipt(leo.jid(), event, "mark-1").await;
        peer.settle().await;
        for (device, other) in [(&mut sender, lisa.jid()), (&mut peer, leo.jid())] {
            let (_, page) = crate::archive::page(device, other, 10, None).await;
            assert_eq!(page.len(), 1, "a receipt is no message: {page:?}");
            assert_eq!(ack(&page[0]), expected, "{event}: {:?}", page[0]);
        }
    }
}

#[tokio::test]
async fn unread_messages_are_counted_and_reading_takes_them_down_c1() {
    let world = crate::world();
    let (_, mut sender) = online("linus").await;
    let (luisa, mut peer) = online("luisa").await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}/conversations?format=full&limit=100&offset=0", luisa.id());
    let unread = || async { world::expect::list(&luisa.client.get(&path).await)[0]["unreadMessageNumber"].as_u64() };
    for number in 0..3 {
        sender.message(luisa.jid(), &format!("count-{number}"), &format!("number {number}"), STORE).await;
        peer.expect("the message", saying(&format!("number {number}"))).await;
    }
    assert_eq!(unread().await, Some(3));
    let conversation = world::expect::list(&luisa.client.get(&path).await)[0].clone();
    assert_eq!(conversation["lastMessageText"], serde_json::json!("number 2"));
    for number in 0..3 {
        peer.receipt(world::stanza::bare(sender.jid()), "read", &format!("count-{number}")).await;
    }
    peer.settle().await;
    assert_eq!(unread().await, Some(0));

    sender.message(luisa.jid(), "count-3", "number 3", STORE).await;
    peer.expect("the message", saying("number 3")).await;
    assert_eq!(unread().await, Some(1));
    let id = conversation["id"].as_str().expect("id");
    let all = format!("/api/rainbow/enduser/v1.0/users/{}/conversations/{id}/markallread", luisa.id());
    world::expect::success(&luisa.client.put(&all, &serde_json::json!({"maskRead": true})).await);
    assert_eq!(unread().await, Some(0));
    assert!(world.edge.alive());
}

#[tokio::test]
async fn receipts_for_what_was_never_sent_change_nothing() {
    let (lotte, mut sender) = online("lotte").await;
    let (lutz, mut peer) = online("lutz").await;
    sender.message(lutz.jid(), "real-1", "real", STORE).await;
    peer.expect("the message", saying("real")).await;
    peer.receipt(lotte.jid(), "read", "never-sent").await;
    // Nor may the sender mark his own message as read by the peer.
    sender.receipt(lutz.jid(), "read", "real-1").await;
    peer.settle().await;
    sender.settle().await;
    let (_, page) = crate::archive::page(&mut sender, lutz.jid(), 10, None).await;
    assert_eq!(page.len(), 1);
    assert!(!format!("{page:?}").contains("\"read\", \"true\""), "{page:?}");
}
