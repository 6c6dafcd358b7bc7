//! Bubbles as rooms, for Rainbow's clients and standard ones in the same one (section 9; C3, R2, XEP-0045).

use crate::{Standard, another, error_for, online, saying, standard, world};
use serde_json::{Value, json};
use world::device::STORE;
use world::history::forwarded;
use world::stanza::ns;
use world::{Device, Element, SignedIn, expect};

const ROOMS: &str = "/api/rainbow/enduser/v1.0/rooms";
const MUC: &str = "http://jabber.org/protocol/muc";
const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";
const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
const MAM_2: &str = "urn:xmpp:mam:2";

/// A new bubble of somebody.
async fn bubble(organizer: &SignedIn, name: &str) -> Value {
    expect::data(&organizer.client.post(ROOMS, &json!({ "name": name, "topic": "what we do" })).await)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key}: {value}"))
}

async fn add(organizer: &SignedIn, room: &Value, who: &SignedIn, status: &str) -> Value {
    let path = format!("{ROOMS}/{}/users", text(room, "id"));
    let body = json!({ "userId": who.id(), "reason": "come", "privilege": "user", "status": status });
    expect::data(&organizer.client.post(&path, &body).await)
}

/// Rainbow's way in.
async fn enter(device: &mut Device, room: &Value) -> Element {
    let (jid, own) = (text(room, "jid"), device.jid().to_owned());
    device
        .send(&format!(
            "<presence xmlns='jabber:client' to='{jid}/{own}'><x xmlns='{MUC}'><history maxchars='0'/></x></presence>"
        ))
        .await;
    let from = format!("{jid}/{own}");
    device.expect("the box's answer", |e| e.is_from("presence", &from)).await
}

/// A standard client's way in.
async fn join(device: &mut Device, room: &Value, nick: &str, history: u32) -> Element {
    let jid = text(room, "jid");
    let frame = format!(
        "<presence xmlns='jabber:client' to='{jid}/{nick}'><x xmlns='{MUC}'><history maxstanzas='{history}'/></x></presence>"
    );
    device.send(&frame).await;
    device.expect("the own presence", is_own).await
}

fn status(e: &Element, code: &str) -> bool {
    let x = e.child("x", MUC_USER);
    x.is_some_and(|x| x.children.iter().any(|child| child.name == "status" && child.attr("code") == Some(code)))
}

fn is_own(e: &Element) -> bool {
    e.is("presence", ns::CLIENT) && status(e, "110")
}

fn item<'a>(e: &'a Element, name: &str) -> Option<&'a str> {
    e.child("x", MUC_USER)?.child("item", MUC_USER)?.attr(name)
}

async fn say(device: &mut Device, room: &Value, id: &str, content: &str) {
    device
        .send(&format!(
            "<message xmlns='jabber:client' type='groupchat' to='{}' id='{id}'>{content}</message>",
            text(room, "jid")
        ))
        .await;
}

#[tokio::test]
async fn both_kinds_of_clients_talk_in_one_bubble_c3_c1() {
    let (ada, mut rainbow) = online("ada-room").await;
    let (ben, mut phone) = standard("ben-room").await;
    let room = bubble(&ada, "Both kinds").await;
    add(&ada, &room, &ben, "accepted").await;
    let answer = enter(&mut rainbow, &room).await;
    let first = answer.children.iter().find(|child| child.name == "x").expect("an x");
    assert!(!first.xmlns.starts_with(MUC), "Rainbow's SDK drops a presence whose first x is of XEP-0045: {answer:?}");
    let own = join(&mut phone, &room, "Benny", 10).await;
    assert!(
        status(&own, "210") && status(&own, "100"),
        "the box gives the name, and everybody sees who is who: {own:?}"
    );
    assert_eq!((item(&own, "affiliation"), item(&own, "role")), (Some("member"), Some("participant")));
    let subject = phone.expect("the topic", |e| e.child("subject", ns::CLIENT).is_some()).await;
    assert_eq!(subject.child("subject", ns::CLIENT).expect("a subject").text, "what we do");
    say(&mut rainbow, &room, "r-1", &format!("<body>hello phone</body>{STORE}")).await;
    let reflected = rainbow.expect("one's own words", saying("hello phone")).await;
    assert_eq!((reflected.attr("id"), reflected.attr("type")), (Some("r-1"), Some("groupchat")));
    assert_eq!(reflected.attr("from"), Some(format!("{}/{}", text(&room, "jid"), rainbow.jid()).as_str()));
    assert_eq!(reflected.child("archived", ns::ARCHIVED).and_then(|e| e.attr("by")), Some(text(&room, "jid")));
    let heard = phone.expect("Rainbow's words", saying("hello phone")).await;
    assert!(
        heard.child("archived", ns::ARCHIVED).is_none()
            && heard.child("occupant-id", "urn:xmpp:occupant-id:0").is_some()
    );
    say(&mut phone, &room, "p-1", "<body>hello rainbow</body>").await;
    rainbow.expect("the phone's words", saying("hello rainbow")).await;
    phone.expect("one's own words", saying("hello rainbow")).await;
    say(&mut phone, &room, "p-2", &format!("<replace id='p-1' xmlns='{}'/><body>hello all</body>", ns::CORRECT)).await;
    let corrected = rainbow.expect("the correction", saying("hello all")).await;
    assert_eq!(corrected.attr("id"), Some("p-1"), "in Rainbow's form");
    let page = archive_2(&mut phone, &room, "").await;
    assert_eq!(
        page.iter().filter_map(|one| forwarded(result(one)).body().map(str::to_owned)).collect::<Vec<_>>(),
        ["hello phone", "hello all", "hello all"],
        "no earlier wording stays (C8)"
    );
}

