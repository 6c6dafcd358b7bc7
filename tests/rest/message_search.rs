//! Looking for a text in messages, and messages by their ids (section 10; C1, C8).

use crate::{NOBODY, OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::device::STORE;
use world::stanza::ns;
use world::{Device, SignedIn, expect, later};

async fn online(company: &OwnCompany, name: &str) -> (SignedIn, Device) {
    let who = company.signed_in(name).await;
    let device = Device::online(&world().edge, &who, &format!("node_{name}")).await;
    (who, device)
}

fn search(who: &SignedIn, query: &str) -> String {
    format!("{USERS}/{}/conversations/search{query}", who.id())
}

/// Ids of the messages that are found, newest first.
async fn found(who: &SignedIn, query: &str) -> Vec<String> {
    let hits = expect::list(&who.client.get(&search(who, &format!("/hits?{query}"))).await);
    let id = |hit: &Value| hit["msgId"].as_str().unwrap_or_else(|| panic!("msgId: {hit}")).to_owned();
    hits.iter().map(id).collect()
}

/// Writes to a person and waits for the server's receipt.
async fn write(device: &mut Device, to: &SignedIn, id: &str, content: &str) {
    device.chat(to.jid(), id, &format!("{content}{STORE}")).await;
    device
        .expect("the server's receipt", |e| {
            e.child("received", ns::RECEIPTS).is_some_and(|receipt| receipt.attr("id") == Some(id))
        })
        .await;
}

#[tokio::test]
async fn a_text_is_found_where_one_may_read_it_and_nowhere_else_c1_b1() {
    let (home, abroad) = (OwnCompany::new("hits-home"), OwnCompany::new("hits-abroad"));
    let (ada, mut device) = online(&home, "ada").await;
    let (ben, carl) = (home.signed_in("ben").await, abroad.signed_in("carl").await);
    let bubble = ada.bubble("Searching").await;
    ada.add_to(&bubble, &ben).await;
    device.enter(&bubble).await;
    device.say(&bubble, "b-1", "<body>grüne weide</body>").await;
    write(&mut device, &ben, "p-1", "<body>the Grüne Wiese is far</body>").await;
    later().await;
    ada.add_to(&bubble, &carl).await;
    carl.answer_to(&bubble, "accepted").await;
    device.say(&bubble, "b-2", "<body>ein GRÜNER Baum &amp; 100% Laub</body>").await;
    write(&mut device, &ben, "p-2", "<body>nothing of that colour</body>").await;
    let sought = "substring=gr%C3%BCne";
    assert_eq!(found(&ada, sought).await, ["b-2", "p-1", "b-1"], "in any case, people and bubbles in one order");
    assert_eq!(found(&ben, sought).await, ["b-2", "p-1", "b-1"]);
    assert_eq!(found(&carl, sought).await, ["b-2"], "what was said before he came is not for his eyes");
    let (in_bubble, with_ada) =
        (format!("{sought}&peer={}&isRoom=true", bubble.jid), format!("{sought}&peer={}", ada.jid()));
    assert_eq!(found(&ben, &in_bubble).await, ["b-2", "b-1"]);
    assert_eq!(found(&ben, &with_ada).await, ["p-1"]);
    assert_eq!(found(&ben, &format!("{sought}&limit=2")).await, ["b-2", "p-1", "b-1"], "so many of each kind");
    assert_eq!(found(&ben, &format!("{sought}&limit=1")).await, ["b-2", "p-1"]);
    assert_eq!(found(&ada, "substring=GRUNE+wie").await, ["p-1"], "without the marks on letters too");
    let hits = expect::list(&ben.client.get(&search(&ben, &format!("/hits?{in_bubble}"))).await);
    assert_eq!(hits[0]["excerpt"], "ein GRÜNER Baum & 100% Laub", "{hits:?}");
    // What stands for anything elsewhere stands for itself.
    assert_eq!(found(&ada, "substring=100%25+l").await, ["b-2"]);
    for nothing in ["substring=gr_ne", "substring=%25", "substring=*", "substring=body"] {
        let expected: &[&str] = if nothing == "substring=%25" { &["b-2"] } else { &[] };
        assert_eq!(found(&ada, nothing).await, expected, "{nothing}");
    }
    let counted = expect::list(&ben.client.get(&search(&ben, &format!("?{sought}&limit=100&webinar=true"))).await);
    assert_eq!(counted, [json!({"jid": bubble.jid, "count": 2}), json!({"jid": ada.jid(), "count": 1})]);
    let eve = world().eve.sign_in(&world().edge).await;
    assert_eq!(found(&eve, sought).await, [""; 0]);
    assert_eq!(found(&eve, &with_ada).await, [""; 0], "as with nobody");
    let hidden = eve.client.get(&search(&eve, &format!("/hits?{in_bubble}"))).await;
    expect::refusal(&hidden, 404);
    let nowhere = format!("{sought}&peer=room_{NOBODY}@muc.edge.test&isRoom=true");
    let none = eve.client.get(&search(&eve, &format!("/hits?{nowhere}"))).await;
    expect::indistinguishable((&hidden, &bubble.id), (&none, NOBODY));
    carl.answer_to(&bubble, "unsubscribed").await;
    later().await;
    device.say(&bubble, "b-3", "<body>grüne Post, ohne Carl</body>").await;
    assert_eq!(found(&carl, sought).await, ["b-2"], "who has left finds what he read");
    for (query, field) in [
        ("", "substring"),
        ("substring=+", "substring"),
        ("substring=a&limit=x", "limit"),
        ("substring=a&peer=nobody", "peer"),
        ("substring=a&isRoom=true&peer=d00000000000000000000bad@edge.test", "isRoom"),
    ] {
        let refused = expect::refusal(&ada.client.get(&search(&ada, &format!("/hits?{query}"))).await, 400);
        assert!(refused["errorDetails"].to_string().contains(field), "{query}: {refused}");
    }
}

#[tokio::test]
async fn what_was_deleted_or_corrected_is_found_by_nobody_c8() {
    let company = OwnCompany::new("hits-gone");
    let (ada, mut device) = online(&company, "ada").await;
    let ben = company.signed_in("ben").await;
    let bubble = ada.bubble("Gone").await;
    ada.add_to(&bubble, &ben).await;
    device.enter(&bubble).await;
    device.say(&bubble, "b-1", "<body>a slip of the tongue</body>").await;
    write(&mut device, &ben, "p-1", "<body>a slip of the pen</body>").await;
    assert_eq!(found(&ben, "substring=slip").await, ["p-1", "b-1"]);
    let corrected = format!("<body>a word of the wise</body><modified xmlns='{}'/>", ns::CORRECT);
    write(&mut device, &ben, "p-1", &corrected).await;
    device.say(&bubble, "b-1", &corrected).await;
    for who in [&ada, &ben] {
        assert_eq!(found(who, "substring=slip").await, [""; 0]);
        assert_eq!(found(who, "substring=word").await, ["p-1", "b-1"], "once, as it is now");
    }
    let deleted = format!("<body/><deleted xmlns='{}'/>", ns::CORRECT);
    write(&mut device, &ben, "p-1", &deleted).await;
    device.say(&bubble, "b-1", &deleted).await;
    for who in [&ada, &ben] {
        for text in ["slip", "word", "taken+back", "client"] {
            assert_eq!(found(who, &format!("substring={text}")).await, [""; 0], "{text}");
        }
    }
}

#[tokio::test]
async fn messages_are_read_by_their_ids_as_they_are_now_and_by_who_may_read_them_c1_c8() {
    let company = OwnCompany::new("ims");
    let (ada, mut device) = online(&company, "ada").await;
    let (ben, carl) = (company.signed_in("ben").await, company.signed_in("carl").await);
    let bubble = ada.bubble("By id").await;
    ada.add_to(&bubble, &ben).await;
    device.enter(&bubble).await;
    write(&mut device, &ben, "p-1", "<body>to you &lt;alone&gt;</body>").await;
    let place = device.say(&bubble, "b-1", "<body>to all</body>").await;
    later().await;
    ada.add_to(&bubble, &carl).await;
    let ims = async |who: &SignedIn, more: Value| {
        let mut wanted = vec![
            json!({"peer": if who.id() == ada.id() { ben.jid() } else { ada.jid() }, "msgId": "p-1", "type": "user"}),
            json!({"peer": bubble.jid, "msgId": "b-1", "type": "room"}),
            json!({"peer": ben.jid(), "msgId": "none", "type": "user"}),
        ];
        for (one, hash) in wanted.iter_mut().zip(more.as_array().into_iter().flatten()) {
            one["hash"] = hash.clone();
        }
        expect::data(&who.client.post(&format!("{USERS}/{}/ims", who.id()), &json!({ "ims": wanted })).await)
    };
    let (of_ada, of_ben) = (ims(&ada, json!([])).await, ims(&ben, json!([])).await);
    for told in [&of_ada, &of_ben] {
        let xml = |at: usize| told[at]["xml"].as_str().unwrap_or_else(|| panic!("{told}"));
        assert!(xml(0).contains("to you &lt;alone&gt;") && xml(1).contains("<body>to all</body>"), "{told}");
        let stanza = world::Element::parse(xml(1)).expect("XML");
        assert_eq!((stanza.attr("id"), stanza.attr("type")), (Some("b-1"), Some("groupchat")));
        assert!(stanza.is_from("message", &bubble.jid), "{stanza:?}");
        let stamp = told[1]["timestamp"].as_str().expect("a time").parse::<i64>().expect("microseconds");
        assert_eq!(format!("a{stamp:x}"), place);
        assert_eq!((&told[1]["msgId"], &told[1]["peer"]), (&json!("b-1"), &json!(bubble.jid)));
        assert_eq!((&told[2]["status"], told[2].get("xml")), (&json!("not_found"), None));
    }
    let hashes = json!([of_ben[0]["hash"], of_ben[1]["hash"]]);
    device.say(&bubble, "b-1", &format!("<body/><deleted xmlns='{}'/>", ns::CORRECT)).await;
    let again = ims(&ben, hashes).await;
    assert_eq!((&again[0]["status"], again[0].get("xml")), (&json!("unchanged"), None));
    assert!(again[1]["xml"].as_str().is_some_and(|xml| xml.contains("<deleted") && !xml.contains("to all")), "{again}");
    let of_carl = ims(&carl, json!([])).await;
    assert!((0..3).all(|at| of_carl[at]["status"] == json!("not_found")), "{of_carl}");
    let many: Vec<Value> = (0..101).map(|_| json!({"peer": bubble.jid, "msgId": "b-1"})).collect();
    for wrong in
        [json!(many), json!("b-1"), json!(["b-1"]), json!([{"msgId": "b-1"}]), json!([{"peer": "x", "msgId": "b-1"}])]
    {
        expect::refusal(&ben.client.post(&format!("{USERS}/{}/ims", ben.id()), &json!({ "ims": wrong })).await, 400);
    }
}
