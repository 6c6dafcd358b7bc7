//! Corrections, retractions, reactions, receipts and markers between both kinds of clients (C1, C8): each reads in its own way
//! what the other wrote.

use crate::standard_archive::ask;
use crate::{Standard, online, saying, standard, world};
use world::device::{NO_STORE, STORE};
use world::history::forwarded;
use world::stanza::ns;
use world::{Device, Element};

const MARKERS: &str = "urn:xmpp:chat-markers:0";
const RETRACT: &str = "urn:xmpp:message-retract:1";
const REACTIONS: &str = "urn:xmpp:reactions:0";

fn about<'a>(name: &'a str, of: &'a str, id: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("message", ns::CLIENT) && e.child(name, of).is_some_and(|child| child.attr("id") == Some(id))
}

#[tokio::test]
async fn a_correction_of_a_standard_client_is_one_for_all_c8_xep_0308() {
    let (yann, mut phone) = standard("yann").await;
    let (yara, mut rainbow) = online("yara").await;
    let yvo = Standard::new("yvonne").await;
    let mut reader = yvo.device("phone").await;
    for (to, device) in [(yara.jid(), &mut rainbow), (yvo.who.jid(), &mut reader)] {
        phone.chat(to, "y-first", "<body>teh first</body>").await;
        device.expect("the message", saying("teh first")).await;
        let correction = format!("<body>the first</body><replace id='y-first' xmlns='{}'/>", ns::CORRECT);
        phone.chat(to, "y-second", &correction).await;
    }
    let as_rainbow = rainbow.expect("the correction", saying("the first")).await;
    assert_eq!(as_rainbow.attr("id"), Some("y-first"), "Rainbow's clients know it by the id of the message");
    assert!(as_rainbow.child("modified", ns::CORRECT).is_some() && as_rainbow.child("replace", ns::CORRECT).is_none());
    let as_standard = reader.expect("the correction", saying("the first")).await;
    assert_eq!(as_standard.attr("id"), Some("y-second"));
    assert!(about("replace", ns::CORRECT, "y-first")(&as_standard), "{as_standard:?}");
    assert_eq!(crate::archive::bodies(&mut rainbow, yann.jid()).await, ["the first"], "one entry, corrected");
    let page = ask(&mut reader, &[("with", yann.jid())], "", "").await;
    assert_eq!(page.bodies(), ["the first", "the first"], "the message and what was said about it; nothing of before");
    assert!(about("replace", ns::CORRECT, "y-first")(forwarded(&page.results[1])));
    // Again, as some clients do: naming the last correction.
    let again = format!("<body>the very first</body><replace id='y-second' xmlns='{}'/>", ns::CORRECT);
    phone.chat(yvo.who.jid(), "y-third", &again).await;
    reader.expect("the second correction", saying("the very first")).await;
    let page = ask(&mut reader, &[("with", yann.jid())], "", "").await;
    assert_eq!(page.bodies(), ["the very first", "the very first"], "no earlier wording stays (C8)");
}