/// What a message of a page of an archive holds.
fn result(message: &Element) -> &Element {
    message.children.iter().find(|child| child.name == "result").expect("a result")
}

/// A page of the bubble's archive as standard clients ask for it.
async fn archive_2(device: &mut Device, room: &Value, set: &str) -> Vec<Element> {
    let query = format!("<query xmlns='{MAM_2}'><set xmlns='{}'><max>50</max>{set}</set></query>", ns::RSM);
    let answer = device.iq("set", Some(text(room, "jid")), &query).await;
    assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    device.take_received(|e| e.child("result", MAM_2).is_some())
}

#[tokio::test]
async fn who_is_outside_enters_reads_and_says_nothing_c3_b1() {
    let (otto, _) = online("olaf-room").await;
    let (stranger, mut device) = standard("stranger-room").await;
    let room = bubble(&otto, "Closed door").await;
    let jid = text(&room, "jid").to_owned();
    let nobody = "room_dddddddddddddddddddddddd@muc.edge.test";
    for to in [jid.as_str(), nobody] {
        device
            .send(&format!("<presence xmlns='jabber:client' id='in' to='{to}/me'><x xmlns='{MUC}'/></presence>"))
            .await;
        let refused = device.expect("a refusal", error_for("presence", "in")).await;
        assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("item-not-found"));
        device
            .send(&format!(
                "<message xmlns='jabber:client' type='groupchat' id='say' to='{to}'><body>let me in</body></message>"
            ))
            .await;
        let refused = device.expect("a refusal", error_for("message", "say")).await;
        assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("item-not-found"));
        for (kind, payload) in [
            ("set", format!("<query xmlns='{MAM_2}'/>")),
            ("set", format!("<query xmlns='{}'/>", ns::MAM)),
            ("set", format!("<query xmlns='{}:bulk'/>", ns::MAM)),
            ("get", String::from("<query xmlns='http://jabber.org/protocol/disco#info'/>")),
            ("get", String::from("<query xmlns='http://jabber.org/protocol/disco#items'/>")),
            ("get", format!("<query xmlns='{MUC_ADMIN}'><item affiliation='member'/></query>")),
            (
                "set",
                format!("<query xmlns='{MUC_ADMIN}'><item affiliation='member' jid='{}'/></query>", stranger.jid()),
            ),
            ("get", format!("<query xmlns='{MUC_OWNER}'/>")),
            ("set", format!("<query xmlns='{MUC_OWNER}'><destroy/></query>")),
        ] {
            let answer = device.iq(kind, Some(to), &payload).await;
            assert_eq!(
                answer.error().map(|(condition, _)| condition).as_deref(),
                Some("item-not-found"),
                "{to}: {payload}"
            );
        }
    }
    let items =
        device.iq("get", Some("muc.edge.test"), "<query xmlns='http://jabber.org/protocol/disco#items'/>").await;
    assert!(items.find("item", "http://jabber.org/protocol/disco#items").is_none(), "{items:?}");
}

