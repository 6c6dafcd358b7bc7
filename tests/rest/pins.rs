//! Bookmarks and pins: messages that one keeps at hand (section 10; C1, C8).

use crate::{NOBODY, OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::device::STORE;
use world::stanza::ns;
use world::{Bubble, Device, SignedIn, expect, later};

/// Ada writes to Ben and in a bubble with him.
struct Talk {
    ada: SignedIn,
    device: Device,
    ben: SignedIn,
    bubble: Bubble,
}

impl Talk {
    async fn new(test: &str) -> Self {
        let company = OwnCompany::new(test);
        let (ada, ben) = (company.signed_in("ada").await, company.signed_in("ben").await);
        let mut device = Device::online(&world().edge, &ada, "node_ada").await;
        let bubble = ada.bubble("At hand").await;
        ada.add_to(&bubble, &ben).await;
        device.enter(&bubble).await;
        Self { ada, device, ben, bubble }
    }

    async fn write(&mut self, id: &str, content: &str) {
        self.device.chat(self.ben.jid(), id, &format!("{content}{STORE}")).await;
        self.device
            .expect("the server's receipt", |e| {
                e.child("received", ns::RECEIPTS).is_some_and(|receipt| receipt.attr("id") == Some(id))
            })
            .await;
    }

    async fn say(&mut self, id: &str, content: &str) -> String {
        self.device.say(&self.bubble, id, content).await
    }

    /// Ben's conversations, the one in the bubble first.
    async fn conversations(&self) -> [Value; 2] {
        let all = expect::list(&self.ben.client.get(&format!("{USERS}/{}/conversations", self.ben.id())).await);
        let of = |peer: &str| {
            let found = all.iter().find(|one| one["peerId"] == json!(peer));
            found.unwrap_or_else(|| panic!("{peer}: {all:?}")).clone()
        };
        [of(&self.bubble.id), of(self.ada.id())]
    }
}

#[tokio::test]
async fn a_message_is_marked_in_a_conversation_and_all_devices_hear_of_it_c1() {
    let mut talk = Talk::new("bookmarks").await;
    let mut phone = Device::online(&world().edge, &talk.ben, "web_ben").await;
    for number in 1..=3 {
        talk.write(&format!("p-{number}"), &format!("<body>number {number}</body>")).await;
        talk.say(&format!("b-{number}"), &format!("<body>number {number}</body>")).await;
    }
    for (at, id) in [(0, "b-1"), (1, "p-1")] {
        let conversation = talk.conversations().await[at]["id"].as_str().expect("an id").to_owned();
        let path = format!("{USERS}/{}/conversations/{conversation}/bookmark", talk.ben.id());
        expect::refusal(&talk.ben.client.post(&path, &json!({ "messageId": "none" })).await, 404);
        expect::refusal(&talk.ben.client.post(&path, &json!({})).await, 400);
        let answer = expect::success(&talk.ben.client.post(&path, &json!({ "messageId": id })).await);
        assert_eq!((&answer["data"], answer["status"].is_string()), (&json!([]), true));
        let told = talk.conversations().await[at]["bookmark"].clone();
        assert_eq!((&told["messageId"], &told["unreadMessageNumber"]), (&json!(id), &json!(2)), "{told}");
        let notice = phone.expect("the bookmark", |e| e.find("bookmark", ns::CONFIGURATION).is_some()).await;
        let changed = notice.child("conversation", ns::CONFIGURATION).expect("of a conversation");
        assert_eq!((changed.attr("id"), changed.attr("action")), (Some(conversation.as_str()), Some("update")));
        let text = |name| notice.find(name, ns::CONFIGURATION).map(|field| field.text.clone());
        assert_eq!(text("messageId").as_deref(), Some(id));
        assert_eq!(text("timestamp"), Some(told["timestamp"].to_string()));
        expect::success(&talk.ben.client.delete(&path).await);
        assert!(talk.conversations().await[at].get("bookmark").is_none());
    }
    let foreign = format!("{USERS}/{}/conversations/{}/bookmark", talk.ben.id(), NOBODY);
    expect::refusal(&talk.ben.client.post(&foreign, &json!({ "messageId": "b-1" })).await, 404);
}

#[tokio::test]
async fn a_pin_shows_what_its_message_says_now_and_nothing_of_what_was_deleted_c1_c8() {
    let mut talk = Talk::new("pins").await;
    talk.write("p-1", "<body>keep this</body>").await;
    let place = talk.say("b-1", "<body>and this</body>").await;
    let user = talk.ben.id().to_owned();
    let pins = |kind: &str, peer: &str| format!("{USERS}/{user}/pins/{kind}/{peer}");
    let (in_bubble, with_ada) = (pins("rooms", &talk.bubble.id), pins("users", talk.ada.id()));
    // As the SDK sends it: what it knows of the message is not believed.
    let body = json!({ "peerId": talk.bubble.id, "peerJid": talk.bubble.jid, "conversationJid": talk.bubble.jid,
        "messageId": "b-1", "messageTimestamp": 1, "text": "something else" });
    let pinned = expect::data(&talk.ben.client.post(&in_bubble, &body).await);
    expect::not_number_like(pinned["id"].as_str().expect("an id"));
    assert_eq!(
        (&pinned["text"], &pinned["messageId"], &pinned["peerId"], &pinned["peerJid"]),
        (&json!("and this"), &json!("b-1"), &json!(talk.bubble.id), &json!(talk.bubble.jid))
    );
    assert_eq!(format!("a{:x}", pinned["messageTimestamp"].as_i64().expect("microseconds")), place);
    let again = expect::data(&talk.ben.client.post(&pins("room", &talk.bubble.id), &body).await);
    assert_eq!(again["id"], pinned["id"], "once");
    let other = expect::data(&talk.ben.client.post(&with_ada, &json!({ "messageId": "p-1" })).await);
    assert_eq!((&other["text"], &other["peerJid"]), (&json!("keep this"), &json!(talk.ada.jid())));
    for (path, id) in [(&in_bubble, "p-1"), (&with_ada, "b-1"), (&with_ada, "none")] {
        expect::refusal(&talk.ben.client.post(path, &json!({ "messageId": id })).await, 404);
    }
    assert!(
        expect::list(&talk.ada.client.get(&format!("{USERS}/{}/pins/rooms/{}", talk.ada.id(), talk.bubble.id)).await)
            .is_empty()
    );
    let one = format!("{in_bubble}/{}", pinned["id"].as_str().expect("an id"));
    expect::refusal(&talk.ben.client.get(&format!("{with_ada}/{}", pinned["id"].as_str().expect("an id"))).await, 404);
    talk.say("b-1", &format!("<body>and that</body><modified xmlns='{}'/>", ns::CORRECT)).await;
    assert_eq!(expect::data(&talk.ben.client.get(&one).await)["text"], json!("and that"));
    talk.say("b-1", &format!("<body/><deleted xmlns='{}'/>", ns::CORRECT)).await;
    talk.write("p-1", &format!("<body/><deleted xmlns='{}'/>", ns::CORRECT)).await;
    for path in [&in_bubble, &with_ada] {
        let all = expect::list(&talk.ben.client.get(path).await);
        assert_eq!((all.len(), &all[0]["text"]), (1, &json!("")), "{all:?}");
    }
    talk.say("b-2", "<body>another one</body>").await;
    let moved = expect::data(&talk.ben.client.put(&one, &json!({ "messageId": "b-2" })).await);
    assert_eq!((&moved["id"], &moved["text"]), (&pinned["id"], &json!("another one")));
    expect::data(&talk.ben.client.delete(&one).await);
    expect::refusal(&talk.ben.client.delete(&one).await, 404);
    assert!(expect::list(&talk.ben.client.get(&in_bubble).await).is_empty());
    expect::refusal(&talk.ben.client.get(&pins("channels", &talk.bubble.id)).await, 404);
}

#[tokio::test]
async fn pins_of_a_bubble_that_one_has_left_show_what_one_read_and_there_are_not_without_end_c3_e5() {
    let mut talk = Talk::new("pins-left").await;
    for number in 0..=100 {
        talk.say(&format!("b-{number}"), &format!("<body>number {number}</body>")).await;
    }
    let pins = format!("{USERS}/{}/pins/rooms/{}", talk.ben.id(), talk.bubble.id);
    for number in 0..100 {
        expect::data(&talk.ben.client.post(&pins, &json!({ "messageId": format!("b-{number}") })).await);
    }
    expect::refusal(&talk.ben.client.post(&pins, &json!({ "messageId": "b-100" })).await, 400);
    expect::data(&talk.ben.client.post(&pins, &json!({ "messageId": "b-99" })).await);
    talk.ben.answer_to(&talk.bubble, "unsubscribed").await;
    later().await;
    talk.say("late", "<body>without him</body>").await;
    expect::refusal(&talk.ben.client.post(&pins, &json!({ "messageId": "late" })).await, 404);
    assert_eq!(expect::list(&talk.ben.client.get(&pins).await).len(), 100);
    expect::success(&talk.ada.client.delete(&talk.bubble.path()).await);
    assert!(expect::list(&talk.ben.client.get(&pins).await).is_empty());
}
