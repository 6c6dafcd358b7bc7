//! Bubbles through REST: table R2 cell by cell, for people of two companies and for outsiders (C3, R2).

use crate::tenant::text;
use crate::{OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::{SignedIn, expect};

pub(crate) const ROOMS: &str = "/api/rainbow/enduser/v1.0/rooms";

/// Puts two people of different companies into one another's network.
async fn join(one: &SignedIn, other: &SignedIn) {
    let invitation = format!("{USERS}/{}/invitations", one.id());
    let made = expect::data(&one.client.post(&invitation, &json!({ "invitedUserId": other.id() })).await);
    let accept = format!("{USERS}/{}/invitations/{}/accept", other.id(), text(&made["id"]));
    expect::data(&other.client.post(&accept, &json!({})).await);
}

async fn put(who: &SignedIn, path: &str, body: Value) -> u16 {
    who.client.put(path, &body).await.status
}

/// A bubble with its organizer, a co-organizer, a member of the same company, one of another, and who else is added.
pub(crate) struct Cast {
    pub(crate) organizer: SignedIn,
    pub(crate) co_organizer: SignedIn,
    pub(crate) member: SignedIn,
    pub(crate) foreigner: SignedIn,
    pub(crate) colleague: SignedIn,
    pub(crate) stranger: SignedIn,
    pub(crate) path: String,
    home: OwnCompany,
}

impl Cast {
    pub(crate) async fn new(test: &str) -> Self {
        let home = OwnCompany::new(&format!("{test}-home"));
        let abroad = OwnCompany::new(&format!("{test}-abroad"));
        let closed = OwnCompany::of_mode(&format!("{test}-closed"), "isolated");
        let organizer = home.signed_in("organizer").await;
        let made = expect::data(&organizer.client.post(ROOMS, &json!({ "name": "Cast", "topic": "all of it" })).await);
        let cast = Self {
            organizer,
            co_organizer: home.signed_in("co").await,
            member: home.signed_in("member").await,
            foreigner: abroad.signed_in("foreigner").await,
            colleague: home.signed_in("colleague").await,
            stranger: closed.signed_in("stranger").await,
            path: format!("{ROOMS}/{}", text(&made["id"])),
            home,
        };
        join(&cast.organizer, &cast.foreigner).await;
        for who in [&cast.co_organizer, &cast.member, &cast.foreigner] {
            cast.add(&cast.organizer, who).await;
        }
        let own = format!("{}/users/{}", cast.path, cast.foreigner.id());
        assert_eq!(put(&cast.foreigner, &own, json!({ "status": "accepted" })).await, 200);
        assert_eq!(put(&cast.organizer, &cast.of(&cast.co_organizer), json!({ "privilege": "moderator" })).await, 200);
        cast
    }

    /// The administrator of the organizer's company, who is in none of its bubbles.
    pub(crate) async fn administrator(&self) -> SignedIn {
        self.home.person("administrator", &["--admin"]).sign_in(&world().edge).await
    }

    pub(crate) async fn add(&self, by: &SignedIn, who: &SignedIn) -> u16 {
        let body = json!({ "userId": who.id(), "reason": "come", "privilege": "user", "status": "accepted" });
        by.client.post(&format!("{}/users", self.path), &body).await.status
    }

    pub(crate) fn of(&self, who: &SignedIn) -> String {
        format!("{}/users/{}", self.path, who.id())
    }

    /// How somebody stands to the bubble, by the list of its people that another one reads.
    pub(crate) async fn standing(&self, reader: &SignedIn, whose: &SignedIn) -> Option<String> {
        let people = expect::list(&reader.client.get(&format!("{}/users?format=full&limit=1000", self.path)).await);
        let found = people.iter().find(|person| person["userId"] == whose.id());
        found.map(|person| text(&person["status"]).to_owned())
    }

    pub(crate) async fn room(&self, who: &SignedIn) -> Value {
        expect::data(&who.client.get(&self.path).await)
    }
}

#[tokio::test]
async fn simple_members_of_whatever_company_do_nothing_of_the_table_r2() {
    let cast = Cast::new("r2-members").await;
    let before = cast.room(&cast.organizer).await;
    for who in [&cast.member, &cast.foreigner] {
        let owner = json!({ "owner": who.id() });
        for (path, body) in [
            (format!("{}/archive", cast.path), json!({})),
            (cast.path.clone(), owner),
            (cast.path.clone(), json!({ "name": "Mine" })),
            (format!("{}/custom-data", cast.path), json!({ "customData": { "a": 1 } })),
            (cast.of(who), json!({ "privilege": "moderator" })),
            (cast.of(&cast.co_organizer), json!({ "privilege": "user" })),
            (cast.of(&cast.co_organizer), json!({ "status": "unsubscribed" })),
        ] {
            assert_eq!(put(who, &path, body.clone()).await, 403, "{path} {body}");
        }
        assert_eq!(who.client.delete(&cast.path).await.status, 403);
        assert_eq!(who.client.delete(&cast.of(&cast.co_organizer)).await.status, 403);
        assert_eq!(cast.add(who, &cast.colleague).await, 403);
    }
    assert_eq!(cast.room(&cast.organizer).await, before);
}

#[tokio::test]
async fn a_co_organizer_promotes_and_adds_and_removes_and_no_more_r2() {
    let cast = Cast::new("r2-co").await;
    let co = &cast.co_organizer;
    for (path, body) in [
        (format!("{}/archive", cast.path), json!({})),
        (cast.path.clone(), json!({ "owner": co.id() })),
        (cast.of(&cast.organizer), json!({ "status": "unsubscribed" })),
        (cast.of(&cast.organizer), json!({ "privilege": "user" })),
    ] {
        assert_eq!(put(co, &path, body.clone()).await, 403, "{path} {body}");
    }
    assert_eq!(co.client.delete(&cast.path).await.status, 403);
    assert_eq!(put(co, &cast.of(&cast.member), json!({ "privilege": "moderator" })).await, 200, "promotes");
    assert_eq!(put(co, &cast.of(&cast.member), json!({ "privilege": "user" })).await, 200, "and takes it back");
    assert_eq!(cast.add(co, &cast.colleague).await, 200, "adds");
    assert_eq!(put(co, &cast.of(&cast.foreigner), json!({ "status": "unsubscribed" })).await, 200, "removes");
    let users = cast.room(co).await["users"].clone();
    let status = |who: &SignedIn| {
        let found = users.as_array().expect("a list").iter().find(|user| user["userId"] == who.id());
        found.map(|user| text(&user["status"]).to_owned())
    };
    assert_eq!(status(&cast.colleague).as_deref(), Some("accepted"));
    assert_eq!(status(&cast.foreigner).as_deref(), Some("unsubscribed"));
}

#[tokio::test]
async fn the_organizer_hands_over_to_a_co_organizer_alone_archives_and_deletes_r2_c3_d5() {
    let cast = Cast::new("r2-organizer").await;
    let organizer = &cast.organizer;
    assert_eq!(put(organizer, &cast.of(organizer), json!({ "status": "unsubscribed" })).await, 403, "stays");
    assert_eq!(put(organizer, &cast.path, json!({ "owner": cast.member.id() })).await, 403, "no co-organizer");
    assert_eq!(put(organizer, &cast.path, json!({ "owner": cast.co_organizer.id() })).await, 200);
    assert_eq!(cast.room(organizer).await["creator"], cast.co_organizer.id());
    assert_eq!(organizer.client.delete(&cast.path).await.status, 403, "one organizer, and he is another one now");
    let archive = format!("{}/archive", cast.path);
    assert_eq!(put(&cast.co_organizer, &archive, json!({})).await, 200);
    assert_eq!(put(&cast.co_organizer, &archive, json!({})).await, 403, "it is archived");
    assert_eq!(put(&cast.co_organizer, &cast.path, json!({ "name": "Anew" })).await, 403, "and changes no more");
    assert_eq!(cast.add(&cast.co_organizer, &cast.colleague).await, 403);
    assert_eq!(cast.room(&cast.member).await["isActive"], json!(false), "readable");
    assert_eq!(cast.co_organizer.client.delete(&cast.path).await.status, 200);
    for who in [&cast.organizer, &cast.co_organizer, &cast.member, &cast.foreigner] {
        expect::refusal(&who.client.get(&cast.path).await, 404);
        let all = expect::list(&who.client.get(&format!("{ROOMS}?unsubscribed=true")).await);
        assert!(all.iter().all(|room| !cast.path.ends_with(text(&room["id"]))));
    }
}

#[tokio::test]
async fn who_may_not_be_asked_is_not_and_nobody_is_put_in_from_outside_b3_c3() {
    let cast = Cast::new("r2-asked").await;
    assert_eq!(cast.add(&cast.organizer, &cast.stranger).await, 404, "an isolated company is not there");
    let outsider = OwnCompany::new("r2-asked-outside").signed_in("outsider").await;
    assert_eq!(cast.add(&cast.organizer, &outsider).await, 200, "a public company may be asked");
    let room = cast.room(&cast.organizer).await;
    let found = room["users"].as_array().expect("a list").iter().find(|user| user["userId"] == outsider.id());
    assert_eq!(found.map(|user| text(&user["status"])), Some("invited"), "asked, whatever the inviter wanted");
    // Who is asked sees who is there before he answers, and nobody answers for him.
    assert_eq!(cast.room(&outsider).await["name"], "Cast");
    assert_eq!(put(&cast.organizer, &cast.of(&outsider), json!({ "status": "accepted" })).await, 400);
    assert_eq!(put(&outsider, &cast.of(&outsider), json!({ "status": "rejected" })).await, 200);
    expect::refusal(&outsider.client.get(&cast.path).await, 404);
    // Members of two companies meet by name, and are no contacts for that.
    let seen = expect::data(&cast.foreigner.client.get(&format!("{USERS}/{}", cast.member.id())).await);
    expect::distant(&seen, text(&cast.member.user["loginEmail"]));
}

#[tokio::test]
async fn a_picture_is_a_picture_and_comes_back_as_it_was_c3() {
    let organizer = world().signed_in("pictures").await;
    let made = expect::data(&organizer.client.post(ROOMS, &json!({ "name": "Pictures" })).await);
    let avatar = format!("{ROOMS}/{}/avatar", text(&made["id"]));
    let post = async |bytes: &[u8]| organizer.client.request("POST", &avatar).body("image/png", bytes).send().await;
    expect::refusal(&post(b"<svg onload='alert(1)'/>").await, 400);
    let png = [&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a][..], &[7; 2000]].concat();
    assert!(expect::data(&post(&png).await)["lastAvatarUpdateDate"].is_string());
    let read = format!("/api/edge/v1/rooms/{}/avatar", text(&made["id"]));
    let answer = organizer.client.get(&read).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &png[..]));
    assert_eq!(answer.header("content-type"), Some("image/png"));
    expect::refusal(&world().eve.sign_in(&world().edge).await.client.get(&read).await, 404);
    assert_eq!(organizer.client.delete(&avatar).await.status, 200);
    expect::refusal(&organizer.client.get(&read).await, 404);
}

