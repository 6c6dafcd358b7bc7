//! Folders of bubbles, tags, and what becomes of all that was said: through REST, seen by others and by other sign-ins (C3).

use crate::bubbles::{Cast, ROOMS};
use crate::tenant::text;
use crate::{NOBODY, files, world};
use serde_json::{Value, json};
use world::{SignedIn, expect};

const CONTAINERS: &str = "/api/rainbow/enduser/v1.0/rooms/containers";

async fn folder(who: &SignedIn, body: &Value) -> Value {
    expect::data(&who.client.post(&format!("{CONTAINERS}/"), body).await)
}

fn id_of(cast: &Cast) -> &str {
    cast.path.rsplit('/').next().expect("a path")
}

#[tokio::test]
async fn a_bubble_is_in_one_folder_of_each_person_and_in_nobody_elses_c3() {
    let cast = Cast::new("folders").await;
    let (me, room) = (&cast.organizer, id_of(&cast));
    let first = folder(me, &json!({"name": "First", "description": "here", "rooms": [room]})).await;
    let second = folder(me, &json!({"name": "Second"})).await;
    assert_eq!((&first["rooms"], &second["rooms"]), (&json!([room]), &json!([])));
    assert_eq!((&first["description"], &first["userId"]), (&json!("here"), &json!(me.id())));
    let theirs = folder(&cast.member, &json!({"name": "Theirs", "rooms": [room]})).await;
    let told = cast.room(me).await;
    assert_eq!((&told["containerId"], &told["containerName"]), (&first["id"], &json!("First")));
    assert_eq!(cast.room(&cast.member).await["containerId"], theirs["id"]);
    assert_eq!(cast.room(&cast.foreigner).await["containerId"], Value::Null);
    let path = format!("{CONTAINERS}/{}", text(&second["id"]));
    let moved = expect::data(&me.client.put(&format!("{path}/add"), &json!({"rooms": [room]})).await);
    assert_eq!(moved["rooms"], json!([room]));
    assert_eq!(cast.room(me).await["containerName"], json!("Second"));
    let read = expect::data(&me.client.get(&format!("{CONTAINERS}/{}", text(&first["id"]))).await);
    assert_eq!(read["rooms"], json!([]), "it is in one of them");
    expect::data(&me.client.put(&path, &json!({"name": "Third"})).await);
    let listed = expect::list(&me.client.get(CONTAINERS).await);
    assert_eq!(listed.iter().map(|one| text(&one["name"])).collect::<Vec<_>>(), ["First", "Third"]);
    let out = expect::data(&me.client.put(&format!("{path}/remove"), &json!({"rooms": [room, NOBODY]})).await);
    assert_eq!(out["rooms"], json!([]));
    expect::success(&me.client.delete(&path).await);
    expect::refusal(&me.client.get(&path).await, 404);
    assert_eq!(cast.room(me).await["containerId"], Value::Null);
    assert_eq!(cast.room(&cast.member).await["containerId"], theirs["id"], "others keep theirs");
}

#[tokio::test]
async fn a_folder_holds_only_what_its_owner_sees_and_is_nobody_elses_c3_b1() {
    let cast = Cast::new("folders-hidden").await;
    let room = id_of(&cast);
    for who in [&cast.stranger, &world().eve.sign_in(&world().edge).await] {
        let post =
            async |id: &str| who.client.post(&format!("{CONTAINERS}/"), &json!({"name": "x", "rooms": [id]})).await;
        let (hidden, missing) = (post(room).await, post(NOBODY).await);
        expect::refusal(&hidden, 404);
        expect::indistinguishable((&hidden, room), (&missing, NOBODY));
    }
    let mine = folder(&cast.member, &json!({"name": "Mine", "rooms": [room]})).await;
    let path = format!("{CONTAINERS}/{}", text(&mine["id"]));
    for who in [&cast.organizer, &cast.foreigner, &cast.stranger] {
        expect::refusal(&who.client.get(&path).await, 404);
        expect::refusal(&who.client.put(&path, &json!({"name": "Taken"})).await, 404);
        expect::refusal(&who.client.put(&format!("{path}/add"), &json!({"rooms": []})).await, 404);
        expect::refusal(&who.client.delete(&path).await, 404);
    }
    // Who has no more to do with a bubble does not find it in his folder either.
    expect::success(&cast.organizer.client.delete(&cast.path).await);
    assert_eq!(expect::data(&cast.member.client.get(&path).await)["rooms"], json!([]));
    for wrong in [json!({}), json!({"name": ""}), json!({"name": "x".repeat(65)}), json!({"name": "x", "rooms": "all"})]
    {
        expect::refusal(&cast.member.client.post(&format!("{CONTAINERS}/"), &wrong).await, 400);
    }
}

