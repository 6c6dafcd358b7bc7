//! Links of bubbles: who has them, where they lead, who comes by them (C4, R2, B3).

use crate::bubbles::{Cast, ROOMS};
use crate::tenant::text;
use crate::{OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::{Answer, Client, SignedIn, expect};

pub(crate) const OPEN_INVITES: &str = "/api/rainbow/enduser/v1.0/rooms/open-invites";

/// A token that no box ever made.
const NEVER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Does something (`bind`, `reset`, `unbind`) to the link of a bubble.
pub(crate) async fn link(who: &SignedIn, what: &str, room: &str) -> Answer {
    let path = format!("{USERS}/{}/public-links/{what}", who.id());
    let method = if what == "bind" { "POST" } else { "PUT" };
    who.client.request(method, &path).json(&json!({ "roomId": room })).send().await
}

/// The token of a bubble's link, which is made where there is none.
pub(crate) async fn token(organizer: &SignedIn, room: &str) -> String {
    text(&expect::data(&link(organizer, "bind", room).await)["openInviteId"]).to_owned()
}

pub(crate) async fn look_at(client: &Client, token: &str) -> Answer {
    client.get(&format!("{OPEN_INVITES}/validate?openInviteId={token}")).await
}

pub(crate) async fn come(who: &SignedIn, token: &str) -> Answer {
    who.client.post(OPEN_INVITES, &json!({ "openInviteId": token })).await
}

/// Both doors of a link are closed in the same words as for a link that nobody ever made.
async fn leads_nowhere(who: &SignedIn, token: &str) {
    let nobody = Client::new(&world().edge);
    let meet = async |token: &str| nobody.post(&format!("/api/edge/v1/meet/{token}"), &json!({"name": "Mo"})).await;
    let pairs = [
        (look_at(&nobody, token).await, look_at(&nobody, NEVER).await),
        (come(who, token).await, come(who, NEVER).await),
        (meet(token).await, meet(NEVER).await),
    ];
    for (dead, unmade) in &pairs {
        expect::refusal(dead, 404);
        expect::indistinguishable((dead, token), (unmade, NEVER));
    }
}

fn id(cast: &Cast) -> &str {
    cast.path.rsplit('/').next().expect("an id")
}

#[tokio::test]
async fn the_organizer_alone_gets_makes_and_resets_the_link_r2_c4() {
    let cast = Cast::new("links-r2").await;
    let (room, organizer) = (id(&cast), &cast.organizer);
    expect::refusal(&organizer.client.get(&format!("{}/public-links", cast.path)).await, 404);
    for what in ["bind", "reset"] {
        for who in [&cast.co_organizer, &cast.member, &cast.foreigner] {
            expect::refusal(&link(who, what, room).await, 403);
        }
        for who in [&cast.colleague, &cast.stranger] {
            expect::refusal(&link(who, what, room).await, 404);
        }
    }
    let made = expect::data(&link(organizer, "bind", room).await);
    let token = text(&made["openInviteId"]);
    assert!(token.len() == 43 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{token}");
    assert!(text(&made["invitationURL"]).ends_with(&format!("/#/meet/{token}")), "{made}");
    assert_eq!((&made["roomId"], &made["userId"]), (&json!(room), &json!(organizer.id())));
    let read = format!("{}/public-links", cast.path);
    assert_eq!(expect::data(&organizer.client.get(&read).await), made, "the same as often as he asks");
    assert_eq!(expect::data(&link(organizer, "bind", room).await), made);
    let own = format!("{USERS}/{}/public-links", organizer.id());
    assert_eq!(expect::list(&organizer.client.get(&format!("{own}?roomId={room}")).await), std::slice::from_ref(&made));
    for who in [&cast.co_organizer, &cast.member, &cast.foreigner] {
        expect::refusal(&who.client.get(&read).await, 403);
        assert!(!who.client.get(&cast.path).await.text().contains(token));
        let theirs = format!("{USERS}/{}/public-links", who.id());
        assert!(expect::list(&who.client.get(&theirs).await).is_empty());
    }
    for who in [&cast.colleague, &cast.stranger] {
        expect::refusal(&who.client.get(&read).await, 404);
    }
    expect::refusal(&cast.co_organizer.client.get(&own).await, 403);
    let newer = expect::data(&link(organizer, "reset", room).await);
    assert_ne!(newer["openInviteId"], made["openInviteId"]);
    leads_nowhere(&cast.colleague, token).await;
    expect::data(&look_at(&Client::new(&world().edge), text(&newer["openInviteId"])).await);
}

#[tokio::test]
async fn organizers_shut_the_door_and_it_is_shut_for_good_r2_c4() {
    let cast = Cast::new("links-shut").await;
    let room = id(&cast);
    let mut tokens = vec![token(&cast.organizer, room).await];
    for who in [&cast.member, &cast.foreigner] {
        expect::refusal(&link(who, "unbind", room).await, 403);
    }
    expect::refusal(&link(&cast.stranger, "unbind", room).await, 404);
    expect::data(&link(&cast.co_organizer, "unbind", room).await);
    expect::refusal(&link(&cast.co_organizer, "unbind", room).await, 404);
    tokens.push(token(&cast.organizer, room).await);
    expect::success(&cast.organizer.client.put(&format!("{}/archive", cast.path), &json!({})).await);
    for what in ["bind", "reset", "unbind"] {
        assert!(matches!(link(&cast.organizer, what, room).await.status, 403 | 409), "{what}");
    }
    assert_ne!(tokens[0], tokens[1]);
    for token in &tokens {
        leads_nowhere(&cast.colleague, token).await;
    }
}

#[tokio::test]
async fn who_holds_a_link_is_told_where_it_leads_and_comes_in_as_a_member_c4_b3() {
    let cast = Cast::new("links-come").await;
    let (organizer, token) = (&cast.organizer, token(&cast.organizer, id(&cast)).await);
    let shown = expect::data(&look_at(&Client::new(&world().edge), &token).await);
    for (key, expected) in [
        ("roomName", json!("Cast")),
        ("roomTopic", json!("all of it")),
        ("roomLocked", json!(false)),
        ("hasLobby", json!(false)),
        ("hasPassword", json!(false)),
        ("guestsAllowed", json!(true)),
        ("invitingFirstName", organizer.user["firstName"].clone()),
        ("invitingCompanyName", organizer.user["companyName"].clone()),
    ] {
        assert_eq!(shown[key], expected, "{key}: {shown}");
    }
    assert!(!shown.to_string().contains(organizer.id()) && !shown.to_string().contains(id(&cast)), "{shown}");
    let came = expect::data(&come(&cast.colleague, &token).await);
    assert_eq!(came, json!({"roomId": id(&cast), "hasAlreadyJoinThisRoom": false, "status": "accepted"}));
    assert_eq!(expect::data(&come(&cast.colleague, &token).await)["hasAlreadyJoinThisRoom"], json!(true));
    assert_eq!(cast.standing(organizer, &cast.colleague).await.as_deref(), Some("accepted"));
    // Where the organizer might not ask somebody in, the link does not bring him either (B3).
    leads_nowhere(&cast.stranger, NEVER).await;
    expect::refusal(&come(&cast.stranger, &token).await, 404);
    let outsider = OwnCompany::new("links-come-outside").signed_in("outsider").await;
    assert_eq!(expect::data(&come(&outsider, &token).await)["status"], "accepted", "of a public company");
    let room = cast.room(&outsider).await;
    let own = room["users"].as_array().expect("a list").iter().find(|user| user["userId"] == outsider.id());
    assert_eq!(own.map(|own| text(&own["privilege"])), Some("user"));
}

#[tokio::test]
async fn who_was_put_out_does_not_come_back_by_the_link_and_who_left_does_c3_c4() {
    let cast = Cast::new("links-out").await;
    let token = token(&cast.organizer, id(&cast)).await;
    for who in [&cast.member, &cast.foreigner] {
        let left = json!({"status": "unsubscribed"});
        assert_eq!(who.client.put(&cast.of(who), &left).await.status, 200);
        assert_eq!(expect::data(&come(who, &token).await)["status"], "accepted", "he left by his own wish");
        assert_eq!(cast.organizer.client.put(&cast.of(who), &left).await.status, 200);
        expect::refusal(&come(who, &token).await, 404);
    }
    assert_eq!(cast.add(&cast.organizer, &cast.member).await, 200, "asked again he comes");
    assert_eq!(cast.standing(&cast.organizer, &cast.member).await.as_deref(), Some("accepted"));
}

#[tokio::test]
async fn a_locked_bubble_takes_nobody_new_and_says_so_c4() {
    let cast = Cast::new("links-locked").await;
    let token = token(&cast.organizer, id(&cast)).await;
    for who in [&cast.co_organizer, &cast.member] {
        expect::refusal(&who.client.put(&cast.path, &json!({"autoRegister": "lock"})).await, 403);
    }
    let room = expect::data(&cast.organizer.client.put(&cast.path, &json!({"autoRegister": "lock"})).await);
    assert_eq!(room["autoRegister"], "lock");
    let nobody = Client::new(&world().edge);
    assert_eq!(expect::data(&look_at(&nobody, &token).await)["roomLocked"], json!(true));
    let refused = expect::refusal(&come(&cast.colleague, &token).await, 403);
    assert!(text(&refused["errorDetails"]).contains("closed"), "{refused}");
    expect::refusal(&nobody.post(&format!("/api/edge/v1/meet/{token}"), &json!({"name": "Lo"})).await, 403);
    let came = expect::data(&come(&cast.member, &token).await);
    assert_eq!(came["hasAlreadyJoinThisRoom"], json!(true), "who is in it is in it");
}

#[tokio::test]
async fn a_link_stands_nowhere_in_clear_and_mail_is_not_pretended_c4_d1_e4() {
    let cast = Cast::new("links-mail").await;
    let token = token(&cast.organizer, id(&cast)).await;
    assert!(!world().edge.log().contains(&token));
    let invite = format!("{}/invitations", cast.path);
    let body = json!({"scenario": "chat", "emails": ["someone@else.test"]});
    for who in [&cast.organizer, &cast.member, &cast.colleague] {
        let refused = expect::refusal(&who.client.post(&invite, &body).await, 501);
        assert!(text(&refused["errorDetails"]).contains("does not serve"), "{refused}");
    }
}

/// A bubble of its own organizer, of a company of its own.
pub(crate) async fn bubble(test: &str, organizer: &SignedIn) -> Value {
    expect::data(&organizer.client.post(ROOMS, &json!({ "name": test, "topic": "what it is about" })).await)
}
