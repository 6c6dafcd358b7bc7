//! Stream management (XEP-0198; C1): nothing is lost with a connection, nothing comes twice, all in order.

use crate::application_passwords::with_password;
use crate::{Standard, error_for, online, receipt, saying, standard, world};
use world::device::STORE;
use world::stanza::ns;
use world::{Device, Element, SignedIn};

/// A device of `who` at Rainbow's door that may come back, and the id of its ticket.
async fn managed(who: &SignedIn, resource: &str, attributes: &str) -> (Device, String) {
    let mut device = Device::sign_in(&world().edge, who, resource).await;
    let enabled = device.manage(attributes).await;
    assert_eq!((enabled.name.as_str(), enabled.attr("resume")), ("enabled", Some("true")), "{enabled:?}");
    let id = enabled.attr("id").expect("a ticket").to_owned();
    device.presence("").await;
    (device, id)
}

/// Another connection of `who`, not bound.
async fn unbound(who: &SignedIn) -> Device {
    let mut device = Device::connect(&world().edge).await;
    device.open().await;
    device.authenticate(who.local(), who.secret()).await.expect("the secret");
    device.open().await;
    device
}

async fn say(from: &mut Device, to: &SignedIn, numbers: std::ops::Range<u32>) {
    for number in numbers.clone() {
        from.message(to.jid(), &format!("{}-{number}", to.local()), &format!("text {number}"), STORE).await;
    }
    for number in numbers {
        from.expect("the acknowledgement", receipt("server", "received", &format!("{}-{number}", to.local()))).await;
    }
}

fn texts(messages: &[Element]) -> Vec<&str> {
    messages.iter().filter_map(Element::body).collect()
}

fn numbered(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("text {number}")).collect()
}

fn is_text(e: &Element) -> bool {
    e.body().is_some_and(|body| body.starts_with("text "))
}

#[tokio::test]
async fn a_resumed_stream_loses_nothing_and_repeats_nothing_c1() {
    let (_, mut sender) = online("paul-sm").await;
    let paula = world().signed_in("paula-sm").await;
    let (mut device, ticket) = managed(&paula, "node_paula", "resume='true'").await;
    say(&mut sender, &paula, 0..3).await;
    device.expect("the last", saying("text 2")).await;
    let received = device.received();
    let before = device.take_received(is_text);
    assert_eq!(texts(&before), ["text 0", "text 1"]);
    // Sent and never read, then sent while nobody is connected.
    say(&mut sender, &paula, 3..6).await;
    drop(device);
    say(&mut sender, &paula, 6..9).await;

    let mut back = unbound(&paula).await;
    let resumed = back.resume(&ticket, received).await;
    assert_eq!(resumed.name, "resumed", "{resumed:?}");
    assert_eq!(resumed.attr("previd"), Some(ticket.as_str()));
    back.expect("the last", saying("text 8")).await;
    let missed = back.take_received(is_text);
    assert_eq!(texts(&missed), numbered(3..8));
    say(&mut sender, &paula, 9..10).await;
    back.expect("what is sent after it", saying("text 9")).await;
    back.never("anything twice", is_text).await;
    back.leave().await;
}

#[tokio::test]
async fn contacts_see_somebody_who_comes_back_as_never_gone_c2() {
    let (_, mut observer) = online("pit-sm").await;
    let pia = world().signed_in("pia-sm").await;
    let (device, ticket) = managed(&pia, "node_pia", "resume='true'").await;
    observer.expect("her presence", |e| e.is_from("presence", pia.jid())).await;
    drop(device);
    let mut back = unbound(&pia).await;
    assert_eq!(back.resume(&ticket, 0).await.name, "resumed");
    observer.never("a sign that she had gone", |e| e.is_from("presence", pia.jid())).await;
    back.leave().await;
    observer.expect("that she has gone", |e| e.attr("type") == Some("unavailable")).await;
}

