//! History (section 8; C1).

use crate::{another, error_for, online, receipt, saying, world};
use world::device::STORE;
use world::history::{Page, forwarded, query};
use world::stanza::ns;
use world::{Device, Element};

/// One page as (fin, results).
pub(crate) async fn page(device: &mut Device, peer: &str, max: u32, before: Option<&str>) -> (Element, Vec<Element>) {
    let Page { results, fin, .. } = device.history(peer, max, before).await;
    (fin, results)
}

/// Bodies of the whole history, oldest first; entries without text are left out.
pub(crate) async fn bodies(device: &mut Device, peer: &str) -> Vec<String> {
    let all = device.whole_history(peer, 50).await;
    all.iter()
        .filter_map(|result| forwarded(result).body())
        .filter(|body| !body.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A pair with `count` stored messages, numbered, alternating between both.
async fn talk(one: &str, other: &str, count: usize) -> (Device, Device) {
    let (mia, mut first) = online(one).await;
    let (max, mut second) = online(other).await;
    for number in 0..count {
        let (device, to) = if number % 2 == 0 { (&mut first, max.jid()) } else { (&mut second, mia.jid()) };
        let id = format!("talk-{number}");
        device.message(to, &id, &format!("line {number}"), STORE).await;
        device.expect("the acknowledgement", receipt("server", "received", &id)).await;
    }
    (first, second)
}

fn bare(device: &Device) -> String {
    world::stanza::bare(device.jid()).to_owned()
}

#[tokio::test]
async fn pages_go_backwards_without_gap_or_overlap_c1() {
    let (mut first, second) = talk("mia", "max", 25).await;
    let peer = bare(&second);
    let newest = first.history(&peer, 10, None).await;
    assert_eq!(newest.bodies(), (15..25).map(|n| format!("line {n}")).collect::<Vec<_>>(), "oldest first");
    assert!(!newest.complete());
    assert_eq!(newest.rsm("count"), Some("25"));
    assert_eq!(newest.rsm("first"), newest.results[0].attr("id"));
    assert_eq!(newest.rsm("last"), newest.results[9].attr("id"));
    let middle = first.history(&peer, 10, newest.rsm("first")).await;
    assert_eq!(middle.bodies(), (5..15).map(|n| format!("line {n}")).collect::<Vec<_>>());
    assert!(!middle.complete());
    let oldest = first.history(&peer, 10, middle.rsm("first")).await;
    assert_eq!(oldest.bodies(), (0..5).map(|n| format!("line {n}")).collect::<Vec<_>>());
    assert!(oldest.complete(), "{:?}", oldest.fin);
    let beyond = first.history(&peer, 10, oldest.rsm("first")).await;
    assert!(beyond.results.is_empty() && beyond.complete());
}

#[tokio::test]
async fn results_have_the_sheets_form_and_both_sides_read_the_same_c1() {
    let (mut first, mut second) = talk("mona", "moritz", 4).await;
    let (mona, moritz) = (bare(&first), bare(&second));
    let page = first.history(&moritz, 30, None).await;
    for (number, result) in page.results.iter().enumerate() {
        let message = forwarded(result);
        let (from, to) = if number % 2 == 0 { (&mona, &moritz) } else { (&moritz, &mona) };
        assert_eq!(message.attr("from"), Some(from.as_str()), "the bare JID (1:1)");
        assert_eq!(message.attr("to").map(world::stanza::bare), Some(to.as_str()));
        assert_eq!(message.attr("type"), Some("chat"));
        assert_eq!(message.attr("id"), Some(format!("talk-{number}").as_str()));
        assert!(message.is("message", ns::CLIENT));
        let delay = result.find("delay", ns::DELAY).expect("<delay/>");
        assert!(delay.attr("stamp").is_some_and(|stamp| stamp.ends_with('Z')), "{delay:?}");
    }
    let other = second.history(&mona, 30, None).await;
    assert_eq!(other.bodies(), page.bodies());
    let ids = |page: &Page| page.results.iter().map(|r| r.attr("id").map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(ids(&other), ids(&page), "one row in one company");
    let mut third = another(&world().member("milla").sign_in(&world().edge).await, "node_milla").await;
    assert!(bodies(&mut third, &mona).await.is_empty(), "a colleague reads nothing of it");
}

#[tokio::test]
async fn live_archive_id_is_the_one_of_history_c1() {
    let (mario, mut sender) = online("mario").await;
    let (marta, mut peer) = online("marta").await;
    sender.message(marta.jid(), "same-id", "where am I", STORE).await;
    let live = peer.expect("the message", saying("where am I")).await;
    let live = live.child("archived", ns::ARCHIVED).and_then(|a| a.attr("id")).expect("archive id").to_owned();
    let page = peer.history(mario.jid(), 30, None).await;
    assert_eq!(page.results[0].attr("id"), Some(live.as_str()));
}

#[tokio::test]
async fn duplicates_after_a_reconnect_are_stored_once_and_acknowledged_again_decision_10() {
    let world = world();
    let (mats, mut sender) = online("mats").await;
    let (merle, mut peer) = online("merle").await;
    sender.message(merle.jid(), "twice", "once is enough", STORE).await;
    sender.expect("the acknowledgement", receipt("server", "received", "twice")).await;
    drop(sender);
    let mut sender = Device::online(&world.edge, &mats, "node_mats").await;
    sender.message(merle.jid(), "twice", "once is enough", STORE).await;
    sender.expect("the acknowledgement again", receipt("server", "received", "twice")).await;
    assert_eq!(bodies(&mut sender, merle.jid()).await, ["once is enough"]);
    let live = peer.take_all(saying("once is enough")).await;
    assert_eq!(live.len(), 1, "delivered once: {live:?}");

    sender.message(merle.jid(), "twice", "another payload under the same id", STORE).await;
    sender.settle().await;
    peer.settle().await;
    assert!(
        bodies(&mut peer, mats.jid()).await.contains(&"once is enough".to_owned()),
        "nothing is overwritten by chance"
    );
}

#[tokio::test]
async fn archive_of_others_cannot_be_asked_for_b1() {
    let (first, mut second) = talk("mina", "milan", 2).await;
    let (_, mut spy) = online("molly").await;
    let victim = bare(&first);
    let to_victim = query("spy-1", "id:0123456789spy", &bare(&second), 30, None).replacen(
        "<iq ",
        &format!("<iq to='{victim}' "),
        1,
    );
    spy.send(&to_victim).await;
    let refused = spy.answer_to("spy-1").await;
    assert_eq!(refused.attr("type"), Some("error"), "{refused:?}");
    spy.never("somebody else's history", |e| e.child("result", ns::MAM).is_some()).await;
    assert_eq!(bodies(&mut second, &victim).await.len(), 2);
}

#[tokio::test]
async fn strange_queries_are_errors_or_empty_and_never_faults() {
    let (mut first, second) = talk("mirko", "minna", 2).await;
    let peer = bare(&second);
    for (number, (with, max, before)) in [
        ("not a jid @@", "30", "<before/>"),
        (peer.as_str(), "-1", "<before/>"),
        (peer.as_str(), "99999999999999999999", "<before/>"),
        (peer.as_str(), "many", "<before/>"),
        (peer.as_str(), "30", "<before>no such id</before>"),
        (peer.as_str(), "30", "<before>a</before><after>b</after>"),
        ("nobody@elsewhere.test", "30", "<before/>"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("strange-{number}");
        let frame = query(&id, "id:0123456789x", with, 30, None)
            .replace("<max>30</max>", &format!("<max>{max}</max>"))
            .replace("<before/>", before);
        first.send(&frame).await;
        let answer = first.answer_to(&id).await;
        if answer.attr("type") == Some("error") {
            assert!(answer.error().is_some_and(|(_, text)| text.is_some()), "{answer:?}");
        }
        first.take_received(|e| e.child("result", ns::MAM).is_some());
    }
    let huge = first.history(&peer, 100_000, None).await;
    assert_eq!(huge.results.len(), 2);
}

#[tokio::test]
async fn deleting_ones_history_empties_it_for_oneself_only() {
    let (mut first, mut second) = talk("melina", "mikael", 3).await;
    let (melina, mikael) = (bare(&first), bare(&second));
    let delete = format!(
        "<iq xmlns='jabber:client' type='set' id='wipe'><delete xmlns='{mam}' queryid='q'>\
         <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{mam}</value></field>\
         <field var='with'><value>{mikael}</value></field></x></delete></iq>",
        mam = ns::MAM
    );
    first.send(&delete).await;
    let answer = first.answer_to("wipe").await;
    if error_for("iq", "wipe")(&answer) {
        // Not offered: then it must say so and leave everything.
        assert_eq!(answer.error().map(|(condition, _)| condition), Some("service-unavailable".to_owned()));
        assert_eq!(bodies(&mut first, &mikael).await.len(), 3);
    } else {
        assert!(answer.find("deleted", ns::MAM).is_some() || answer.children.is_empty(), "{answer:?}");
        assert!(bodies(&mut first, &mikael).await.is_empty());
    }
    assert_eq!(bodies(&mut second, &melina).await.len(), 3, "the other side keeps its history");
}
