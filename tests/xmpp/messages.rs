//! One-to-one messages, typing, carbons, correction, deletion (section 7; C1).

use crate::{another, error_for, online, receipt, saying};
use world::device::{NO_STORE, STORE};
use world::stanza::ns;

#[tokio::test]
async fn message_reaches_every_device_with_its_id_and_archive_id_c1() {
    let (_, mut karl) = online("karl").await;
    let (klara, mut phone) = online("klara").await;
    let mut laptop = another(&klara, "web_klara").await;
    karl.message(klara.jid(), "node_k1", "Good morning & <welcome> \u{1F600}", STORE).await;
    let acknowledged = karl.expect("the server's receipt", receipt("server", "received", "node_k1")).await;
    assert_eq!(acknowledged.attr("from"), Some(klara.jid()), "from the peer's bare JID");
    assert_eq!(acknowledged.attr("to"), Some(karl.jid()));
    let mut archive_ids = Vec::new();
    for device in [&mut phone, &mut laptop] {
        let message = device.expect("the message", saying("Good morning & <welcome> \u{1F600}")).await;
        assert_eq!(message.attr("id"), Some("node_k1"));
        assert_eq!(message.attr("from"), Some(karl.jid()), "from the full JID");
        assert_eq!(message.attr("type"), Some("chat"));
        assert!(message.child("request", ns::RECEIPTS).is_some(), "the request for a receipt survives");
        let archived = message.child("archived", ns::ARCHIVED).expect("<archived/>");
        assert_eq!(archived.attr("by"), Some("edge.test"));
        assert!(archived.attr("stamp").is_some_and(|stamp| stamp.contains('T')), "{archived:?}");
        archive_ids.push(archived.attr("id").expect("archive id").to_owned());
    }
    assert_eq!(archive_ids[0], archive_ids[1], "every device sees the same");
}

