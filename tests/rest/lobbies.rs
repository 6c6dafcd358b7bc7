//! The lobby of a bubble and the password of its link (C5, R2).

use crate::bubbles::Cast;
use crate::links::{OPEN_INVITES, bubble, come, look_at, token};
use crate::tenant::text;
use crate::{OwnCompany, world};
use serde_json::{Value, json};
use world::{Answer, Client, SignedIn, expect};

async fn lobby(cast: &Cast, who: &SignedIn, what: &str, body: &Value) -> Answer {
    who.client.put(&format!("{}/lobbies{what}", cast.path), body).await
}

async fn waiting(cast: &Cast, who: &SignedIn) -> Vec<String> {
    let told = expect::data(&who.client.get(&format!("{}/lobbies/pending", cast.path)).await);
    told["lobby"].as_array().expect("a list").iter().map(|one| text(&one["userId"]).to_owned()).collect()
}

#[tokio::test]
async fn who_comes_waits_sees_nothing_and_an_organizer_opens_or_not_c5_r2() {
    let cast = Cast::new("lobby-r2").await;
    let room = cast.path.rsplit('/').next().expect("an id");
    let token = token(&cast.organizer, room).await;
    let outside = OwnCompany::new("lobby-r2-outside");
    let (one, two) = (outside.signed_in("one").await, outside.signed_in("two").await);
    let on = json!({"hasLobby": true});
    for who in [&cast.co_organizer, &cast.member, &cast.foreigner] {
        expect::refusal(&lobby(&cast, who, "", &on).await, 403);
    }
    expect::refusal(&lobby(&cast, &cast.colleague, "", &on).await, 404);
    let set = expect::data(&lobby(&cast, &cast.organizer, "", &on).await);
    assert_eq!((&set["hasLobby"], &set["autoRegister"]), (&json!(true), &json!("unlock_ack")));
    assert_eq!(expect::data(&look_at(&Client::new(&world().edge), &token).await)["hasLobby"], json!(true));
    for who in [&cast.colleague, &one, &two] {
        assert_eq!(expect::data(&come(who, &token).await)["status"], "waiting");
        assert_eq!(expect::data(&come(who, &token).await)["status"], "waiting", "and goes on waiting");
        expect::refusal(&who.client.get(&cast.path).await, 404);
    }
    for who in [&cast.member, &cast.foreigner] {
        expect::refusal(&who.client.get(&format!("{}/lobbies/pending", cast.path)).await, 403);
        for what in ["/accept", "/deny"] {
            expect::refusal(&lobby(&cast, who, what, &json!({"scope": "all"})).await, 403);
        }
        let room = who.client.get(&format!("{}/users?limit=1000", cast.path)).await;
        assert!(!room.text().contains(one.id()), "who waits is nothing to members: {}", room.text());
    }
    assert_eq!(waiting(&cast, &cast.co_organizer).await.len(), 3);
    let some = json!({"scope": "some", "users": [one.id(), cast.member.id()]});
    let let_in = expect::data(&lobby(&cast, &cast.co_organizer, "/accept", &some).await);
    assert_eq!(let_in["report"], json!({"acceptedUsers": [one.id()], "invalidUsers": [cast.member.id()]}));
    assert_eq!(cast.room(&one).await["name"], "Cast");
    let denied = json!({"scope": "some", "users": [two.id()]});
    expect::data(&lobby(&cast, &cast.organizer, "/deny", &denied).await);
    expect::refusal(&come(&two, &token).await, 404);
    assert_eq!(waiting(&cast, &cast.organizer).await, [cast.colleague.id()]);
    expect::data(&lobby(&cast, &cast.organizer, "", &json!({"hasLobby": false})).await);
    assert_eq!(cast.room(&cast.colleague).await["name"], "Cast", "without a lobby who waited is in");
    assert!(waiting(&cast, &cast.organizer).await.is_empty());
}

#[tokio::test]
async fn who_waits_may_go_away_again_c5() {
    let cast = Cast::new("lobby-away").await;
    let token = token(&cast.organizer, cast.path.rsplit('/').next().expect("an id")).await;
    expect::data(&lobby(&cast, &cast.organizer, "", &json!({"hasLobby": true})).await);
    assert_eq!(expect::data(&come(&cast.colleague, &token).await)["status"], "waiting");
    let away = json!({"status": "unsubscribed"});
    expect::success(&cast.colleague.client.put(&cast.of(&cast.colleague), &away).await);
    assert!(waiting(&cast, &cast.organizer).await.is_empty());
    expect::refusal(&cast.colleague.client.put(&cast.of(&cast.colleague), &away).await, 404);
}

