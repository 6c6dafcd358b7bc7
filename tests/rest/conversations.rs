//! Conversations by REST (section 10).

use crate::{NOBODY, OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::stanza::ns;
use world::{Bubble, Device, SignedIn, expect, later};

fn path(who: &SignedIn) -> String {
    format!("{USERS}/{}/conversations", who.id())
}

async fn list(who: &SignedIn) -> Vec<serde_json::Value> {
    expect::list(&who.client.get(&format!("{}?format=small&limit=1000&offset=0&before=1", path(who))).await)
}

#[tokio::test]
async fn conversation_is_opened_once_listed_muted_and_deleted() {
    let world = world();
    let (fred, bob) = (world.signed_in("fred").await, world.bob.sign_in(&world.edge).await);
    let body = json!({"peerId": bob.id(), "type": "user", "mute": false});
    let opened = expect::data(&fred.client.post(&path(&fred), &body).await);
    let id = opened["id"].as_str().expect("id").to_owned();
    expect::not_number_like(&id);
    assert_eq!(opened["jid_im"], json!(bob.jid()));
    assert_eq!(opened["peerId"], json!(bob.id()));
    assert_eq!(opened["type"], json!("user"));
    assert_eq!(opened["unreadMessageNumber"], json!(0));
    let again = expect::data(&fred.client.post(&path(&fred), &body).await);
    assert_eq!(again["id"], json!(id), "one conversation per peer");
    assert_eq!(list(&fred).await.len(), 1);

    expect::success(&fred.client.put(&format!("{}/{id}", path(&fred)), &json!({"mute": true})).await);
    assert_eq!(list(&fred).await[0]["mute"], json!(true));
    expect::success(&fred.client.put(&format!("{}/{id}/markallread", path(&fred)), &json!({"maskRead": true})).await);

    expect::success(&fred.client.delete(&format!("{}/{id}", path(&fred))).await);
    assert!(list(&fred).await.is_empty());
    expect::refusal(&fred.client.delete(&format!("{}/{id}", path(&fred))).await, 404);
}

#[tokio::test]
async fn conversation_with_an_outsider_or_with_nobody_cannot_be_opened_b3() {
    let world = world();
    let (frida, eve) = (world.signed_in("frida").await, world.eve.sign_in(&world.edge).await);
    let open = |peer: &str| json!({"peerId": peer, "type": "user", "mute": false});
    let outsider = frida.client.post(&path(&frida), &open(eve.id())).await;
    let nobody = frida.client.post(&path(&frida), &open(NOBODY)).await;
    expect::refusal(&outsider, 404);
    expect::indistinguishable((&outsider, eve.id()), (&nobody, NOBODY));
    assert!(list(&frida).await.is_empty());
}

#[tokio::test]
async fn conversations_of_a_colleague_are_closed_b1() {
    let world = world();
    let (fiona, finn) = (world.signed_in("fiona").await, world.signed_in("finn").await);
    let body = json!({"peerId": finn.id(), "type": "user", "mute": false});
    let opened = expect::data(&fiona.client.post(&path(&fiona), &body).await);
    let one = format!("{}/{}", path(&fiona), opened["id"].as_str().expect("id"));
    for answer in [
        finn.client.get(&path(&fiona)).await,
        finn.client.post(&path(&fiona), &body).await,
        finn.client.put(&one, &json!({"mute": true})).await,
        finn.client.delete(&one).await,
        finn.client.delete(&format!("{}/{}", path(&finn), opened["id"].as_str().expect("id"))).await,
    ] {
        assert!(matches!(answer.status, 403 | 404), "{}: {}", answer.asked, answer.status);
        expect::refusal(&answer, answer.status);
    }
    let kept = list(&fiona).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["mute"], json!(false));
}

/// Somebody new in a company with a device that is there.
async fn online(company: &OwnCompany, name: &str) -> (SignedIn, Device) {
    let who = company.signed_in(name).await;
    let device = Device::online(&world().edge, &who, &format!("node_{name}")).await;
    (who, device)
}

async fn entry(who: &SignedIn, bubble: &Bubble) -> Option<Value> {
    list(who).await.into_iter().find(|entry| entry["peerId"] == json!(bubble.id))
}

async fn of_bubble(who: &SignedIn, bubble: &Bubble) -> Value {
    entry(who, bubble).await.unwrap_or_else(|| panic!("{} is on the list of {}", bubble.name, who.jid()))
}

async fn unread(who: &SignedIn, bubble: &Bubble) -> Value {
    of_bubble(who, bubble).await["unreadMessageNumber"].clone()
}