#[tokio::test]
async fn a_session_is_resumed_from_a_connection_that_nobody_has_missed_yet_c1() {
    let (_, mut sender) = online("peer-sm").await;
    let petra = world().signed_in("petra-sm").await;
    let (mut old, ticket) = managed(&petra, "node_petra", "resume='1'").await;
    old.settle().await;
    old.take_received(|_| true);
    let received = old.received();
    let mut new = unbound(&petra).await;
    assert_eq!(new.resume(&ticket, received).await.name, "resumed");
    say(&mut sender, &petra, 0..2).await;
    new.expect("the last", saying("text 1")).await;
    assert_eq!(old.expect_stream_error().await, "conflict");
    assert!(old.take_received(is_text).is_empty(), "the old connection gets nothing more");
    // The ticket goes on: once more.
    drop(new);
    let mut newest = unbound(&petra).await;
    assert_eq!(newest.resume(&ticket, received + 2).await.name, "resumed");
    newest.never("anything twice", is_text).await;
}

#[tokio::test]
async fn direct_tls_resumes_as_websockets_do_and_both_may_take_over_from_each_other_c1() {
    let edge = &world().edge;
    let (_, mut sender) = online("pablo-sm").await;
    let (_, penny, made) = with_password("penny-sm").await;
    let mut device = Device::direct(edge, penny.local(), &made.password, "phone").await;
    let ticket = device.manage("resume='true'").await.attr("id").expect("a ticket").to_owned();
    drop(device);
    say(&mut sender, &penny, 0..2).await;
    for (h, direct) in [(0, true), (0, false)] {
        let connected = if direct { Device::connect_direct(edge).await } else { Device::connect_standard(edge).await };
        let mut back = connected;
        back.open().await;
        back.prove(penny.local(), &made.password).await.expect("the password");
        back.open().await;
        assert_eq!(back.resume(&ticket, h).await.name, "resumed");
        back.expect("the last", saying("text 1")).await;
        assert_eq!(texts(&back.take_received(is_text)), ["text 0"]);
    }
}

#[tokio::test]
async fn what_the_box_has_handled_is_told_and_the_rest_may_be_sent_again_c1() {
    let (peter, mut peers) = online("peter-sm").await;
    let piet = world().signed_in("piet-sm").await;
    let (mut device, ticket) = managed(&piet, "node_piet", "resume='true'").await;
    let handled = device.handled().await;
    assert_eq!(handled, 1, "the presence");
    for number in 0..3 {
        device.message(peter.jid(), &format!("r-{number}"), &format!("text {number}"), STORE).await;
    }
    assert_eq!(device.handled().await, 4);
    drop(device);
    let mut back = unbound(&piet).await;
    let resumed = back.resume(&ticket, 0).await;
    assert_eq!(resumed.attr("h"), Some("4"));
    // A client that is not sure sends again: the id tells.
    for number in 2..5 {
        back.message(peter.jid(), &format!("r-{number}"), &format!("text {number}"), STORE).await;
    }
    peers.expect("the last", saying("text 4")).await;
    assert_eq!(texts(&peers.take_received(is_text)), numbered(0..4));
    assert_eq!(back.handled().await, 7);
}

#[tokio::test]
async fn what_a_client_that_stays_away_has_not_received_waits_for_the_next_c1() {
    let (_, mut sender) = online("pascal-sm").await;
    let paola = world().signed_in("paola-sm").await;
    let (mut device, ticket) = managed(&paola, "node_paola", "resume='true' max='1'").await;
    say(&mut sender, &paola, 0..2).await;
    device.expect("the second", saying("text 1")).await;
    device.acknowledge().await;
    device.settle().await;
    drop(device);
    say(&mut sender, &paola, 2..5).await;
    sender.expect("that she has gone", |e| e.is_from("presence", paola.jid()) && e.attr("type").is_some()).await;

    let mut late = unbound(&paola).await;
    let failed = late.resume(&ticket, 0).await;
    assert_eq!(failed.name, "failed");
    assert!(failed.child("item-not-found", ns::STANZAS).is_some(), "{failed:?}");
    assert_eq!(failed.attr("h"), Some("3"), "presence and what settled: {failed:?}");
    late.bind("node_next").await;
    late.presence("").await;
    late.expect("the last", saying("text 4")).await;
    let waited = late.take_received(is_text);
    assert_eq!(texts(&waited), ["text 2", "text 3"]);
    assert!(waited.iter().all(|message| message.find("delay", ns::DELAY).is_some()), "{waited:?}");
    late.never("anything twice", is_text).await;
}

