//! A company's administrator and the bubbles of his company: what they are called, whose they are, who is in them; nothing of
//! what is said in them (R1, R2, C3).

use crate::bubbles::{Cast, ROOMS};
use crate::tenant::text;
use crate::{NOBODY, OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::{SignedIn, expect};

const ADMIN_ROOMS: &str = "/api/rainbow/room/v1.0/admin/rooms";

fn administered(cast: &Cast) -> String {
    format!("{ADMIN_ROOMS}/{}", cast.path.rsplit('/').next().expect("a path"))
}

fn role(room: &Value, who: &SignedIn) -> Option<String> {
    let users = room["users"].as_array().expect("a list");
    let found = users.iter().find(|user| user["userId"] == who.id())?;
    Some(format!("{} {}", text(&found["status"]), text(&found["privilege"])))
}

#[tokio::test]
async fn the_administrator_lists_reads_and_describes_his_companys_bubbles_r1() {
    let cast = Cast::new("admin-reads").await;
    let boss = cast.administrator().await;
    let path = administered(&cast);
    let listed = expect::list(&boss.client.get(&format!("{ADMIN_ROOMS}?name=cas")).await);
    assert_eq!(listed.iter().map(|room| text(&room["name"])).collect::<Vec<_>>(), ["Cast"]);
    assert!(expect::list(&boss.client.get(&format!("{ADMIN_ROOMS}?name=other")).await).is_empty());
    let read = expect::data(&boss.client.get(&path).await);
    assert_eq!((&read["creator"], &read["topic"]), (&json!(cast.organizer.id()), &json!("all of it")));
    assert_eq!(read["users"].as_array().map(Vec::len), Some(4));
    expect::data(&boss.client.put(&path, &json!({"name": "Renamed", "topic": "less"})).await);
    let seen = cast.room(&cast.foreigner).await;
    assert_eq!((&seen["name"], &seen["topic"]), (&json!("Renamed"), &json!("less")));
    let png = [&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a][..], &[7; 200]].concat();
    let avatars = format!("{path}/avatars");
    expect::data(&boss.client.request("POST", &avatars).body("image/png", &png).send().await);
    assert!(cast.room(&cast.member).await["lastAvatarUpdateDate"].is_string());
    expect::data(&boss.client.delete(&avatars).await);
    assert!(cast.room(&cast.member).await["lastAvatarUpdateDate"].is_null());
}

#[tokio::test]
async fn he_reads_nothing_of_what_is_said_and_does_not_come_in_r1_c3() {
    let cast = Cast::new("admin-outside").await;
    let boss = cast.administrator().await;
    let path = administered(&cast);
    expect::data(&boss.client.put(&path, &json!({"name": "Known by name"})).await);
    assert_eq!(expect::data(&boss.client.get(&path).await)["lastActivityDate"], Value::Null);
    expect::refusal(&boss.client.get(&cast.path).await, 404);
    let own = json!({"userId": boss.id(), "privilege": "user", "status": "accepted"});
    expect::refusal(&boss.client.post(&format!("{}/users", cast.path), &own).await, 404);
    for (noun, body) in [
        ("rehost", json!({"userId": boss.id()})),
        ("users/promote", json!({"users": [boss.id()]})),
        ("users/delete", json!({"users": [NOBODY]})),
    ] {
        expect::refusal(&boss.client.put(&format!("{path}/{noun}"), &body).await, 404);
    }
    let conversations = expect::list(&boss.client.get(&format!("{USERS}/{}/conversations", boss.id())).await);
    assert!(conversations.is_empty(), "{conversations:?}");
    let hits = format!("{USERS}/{}/conversations/search?substring=all&webinar=true", boss.id());
    let found = boss.client.get(&hits).await;
    assert!(!found.text().contains(cast.path.rsplit('/').next().expect("an id")), "{}", found.text());
}