#[tokio::test]
async fn a_bubble_is_a_conversation_of_everybody_in_it_with_what_each_may_read_c1_c3() {
    let company = OwnCompany::new("conv-bubbles");
    let (ada, mut device) = online(&company, "ada").await;
    let (ben, carl) = (company.signed_in("ben").await, company.signed_in("carl").await);
    let bubble = ada.bubble("Release").await;
    ada.add_to(&bubble, &ben).await;
    device.enter(&bubble).await;
    let empty = of_bubble(&ben, &bubble).await;
    assert_eq!((&empty["unreadMessageNumber"], empty.get("lastMessageText")), (&json!(0), None));
    device.say(&bubble, "m-1", "<body>before carl came</body>").await;
    later().await;
    ada.add_to(&bubble, &carl).await;
    assert_eq!(
        (unread(&carl, &bubble).await, of_bubble(&carl, &bubble).await.get("lastMessageText")),
        (json!(0), None)
    );
    device.say(&bubble, "m-2", "<body>hello carl</body>").await;
    device.say(&bubble, "m-3", "<body>hello all</body>").await;
    let of_ben = of_bubble(&ben, &bubble).await;
    expect::not_number_like(of_ben["id"].as_str().expect("an id"));
    assert_eq!(
        (&of_ben["type"], &of_ben["jid_im"], &of_ben["lastMessageText"], &of_ben["lastMessageSender"]),
        (&json!("room"), &json!(bubble.jid), &json!("hello all"), &json!(ada.id()))
    );
    assert!(of_ben["lastMessageDate"].is_string() && of_ben["creationDate"].is_string(), "{of_ben}");
    assert_eq!(
        [unread(&ada, &bubble).await, unread(&ben, &bubble).await, unread(&carl, &bubble).await],
        [json!(0), json!(3), json!(2)],
        "one's own are read, and what was said before one came is not for one's eyes"
    );
    device.say(&bubble, "m-3", &format!("<body>hello everybody</body><modified xmlns='{}'/>", ns::CORRECT)).await;
    let corrected = of_bubble(&ben, &bubble).await;
    assert_eq!(
        (&corrected["lastMessageText"], &corrected["unreadMessageNumber"], &corrected["lastMessageDate"]),
        (&json!("hello everybody"), &json!(3), &of_ben["lastMessageDate"])
    );
    device.say(&bubble, "m-3", &format!("<body/><deleted xmlns='{}'/>", ns::CORRECT)).await;
    for who in [&ada, &ben, &carl] {
        let told = list(who).await;
        assert!(!json!(told).to_string().contains("hello everybody"), "C8: {told:?}");
    }
}

#[tokio::test]
async fn what_is_read_in_a_bubble_is_read_on_the_list_c1() {
    let company = OwnCompany::new("conv-read");
    let (ada, mut device) = online(&company, "ada").await;
    let (ben, mut phone) = online(&company, "ben").await;
    let bubble = ada.bubble("Reading").await;
    ada.add_to(&bubble, &ben).await;
    device.enter(&bubble).await;
    phone.enter(&bubble).await;
    for number in 1..=3 {
        device.say(&bubble, &format!("m-{number}"), &format!("<body>number {number}</body>")).await;
    }
    phone.read_in(&bubble, "m-2").await;
    assert_eq!(unread(&ben, &bubble).await, json!(1));
    phone.read_in(&bubble, "m-1").await;
    assert_eq!(unread(&ben, &bubble).await, json!(1), "what was read stays read");
    phone.say(&bubble, "b-1", "<body>I have read all</body>").await;
    assert_eq!([unread(&ben, &bubble).await, unread(&ada, &bubble).await], [json!(0), json!(1)]);
    let all = format!("{}/{}/markallread", path(&ada), of_bubble(&ada, &bubble).await["id"].as_str().expect("an id"));
    let marked = expect::data(&ada.client.put(&all, &json!({ "maskRead": false })).await);
    assert_eq!((&marked["unreadMessageNumber"], unread(&ada, &bubble).await), (&json!(0), json!(0)));
    for number in 0..120 {
        device.say(&bubble, &format!("n-{number}"), "<body>and on</body>").await;
    }
    assert_eq!(unread(&ben, &bubble).await, json!(100), "counted up to a hundred");
}