#[tokio::test]
async fn a_device_that_came_in_between_gets_what_the_lost_one_alone_was_given_c1() {
    let (_, mut sender) = online("polly-sm").await;
    let pim = world().signed_in("pim-sm").await;
    let (device, _) = managed(&pim, "node_lost", "resume='true' max='2'").await;
    drop(device);
    say(&mut sender, &pim, 0..2).await;
    let mut other = Device::online(&world().edge, &pim, "node_other").await;
    say(&mut sender, &pim, 2..3).await;
    let gone = |e: &Element| e.attr("from") == Some(&format!("{}/node_lost", pim.jid())) && e.attr("type").is_some();
    other.expect("that the lost one has gone", gone).await;
    other.expect("the last of what was given to the other alone", saying("text 1")).await;
    let mut bodies: Vec<_> = other.take_all(is_text).await;
    bodies.sort_by_key(|message| message.body().map(str::to_owned));
    assert_eq!(texts(&bodies), ["text 0", "text 2"], "each once");
}

#[tokio::test]
async fn a_new_device_of_the_same_name_takes_the_place_of_a_lost_one_and_its_messages_c1() {
    let (_, mut sender) = online("perry-sm").await;
    let pam = world().signed_in("pam-sm").await;
    let (device, ticket) = managed(&pam, "node_pam", "resume='true'").await;
    drop(device);
    say(&mut sender, &pam, 0..3).await;
    let mut new = Device::sign_in(&world().edge, &pam, "node_pam").await;
    new.presence("").await;
    new.expect("the last", saying("text 2")).await;
    assert_eq!(texts(&new.take_received(is_text)), ["text 0", "text 1"]);
    new.never("anything twice", is_text).await;
    let mut late = unbound(&pam).await;
    assert_eq!(late.resume(&ticket, 0).await.name, "failed", "a session that was replaced");
}

#[tokio::test]
async fn a_restart_of_the_box_gives_back_what_was_not_acknowledged_c1() {
    let world = world::World::new();
    let (alice, bob) = (world.alice.sign_in(&world.edge).await, world.bob.sign_in(&world.edge).await);
    let mut sender = Device::online(&world.edge, &bob, "node_bob").await;
    let mut device = Device::sign_in(&world.edge, &alice, "node_alice").await;
    device.manage("resume='true'").await;
    device.presence("").await;
    drop(device);
    say(&mut sender, &alice, 0..3).await;
    world.edge.restart();
    let alice = world.alice.sign_in(&world.edge).await;
    let mut device = Device::online(&world.edge, &alice, "node_alice").await;
    device.expect("the last", saying("text 2")).await;
    assert_eq!(texts(&device.take_received(is_text)), ["text 0", "text 1"]);
}

#[tokio::test]
async fn a_ticket_is_good_for_its_own_sign_in_only_b6() {
    let poldi = world().member("poldi-sm");
    let (own, other) = (poldi.sign_in(&world().edge).await, poldi.sign_in(&world().edge).await);
    let stranger = world().signed_in("pandora-sm").await;
    let (mut device, ticket) = managed(&own, "node_poldi", "resume='true'").await;
    for who in [&other, &stranger] {
        let mut thief = unbound(who).await;
        let failed = thief.resume(&ticket, 0).await;
        assert_eq!((failed.name.as_str(), failed.attr("h")), ("failed", None), "{failed:?}");
        thief.bind("node_thief").await;
    }
    let failed = unbound(&own).await.resume("no-such-ticket", 0).await;
    assert!(failed.child("item-not-found", ns::STANZAS).is_some());
    device.settle().await;
}