#[tokio::test]
async fn a_correction_of_a_rainbow_client_is_one_for_standard_clients_c8() {
    let (_, mut rainbow) = online("yasmin").await;
    let (yorick, mut phone) = standard("yorick").await;
    rainbow.message(yorick.jid(), "r-1", "teh second", STORE).await;
    phone.expect("the message", saying("teh second")).await;
    let change = format!("<body>the second</body><modified xmlns='{}'/>{STORE}", ns::CORRECT);
    rainbow.chat(yorick.jid(), "r-1", &change).await;
    let corrected = phone.expect("the correction", saying("the second")).await;
    assert!(about("replace", ns::CORRECT, "r-1")(&corrected), "{corrected:?}");
    assert_ne!(corrected.attr("id"), Some("r-1"), "a message of its own");
    assert!(corrected.child("modified", ns::CORRECT).is_none());
    rainbow.chat(yorick.jid(), "r-1", &format!("<body></body><deleted xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    phone.expect("the retraction", about("retract", RETRACT, "r-1")).await;
    let page = ask(&mut phone, &[], "", "").await;
    assert!(!format!("{:?}", page.results).contains("the second"), "the deleted text is gone (C8)");
    assert!(forwarded(&page.results[0]).child("retracted", RETRACT).is_some(), "{:?}", page.results);
    assert!(about("retract", RETRACT, "r-1")(forwarded(&page.results[1])));
}

#[tokio::test]
async fn a_retraction_deletes_for_all_and_only_ones_own_last_message_c8_xep_0424() {
    let (yael, mut phone) = standard("yael").await;
    let (yu, mut rainbow) = online("yu").await;
    phone.chat(yu.jid(), "t-1", "<body>never said</body>").await;
    rainbow.expect("the message", saying("never said")).await;
    let retract = |id: &str| format!("<retract id='{id}' xmlns='{RETRACT}'/><body>taken back</body>{STORE}");
    phone.chat(yu.jid(), "t-2", &retract("t-1")).await;
    let deleted = rainbow.expect("the deletion", |e| e.child("deleted", ns::CORRECT).is_some()).await;
    assert_eq!((deleted.attr("id"), deleted.body()), (Some("t-1"), Some("")));
    assert!(crate::archive::bodies(&mut rainbow, yael.jid()).await.is_empty());
    phone.chat(yu.jid(), "t-3", "<body>stays</body>").await;
    phone.chat(yu.jid(), "t-4", "<body>the last</body>").await;
    rainbow.expect("the message", saying("the last")).await;
    rainbow.message(yael.jid(), "theirs", "not yours", STORE).await;
    phone.expect("the message", saying("not yours")).await;
    for (id, of, condition) in
        [("t-5", "t-3", "not-allowed"), ("t-6", "theirs", "item-not-found"), ("t-7", "unknown", "item-not-found")]
    {
        phone.chat(yu.jid(), id, &retract(of)).await;
        let refused = phone.expect("the refusal", crate::error_for("message", id)).await;
        assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some(condition), "{of}");
    }
    assert_eq!(crate::archive::bodies(&mut rainbow, yael.jid()).await, ["stays", "the last", "not yours"]);
}

#[tokio::test]
async fn reactions_reach_standard_clients_and_their_archive_and_disturb_no_rainbow_client_xep_0444() {
    let (yusuf, mut phone) = standard("yusuf").await;
    let other = Standard::new("yvette").await;
    let mut reader = other.device("phone").await;
    let mut rainbow = crate::another(&other.who, "web_yvette").await;
    reader.chat(yusuf.jid(), "funny", "<body>a joke</body>").await;
    phone.expect("the joke", saying("a joke")).await;
    let reaction = |icon: &str, hint: &str| {
        format!("<reactions id='funny' xmlns='{REACTIONS}'><reaction>{icon}</reaction></reactions>{hint}")
    };
    phone.chat(other.who.jid(), "re-1", &reaction("\u{1F602}", STORE)).await;
    let got = reader.expect("the reaction", about("reactions", REACTIONS, "funny")).await;
    assert!(got.child("stanza-id", "urn:xmpp:sid:0").is_some(), "it stands in the archive: {got:?}");
    phone.settle().await;
    rainbow.never("what Rainbow's clients do not know", |e| e.find("reactions", REACTIONS).is_some()).await;
    assert_eq!(crate::archive::bodies(&mut rainbow, yusuf.jid()).await, ["a joke"]);
    let (fin, _) = crate::archive::page(&mut rainbow, yusuf.jid(), 10, None).await;
    assert_eq!(fin.find("count", ns::RSM).map(|count| count.text.clone()).as_deref(), Some("1"));
    let page = ask(&mut reader, &[], "", "").await;
    assert_eq!(page.results.len(), 2);
    assert!(about("reactions", REACTIONS, "funny")(forwarded(&page.results[1])));
    phone.chat(other.who.jid(), "re-2", &reaction("\u{1F44D}", NO_STORE)).await;
    reader.expect("one that is not kept", |e| e.attr("id") == Some("re-2")).await;
    assert_eq!(ask(&mut reader, &[], "", "").await.results.len(), 2);
    let conversations = format!("/api/rainbow/enduser/v1.0/users/{}/conversations?format=full", other.who.id());
    let listed = world::expect::list(&other.who.client.get(&conversations).await);
    assert_eq!(listed[0]["unreadMessageNumber"], serde_json::json!(0), "a reaction is nothing unread: {listed:?}");
    assert_eq!(listed[0]["lastMessageText"], serde_json::json!("a joke"));
}

#[tokio::test]
async fn reactions_reach_the_client_of_rainbow_that_asks_for_them_and_stand_by_their_message_c1_xep_0444() {
    let (yannis, mut phone) = standard("yannis").await;
    let (yolanda, mut browser) = online("yolanda").await;
    let mut other = crate::another(&yolanda, "web_other").await;
    let answer = browser.iq("set", None, &format!("<enable xmlns='{REACTIONS}'/>")).await;
    assert_eq!(answer.attr("type"), Some("result"));
    let reaction = |of: &str, icons: &[&str]| {
        let icons: String = icons.iter().map(|icon| format!("<reaction>{icon}</reaction>")).collect();
        format!("<reactions id='{of}' xmlns='{REACTIONS}'>{icons}</reactions>{STORE}")
    };
    browser.chat(yannis.jid(), "w-1", "<body>a joke</body>").await;
    phone.expect("the joke", saying("a joke")).await;
    phone.chat(yolanda.jid(), "p-1", &reaction("w-1", &["\u{1F602}"])).await;
    browser.expect("the reaction", about("reactions", REACTIONS, "w-1")).await;
    other.never("what this one did not ask for", |e| e.find("reactions", REACTIONS).is_some()).await;
    browser.chat(yannis.jid(), "w-2", &reaction("w-1", &["!"])).await;
    let got = phone.expect("a reaction of a browser", about("reactions", REACTIONS, "w-1")).await;
    assert_eq!(got.attr("id"), Some("w-2"), "by its own id: {got:?}");
    phone.chat(yolanda.jid(), "p-2", &reaction("w-1", &["\u{1F44D}", "\u{1F389}"])).await;
    browser.expect("another in its place", about("reactions", REACTIONS, "w-1")).await;

    let jid = yannis.jid();
    let form = format!(
        "<x xmlns='jabber:x:data' type='submit'><field var='with'><value>{jid}</value></field></x><reactions xmlns='{REACTIONS}'/>"
    );
    browser.iq("set", None, &format!("<query xmlns='{}' queryid='q'>{form}</query>", ns::MAM)).await;
    let page = browser.take_all(|e| e.child("result", ns::MAM).is_some()).await;
    let [joke] = page.as_slice() else { panic!("one message: {page:?}") };
    let joke = forwarded(joke.child("result", ns::MAM).expect("just asked for"));
    let remarks: Vec<_> = joke.children.iter().filter(|e| e.is("remark", "urn:rainbow-edge:remarks")).collect();
    let told = |who: &str| {
        let one = remarks.iter().find(|one| one.attr("from") == Some(who)).expect("a remark of his");
        let icons = &one.child("reactions", REACTIONS).expect("what he remarked").children;
        icons.iter().map(|icon| icon.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(remarks.len(), 2, "the last of each: {remarks:?}");
    assert_eq!(told(world::stanza::bare(yannis.jid())), ["\u{1F44D}", "\u{1F389}"]);
    assert_eq!(told(world::stanza::bare(yolanda.jid())), ["!"]);
    let (_, page) = crate::archive::page(&mut other, yannis.jid(), 10, None).await;
    assert!(page[0].find("remark", "urn:rainbow-edge:remarks").is_none(), "only where they are asked for: {page:?}");
}

#[tokio::test]
async fn receipts_and_markers_are_read_by_both_kinds_of_clients_c1_xep_0184_xep_0333() {
    let (zelda, mut rainbow) = online("zelmira").await;
    let (zack, mut phone) = standard("zacarias").await;
    rainbow.message(zack.jid(), "m-1", "seen?", STORE).await;
    phone.expect("the message", saying("seen?")).await;
    phone.chat(zelda.jid(), "k-1", &format!("<received xmlns='{}' id='m-1'/>", ns::RECEIPTS)).await;
    rainbow.expect("received", crate::receipt("client", "received", "m-1")).await;
    phone.chat(zelda.jid(), "k-2", &format!("<displayed xmlns='{MARKERS}' id='m-1'/>{STORE}")).await;
    let read = rainbow.expect("read", crate::receipt("client", "read", "m-1")).await;
    assert!(read.child("displayed", MARKERS).is_none(), "{read:?}");
    let (_, page) = crate::archive::page(&mut rainbow, zack.jid(), 10, None).await;
    let ack = page[0].find("ack", ns::CLIENT).expect("marks of the message");
    assert_eq!((ack.attr("received"), ack.attr("read")), (Some("true"), Some("true")));

    let asking = format!("<body>and you?</body><request xmlns='{}'/><markable xmlns='{MARKERS}'/>", ns::RECEIPTS);
    phone.chat(zelda.jid(), "m-2", &asking).await;
    rainbow.expect("the message", saying("and you?")).await;
    phone
        .never("a receipt of the box, which would be taken for the recipient's", |e| {
            e.child("received", ns::RECEIPTS).is_some()
        })
        .await;
    rainbow.receipt(zack.jid(), "received", "m-2").await;
    let received = phone.expect("received", about("received", ns::RECEIPTS, "m-2")).await;
    assert!(received.children[0].attr("event").is_none(), "{received:?}");
    rainbow.receipt(zack.jid(), "read", "m-2").await;
    phone.expect("read", about("displayed", MARKERS, "m-2")).await;
    assert_eq!(ask(&mut phone, &[], "", "").await.results.len(), 2, "marks are no entries");
}

#[tokio::test]
async fn changes_reactions_and_marks_cross_between_companies_c1_c8() {
    let world = world();
    world.edge.add_company("Soylent-Grenzverkehr", "public");
    let person = world.edge.add_person("Soylent-Grenzverkehr", "xenia@soylent.test", &[]);
    let xenia = person.sign_in(&world.edge).await;
    let made = xenia.application_password("Phone", &person.password).await;
    let password = made["password"].as_str().expect("an application password");
    let mut xenias = Device::standard(&world.edge, xenia.local(), password, "phone").await;
    let (xaver, mut phone) = standard("xaver").await;
    xaver.join(&xenia).await;
    phone.chat(xenias.jid(), "x-1", "<body>teh border</body>").await;
    let got = xenias.expect("the message", saying("teh border")).await;
    assert_eq!((got.attr("to"), got.attr("type")), (Some(xenias.jid()), Some("chat")));
    let correction = format!("<body>the border</body><replace id='x-1' xmlns='{}'/>", ns::CORRECT);
    phone.chat(xenia.jid(), "x-2", &correction).await;
    let corrected = xenias.expect("the correction", saying("the border")).await;
    assert!(about("replace", ns::CORRECT, "x-1")(&corrected) && corrected.attr("id") == Some("x-2"), "{corrected:?}");
    xenias.chat(xaver.jid(), "x-3", &format!("<displayed xmlns='{MARKERS}' id='x-2'/>")).await;
    phone.expect("read", about("displayed", MARKERS, "x-2")).await;
    let reaction = format!("<reactions id='x-1' xmlns='{REACTIONS}'><reaction>!</reaction></reactions>{STORE}");
    xenias.chat(xaver.jid(), "x-4", &reaction).await;
    phone.expect("the reaction", about("reactions", REACTIONS, "x-1")).await;
    let retraction = format!("<retract id='x-1' xmlns='{RETRACT}'/><body>taken back</body>{STORE}");
    phone.chat(xenia.jid(), "x-5", &retraction).await;
    xenias.expect("the retraction", about("retract", RETRACT, "x-1")).await;
    for device in [&mut phone, &mut xenias] {
        let page = ask(device, &[], "", "").await;
        let ids: Vec<_> = page.results.iter().filter_map(|result| forwarded(result).attr("id")).collect();
        assert_eq!(ids, ["x-1", "x-4", "x-5"], "the correction went with what it corrected");
        assert!(!format!("{:?}", page.results).contains("border"), "the retracted text is gone (C8)");
    }
}

#[tokio::test]
async fn reading_everything_by_rest_is_a_marker_of_the_last_message_c1_xep_0333() {
    let (zsofia, _rainbow) = online("zsofia").await;
    let (_, mut phone) = standard("zsolt").await;
    for number in 0..2 {
        phone.chat(zsofia.jid(), &format!("all-{number}"), "<body>read me</body>").await;
    }
    phone.settle().await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}/conversations", zsofia.id());
    let listed = world::expect::list(&zsofia.client.get(&format!("{path}?format=full")).await);
    let id = listed[0]["id"].as_str().expect("an id");
    let all = format!("{path}/{id}/markallread");
    world::expect::success(&zsofia.client.put(&all, &serde_json::json!({"maskRead": true})).await);
    let read = phone.expect("read", about("displayed", MARKERS, "all-1")).await;
    assert_eq!(read.attr("from"), Some(zsofia.jid()));
}

#[tokio::test]
async fn hints_and_states_are_kept_to_between_standard_clients_xep_0334_xep_0085() {
    let (zina, mut phone) = standard("zina").await;
    let (_, mut sender) = standard("zuri").await;
    for (id, hint) in
        [("h-1", "<no-store xmlns='urn:xmpp:hints'/>"), ("h-2", "<no-permanent-store xmlns='urn:xmpp:hints'/>")]
    {
        sender.chat(zina.jid(), id, &format!("<body>{id}</body>{hint}")).await;
        let got = phone.expect("the message", saying(id)).await;
        assert!(got.child("stanza-id", "urn:xmpp:sid:0").is_none(), "it stands in no archive: {got:?}");
    }
    sender.chat(zina.jid(), "h-3", &format!("<composing xmlns='{}'/>", ns::CHAT_STATES)).await;
    phone.expect("typing", |e| e.child("composing", ns::CHAT_STATES).is_some()).await;
    let keys = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/></encrypted>";
    sender.chat(zina.jid(), "h-4", &format!("{keys}{STORE}")).await;
    phone.expect("something without a text", |e| e.attr("id") == Some("h-4")).await;
    let page = ask(&mut phone, &[], "", "").await;
    let ids: Vec<_> = page.results.iter().filter_map(|result| forwarded(result).attr("id")).collect();
    assert_eq!(ids, ["h-4"]);
    assert!(forwarded(&page.results[0]).find("header", "eu.siacs.conversations.axolotl").is_some());
}

#[tokio::test]
async fn rainbows_notices_are_not_for_standard_clients() {
    let person = Standard::new("zoltana").await;
    let mut phone = person.device("phone").await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}/settings", person.who.id());
    world::expect::success(&person.who.client.put(&path, &serde_json::json!({"presence": "dnd"})).await);
    let path = format!("/api/rainbow/enduser/v1.0/users/{}", person.who.id());
    world::expect::success(&person.who.client.put(&path, &serde_json::json!({"firstName": "Zoe"})).await);
    phone
        .never("a stanza of a type that no standard knows", |e| {
            e.attr("type") == Some("management") || e.find("actor", ns::CONFIGURATION).is_some()
        })
        .await;
}
