//! Messages while devices come and go.

use crate::support::{self, Place, next, pair, taken};
use app::live::{Push, Refusal};
use app::message::{Asked, Keep, committed, give_back, history};
use domain::visibility::Visibility;
use std::collections::BTreeSet;
use std::sync::mpsc;
use store::{Connection, StoreError};
use world::Seeded;

const ALL: Asked =
    Asked { after: None, before: None, newest: false, max: 100, every_kind: false, remarks: false, known: Vec::new() };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_comes_once_in_order_and_before_what_is_sent_now_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    for id in ["one", "two", "three"] {
        place.say(&alice_calls, &sender.device, &bob.user.id, id, Keep::Archive).await;
    }
    let mut first = place.connect(&bob_calls, "b1");
    assert!(taken(&place, &bob_calls, &mut first).await.is_empty(), "a device without presence takes nothing");
    place.online(&bob_calls, &first.device).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "four", Keep::Archive).await;
    assert_eq!(taken(&place, &bob_calls, &mut first).await, ["one", "two", "three", "four"]);
    let mut second = place.connect(&bob_calls, "b2");
    place.online(&bob_calls, &second.device).await;
    assert!(taken(&place, &bob_calls, &mut second).await.is_empty(), "what was taken waits no longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stored_message_is_taken_once_and_in_order_while_devices_come_and_go_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    let mut chance = Seeded::from_environment();
    let mut device = None;
    let (mut sent, mut got) = (Vec::new(), Vec::new());
    for step in 0..400 {
        match chance.between(0, 10) {
            0 | 1 if device.is_none() => device = Some(place.connect(&bob_calls, "b")),
            2 => {
                // Leaving with pushes unread would lose them on a real wire; here they are read first.
                if let Some(mut gone) = device.take() {
                    got.extend(taken(&place, &bob_calls, &mut gone).await);
                    place.app.live().leave(&gone.device);
                }
            }
            3 | 4 => {
                if let Some(binding) = &device {
                    place.online(&bob_calls, &binding.device).await;
                }
            }
            _ => {
                let id = format!("m{step}");
                place.say(&alice_calls, &sender.device, &bob.user.id, &id, Keep::Archive).await;
                sent.push(id);
            }
        }
    }
    let mut last = device.unwrap_or_else(|| place.connect(&bob_calls, "b"));
    place.online(&bob_calls, &last.device).await;
    got.extend(taken(&place, &bob_calls, &mut last).await);
    assert_eq!(got, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_is_accepted_again_and_delivered_once_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let mut sender = place.connect(&alice_calls, "a");
    let mut receiver = place.connect(&bob_calls, "b");
    place.online(&bob_calls, &receiver.device).await;
    for _ in 0..2 {
        place.say(&alice_calls, &sender.device, &bob.user.id, "same", Keep::Archive).await;
        assert!(matches!(next(&mut sender).await, Push::Accepted { id, .. } if id == "same"));
    }
    assert_eq!(taken(&place, &bob_calls, &mut receiver).await, ["same"]);
    let page = history(&place.app, &alice_calls, Some(&bob.user.id), ALL).await.expect("history");
    assert_eq!(page.messages.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_must_not_be_stored_is_taken_now_or_refused_and_kept_nowhere_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let mut sender = place.connect(&alice_calls, "a");
    place.say(&alice_calls, &sender.device, &bob.user.id, "nobody there", Keep::Never).await;
    assert!(matches!(next(&mut sender).await, Push::Refused { reason: Refusal::Unavailable, .. }));
    place.say(&alice_calls, &sender.device, &bob.user.id, "for later", Keep::UntilTaken).await;
    assert!(matches!(next(&mut sender).await, Push::Accepted { .. }));
    let mut receiver = place.connect(&bob_calls, "b");
    place.online(&bob_calls, &receiver.device).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "now", Keep::Never).await;
    assert_eq!(taken(&place, &bob_calls, &mut receiver).await, ["for later", "now"]);
    let page = history(&place.app, &alice_calls, Some(&bob.user.id), ALL).await.expect("history");
    assert_eq!(page.total, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outsider_is_refused_as_somebody_who_does_not_exist_b1() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    let other = app::company::add(&place.app, "Globex", Visibility::Public).await.expect("a second company");
    let eve = place.person_of(&other, "eve").await;
    let (alice_calls, eve_calls) = (place.caller(&alice).await, place.caller(&eve).await);
    let mut victim = place.connect(&alice_calls, "a");
    place.online(&alice_calls, &victim.device).await;
    let mut outsider = place.connect(&eve_calls, "e");
    place.online(&eve_calls, &outsider.device).await;
    let nobody = domain::ids::UserId::parse("abcdefabcdefabcdefabcdef").expect("an id");
    let mut reasons = BTreeSet::new();
    for (number, to) in [&alice.user.id, &nobody].into_iter().enumerate() {
        for keep in [Keep::Archive, Keep::UntilTaken, Keep::Never] {
            place.say(&eve_calls, &outsider.device, to, &format!("{number}{keep:?}"), keep).await;
            let answer = loop {
                match next(&mut outsider).await {
                    Push::Presence(own) if own.from == eve.user.id => {}
                    answer => break answer,
                }
            };
            let Push::Refused { reason, .. } = answer else { panic!("not a refusal: {answer:?}") };
            reasons.insert(format!("{reason:?}"));
        }
    }
    assert_eq!(reasons.into_iter().collect::<Vec<_>>(), ["Unavailable"]);
    assert!(taken(&place, &alice_calls, &mut victim).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_reads_nothing_is_cut_off_and_what_it_missed_is_in_the_archive_e5() {
    let place = Place::with(app::Settings { device_queue_max: 8, ..support::settings() }).await;
    let ((alice, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let mut sender = place.connect(&alice_calls, "a");
    let mut slow = place.connect(&bob_calls, "b");
    place.online(&bob_calls, &slow.device).await;
    for number in 0..30 {
        place.say(&alice_calls, &sender.device, &bob.user.id, &format!("m{number}"), Keep::Archive).await;
        assert!(matches!(next(&mut sender).await, Push::Accepted { .. } | Push::Presence(_)));
    }
    while slow.pushes.next().await.is_some() {}
    let page = history(&place.app, &bob_calls, Some(&alice.user.id), ALL).await.expect("history");
    assert_eq!(page.total, Some(30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_given_back_to_a_device_that_goes_at_that_moment_waits_for_the_next_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    let mut lost = place.connect(&bob_calls, "lost");
    place.online(&bob_calls, &lost.device).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "once", Keep::Archive).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken).await;
    let mut unseen = Vec::new();
    while unseen.len() < 2 {
        if let Push::Message(message) = next(&mut lost).await {
            unseen.push(message);
        }
    }
    let other = place.connect(&bob_calls, "other");
    place.online(&bob_calls, &other.device).await;
    place.app.live().leave(&lost.device);

    // The writer is stopped before and after what gives back, so that the other device goes between its change and its end.
    let (begin, begun) = mpsc::sync_channel::<()>(1);
    let (committed, is_committed) = mpsc::sync_channel::<()>(1);
    let (end, ended) = mpsc::sync_channel::<()>(1);
    let database = place.store.company(&place.company).await.expect("the company's file");
    let stop = move |_: &Connection| {
        let _ = begun.recv();
        Ok::<_, StoreError>(())
    };
    database.write_then(stop, |_| ()).await.expect("queued");
    let stop_again = move |_| {
        let _ = committed.send(());
        let _ = ended.recv();
    };
    database.write_then(|_| Ok::<_, StoreError>(()), stop_again).await.expect("queued");
    let mut giving = Box::pin(give_back(&place.app, &bob_calls, &lost.device, unseen));
    let is_over = tokio::select! {
        biased;
        _ = &mut giving => true,
        () = std::future::ready(()) => false,
    };
    begin.send(()).expect("the writer waits");
    is_committed.recv().expect("the writer has committed");
    place.app.live().leave(&other.device);
    end.send(()).expect("the writer waits");
    if !is_over {
        giving.await.expect("given back");
    }
    let mut third = place.connect(&bob_calls, "third");
    place.online(&bob_calls, &third.device).await;
    let mut got = taken(&place, &bob_calls, &mut third).await;
    got.sort();
    assert_eq!(got, ["held", "once"]);
}

#[test]
fn a_note_that_comes_late_takes_nothing_that_was_given_back_meanwhile_c1() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    // What a message leaves to be noted runs on the runtime that it was sent on: on this one, whenever the test lets it.
    let late = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let place = runtime.block_on(Place::new());
    let ((_, alice_calls), (bob, bob_calls)) = runtime.block_on(pair(&place));
    let sender = place.connect(&alice_calls, "a");
    let mut lost = place.connect(&bob_calls, "lost");
    runtime.block_on(place.online(&bob_calls, &lost.device));
    late.block_on(place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken));
    runtime.block_on(async {
        let unseen = loop {
            if let Push::Message(message) = next(&mut lost).await {
                break message;
            }
        };
        // It waits still, and is taken by the next device, which sees it no more than the first.
        let other = place.connect(&bob_calls, "other");
        place.online(&bob_calls, &other.device).await;
        place.app.live().leave(&lost.device);
        place.app.live().leave(&other.device);
        give_back(&place.app, &bob_calls, &lost.device, vec![unseen]).await.expect("given back");
    });
    late.block_on(async {
        tokio::task::yield_now().await;
        committed(&place.app, &bob_calls).await.expect("what was queued before is on the disk");
    });
    let got = runtime.block_on(async {
        let mut third = place.connect(&bob_calls, "third");
        place.online(&bob_calls, &third.device).await;
        taken(&place, &bob_calls, &mut third).await
    });
    assert_eq!(got, ["held"]);
}