#[tokio::test]
async fn a_sign_out_ends_a_session_that_waits_for_its_client_a5() {
    let pepe = world().member("pepe-sm");
    let (kept, ended) = (pepe.sign_in(&world().edge).await, pepe.sign_in(&world().edge).await);
    let mut observer = Device::online(&world().edge, &kept, "node_kept").await;
    let (device, _) = managed(&ended, "node_ended", "resume='true'").await;
    observer.expect("the other device", |e| e.attr("from") == Some(&format!("{}/node_ended", kept.jid()))).await;
    drop(device);
    world::expect::success(&ended.sign_out().await);
    observer.expect("its end", |e| e.attr("type") == Some("unavailable")).await;
}

#[tokio::test]
async fn requests_out_of_place_are_refused_and_false_counts_end_the_stream_e5() {
    let pius = world().signed_in("pius-sm").await;
    let mut device = unbound(&pius).await;
    let early = device.manage("").await;
    assert!(early.child("unexpected-request", ns::STANZAS).is_some(), "before binding: {early:?}");
    device.send(&format!("<resume xmlns='{}' previd='x'/>", ns::MANAGEMENT)).await;
    let without_h = device.expect("<failed/>", |e| e.is("failed", ns::MANAGEMENT)).await;
    assert!(without_h.child("unexpected-request", ns::STANZAS).is_some(), "{without_h:?}");
    device.bind("node_pius").await;
    let enabled = device.manage("").await;
    assert_eq!((enabled.attr("id"), enabled.attr("resume")), (None, None), "nobody asked to resume: {enabled:?}");
    assert_eq!(device.manage("resume='true'").await.name, "failed", "a second time");
    assert_eq!(device.resume("x", 0).await.name, "failed", "after binding");
    device.presence("").await;
    device.send(&format!("<a xmlns='{}' h='4000000000'/>", ns::MANAGEMENT)).await;
    let error = device.expect("a stream error", |e| e.is("error", ns::STREAMS)).await;
    let counts = error.find("handled-count-too-high", ns::MANAGEMENT).expect("XEP-0198, 4");
    assert_eq!(counts.attr("h"), Some("4000000000"));
    device.expect_end().await;
}

#[tokio::test]
async fn who_does_not_acknowledge_gets_no_more_until_it_does_e5() {
    const MANY: u32 = 600;
    let (_, mut sender) = online("pauline-sm").await;
    let (pip, mut observer) = online("pip-sm").await;
    let (mut device, _) = managed(&pip, "node_slow", "resume='true'").await;
    for lot in 0..6 {
        say(&mut sender, &pip, lot * 100..(lot + 1) * 100).await;
    }
    observer.expect("the last", saying("text 599")).await;
    let mut got = 0;
    while got < 499 {
        let next = device.next().await.expect("the stream goes on");
        got += u32::from(next.xmlns == ns::CLIENT);
    }
    assert!(device.received() < MANY, "more than it owes: {}", device.received());
    device.acknowledge().await;
    device.expect("the rest", saying("text 599")).await;
    device.send("<iq xmlns='jabber:client' type='get' id='x' to='nobody@nowhere'><a/></iq>").await;
    device.expect("answers too", error_for("iq", "x")).await;
}

#[tokio::test]
async fn what_was_for_a_lost_device_alone_goes_to_those_that_had_no_copy_c1() {
    let edge = &world().edge;
    let (_, mut sender) = standard("quin-sm").await;
    let quentin = Standard::new("quentin-sm").await;
    let mut lost = Device::standard(edge, quentin.who.local(), &quentin.password, "lost").await;
    lost.manage("resume='true' max='2'").await;
    let mut other = Device::standard(edge, quentin.who.local(), &quentin.password, "other").await;
    let mut copied = quentin.device("copied").await;
    let to = lost.jid().to_owned();
    drop(lost);
    sender.chat(&to, "alone-1", "<body>text 0</body>").await;
    copied.expect("a copy", |e| e.find("received", ns::CARBONS).is_some()).await;
    let late = other.expect("the message, once the other has gone", is_text).await;
    assert!(late.find("delay", ns::DELAY).is_some(), "it was not for this device before: {late:?}");
    copied.never("what it had as a copy", is_text).await;
}