#[tokio::test]
async fn three_devices_see_the_same_conversation_in_the_same_order_c1() {
    let (kai, mut sender) = online("kai").await;
    let (kim, mut first) = online("kim").await;
    let (mut web, mut mobile) = (another(&kim, "web_kim").await, another(&kim, "mobile_kim").await);
    for number in 0..10 {
        sender.message(kim.jid(), &format!("kai-{number}"), &format!("kai says {number}"), STORE).await;
        first.message(kai.jid(), &format!("kim-{number}"), &format!("kim says {number}"), STORE).await;
    }
    sender.expect("the last acknowledgement", receipt("server", "received", "kai-9")).await;
    first.expect("the last acknowledgement", receipt("server", "received", "kim-9")).await;
    let mut views = Vec::new();
    for device in [&mut first, &mut web, &mut mobile] {
        let incoming = device.take_all(|e| e.body().is_some() && e.is_from("message", kai.jid())).await;
        views.push(incoming.iter().map(|e| e.body().unwrap_or_default().to_owned()).collect::<Vec<_>>());
    }
    assert_eq!(views[0], (0..10).map(|number| format!("kai says {number}")).collect::<Vec<_>>());
    assert!(views.iter().all(|view| *view == views[0]), "{views:?}");
    for device in [&mut web, &mut mobile] {
        let sent = device.take_all(|e| e.child("sent", ns::CARBONS).is_some()).await;
        let bodies: Vec<_> = sent
            .iter()
            .filter_map(|e| e.find("message", ns::CLIENT)?.find("forwarded", ns::FORWARD)?.children[0].body())
            .collect();
        assert_eq!(bodies, (0..10).map(|number| format!("kim says {number}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn carbon_of_a_sent_message_has_the_sheets_form_c1() {
    let (kurt, mut phone) = online("kurt").await;
    let mut laptop = another(&kurt, "web_kurt").await;
    let (katja, _peer) = online("katja").await;
    phone.message(katja.jid(), "carbon-1", "seen on both", STORE).await;
    let carbon = laptop.expect("the carbon", |e| e.child("sent", ns::CARBONS).is_some()).await;
    assert_eq!(carbon.attr("from"), Some(kurt.jid()), "from the own bare JID");
    assert_eq!(carbon.attr("type"), Some("chat"));
    let sent = &carbon.children[0];
    assert!(sent.is("sent", ns::CARBONS), "the SDK uses children[0]: {carbon:?}");
    assert!(sent.children[0].is("forwarded", ns::FORWARD), "{carbon:?}");
    let message = sent.children[0].find("message", ns::CLIENT).expect("the message");
    assert_eq!((message.attr("id"), message.body()), (Some("carbon-1"), Some("seen on both")));
    assert_eq!(message.attr("to"), Some(katja.jid()));
    phone.never("a carbon to the sending device", |e| e.child("sent", ns::CARBONS).is_some()).await;
}

#[tokio::test]
async fn typing_passes_and_is_kept_nowhere_c1() {
    let (kuno, mut sender) = online("kuno").await;
    let (kaethe, mut peer) = online("kaethe").await;
    for state in ["composing", "paused", "active", "inactive"] {
        sender.chat(kaethe.jid(), &format!("typing-{state}"), &format!("<{state} xmlns='{}'/>", ns::CHAT_STATES)).await;
        peer.expect(state, |e| e.is_from("message", kuno.jid()) && e.child(state, ns::CHAT_STATES).is_some()).await;
    }
    assert!(crate::archive::bodies(&mut sender, kaethe.jid()).await.is_empty());
    let (_, page) = crate::archive::page(&mut sender, kaethe.jid(), 10, None).await;
    assert!(page.is_empty(), "{page:?}");
}

#[tokio::test]
async fn correction_and_deletion_replace_the_archived_entry_c1_c8() {
    let (kilian, mut sender) = online("kilian").await;
    let (kerstin, mut peer) = online("kerstin").await;
    sender.message(kerstin.jid(), "fix-me", "teh first", STORE).await;
    peer.expect("the message", saying("teh first")).await;
    sender
        .chat(kerstin.jid(), "fix-me", &format!("<body>the first</body><modified xmlns='{}'/>{STORE}", ns::CORRECT))
        .await;
    let corrected = peer.expect("the correction", saying("the first")).await;
    assert_eq!(corrected.attr("id"), Some("fix-me"));
    assert!(corrected.child("modified", ns::CORRECT).is_some());
    sender.settle().await;
    for (device, other) in [(&mut sender, kerstin.jid()), (&mut peer, kilian.jid())] {
        assert_eq!(crate::archive::bodies(device, other).await, ["the first"]);
    }
    sender.chat(kerstin.jid(), "fix-me", &format!("<body></body><deleted xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    peer.expect("the deletion", |e| e.attr("id") == Some("fix-me") && e.child("deleted", ns::CORRECT).is_some()).await;
    sender.settle().await;
    let (_, page) = crate::archive::page(&mut peer, kilian.jid(), 10, None).await;
    assert_eq!(page.len(), 1, "the entry stays as a deleted one");
    assert!(!format!("{page:?}").contains("the first"), "the deleted text is gone from the archive (C8)");
}

#[tokio::test]
async fn nobody_corrects_what_somebody_else_wrote_c8() {
    let (konrad, mut sender) = online("konrad").await;
    let (kordula, mut peer) = online("kordula").await;
    sender.message(kordula.jid(), "mine", "hands off", STORE).await;
    peer.expect("the message", saying("hands off")).await;
    peer.chat(konrad.jid(), "mine", &format!("<body>rewritten</body><modified xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    peer.settle().await;
    assert!(crate::archive::bodies(&mut sender, kordula.jid()).await.contains(&"hands off".to_owned()));
}

#[tokio::test]
async fn no_store_is_acknowledged_when_taken_and_kept_nowhere_decision_10() {
    let (kevin, mut sender) = online("kevin").await;
    let (kathrin, mut peer) = online("kathrin").await;
    sender.message(kathrin.jid(), "fleeting", "gone with the wind", NO_STORE).await;
    sender.expect("the server's receipt", receipt("server", "received", "fleeting")).await;
    peer.expect("the message", saying("gone with the wind")).await;
    for (device, other) in [(&mut sender, kathrin.jid()), (&mut peer, kevin.jid())] {
        assert!(crate::archive::bodies(device, other).await.is_empty());
    }
}

#[tokio::test]
async fn no_store_to_somebody_away_is_refused_and_kept_nowhere_decision_10() {
    let (_, mut sender) = online("knut").await;
    let world = crate::world();
    let away = world.signed_in("karin").await;
    sender.message(away.jid(), "lost", "nobody will read this", NO_STORE).await;
    let error = sender.expect("the refusal", error_for("message", "lost")).await;
    let (_, text) = error.error().expect("a stanza error");
    assert!(text.is_some_and(|text| !text.is_empty()), "the SDK reads error/text unguarded: {error:?}");
    sender.never("an acknowledgement", receipt("server", "received", "lost")).await;
    let mut late = world::Device::online(&world.edge, &away, "node_late").await;
    late.never("the refused message", saying("nobody will read this")).await;
    assert!(crate::archive::bodies(&mut sender, away.jid()).await.is_empty());
}

#[tokio::test]
async fn message_with_extras_arrives_with_all_of_them_c1() {
    let (_, mut sender) = online("kolja").await;
    let (kira, mut peer) = online("kira").await;
    let extras = "<body xml:lang='en'>rich</body><subject>S</subject>\
        <content type='text/markdown' xmlns='urn:xmpp:content'><![CDATA[**rich** & <b>]]></content>\
        <answeredMsg stamp='1700000000000'>some-id</answeredMsg>\
        <x xmlns='jabber:x:oob'><url>/f/1</url><mime>text/plain</mime><filename>a &amp; b.txt</filename><size>3</size></x>\
        <headers xmlns='http://jabber.org/protocol/shim'><header name='Urgency'>high</header></headers>\
        <store xmlns='urn:xmpp:hints'/>";
    sender.chat(kira.jid(), "rich-1", extras).await;
    let message = peer.expect("the message", saying("rich")).await;
    assert_eq!(message.child("content", "urn:xmpp:content").map(|e| e.text.as_str()), Some("**rich** & <b>"));
    assert_eq!(message.child("answeredMsg", ns::CLIENT).map(|e| e.text.as_str()), Some("some-id"));
    let oob = message.child("x", "jabber:x:oob").expect("the attachment");
    let names: Vec<_> = oob.children.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["url", "mime", "filename", "size"]);
    assert_eq!(oob.children[2].text, "a & b.txt");
    assert!(message.find("header", "http://jabber.org/protocol/shim").is_some());
}

#[tokio::test]
async fn largest_message_of_the_sdk_passes_whole_c1() {
    let (_, mut sender) = online("korbinian").await;
    let (karla, mut peer) = online("karla").await;
    let body = "Wort ".repeat(3_270);
    sender.message(karla.jid(), "long-1", body.trim_end(), STORE).await;
    peer.expect("the long message", saying(body.trim_end())).await;
}