#[tokio::test]
async fn he_promotes_demotes_puts_out_and_hands_over_to_a_co_organizer_alone_r2_c3() {
    let cast = Cast::new("admin-members").await;
    let boss = cast.administrator().await;
    let path = administered(&cast);
    let put = async |noun: &str, body: Value| boss.client.put(&format!("{path}/{noun}"), &body).await;
    expect::refusal(&put("rehost", json!({"userId": cast.member.id()})).await, 403);
    expect::data(&put("users/promote", json!({"scope": "some", "users": [cast.member.id()]})).await);
    assert_eq!(role(&cast.room(&cast.foreigner).await, &cast.member).as_deref(), Some("accepted moderator"));
    expect::data(&put("users/demote", json!({"scope": "all"})).await);
    let seen = cast.room(&cast.foreigner).await;
    for who in [&cast.member, &cast.co_organizer] {
        assert_eq!(role(&seen, who).as_deref(), Some("accepted user"));
    }
    assert_eq!(role(&seen, &cast.organizer).as_deref(), Some("accepted moderator"), "the organizer stays what he is");
    expect::refusal(&put("users/delete", json!({"users": [cast.member.id(), cast.organizer.id()]})).await, 403);
    assert_eq!(
        role(&cast.room(&cast.foreigner).await, &cast.member).as_deref(),
        Some("accepted user"),
        "all or nobody"
    );
    expect::data(&put("users/promote", json!({"users": [cast.co_organizer.id()]})).await);
    expect::data(&put("rehost", json!({"userId": cast.co_organizer.id()})).await);
    assert_eq!(cast.room(&cast.organizer).await["creator"], json!(cast.co_organizer.id()));
    expect::data(&put("users/delete", json!({"scope": "all"})).await);
    let seen = cast.room(&cast.co_organizer).await;
    for who in [&cast.member, &cast.foreigner, &cast.organizer] {
        assert_eq!(role(&seen, who).map(|role| role.starts_with("unsubscribed")), Some(true));
    }
    for wrong in [json!({}), json!({"scope": "all", "users": []}), json!({"scope": "none"})] {
        expect::refusal(&put("users/promote", wrong).await, 400);
    }
    expect::data(&boss.client.delete(&path).await);
    expect::refusal(&cast.co_organizer.client.get(&cast.path).await, 404);
}

#[tokio::test]
async fn he_makes_a_bubble_for_a_member_of_his_company_and_for_nobody_elses_r1() {
    let cast = Cast::new("admin-makes").await;
    let boss = cast.administrator().await;
    let made = expect::data(&boss.client.post(ADMIN_ROOMS, &json!({"name": "Given", "owner": cast.member.id()})).await);
    assert_eq!(made["creator"], json!(cast.member.id()));
    let rooms = expect::list(&cast.member.client.get(ROOMS).await);
    assert!(rooms.iter().any(|room| room["id"] == made["id"]));
    expect::refusal(&boss.client.get(&format!("{ROOMS}/{}", text(&made["id"]))).await, 404);
    for (owner, refused) in [(cast.foreigner.id(), 403), (cast.stranger.id(), 404), (NOBODY, 404)] {
        expect::refusal(&boss.client.post(ADMIN_ROOMS, &json!({"name": "x", "owner": owner})).await, refused);
    }
}

#[tokio::test]
async fn nobody_but_the_companys_administrator_administers_its_bubbles_r1_b1() {
    let cast = Cast::new("admin-others").await;
    let path = administered(&cast);
    let abroad = OwnCompany::new("admin-others-boss").person("boss", &["--admin"]).sign_in(&world().edge).await;
    for (who, refused) in
        [(&cast.organizer, 403), (&cast.member, 403), (&cast.foreigner, 403), (&abroad, 404), (&cast.stranger, 404)]
    {
        expect::refusal(&who.client.get(&path).await, refused);
        expect::refusal(&who.client.delete(&path).await, refused);
        expect::refusal(&who.client.put(&path, &json!({"name": "Mine"})).await, refused);
        expect::refusal(&who.client.put(&format!("{path}/users/delete"), &json!({"scope": "all"})).await, refused);
    }
    let missing = abroad.client.get(&format!("{ADMIN_ROOMS}/{NOBODY}")).await;
    let id = path.rsplit('/').next().expect("an id");
    expect::indistinguishable((&abroad.client.get(&path).await, id), (&missing, NOBODY));
    for who in [&cast.organizer, &cast.foreigner] {
        expect::refusal(&who.client.get(ADMIN_ROOMS).await, 403);
    }
    assert!(expect::list(&abroad.client.get(ADMIN_ROOMS).await).is_empty());
    assert_eq!(cast.room(&cast.member).await["name"], json!("Cast"));
}
