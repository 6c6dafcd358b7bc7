//! Polls of bubbles through REST: who makes, publishes, votes, ends and reads them, of two companies, as a guest and from
//! outside (C3, R2).

use crate::bubbles::{Cast, ROOMS};
use crate::guests::enter;
use crate::links::token;
use crate::tenant::text;
use crate::{NOBODY, world};
use serde_json::{Value, json};
use world::stanza::ns;
use world::{Client, Device, Element, SignedIn, expect};

const POLLS: &str = "/api/rainbow/enduser/v1.0/polls";

/// What makes a poll: one question with one choice, one with several.
pub(crate) fn body(room: &str, more: Value) -> Value {
    let answers = |texts: [&str; 2]| texts.map(|text| json!({ "text": text }));
    let mut body = json!({
        "roomId": room,
        "title": "Offsite",
        "questions": [
            {"text": "Where?", "multipleChoice": false, "answers": answers(["Sea", "Hills"])},
            {"text": "When?", "multipleChoice": true, "answers": answers(["May", "June"])},
        ],
    });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// Makes a poll; answers its id.
pub(crate) async fn made(by: &SignedIn, room: &str, more: Value) -> String {
    let made = expect::data(&by.client.post(POLLS, &body(room, more)).await);
    assert_eq!((&made["pollId"], &made["state"]), (&made["id"], &json!("unpublished")));
    text(&made["id"]).to_owned()
}

fn path(poll: &str) -> String {
    format!("{POLLS}/{poll}")
}

pub(crate) async fn turn(by: &SignedIn, poll: &str, act: &str) -> u16 {
    by.client.put(&format!("{POLLS}/{poll}/{act}"), &json!({})).await.status
}

async fn vote(by: &SignedIn, poll: &str, votes: Value) -> u16 {
    by.client.put(&format!("{POLLS}/{poll}/vote"), &json!({ "votes": votes })).await.status
}

async fn read(by: &SignedIn, poll: &str, format: &str) -> Value {
    expect::data(&by.client.get(&format!("{POLLS}/{poll}?format={format}")).await)
}

async fn listed(by: &SignedIn, room: &str) -> Vec<String> {
    let all = expect::list(&by.client.get(&format!("{POLLS}?roomId={room}")).await);
    all.iter().map(|poll| text(&poll["id"]).to_owned()).collect()
}

fn counts(poll: &Value) -> Vec<Vec<u64>> {
    let of = |question: &Value| {
        let answers = question["answers"].as_array().expect("a list");
        answers.iter().map(|answer| answer["voters"].as_u64().expect("a number")).collect()
    };
    poll["questions"].as_array().expect("a list").iter().map(of).collect()
}

fn id_of(cast: &Cast) -> &str {
    cast.path.rsplit('/').next().expect("a path")
}

#[tokio::test]
async fn organizers_make_and_end_polls_and_members_of_both_companies_vote_r2_c3() {
    let cast = Cast::new("polls-r2").await;
    let room = id_of(&cast);
    for who in [&cast.member, &cast.foreigner] {
        expect::refusal(&who.client.post(POLLS, &body(room, json!({}))).await, 403);
    }
    for who in [&cast.colleague, &cast.stranger] {
        let hidden = who.client.post(POLLS, &body(room, json!({}))).await;
        let missing = who.client.post(POLLS, &body(NOBODY, json!({}))).await;
        expect::refusal(&hidden, 404);
        expect::indistinguishable((&hidden, room), (&missing, NOBODY));
        expect::refusal(&who.client.get(&format!("{POLLS}?roomId={room}")).await, 404);
    }
    let poll = made(&cast.co_organizer, room, json!({})).await;
    for who in [&cast.member, &cast.foreigner, &cast.colleague, &cast.stranger] {
        expect::refusal(&who.client.get(&path(&poll)).await, 404);
        for act in ["publish", "unpublish", "terminate"] {
            assert_eq!(turn(who, &poll, act).await, 404, "{act}");
        }
    }
    assert!(listed(&cast.member, room).await.is_empty());
    assert_eq!(listed(&cast.organizer, room).await, [poll.as_str()]);
    assert_eq!(vote(&cast.organizer, &poll, json!([{"question": 0, "answers": [0]}])).await, 409, "not yet");
    assert_eq!(turn(&cast.organizer, &poll, "publish").await, 200);
    for who in [&cast.member, &cast.foreigner] {
        assert_eq!(listed(who, room).await, [poll.as_str()]);
        for act in ["publish", "unpublish", "terminate"] {
            assert_eq!(turn(who, &poll, act).await, 403, "{act}");
        }
        expect::refusal(&who.client.put(&path(&poll), &json!({"title": "Mine"})).await, 403);
        expect::refusal(&who.client.delete(&path(&poll)).await, 403);
        assert_eq!(
            vote(who, &poll, json!([{"question": 0, "answers": [1]}, {"question": 1, "answers": [0, 1]}])).await,
            200
        );
    }
    assert_eq!(vote(&cast.colleague, &poll, json!([{"question": 0, "answers": [0]}])).await, 404);
    let told = read(&cast.foreigner, &poll, "small").await;
    assert_eq!(
        (counts(&told), &told["votersCount"], &told["voted"]),
        (vec![vec![0, 2], vec![2, 2]], &json!(2), &json!(true))
    );
    assert_eq!(read(&cast.organizer, &poll, "small").await["voted"], json!(false));
    assert_eq!(turn(&cast.co_organizer, &poll, "terminate").await, 200);
    assert_eq!(vote(&cast.member, &poll, json!([{"question": 0, "answers": [0]}])).await, 409, "it is over");
    assert_eq!(counts(&read(&cast.member, &poll, "small").await), [vec![0, 2], vec![2, 2]], "and its result stays");
    expect::success(&cast.organizer.client.delete(&path(&poll)).await);
    expect::refusal(&cast.member.client.get(&path(&poll)).await, 404);
}

#[tokio::test]
async fn a_vote_may_be_changed_until_the_end_and_is_told_by_name_only_where_that_was_said_c3() {
    let cast = Cast::new("polls-votes").await;
    let room = id_of(&cast);
    let (open, secret) =
        (made(&cast.organizer, room, json!({})).await, made(&cast.organizer, room, json!({"anonymous": true})).await);
    for poll in [&open, &secret] {
        assert_eq!(turn(&cast.organizer, poll, "publish").await, 200);
        assert_eq!(vote(&cast.member, poll, json!([{"question": 0, "answers": 0}])).await, 200);
        assert_eq!(vote(&cast.member, poll, json!([{"question": 0, "answers": [1]}])).await, 200);
        assert_eq!(vote(&cast.foreigner, poll, json!([{"question": 1, "answers": [1]}])).await, 200);
        for wrong in [
            json!([]),
            json!([{"question": 0, "answers": [0, 1]}]),
            json!([{"question": 0, "answers": []}]),
            json!([{"question": 0, "answers": [2]}]),
            json!([{"question": 2, "answers": [0]}]),
            json!([{"question": 0}]),
            json!("all"),
        ] {
            assert_eq!(vote(&cast.member, poll, wrong.clone()).await, 400, "{wrong}");
        }
        let told = read(&cast.member, poll, "full").await;
        assert_eq!((counts(&told), &told["votersCount"]), (vec![vec![0, 1], vec![0, 1]], &json!(2)));
        assert_eq!(told["ownVotes"], json!([{"question": 0, "answers": [1]}]));
    }
    let told = read(&cast.organizer, &open, "full").await;
    let voters = told["voters"].as_array().expect("a list");
    assert_eq!(
        voters.iter().map(|voter| text(&voter["userId"])).collect::<Vec<_>>(),
        [cast.member.id(), cast.foreigner.id()]
    );
    assert_eq!(told["questions"][0]["answers"][1]["votes"], json!([0]));
    assert_eq!(told["questions"][1]["answers"][1]["votes"], json!([1]));
    assert_eq!(voters[0]["firstName"], cast.member.user["firstName"]);
    assert_eq!(voters[1]["email"], cast.foreigner.user["loginEmail"], "who is in one's network");
    let abroad = read(&cast.foreigner, &open, "full").await;
    assert_eq!(abroad["voters"][0]["email"], Value::Null, "others see a name");
    for poll in [read(&cast.organizer, &open, "small").await, read(&cast.organizer, &secret, "full").await] {
        let text = poll.to_string();
        assert!(!text.contains(cast.member.id()) && !text.contains(cast.foreigner.id()), "{text}");
        assert_eq!(poll["questions"][0]["answers"][1].get("votes"), None);
    }
    assert_eq!(turn(&cast.organizer, &secret, "terminate").await, 200);
    let over = read(&cast.member, &secret, "full").await;
    assert_eq!((&over["ownVotes"], &over["voted"]), (&json!([]), &json!(true)), "who chose what is forgotten");
    assert_eq!(counts(&over), [vec![0, 1], vec![0, 1]]);
}

#[tokio::test]
async fn a_poll_is_changed_before_it_is_published_and_taken_back_with_its_votes_c3() {
    let cast = Cast::new("polls-changed").await;
    let room = id_of(&cast);
    let poll = made(&cast.organizer, room, json!({"duration": 10})).await;
    let change = async |body: Value| cast.co_organizer.client.put(&path(&poll), &body).await;
    let question = json!({"text": "Who?", "answers": [{"text": "Ada"}, {"text": "Bo"}]});
    let changed = expect::data(
        &change(json!({"roomId": room, "title": "Captain", "questions": [question], "duration": 0})).await,
    );
    assert_eq!(
        (&changed["title"], &changed["duration"], &changed["anonymous"]),
        (&json!("Captain"), &json!(0), &json!(false))
    );
    assert_eq!(counts(&changed), [vec![0, 0]]);
    for (wrong, status) in [
        (json!({"roomId": NOBODY}), 400),
        (json!({"duration": 61}), 400),
        (json!({"title": "x".repeat(256)}), 400),
        (json!({"questions": []}), 400),
        (json!({"questions": [{"text": "Who?", "answers": [{"text": "Ada"}]}]}), 400),
        (json!({"questions": [{"text": "Who?", "answers": [{"text": "Ada"}, {"text": "Ada"}]}]}), 400),
    ] {
        expect::refusal(&change(wrong).await, status);
    }
    assert_eq!(read(&cast.organizer, &poll, "small").await["title"], json!("Captain"));
    assert_eq!(turn(&cast.organizer, &poll, "publish").await, 200);
    assert_eq!(turn(&cast.organizer, &poll, "publish").await, 409);
    expect::refusal(&change(json!({"title": "Later"})).await, 409);
    assert_eq!(vote(&cast.member, &poll, json!([{"question": 0, "answers": [1]}])).await, 200);
    assert_eq!(turn(&cast.organizer, &poll, "unpublish").await, 200);
    expect::refusal(&cast.member.client.get(&path(&poll)).await, 404);
    assert_eq!(turn(&cast.organizer, &poll, "publish").await, 200);
    let anew = read(&cast.member, &poll, "small").await;
    assert_eq!((counts(&anew), &anew["voted"]), (vec![vec![0, 0]], &json!(false)), "a vote is for what was asked");
    assert_eq!(turn(&cast.organizer, &poll, "terminate").await, 200);
    for act in ["publish", "unpublish", "terminate"] {
        assert_eq!(turn(&cast.organizer, &poll, act).await, 409, "{act}: over is over");
    }
}

#[tokio::test]
async fn a_guest_votes_and_who_leaves_or_comes_too_late_reads_nothing_c4_c3() {
    let cast = Cast::new("polls-guest").await;
    let room = id_of(&cast);
    let over = made(&cast.organizer, room, json!({})).await;
    assert_eq!(turn(&cast.organizer, &over, "publish").await, 200);
    assert_eq!(turn(&cast.organizer, &over, "terminate").await, 200);
    world::later().await;
    let link = token(&cast.organizer, room).await;
    let entered = expect::success(&enter(&Client::new(&world().edge), &link, "Gustav Poller").await);
    let guest = SignedIn::from_answer(&world().edge, &entered);
    let open = made(&cast.organizer, room, json!({})).await;
    assert_eq!(turn(&cast.organizer, &open, "publish").await, 200);
    assert_eq!(listed(&guest, room).await, [open.as_str()], "what was over before he came is not for him");
    expect::refusal(&guest.client.get(&path(&over)).await, 404);
    assert_eq!(vote(&guest, &open, json!([{"question": 0, "answers": [0]}])).await, 200);
    expect::refusal(&guest.client.post(POLLS, &body(room, json!({}))).await, 403);
    assert_eq!(turn(&guest, &open, "terminate").await, 403);
    let told = read(&cast.foreigner, &open, "full").await;
    assert_eq!((&told["voters"][0]["firstName"], &told["voters"][0]["email"]), (&json!("Gustav Poller"), &Value::Null));
    assert_eq!(cast.member.client.put(&cast.of(&cast.member), &json!({"status": "unsubscribed"})).await.status, 200);
    expect::refusal(&cast.member.client.get(&path(&open)).await, 404);
    assert!(listed(&cast.member, room).await.is_empty());
}

#[tokio::test]
async fn polls_are_bounded_stay_with_an_archived_bubble_and_go_with_a_deleted_one_e5_d5() {
    let cast = Cast::new("polls-end").await;
    let room = id_of(&cast);
    let first = made(&cast.organizer, room, json!({})).await;
    for _ in 1..100 {
        made(&cast.organizer, room, json!({})).await;
    }
    expect::refusal(&cast.organizer.client.post(POLLS, &body(room, json!({}))).await, 400);
    assert_eq!(listed(&cast.organizer, room).await.len(), 100);
    let page =
        cast.organizer.client.get(&format!("{POLLS}?roomId={room}&format=full&limit=1000&offset=90")).await.json();
    assert_eq!(
        (page["data"].as_array().map(Vec::len), &page["total"], &page["limit"]),
        (Some(10), &json!(100), &json!(20))
    );
    expect::refusal(&cast.organizer.client.get(&format!("{POLLS}?roomId={room}&format=huge")).await, 400);
    expect::refusal(&cast.organizer.client.get(POLLS).await, 400);
    assert_eq!(turn(&cast.organizer, &first, "publish").await, 200);
    assert_eq!(cast.organizer.client.put(&format!("{}/archive", cast.path), &json!({})).await.status, 200);
    let told = read(&cast.member, &first, "small").await;
    assert_eq!(told["state"], json!("terminated"));
    assert_eq!(vote(&cast.member, &first, json!([{"question": 0, "answers": [0]}])).await, 409);
    expect::refusal(&cast.organizer.client.post(POLLS, &body(room, json!({}))).await, 409);
    expect::success(&cast.organizer.client.delete(&cast.path).await);
    for who in [&cast.organizer, &cast.member, &cast.foreigner] {
        expect::refusal(&who.client.get(&path(&first)).await, 404);
    }
}

#[tokio::test]
async fn who_may_delete_a_bubble_clears_it_of_its_polls_too_c8() {
    let cast = Cast::new("polls-cleared").await;
    let room = id_of(&cast);
    let poll = made(&cast.organizer, room, json!({})).await;
    assert_eq!(turn(&cast.organizer, &poll, "publish").await, 200);
    let clear = format!("/api/rainbow/room/v1.0/enduser/rooms/{room}/clearcontent");
    expect::success(&cast.organizer.client.post(&clear, &json!({})).await);
    expect::refusal(&cast.member.client.get(&path(&poll)).await, 404);
    assert_eq!(cast.room(&cast.member).await["isActive"], json!(true));
}

fn event(e: &Element, name: &str, poll: &str) -> bool {
    let text = |child: &str| e.find(child, ns::CONFIGURATION).map(|field| field.text.clone());
    e.find("event", ns::CONFIGURATION).is_some_and(|event| event.attr("name") == Some(name))
        && text("poll-id").as_deref() == Some(poll)
}

fn notice(e: &Element, action: &str) -> bool {
    e.find("poll", ns::CONFIGURATION).is_some_and(|poll| poll.attr("action") == Some(action))
}

#[tokio::test]
async fn every_device_hears_what_becomes_of_a_poll_that_its_person_sees_c3() {
    let cast = Cast::new("polls-told").await;
    let room = id_of(&cast);
    let mut desk = Device::online(&world().edge, &cast.co_organizer, "node_desk").await;
    let mut phone = Device::online(&world().edge, &cast.foreigner, "mobile_phone").await;
    let mut web = Device::online(&world().edge, &cast.foreigner, "web_tab").await;
    let poll = made(&cast.organizer, room, json!({})).await;
    let told = desk.expect("the new poll", |e| notice(e, "create")).await;
    assert_eq!(told.find("roomid", ns::CONFIGURATION).map(|field| field.text.as_str()), Some(room));
    expect::data(&cast.organizer.client.put(&path(&poll), &json!({"title": "Anew"})).await);
    desk.expect("the changed poll", |e| notice(e, "update")).await;
    phone.never("what organizers alone see", |e| e.find("poll", ns::CONFIGURATION).is_some()).await;
    for (act, name) in [("publish", "pollPublish"), ("unpublish", "pollUnpublish"), ("publish", "pollPublish")] {
        assert_eq!(turn(&cast.organizer, &poll, act).await, 200);
        for device in [&mut desk, &mut phone, &mut web] {
            device.expect(name, |e| event(e, name, &poll)).await;
        }
    }
    assert_eq!(vote(&cast.member, &poll, json!([{"question": 0, "answers": [0]}])).await, 200);
    for device in [&mut desk, &mut phone, &mut web] {
        let told = device.expect("a vote", |e| event(e, "pollVote", &poll)).await;
        let text = format!("{told:?}");
        assert!(!text.contains(cast.member.id()), "who voted is read where it may be read: {text}");
    }
    assert_eq!(turn(&cast.organizer, &poll, "terminate").await, 200);
    phone.expect("the end", |e| event(e, "pollTerminate", &poll)).await;
    expect::success(&cast.organizer.client.delete(&path(&poll)).await);
    phone.expect("the deletion", |e| event(e, "pollDelete", &poll)).await;
    let hidden = made(&cast.organizer, room, json!({})).await;
    expect::success(&cast.organizer.client.delete(&path(&hidden)).await);
    desk.expect("the deletion", |e| event(e, "pollDelete", &hidden)).await;
    phone.never("a poll that was never published", |e| event(e, "pollDelete", &hidden)).await;
    assert!(expect::list(&cast.member.client.get(&format!("{ROOMS}?format=small")).await).len() == 1);
}