#[tokio::test]
async fn the_organizer_alone_sets_and_reads_the_password_and_who_comes_shows_it_r2_c5() {
    let cast = Cast::new("password-r2").await;
    let room = cast.path.rsplit('/').next().expect("an id");
    let token = token(&cast.organizer, room).await;
    let (set, reset) = (format!("{}/passwords", cast.path), format!("{}/passwords/reset", cast.path));
    let read = format!("/api/edge/v1/rooms/{room}/password");
    let on = json!({"hasPassword": true});
    for who in [&cast.co_organizer, &cast.member, &cast.foreigner] {
        expect::refusal(&who.client.put(&set, &on).await, 403);
        expect::refusal(&who.client.put(&reset, &json!({})).await, 403);
        expect::refusal(&who.client.get(&read).await, 403);
    }
    for path in [&set, &reset] {
        expect::refusal(&cast.colleague.client.put(path, &on).await, 404);
    }
    let first = expect::data(&cast.organizer.client.put(&set, &on).await);
    let password = text(&first["password"]).to_owned();
    assert_eq!(password.len(), 9, "eight symbols and a dash: {password}");
    assert_eq!(expect::data(&cast.organizer.client.put(&set, &on).await), first, "it is on already");
    assert_eq!(expect::data(&cast.organizer.client.get(&read).await), first);
    let seen = cast.member.client.get(&cast.path).await;
    assert!(seen.json()["data"]["hasPassword"] == json!(true) && !seen.text().contains(&password));
    let with = async |who: &SignedIn, password: &str| {
        who.client.post(OPEN_INVITES, &json!({"openInviteId": token, "roomPassword": password})).await
    };
    for wrong in ["", "0000-0000", "rubbish ###"] {
        expect::refusal(&with(&cast.colleague, wrong).await, 403);
    }
    expect::refusal(&come(&cast.colleague, &token).await, 403);
    let newer = text(&expect::data(&cast.organizer.client.put(&reset, &json!({})).await)["password"]).to_owned();
    assert_ne!(newer, password);
    expect::refusal(&with(&cast.colleague, &password).await, 403);
    let typed = newer.to_lowercase().replace('-', " ");
    assert_eq!(expect::data(&with(&cast.colleague, &typed).await)["status"], "accepted", "as people type it");
    assert!(!world().edge.log().contains(&newer), "a password stands in no log");
    let off = expect::data(&cast.organizer.client.put(&set, &json!({"hasPassword": false})).await);
    assert_eq!((&off["hasPassword"], &off["password"]), (&json!(false), &Value::Null));
    let outsider = OwnCompany::new("password-r2-outside").signed_in("outsider").await;
    assert_eq!(expect::data(&come(&outsider, &token).await)["status"], "accepted");
}

#[tokio::test]
async fn guesses_of_a_password_are_limited_by_who_guesses_c5_a5() {
    let company = OwnCompany::new("password-guesses");
    let (organizer, guesser, other) =
        (company.signed_in("organizer").await, company.signed_in("guesser").await, company.signed_in("other").await);
    let room = bubble("Guessed at", &organizer).await;
    let token = token(&organizer, text(&room["id"])).await;
    let path = format!("/api/rainbow/enduser/v1.0/rooms/{}/passwords", text(&room["id"]));
    let set = expect::data(&organizer.client.put(&path, &json!({"hasPassword": true})).await);
    let password = text(&set["password"]);
    let nobody = Client::new(&world().edge).from_source(61);
    let as_guest = async |client: &Client, password: &str| {
        let body = json!({"name": "Gast", "roomPassword": password});
        client.post(&format!("/api/edge/v1/meet/{token}"), &body).await
    };
    let as_member = async |who: &SignedIn, password: &str| {
        who.client.post(OPEN_INVITES, &json!({"openInviteId": token, "roomPassword": password})).await
    };
    for number in 0..5 {
        let guess = format!("0000-000{number}");
        expect::refusal(&as_member(&guesser, &guess).await, 403);
        expect::refusal(&as_guest(&nobody, &guess).await, 403);
    }
    let locked = as_member(&guesser, password).await;
    expect::refusal(&locked, 429);
    assert!(locked.header("retry-after").is_some());
    expect::refusal(&as_guest(&nobody, password).await, 429);
    assert_eq!(expect::data(&as_member(&other, password).await)["status"], "accepted", "others are not concerned");
    let elsewhere = Client::new(&world().edge).from_source(62);
    assert_eq!(expect::success(&as_guest(&elsewhere, password).await)["meeting"]["status"], "accepted");
}