#[tokio::test]
async fn a_reaction_that_a_lost_device_did_not_receive_waits_for_the_next_c1() {
    let (_, mut sender) = standard("quirin-sm").await;
    let quinta = Standard::new("quinta-sm").await;
    let mut lost = quinta.device("lost").await;
    lost.manage("resume='true' max='1'").await;
    drop(lost);
    let reaction = "<reactions id='x' xmlns='urn:xmpp:reactions:0'><reaction>!</reaction></reactions>";
    sender.chat(quinta.who.jid(), "reaction-1", reaction).await;
    sender.expect("that she has gone", |e| e.is_from("presence", quinta.who.jid()) && e.attr("type").is_some()).await;
    let mut next = quinta.device("next").await;
    next.expect("the reaction", |e| e.attr("id") == Some("reaction-1")).await;
}

#[tokio::test]
async fn news_of_the_roster_are_counted_and_kept_for_who_comes_back_c1() {
    let edge = &world().edge;
    let quelle = Standard::new("quelle-sm").await;
    let contact = world().signed_in("qadir-sm").await;
    let mut device = quelle.device("lost").await;
    let ticket = device.manage("resume='true'").await.attr("id").expect("a ticket").to_owned();
    drop(device);
    let mut other = quelle.device("other").await;
    let named = format!("<query xmlns='{}'><item jid='{}' name='Q'/></query>", ns::ROSTER, contact.jid());
    other.iq("set", None, &named).await;
    let push = |e: &Element| e.attr("type") == Some("set") && e.find("item", ns::ROSTER).is_some();
    let mut received = 0;
    for news in [true, false] {
        let mut back = Device::connect_standard(edge).await;
        back.open().await;
        back.prove(quelle.who.local(), &quelle.password).await.expect("the password");
        back.open().await;
        assert_eq!(back.resume(&ticket, received).await.name, "resumed");
        if news {
            back.expect("the push", push).await;
        }
        back.never("it again", push).await;
        received += back.received();
    }
}

#[tokio::test]
async fn what_was_only_held_for_a_lost_device_goes_to_one_that_came_after_it_c1() {
    let (_, mut sender) = online("pepita-sm").await;
    let pat = world().signed_in("pat-sm").await;
    let (device, _) = managed(&pat, "node_lost", "resume='true' max='2'").await;
    drop(device);
    let held = "<no-permanent-store xmlns='urn:xmpp:hints'/>";
    sender.message(pat.jid(), "held-1", "text 0", held).await;
    // Until the box has noted that the lost device took it.
    sender.expect("the acknowledgement", receipt("server", "received", "held-1")).await;
    sender.settle().await;
    sender.settle().await;
    let mut other = Device::online(&world().edge, &pat, "node_other").await;
    other.expect("what the lost one alone was given", saying("text 0")).await;
    other.never("it again", is_text).await;
}

#[tokio::test]
async fn a_request_that_a_lost_device_never_answers_is_answered_in_its_place_rfc_6120_8_2_3() {
    let edge = &world().edge;
    let (_, mut asker) = standard("quade-sm").await;
    let queenie = Standard::new("queenie-sm").await;
    let mut lost = Device::standard(edge, queenie.who.local(), &queenie.password, "lost").await;
    lost.manage("resume='true' max='1'").await;
    let to = lost.jid().to_owned();
    drop(lost);
    for id in ["one", "two"] {
        let asked = format!("<iq xmlns='jabber:client' type='get' id='{id}' to='{to}'><q xmlns='urn:x'/></iq>");
        asker.send(&asked).await;
    }
    // An answer that does not arrive is not answered.
    asker.send(&format!("<iq xmlns='jabber:client' type='result' id='stray' to='{to}'/>")).await;
    for id in ["one", "two"] {
        let answer = asker.answer_to(id).await;
        assert_eq!(
            answer.error().map(|(condition, _)| condition).as_deref(),
            Some("service-unavailable"),
            "{answer:?}"
        );
        assert_eq!(answer.attr("from"), Some(to.as_str()));
    }
    asker.never("an answer to an answer", |e| e.attr("id") == Some("stray")).await;
}