#[tokio::test]
async fn an_invited_standard_client_comes_in_by_entering_and_reads_from_then_on_c3_xep_0249() {
    let (ines, mut rainbow) = online("ines-room").await;
    let (igor, mut phone) = standard("igor-room").await;
    let room = bubble(&ines, "By invitation").await;
    enter(&mut rainbow, &room).await;
    say(&mut rainbow, &room, "early", &format!("<body>before he came</body>{STORE}")).await;
    rainbow.expect("one's own words", saying("before he came")).await;
    add(&ines, &room, &igor, "invited").await;
    let invitation = phone.expect("the invitation", |e| e.child("x", "jabber:x:conference").is_some()).await;
    let conference = invitation.child("x", "jabber:x:conference").expect("found");
    assert_eq!((conference.attr("jid"), conference.attr("reason")), (Some(text(&room, "jid")), Some("come")));
    let refused = phone.iq("set", Some(text(&room, "jid")), &format!("<query xmlns='{MAM_2}'/>")).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("forbidden"), "asked, and not in it");
    join(&mut phone, &room, "igor", 20).await;
    say(&mut rainbow, &room, "late", &format!("<body>after he came</body>{STORE}")).await;
    phone.expect("the words", saying("after he came")).await;
    let page = archive_2(&mut phone, &room, "").await;
    let bodies: Vec<_> = page.iter().filter_map(|one| forwarded(result(one)).body().map(str::to_owned)).collect();
    assert_eq!(bodies, ["after he came"]);
}

#[tokio::test]
async fn who_is_put_out_hears_no_more_and_the_others_go_on_c3_r2() {
    let (olga, mut rainbow) = online("olga-room").await;
    let (pia, mut phone) = standard("pia-room").await;
    let (quin, mut tablet) = standard("quin-room").await;
    let room = bubble(&olga, "Put out").await;
    for who in [&pia, &quin] {
        add(&olga, &room, who, "accepted").await;
    }
    enter(&mut rainbow, &room).await;
    join(&mut phone, &room, "pia", 0).await;
    join(&mut tablet, &room, "quin", 0).await;
    let jid = text(&room, "jid");
    // A simple member puts nobody out.
    let kick =
        |who: &SignedIn| format!("<query xmlns='{MUC_ADMIN}'><item affiliation='none' jid='{}'/></query>", who.jid());
    let refused = tablet.iq("set", Some(jid), &kick(&pia)).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("forbidden"));
    let promoted = format!("<query xmlns='{MUC_ADMIN}'><item affiliation='admin' jid='{}'/></query>", quin.jid());
    assert_eq!(rainbow.iq("set", Some(jid), &promoted).await.attr("type"), Some("result"));
    phone.expect("the promotion", |e| item(e, "affiliation") == Some("admin")).await;
    assert_eq!(tablet.iq("set", Some(jid), &kick(&pia)).await.attr("type"), Some("result"), "a co-organizer does (R2)");
    let out = phone.expect("the end", |e| e.attr("type") == Some("unavailable") && status(e, "110")).await;
    assert!(status(&out, "321"), "{out:?}");
    say(&mut tablet, &room, "q-1", "<body>she has gone</body>").await;
    rainbow.expect("the words", saying("she has gone")).await;
    phone.never("what is said without her", saying("she has gone")).await;
    say(&mut phone, &room, "p-9", "<body>I am still here</body>").await;
    let refused = phone.expect("a refusal", error_for("message", "p-9")).await;
    assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("not-acceptable"));
    let destroy = format!("<query xmlns='{MUC_OWNER}'><destroy/></query>");
    let refused = tablet.iq("set", Some(jid), &destroy).await;
    assert_eq!(
        refused.error().map(|(condition, _)| condition).as_deref(),
        Some("forbidden"),
        "R2: the organizer alone"
    );
    assert_eq!(rainbow.iq("set", Some(jid), &destroy).await.attr("type"), Some("result"));
    tablet.expect("the end", |e| e.child("x", MUC_USER).is_some_and(|x| x.child("destroy", MUC_USER).is_some())).await;
}

#[tokio::test]
async fn the_archive_of_a_bubble_pages_both_ways_c1() {
    let (rita, mut rainbow) = online("rita-room").await;
    let room = bubble(&rita, "Long talk").await;
    enter(&mut rainbow, &room).await;
    for number in 0..25 {
        say(&mut rainbow, &room, &format!("n-{number}"), &format!("<body>word {number}</body>{STORE}")).await;
    }
    rainbow.expect("the last word", saying("word 24")).await;
    let jid = text(&room, "jid").to_owned();
    let (mut all, mut before) = (Vec::new(), String::new());
    for page_no in 0.. {
        assert!(page_no < 9, "the end is told");
        let query = format!(
            "<query xmlns='{}' queryid='id:RRRRRRRRRR{jid}'><set xmlns='{}'><max>10</max><before>{before}</before></set></query>",
            ns::MAM,
            ns::RSM
        );
        let answer = rainbow.iq("set", Some(&jid), &query).await;
        let fin = answer.child("fin", ns::MAM).unwrap_or_else(|| panic!("fin inside the result: {answer:?}"));
        let page = rainbow.take_received(|e| e.child("result", ns::MAM).is_some());
        let bodies: Vec<String> =
            page.iter().filter_map(|one| forwarded(result(one)).body().map(str::to_owned)).collect();
        all.splice(0..0, bodies);
        if fin.attr("complete") == Some("true") {
            break;
        }
        before = fin.find("first", ns::RSM).expect("first").text.clone();
    }
    assert_eq!(all, (0..25).map(|number| format!("word {number}")).collect::<Vec<_>>());
}