#[tokio::test]
async fn a_bubble_on_the_list_is_muted_taken_off_and_comes_back_c1() {
    let company = OwnCompany::new("conv-wishes");
    let (ada, mut device) = online(&company, "ada").await;
    let ben = company.signed_in("ben").await;
    let bubble = ada.bubble("Wishes").await;
    ada.add_to(&bubble, &ben).await;
    device.enter(&bubble).await;
    let id = of_bubble(&ben, &bubble).await["id"].as_str().expect("an id").to_owned();
    let one = format!("{}/{id}", path(&ben));
    expect::success(&ben.client.put(&one, &json!({ "mute": true })).await);
    assert_eq!(expect::data(&ben.client.get(&one).await)["mute"], json!(true));
    assert_eq!(
        (&of_bubble(&ben, &bubble).await["mute"], of_bubble(&ada, &bubble).await["mute"].clone()),
        (&json!(true), json!(false))
    );
    expect::success(&ben.client.delete(&one).await);
    assert!(entry(&ben, &bubble).await.is_none() && entry(&ada, &bubble).await.is_some());
    for answer in [
        ben.client.delete(&one).await,
        ben.client.get(&one).await,
        ben.client.put(&one, &json!({ "mute": false })).await,
        ben.client.put(&format!("{one}/markallread"), &json!({})).await,
    ] {
        expect::refusal(&answer, 404);
    }
    let body = json!({ "peerId": bubble.id, "type": "room", "mute": false });
    let opened = expect::data(&ben.client.post(&path(&ben), &body).await);
    assert_eq!((&opened["id"], &opened["mute"]), (&json!(id), &json!(true)), "the one that there was");
    expect::success(&ben.client.delete(&one).await);
    device.say(&bubble, "m-1", "<body>are you there?</body>").await;
    assert_eq!(unread(&ben, &bubble).await, json!(1), "what is said brings it back");
    expect::success(&ben.client.delete(&one).await);
    assert!(entry(&ben, &bubble).await.is_none());
}

#[tokio::test]
async fn who_is_not_in_a_bubble_any_more_has_it_not_on_the_list_and_an_archived_one_stays_c3_b3() {
    let (home, abroad) = (OwnCompany::new("conv-home"), OwnCompany::new("conv-abroad"));
    let (ada, mut device) = online(&home, "ada").await;
    let (ben, leaver, eve) =
        (abroad.signed_in("ben").await, home.signed_in("leaver").await, world().eve.sign_in(&world().edge).await);
    let bubble = ada.bubble("Not for ever").await;
    for who in [&ben, &leaver] {
        ada.add_to(&bubble, who).await;
    }
    assert!(entry(&ben, &bubble).await.is_none(), "who is asked is not in it");
    ben.answer_to(&bubble, "accepted").await;
    device.enter(&bubble).await;
    device.say(&bubble, "m-1", "<body>across companies</body>").await;
    let of_ben = of_bubble(&ben, &bubble).await;
    assert_eq!((&of_ben["lastMessageText"], &of_ben["unreadMessageNumber"]), (&json!("across companies"), &json!(1)));
    leaver.answer_to(&bubble, "unsubscribed").await;
    let body = json!({ "peerId": bubble.id, "type": "room", "mute": false });
    let nobodys = json!({ "peerId": NOBODY, "type": "room", "mute": false });
    for who in [&leaver, &eve] {
        assert!(entry(who, &bubble).await.is_none());
        let (hidden, none) = (who.client.post(&path(who), &body).await, who.client.post(&path(who), &nobodys).await);
        expect::refusal(&hidden, 404);
        expect::indistinguishable((&hidden, &bubble.id), (&none, NOBODY));
        expect::refusal(&who.client.put(&format!("{}/{}", path(who), bubble.id), &json!({ "mute": true })).await, 404);
    }
    expect::success(&ada.client.put(&format!("{}/archive", bubble.path()), &json!({})).await);
    for who in [&ada, &ben] {
        assert_eq!(of_bubble(who, &bubble).await["lastMessageText"], json!("across companies"));
    }
    assert!(entry(&leaver, &bubble).await.is_none(), "who had left before its end");
    expect::success(&ada.client.delete(&bubble.path()).await);
    assert!(entry(&ben, &bubble).await.is_none());
}

#[tokio::test]
async fn people_and_bubbles_stand_in_one_order_on_pages_of_any_size_c1() {
    let company = OwnCompany::new("conv-pages");
    let (ada, mut device) = online(&company, "ada").await;
    let mut expected = Vec::new();
    for number in 0..7 {
        later().await;
        if number % 3 == 0 {
            let peer = company.signed_in(&format!("peer-{number}")).await;
            let id = format!("m-{number}");
            device.message(peer.jid(), &id, "hello", world::device::STORE).await;
            device
                .expect("the receipt", |e| e.find("received", ns::RECEIPTS).is_some_and(|r| r.attr("id") == Some(&id)))
                .await;
            expected.insert(0, peer.id().to_owned());
        } else {
            let bubble = ada.bubble(&format!("Bubble {number}")).await;
            device.enter(&bubble).await;
            device.say(&bubble, &format!("m-{number}"), "<body>hello</body>").await;
            expected.insert(0, bubble.id);
        }
    }
    let unspoken = ada.bubble("Nothing said").await;
    expected.push(unspoken.id);
    for size in [1, 2, 3, 100] {
        let mut pages = Vec::new();
        for offset in (0..expected.len()).step_by(size) {
            let page = format!("{}?limit={size}&offset={offset}", path(&ada));
            let answer = ada.client.get(&page).await;
            assert_eq!(expect::success(&answer)["total"], json!(expected.len()));
            pages
                .extend(expect::list(&answer).iter().map(|entry| entry["peerId"].as_str().expect("a peer").to_owned()));
        }
        assert_eq!(pages, expected, "pages of {size}");
    }
}