/// The bubble as each way of reading it tells it to somebody who is in it.
async fn every_way(who: &SignedIn, room: &Value) -> Vec<Value> {
    let (client, id, jid) = (&who.client, text(&room["id"]), text(&room["jid"]));
    let boot = format!("format=full&unsubscribed=true&offset=0&limit=100&userId={}", who.id());
    let mut told = Vec::new();
    for query in [boot.as_str(), "format=small"] {
        let all = expect::list(&client.get(&format!("{ROOMS}?{query}")).await);
        told.extend(all.into_iter().filter(|one| one["id"] == id));
    }
    for path in [id.to_owned(), format!("{id}/context"), format!("jids/{jid}")] {
        told.push(expect::data(&client.get(&format!("{ROOMS}/{path}?format=full")).await));
    }
    told.extend(expect::list(&client.post(&format!("{ROOMS}/ids"), &json!({ "rooms": [id, id] })).await));
    let jids = expect::list(&client.get(&format!("{ROOMS}/jids")).await);
    assert_eq!(jids.iter().filter(|one| **one == jid).count(), 1, "{jids:?}");
    told
}

#[tokio::test]
async fn what_is_changed_in_a_bubble_others_read_by_every_way_c3() {
    let cast = Cast::new("every-way").await;
    let (organizer, avatar) = (&cast.organizer, format!("{}/avatar", cast.path));
    let png = [&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a][..], &[9; 500]].concat();
    for (path, body) in [
        (cast.path.clone(), json!({ "name": "Renamed", "topic": "another" })),
        (cast.path.clone(), json!({ "visibility": "public" })),
        (cast.path.clone(), json!({ "autoRegister": "lock" })),
        (format!("{}/tags", cast.path), json!({ "tags": [{ "tag": "north" }] })),
    ] {
        assert_eq!(put(organizer, &path, body.clone()).await, 200, "{path} {body}");
    }
    let room = expect::data(&organizer.client.request("POST", &avatar).body("image/png", &png).send().await);
    let picture = format!("/api/edge/v1/rooms/{}/avatar", text(&room["id"]));
    for who in [&cast.member, &cast.foreigner] {
        let told = every_way(who, &room).await;
        assert_eq!(told.len(), 6, "{told:?}");
        for bubble in &told {
            for (key, expected) in [
                ("name", json!("Renamed")),
                ("topic", json!("another")),
                ("visibility", json!("public")),
                ("autoRegister", json!("lock")),
                ("tags", json!(["north"])),
                ("lastAvatarUpdateDate", room["lastAvatarUpdateDate"].clone()),
            ] {
                assert_eq!(bubble[key], expected, "{key}: {bubble}");
            }
        }
        assert_eq!(who.client.get(&picture).await.body[..], png[..]);
    }
    assert_eq!(cast.add(organizer, &cast.colleague).await, 200);
    assert_eq!(cast.standing(&cast.foreigner, &cast.colleague).await.as_deref(), Some("accepted"));
    assert_eq!(organizer.client.delete(&avatar).await.status, 200);
    expect::refusal(&cast.member.client.get(&picture).await, 404);
}

#[tokio::test]
async fn an_invitation_to_a_bubble_is_taken_back_or_declined_and_who_is_put_off_the_list_is_gone_c3() {
    let cast = Cast::new("off-the-list").await;
    let outside = OwnCompany::new("off-the-list-outside");
    let (one, two) = (outside.signed_in("one").await, outside.signed_in("two").await);
    for who in [&one, &two] {
        assert_eq!(cast.add(&cast.organizer, who).await, 200);
        assert_eq!(cast.standing(&cast.member, who).await.as_deref(), Some("invited"));
        assert_eq!(cast.room(who).await["name"], "Cast");
    }
    assert_eq!(cast.organizer.client.delete(&cast.of(&one)).await.status, 200);
    expect::refusal(&one.client.get(&cast.path).await, 404);
    assert_eq!(put(&two, &cast.of(&two), json!({ "status": "rejected" })).await, 200);
    assert_eq!(cast.standing(&cast.member, &two).await.as_deref(), Some("rejected"));
    assert_eq!(cast.foreigner.client.delete(&cast.of(&cast.foreigner)).await.status, 200);
    for who in [&one, &cast.foreigner] {
        assert_eq!(cast.standing(&cast.member, who).await, None);
    }
}