#[tokio::test]
async fn tags_are_found_by_who_sees_the_bubble_and_taken_off_by_its_organizers_c3_r2() {
    let cast = Cast::new("tags").await;
    let (room, tags) = (id_of(&cast), format!("{ROOMS}/tags"));
    let given = json!({"tags": [{"tag": "Ünique", "color": "red"}, "plain"]});
    expect::data(&cast.co_organizer.client.put(&format!("{}/tags", cast.path), &given).await);
    assert_eq!(
        cast.room(&cast.member).await["tags"],
        json!([{"tag": "Ünique", "color": "red", "emoji": null}, "plain"])
    );
    let found = async |who: &SignedIn, words: &str| {
        let answer = expect::data(&who.client.get(&format!("{tags}?{words}")).await);
        assert_eq!(answer["rooms"].as_array().map(Vec::len), answer["roomDetails"].as_array().map(Vec::len));
        answer["rooms"].as_array().expect("a list").iter().any(|one| one["roomId"] == room)
    };
    assert!(found(&cast.foreigner, "tag=%C3%9Cnique").await && found(&cast.member, "tag=none&tag=plain").await);
    assert!(!found(&cast.member, "tag=none").await && !found(&cast.stranger, "tag=plain").await);
    expect::refusal(&cast.member.client.get(&tags).await, 400);
    let off = |who: &SignedIn, body: Value| who.client.request("DELETE", &tags).json(&body);
    expect::refusal(&off(&cast.member, json!({"tag": "plain", "rooms": [room]})).send().await, 403);
    expect::refusal(&off(&cast.stranger, json!({"tag": "plain", "rooms": [room]})).send().await, 404);
    let everywhere = expect::data(&off(&cast.member, json!({"tag": "plain", "rooms": []})).send().await);
    assert_eq!(everywhere["rooms"], json!([]), "a member takes it off nowhere");
    let changed = expect::data(&off(&cast.organizer, json!({"tag": "Ünique"})).send().await);
    assert_eq!(changed["rooms"], json!([{"roomId": room, "tags": ["plain"]}]));
    assert_eq!(cast.room(&cast.foreigner).await["tags"], json!(["plain"]));
}

#[tokio::test]
async fn bubbles_of_ones_own_are_counted_and_no_others_c3() {
    let cast = Cast::new("counted").await;
    let read = async |who: &SignedIn| {
        let told = expect::data(&who.client.get(&format!("{ROOMS}/consumption")).await);
        assert!(told["maxValue"].as_u64() > told["currentValue"].as_u64());
        told["currentValue"].as_u64().expect("a number")
    };
    assert_eq!((read(&cast.organizer).await, read(&cast.co_organizer).await), (1, 0));
    expect::data(&cast.organizer.client.put(&cast.path, &json!({"owner": cast.co_organizer.id()})).await);
    assert_eq!((read(&cast.organizer).await, read(&cast.co_organizer).await), (0, 1));
}

#[tokio::test]
async fn only_the_organizer_clears_a_bubble_and_its_files_are_their_owners_alone_then_c8_d5_r2() {
    let cast = Cast::new("cleared").await;
    let room = id_of(&cast);
    let file = files::shared(&cast.member, "shared.txt", b"abc", &[("room", room)]).await;
    let descriptor = format!("/api/rainbow/filestorage/v1.0/files/{file}");
    expect::success(&cast.foreigner.client.get(&descriptor).await);
    let clear = format!("/api/rainbow/room/v1.0/enduser/rooms/{room}/clearcontent");
    for (who, refused) in
        [(&cast.member, 403), (&cast.co_organizer, 403), (&cast.foreigner, 403), (&cast.stranger, 404)]
    {
        expect::refusal(&who.client.post(&clear, &json!({})).await, refused);
    }
    expect::success(&cast.foreigner.client.get(&descriptor).await);
    expect::data(&cast.organizer.client.post(&clear, &json!({})).await);
    expect::refusal(&cast.foreigner.client.get(&descriptor).await, 404);
    expect::success(&cast.member.client.get(&descriptor).await);
}