/// What devices of Rainbow's clients hear of how far their user has read on another one.
fn heard_read(e: &Element) -> bool {
    e.child("mark_as_read", ns::CLIENT).is_some() || e.child("conversation", ns::CONFIGURATION).is_some()
}

#[tokio::test]
async fn what_one_device_reads_in_a_bubble_the_others_of_the_same_person_hear_c1_xep_0333() {
    let (nina, mut writer) = online("nina-room").await;
    let reader = Standard::new("nico-room").await;
    let mut phone = reader.device("phone").await;
    let (mut desk, mut tablet) = (another(&reader.who, "web_desk").await, another(&reader.who, "web_tablet").await);
    let room = bubble(&nina, "Read once").await;
    add(&nina, &room, &reader.who, "accepted").await;
    for device in [&mut writer, &mut desk, &mut tablet] {
        enter(device, &room).await;
    }
    join(&mut phone, &room, "nico", 0).await;
    let jid = text(&room, "jid");
    for number in 1..=2 {
        say(&mut writer, &room, &format!("n-{number}"), &format!("<body>number {number}</body>{STORE}")).await;
    }
    let second = phone.expect("the words", saying("number 2")).await;
    let place = second.child("stanza-id", "urn:xmpp:sid:0").and_then(|e| e.attr("id")).expect("a place").to_owned();
    let receipt = |id: &str| format!("<received xmlns='{}' event='read' entity='client' id='{id}'/>", ns::RECEIPTS);
    say(&mut desk, &room, "r-1", &receipt("n-1")).await;
    let update = tablet.expect("how much is left", heard_read).await;
    let conversation = update.child("conversation", ns::CONFIGURATION).expect("not all is read");
    assert_eq!(conversation.attr("action"), Some("update"));
    let field = |name| conversation.child(name, ns::CONFIGURATION).map(|field| field.text.as_str());
    assert_eq!((field("peer"), field("unreadMessageNumber")), (Some(jid), Some("1")));
    let displayed = |e: &Element| e.child("displayed", "urn:xmpp:chat-markers:0").is_some();
    let mark = phone.expect("the mark of the own occupant", displayed).await;
    assert_eq!((mark.attr("type"), mark.attr("from").map(world::stanza::bare)), (Some("groupchat"), Some(jid)));
    // A standard client names the message by its place in the room's archive (XEP-0333).
    say(&mut phone, &room, "r-2", &format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{place}'/>")).await;
    for device in [&mut desk, &mut tablet] {
        let all = device.expect("that all is read", heard_read).await;
        let read = all.child("mark_as_read", ns::CLIENT).expect("all of it");
        assert_eq!((read.attr("with"), read.attr("id")), (Some(jid), Some("all-received")));
    }
    phone
        .never("its own mark", |e| {
            displayed(e)
                && e.child("displayed", "urn:xmpp:chat-markers:0").is_some_and(|d| d.attr("id") == Some(&place))
        })
        .await;
    writer.never("how far another person has read", heard_read).await;
    let conversation =
        format!("/api/rainbow/enduser/v1.0/users/{}/conversations/{}", reader.who.id(), text(&room, "id"));
    assert_eq!(expect::data(&reader.who.client.get(&conversation).await)["unreadMessageNumber"], json!(0));
}

/// Bodies of the last messages of a bubble as Rainbow's clients read its archive.
async fn archive_1(device: &mut Device, room: &Value) -> Vec<Element> {
    let jid = text(room, "jid").to_owned();
    let query = format!(
        "<query xmlns='{}' queryid='id:RRRRRRRRRR{jid}'><set xmlns='{}'><max>50</max><before/></set></query>",
        ns::MAM,
        ns::RSM
    );
    let answer = device.iq("set", Some(&jid), &query).await;
    assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    device.take_received(|e| e.child("result", ns::MAM).is_some())
}

#[tokio::test]
async fn what_is_deleted_or_corrected_in_a_bubble_is_so_on_every_device_in_both_archives_and_on_the_list_c8() {
    let writer = Standard::new("dora-room").await;
    let (mut desk, mut phone) = (another(&writer.who, "web_dora").await, writer.device("phone").await);
    let (dirk, mut rainbow) = online("dirk-room").await;
    let (dina, mut client) = standard("dina-room").await;
    let room = bubble(&writer.who, "Last words").await;
    for who in [&dirk, &dina] {
        add(&writer.who, &room, who, "accepted").await;
    }
    for device in [&mut desk, &mut rainbow] {
        enter(device, &room).await;
    }
    join(&mut phone, &room, "dora", 0).await;
    join(&mut client, &room, "dina", 0).await;
    say(&mut desk, &room, "d-0", &format!("<body>stays</body>{STORE}")).await;
    say(&mut desk, &room, "d-1", &format!("<body>teh secret</body>{STORE}")).await;
    client.expect("the words", saying("teh secret")).await;
    say(&mut desk, &room, "d-1", &format!("<body>the secret</body><modified xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    for device in [&mut desk, &mut rainbow] {
        let corrected = device.expect("the correction", saying("the secret")).await;
        assert_eq!(corrected.attr("id"), Some("d-1"));
    }
    for device in [&mut phone, &mut client] {
        let corrected = device.expect("the correction", saying("the secret")).await;
        assert_eq!(corrected.child("replace", ns::CORRECT).and_then(|e| e.attr("id")), Some("d-1"), "XEP-0308");
    }
    // The earlier one is not the last any more, and others' are not one's own.
    say(&mut desk, &room, "d-0", &format!("<body/><deleted xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    desk.expect("a refusal", error_for("message", "d-0")).await;
    say(&mut rainbow, &room, "d-1", &format!("<body/><deleted xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    rainbow.expect("a refusal", error_for("message", "d-1")).await;
    say(&mut desk, &room, "d-1", &format!("<body/><deleted xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    let deleted = |e: &Element| e.child("deleted", ns::CORRECT).is_some() && e.attr("id") == Some("d-1");
    desk.expect("the deletion", deleted).await;
    rainbow.expect("the deletion", deleted).await;
    for device in [&mut phone, &mut client] {
        let retracted = |e: &Element| {
            e.child("retract", "urn:xmpp:message-retract:1").is_some_and(|retract| retract.attr("id") == Some("d-1"))
        };
        device.expect("the retraction", retracted).await;
    }
    for device in [&mut desk, &mut rainbow] {
        let page = archive_1(device, &room).await;
        assert!(!format!("{page:?}").contains("secret"), "{page:?}");
        assert!(page.iter().any(|one| deleted(forwarded(result(one)))), "its place is kept: {page:?}");
    }
    for device in [&mut phone, &mut client] {
        let page = archive_2(device, &room, "").await;
        assert!(!format!("{page:?}").contains("secret"), "{page:?}");
        assert!(
            page.iter().any(|one| forwarded(result(one)).child("retracted", "urn:xmpp:message-retract:1").is_some())
        );
    }
    for who in [&writer.who, &dirk, &dina] {
        let path = format!("/api/rainbow/enduser/v1.0/users/{}/conversations/{}", who.id(), text(&room, "id"));
        let told = expect::data(&who.client.get(&path).await);
        assert_eq!((&told["lastMessageText"], &told["lastMessageSender"]), (&json!(""), &json!(writer.who.id())));
    }
}

#[tokio::test]
async fn in_bulk_the_archive_of_a_bubble_and_of_a_person_comes_in_one_stanza_c1() {
    const BULK: &str = "urn:xmpp:mam:1:bulk";
    let (berta, mut device) = online("berta-room").await;
    let (bjorn, _) = online("bjorn-room").await;
    let room = bubble(&berta, "In bulk").await;
    enter(&mut device, &room).await;
    let jid = text(&room, "jid").to_owned();
    for number in 0..12 {
        say(&mut device, &room, &format!("n-{number}"), &format!("<body>word {number}</body>{STORE}")).await;
        device.message(bjorn.jid(), &format!("p-{number}"), &format!("word {number}"), STORE).await;
    }
    device.settle().await;
    for (to, with) in [(Some(jid.as_str()), device.jid().to_owned()), (None, bjorn.jid().to_owned())] {
        let queryid = format!("id:RRRRRRRRRR{}", to.unwrap_or(&with));
        let (mut all, mut before) = (Vec::new(), String::new());
        for page_no in 0.. {
            assert!(page_no < 9, "the end is told");
            let form =
                format!("<x xmlns='jabber:x:data' type='submit'><field var='with'><value>{with}</value></field></x>");
            let set = format!("<set xmlns='{}'><max>5</max><before>{before}</before></set>", ns::RSM);
            let query = format!("<query xmlns='{BULK}' queryid='{queryid}'>{form}{set}</query>");
            let answer = device.iq("set", to, &query).await;
            let fin = answer.child("fin", BULK).unwrap_or_else(|| panic!("fin inside the result: {answer:?}"));
            assert_eq!(fin.attr("queryid"), Some(queryid.as_str()));
            let page = device.take_received(|e| e.child("results", BULK).is_some());
            assert_eq!(page.len(), 1, "one stanza a page");
            let results = &page[0].child("results", BULK).expect("just filtered").children;
            assert!(results.iter().all(|one| one.is("result", ns::MAM) && one.attr("queryid") == Some(&queryid)));
            all.splice(0..0, results.iter().map(|one| forwarded(one).body().unwrap_or_default().to_owned()));
            if fin.attr("complete") == Some("true") {
                break;
            }
            before = fin.find("first", ns::RSM).expect("first").text.clone();
        }
        assert_eq!(all, (0..12).map(|number| format!("word {number}")).collect::<Vec<_>>(), "{to:?}");
    }
    let empty = format!(
        "<query xmlns='{BULK}' queryid='q'><x xmlns='jabber:x:data' type='submit'><field var='with'><value>d00000000000000000000bad@edge.test</value></field></x></query>"
    );
    let answer = device.iq("set", None, &empty).await;
    assert_eq!(answer.child("fin", BULK).and_then(|fin| fin.attr("complete")), Some("true"));
}

#[tokio::test]
async fn a_bubble_outlives_the_box_and_its_members_enter_all_of_theirs_at_once_c3() {
    let world = world::World::new();
    let (tom, ulf) = (world.signed_in("tom").await, world.signed_in("ulf").await);
    let rooms = [bubble(&tom, "One").await, bubble(&tom, "Two").await];
    for room in &rooms {
        add(&tom, room, &ulf, "accepted").await;
    }
    world.edge.kill_9();
    world.edge.start();
    let mut device = Device::online(&world.edge, &ulf, "node_ulf").await;
    let own = device.jid().to_owned();
    let frame = format!(
        "<presence xmlns='jabber:client' to='muc.edge.test/{own}'><x xmlns='{MUC}'><options xmlns='jabber:iq:application' acknowledge='true'/></x></presence>"
    );
    device.send(&frame).await;
    for room in &rooms {
        let from = format!("{}/{own}", text(room, "jid"));
        device.expect("an answer of each", |e| e.is_from("presence", &from)).await;
    }
    say(&mut device, &rooms[0], "u-1", &format!("<body>after the cut</body>{STORE}")).await;
    device.expect("one's own words", saying("after the cut")).await;
}

#[tokio::test]
async fn a_bubble_that_loses_its_organizers_account_passes_on_d4() {
    let organizer = world().member("vera-room");
    let vera = organizer.sign_in(&world().edge).await;
    let (wim, _) = online("wim-room").await;
    let reader = Standard::new("xeno-room").await;
    let room = bubble(&vera, "Handed on").await;
    for who in [&wim, &reader.who] {
        add(&vera, &room, who, "accepted").await;
    }
    let path = format!("{ROOMS}/{}", text(&room, "id"));
    let promote = format!("{path}/users/{}", wim.id());
    expect::data(&vera.client.put(&promote, &json!({ "privilege": "moderator" })).await);
    let admin = world::Person::first_admin().sign_in(&world().edge).await;
    expect::success(&admin.client.delete(&format!("/api/rainbow/admin/v1.0/users/{}", vera.id())).await);
    let now = expect::data(&reader.who.client.get(&path).await);
    assert_eq!(text(&now, "creator"), wim.id());
}

#[tokio::test]
async fn rooms_have_no_talk_aside_no_other_names_and_are_made_in_rainbow_xep_0045_c3() {
    let world = world();
    let owner = world.signed_in("emil").await;
    let room = bubble(&owner, "corners").await;
    let (emma, mut phone) = standard("emma").await;
    add(&owner, &room, &emma, "accepted").await;
    let jid = text(&room, "jid").to_owned();
    let own = join(&mut phone, &room, "whatever", 0).await;
    let nick = own.attr("from").and_then(|from| from.split_once('/')).expect("an occupant").1.to_owned();
    let refused = async |device: &mut Device, kind: &str, stanza: String| {
        device.send(&stanza).await;
        let refused = device.expect("a refusal", error_for(kind, "corner")).await;
        refused.error().map(|(condition, _)| condition).unwrap_or_default()
    };
    let presence =
        |to: String, x: &str| format!("<presence xmlns='jabber:client' id='corner' to='{to}'>{x}</presence>");
    let entering = format!("<x xmlns='{MUC}'/>");
    // 7.6: names are those of the profiles.
    assert_eq!(refused(&mut phone, "presence", presence(format!("{jid}/other"), "")).await, "not-acceptable");
    phone.send(&presence(format!("{jid}/{nick}"), "<show>away</show>")).await;
    phone.never("an answer to a change of presence", error_for("presence", "corner")).await;
    // 10.1.1: the box gives bubbles their addresses.
    assert_eq!(
        refused(&mut phone, "presence", presence(String::from("den@muc.edge.test/me"), &entering)).await,
        "not-allowed"
    );
    assert_eq!(refused(&mut phone, "presence", presence(jid.clone(), &entering)).await, "jid-malformed");
    // 7.5: who is who is known, so one writes to the person.
    let aside = |to: &str, kind: &str| {
        format!("<message xmlns='jabber:client' type='{kind}' id='corner' to='{jid}/{to}'><body>psst</body></message>")
    };
    assert_eq!(refused(&mut phone, "message", aside(&nick, "chat")).await, "not-allowed");
    assert_eq!(refused(&mut phone, "message", aside("nobody", "chat")).await, "item-not-found");
    assert_eq!(refused(&mut phone, "message", aside(&nick, "groupchat")).await, "bad-request");
    let ping = format!("<ping xmlns='{}'/>", ns::PING);
    assert_eq!(phone.iq("get", Some(&format!("{jid}/{nick}")), &ping).await.attr("type"), Some("result"));
    for (to, payload, condition) in [
        ("nobody", ping.as_str(), "item-not-found"),
        (nick.as_str(), "<query xmlns='jabber:iq:version'/>", "service-unavailable"),
    ] {
        let answer = phone.iq("get", Some(&format!("{jid}/{to}")), payload).await;
        assert_eq!(answer.error().map(|(condition, _)| condition).as_deref(), Some(condition), "{to}");
    }
    phone.send(&format!("<presence xmlns='jabber:client' type='unavailable' to='{jid}/{nick}'/>")).await;
    phone.expect("the end", |e| e.attr("type") == Some("unavailable") && status(e, "110")).await;
    assert_eq!(refused(&mut phone, "message", aside(&nick, "chat")).await, "not-acceptable");
    let answer = phone.iq("get", Some(&format!("{jid}/{nick}")), &ping).await;
    assert_eq!(answer.error().map(|(condition, _)| condition).as_deref(), Some("not-acceptable"));
}

/// The receipt of somebody for a message of a bubble: who, and what.
fn receipt_of(e: &Element, id: &str) -> Option<(String, String, String)> {
    let received = e.child("received", ns::RECEIPTS).filter(|received| received.attr("id") == Some(id))?;
    let field = |name| received.attr(name).unwrap_or_default().to_owned();
    Some((e.attr("from").unwrap_or_default().to_owned(), field("entity"), field("event")))
}

#[tokio::test]
async fn who_says_something_in_a_bubble_gets_the_boxs_receipt_and_those_of_its_readers_c1() {
    let (rita, mut desk) = online("rita-receipts").await;
    let (rolf, mut reader) = online("rolf-receipts").await;
    let (rosa, mut phone) = standard("rosa-receipts").await;
    let mut tablet = another(&rita, "web_tablet").await;
    let room = bubble(&rita, "Receipts").await;
    for who in [&rolf, &rosa] {
        add(&rita, &room, who, "accepted").await;
    }
    for device in [&mut desk, &mut tablet, &mut reader] {
        enter(device, &room).await;
    }
    join(&mut phone, &room, "rosa", 0).await;
    let jid = text(&room, "jid").to_owned();
    say(&mut desk, &room, "q-1", &format!("<body>who reads?</body>{STORE}")).await;
    let own = desk.expect("the box's receipt", |e| receipt_of(e, "q-1").is_some()).await;
    let from_box = (format!("{jid}/{}", desk.jid()), String::from("server"), String::from("received"));
    assert_eq!(receipt_of(&own, "q-1"), Some(from_box));
    assert_eq!(own.attr("type"), Some("groupchat"));
    reader.expect("the words", saying("who reads?")).await;
    for event in ["received", "read", "read"] {
        let receipt = format!("<received xmlns='{}' event='{event}' entity='client' id='q-1'/>", ns::RECEIPTS);
        say(&mut reader, &room, &format!("r-{event}"), &receipt).await;
    }
    let from = format!("{jid}/{}", reader.jid());
    for device in [&mut desk, &mut tablet] {
        for event in ["received", "read"] {
            let told = (from.clone(), String::from("client"), event.to_owned());
            device.expect(event, move |e| receipt_of(e, "q-1").as_ref() == Some(&told)).await;
        }
    }
    reader.settle().await;
    tablet.never("a receipt twice, or the box's for another device", |e| receipt_of(e, "q-1").is_some()).await;
    phone.never("Rainbow's receipts", |e| e.child("received", ns::RECEIPTS).is_some()).await;
    // A mark for what nobody said, and one's own, tell nobody anything.
    say(
        &mut desk,
        &room,
        "r-own",
        &format!("<received xmlns='{}' event='read' entity='client' id='q-1'/>", ns::RECEIPTS),
    )
    .await;
    desk.settle().await;
    desk.never("one's own mark", |e| receipt_of(e, "q-1").is_some()).await;
}

#[tokio::test]
async fn a_reaction_from_either_door_is_in_the_bubbles_archive_once_and_is_no_message_c1_xep_0444() {
    const REACTIONS: &str = "urn:xmpp:reactions:0";
    let (ruth, mut rainbow) = online("ruth-room").await;
    let (remo, mut phone) = standard("remo-room").await;
    let room = bubble(&ruth, "Reactions").await;
    add(&ruth, &room, &remo, "accepted").await;
    enter(&mut rainbow, &room).await;
    join(&mut phone, &room, "remo", 0).await;
    say(&mut rainbow, &room, "joke", &format!("<body>a joke</body>{STORE}")).await;
    phone.expect("the joke", saying("a joke")).await;
    let reaction =
        |icon: &str| format!("<reactions id='joke' xmlns='{REACTIONS}'><reaction>{icon}</reaction></reactions>{STORE}");
    let about = |own: &'static str| {
        move |e: &Element| {
            e.attr("id") == Some(own)
                && e.child("reactions", REACTIONS).is_some_and(|one| one.attr("id") == Some("joke"))
        }
    };
    say(&mut phone, &room, "re-1", &reaction("\u{1F602}")).await;
    phone.expect("the own reaction", about("re-1")).await;
    for _ in 0..2 {
        say(&mut rainbow, &room, "re-2", &reaction("\u{1F44D}")).await;
    }
    phone.expect("the reaction from Rainbow's door", about("re-2")).await;
    rainbow.settle().await;
    let page = archive_2(&mut phone, &room, "").await;
    let ids: Vec<&str> = page.iter().filter_map(|one| forwarded(result(one)).attr("id")).collect();
    assert_eq!(ids, ["joke", "re-1", "re-2"], "each stands there once");
    assert_eq!(archive_1(&mut rainbow, &room).await.len(), 1, "Rainbow's archive holds messages alone");
    let conversation = format!("/api/rainbow/enduser/v1.0/users/{}/conversations/{}", ruth.id(), text(&room, "id"));
    let told = expect::data(&ruth.client.get(&conversation).await);
    assert_eq!((&told["lastMessageText"], &told["unreadMessageNumber"]), (&json!("a joke"), &json!(0)));
}

#[tokio::test]
async fn what_was_said_is_deleted_for_all_by_the_organizer_and_hidden_by_each_for_himself_c8_d5() {
    let (sven, mut organizer) = online("sven-room").await;
    let (sina, mut member) = online("sina-room").await;
    let room = bubble(&sven, "Swept").await;
    add(&sven, &room, &sina, "accepted").await;
    for device in [&mut organizer, &mut member] {
        enter(device, &room).await;
    }
    say(&mut organizer, &room, "s-1", &format!("<body>one</body>{STORE}")).await;
    member.expect("the words", saying("one")).await;
    let jid = text(&room, "jid").to_owned();
    let delete = |fields: &str| {
        format!("<delete xmlns='{}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></delete>", ns::MAM)
    };
    let with = |who: &str| format!("<field var='with'><value>{who}</value></field>");
    let cleared = |e: &Element| e.child("deleted", ns::CLIENT).is_some_and(|one| one.attr("id") == Some("all"));
    let own = world::stanza::bare(member.jid()).to_owned();
    for refused in [
        delete(""),
        delete(&with(world::stanza::bare(organizer.jid()))),
        delete("<field var='start'><value>2026-01-01T00:00:00Z</value></field>"),
    ] {
        assert_eq!(member.iq("set", Some(&jid), &refused).await.attr("type"), Some("error"), "{refused}");
    }
    assert_eq!(archive_1(&mut member, &room).await.len(), 1);
    assert_eq!(member.iq("set", Some(&jid), &delete(&with(&own))).await.attr("type"), Some("result"));
    member.expect("that it is hidden", cleared).await;
    assert_eq!((archive_1(&mut member, &room).await.len(), archive_1(&mut organizer, &room).await.len()), (0, 1));
    say(&mut member, &room, "s-2", &format!("<body>two</body>{STORE}")).await;
    organizer.expect("the words", saying("two")).await;
    assert_eq!((archive_1(&mut member, &room).await.len(), archive_1(&mut organizer, &room).await.len()), (1, 2));
    assert_eq!(organizer.iq("set", Some(&jid), &delete("")).await.attr("type"), Some("result"));
    member.expect("that it is deleted", cleared).await;
    for device in [&mut organizer, &mut member] {
        assert!(archive_1(device, &room).await.is_empty());
    }
    say(&mut member, &room, "s-3", &format!("<body>three</body>{STORE}")).await;
    organizer.expect("what comes after", saying("three")).await;
}
