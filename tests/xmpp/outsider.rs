//! The outsider meets nobody of another company (B1, B3, B6; decision 6).

use crate::{error_for, online, receipt, world};
use world::device::{NO_STORE, STORE};
use world::stanza::{bare, ns};
use world::{Device, Element};

const NOBODY: &str = "d00000000000000000000bad@edge.test";

async fn eve(name: &str) -> Device {
    let world = world();
    let eve = world.outsider(name).sign_in(&world.edge).await;
    Device::online(&world.edge, &eve, &format!("node_{name}")).await
}

/// An error without what names the addressee and the stanza: what is left must be equal for everybody unseen.
fn without_names(error: &Element, addressee: &str) -> String {
    let id = error.attr("id").unwrap_or_default().to_owned();
    format!("{error:?}").replace(&id, "ID").replace(addressee, "ADDRESSEE").replace(bare(addressee), "ADDRESSEE")
}

#[tokio::test]
async fn message_to_another_company_fails_as_to_nobody_b3() {
    let (olaf, mut victim) = online("olaf").await;
    let mut outsider = eve("ev-message").await;
    for (kind, content) in [
        ("store", format!("<body>psst</body>{STORE}")),
        ("nostore", format!("<body>psst</body>{NO_STORE}")),
        ("typing", format!("<composing xmlns='{}'/>", ns::CHAT_STATES)),
        ("receipt", format!("<received xmlns='{}' event='read' entity='client' id='x'/>", ns::RECEIPTS)),
    ] {
        let mut errors = Vec::new();
        for (who, jid) in [("victim", olaf.jid()), ("nobody", NOBODY)] {
            let id = format!("{who}-{kind}");
            outsider.chat(jid, &id, &content).await;
            let reaction =
                outsider.take_all(|e| error_for("message", &id)(e) || receipt("server", "received", &id)(e)).await;
            assert!(reaction.iter().all(|e| e.attr("type") == Some("error")), "{kind}: acknowledged: {reaction:?}");
            errors.push(reaction.iter().map(|e| without_names(e, jid)).collect::<Vec<_>>());
            if kind == "store" {
                let (condition, text) = reaction[0].error().expect("a stanza error");
                assert!(["service-unavailable", "item-not-found"].contains(&condition.as_str()), "{condition}");
                assert!(text.is_some(), "with <text/>");
            }
        }
        assert_eq!(errors[0], errors[1], "{kind}");
    }
    victim.never("anything of the outsider", |e| e.is_from("message", bare(outsider.jid()))).await;
}

#[tokio::test]
async fn iq_to_another_company_fails_as_to_nobody_b3() {
    let (_, mut victim) = online("ole").await;
    let mut outsider = eve("ev-iq").await;
    for payload in [
        format!("<ping xmlns='{}'/>", ns::PING),
        format!("<query xmlns='{}'/>", ns::DISCO_INFO),
        "<query xmlns='jabber:iq:version'/>".to_owned(),
    ] {
        let nobody_device = format!("{NOBODY}/node_x");
        for (there, nobody) in
            [(victim.jid().to_owned(), nobody_device.as_str()), (bare(victim.jid()).to_owned(), NOBODY)]
        {
            let met = outsider.iq("get", Some(&there), &payload).await;
            let unmet = outsider.iq("get", Some(nobody), &payload).await;
            assert_eq!(met.attr("type"), Some("error"), "{met:?}");
            assert_eq!(without_names(&met, &there), without_names(&unmet, nobody));
        }
    }
    victim.never("an iq of the outsider", |e| e.is_from("iq", bare(outsider.jid()))).await;
}

#[tokio::test]
async fn archive_with_an_outsider_is_empty_as_with_nobody_b1() {
    let (_, victim) = online("oona").await;
    let mut outsider = eve("ev-archive").await;
    for peer in [bare(victim.jid()), NOBODY] {
        let page = outsider.history(peer, 30, None).await;
        assert!(page.results.is_empty() && page.complete(), "{page:?}");
    }
}

#[tokio::test]
async fn sender_is_always_the_session_whatever_the_stanza_says() {
    let world = world();
    let (oskar, mut device) = online("oskar").await;
    let (odette, mut peer) = online("odette").await;
    for (number, from) in
        [world.admin.email.as_str(), odette.jid(), NOBODY, "edge.test", "pcloud@edge.test/x"].iter().enumerate()
    {
        let id = format!("spoof-{number}");
        device
            .send(&format!(
                "<message xmlns='jabber:client' type='chat' from='{from}' to='{}' id='{id}'><body>{id}</body>{STORE}</message>",
                odette.jid()
            ))
            .await;
        let message = peer.expect("the message under its true sender", |e| e.body() == Some(&id)).await;
        assert_eq!(message.attr("from"), Some(device.jid()), "sent as {from}");
    }
    // A management message is the server's alone.
    device
        .send(&format!(
            "<message xmlns='jabber:client' type='management' to='{}' id='fake'><userpassword xmlns='{}' action='update'/></message>",
            odette.jid(),
            ns::CONFIGURATION
        ))
        .await;
    device.settle().await;
    peer.never("a management message of a person", |e| {
        e.is_from("message", oskar.jid()) && e.attr("type") == Some("management")
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_archived_stamp_and_receipts_cannot_be_forged() {
    let (_, mut device) = online("orla").await;
    let (otto, mut peer) = online("otto").await;
    device
        .chat(
            otto.jid(),
            "forged",
            &format!("<body>forged stamp</body><archived xmlns='{}' by='edge.test' stamp='1999-01-01T00:00:00Z' id='a1'/>{STORE}", ns::ARCHIVED),
        )
        .await;
    let message = peer.expect("the message", |e| e.body() == Some("forged stamp")).await;
    let stamps: Vec<_> = message.children.iter().filter(|e| e.is("archived", ns::ARCHIVED)).collect();
    assert_eq!(stamps.len(), 1, "{message:?}");
    assert!(stamps[0].attr("stamp").is_some_and(|stamp| !stamp.starts_with("1999")));
    device
        .chat(
            otto.jid(),
            "fake-server",
            &format!("<received xmlns='{}' event='received' entity='server' id='x'/>", ns::RECEIPTS),
        )
        .await;
    device.settle().await;
    peer.never("a server's receipt made by a person", receipt("server", "received", "x")).await;
}
