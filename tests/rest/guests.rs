//! Guests (C4, A8): people without an account who come by the link of a bubble, and what they are kept from.

use crate::bubbles::ROOMS;
use crate::files::{meets, shared};
use crate::links::{bubble, link, look_at, token};
use crate::routes::routes;
use crate::tenant::text;
use crate::{ADMIN_USERS, NOBODY, OwnCompany, SEARCH, USERS, world};
use serde_json::{Value, json};
use world::{Answer, Bubble, Client, Device, SignedIn, expect, later, person};

const MEET: &str = "/api/edge/v1/meet";

pub(crate) async fn enter(client: &Client, token: &str, name: &str) -> Answer {
    client.post(&format!("{MEET}/{token}"), &json!({ "name": name, "language": "en" })).await
}

/// A guest who has come by a link.
async fn guest(token: &str, name: &str) -> SignedIn {
    let answer = expect::success(&enter(&Client::new(&world().edge), token, name).await);
    assert_eq!(answer["meeting"]["status"], "accepted", "{answer}");
    SignedIn::from_answer(&world().edge, &answer)
}

/// A company with an organizer, a member, a bubble of theirs with its link, another bubble, and what is said and lies in them.
struct Visit {
    company: OwnCompany,
    organizer: SignedIn,
    member: SignedIn,
    room: Bubble,
    other: Bubble,
    token: String,
}

impl Visit {
    async fn new(test: &str) -> Self {
        let company = OwnCompany::new(test);
        let (organizer, member) = (company.signed_in("organizer").await, company.signed_in("member").await);
        let (room, other) = (Bubble::read(&bubble("Visited", &organizer).await), organizer.bubble("Not visited").await);
        for bubble in [&room, &other] {
            organizer.add_to(bubble, &member).await;
        }
        let token = token(&organizer, &room.id).await;
        Self { company, organizer, member, room, other, token }
    }
}

#[tokio::test]
async fn a_guest_is_in_his_bubble_with_those_who_are_there_and_sees_nobody_else_a8_c4_b7() {
    let visit = Visit::new("guest-sees").await;
    let third = visit.company.signed_in("third").await;
    let ada = guest(&visit.token, "Ada Gast").await;
    assert_eq!((&ada.user["roles"], &ada.user["guestMode"]), (&json!(["guest"]), &json!(true)));
    assert_eq!(expect::data(&ada.client.get(MEET).await), json!({"roomId": visit.room.id, "status": "accepted"}));
    let rooms = expect::list(&ada.client.get(&format!("{ROOMS}?unsubscribed=true")).await);
    assert_eq!(rooms.iter().map(|room| text(&room["id"])).collect::<Vec<_>>(), [visit.room.id.as_str()]);
    let own = rooms[0]["users"].as_array().expect("a list").iter().find(|user| user["userId"] == ada.id());
    assert_eq!(own.map(|own| text(&own["privilege"])), Some("guest"));
    for (who, sees) in [(&visit.organizer, true), (&visit.member, true), (&third, false)] {
        let found = ada.client.get(&format!("{USERS}/{}", who.id())).await;
        if sees {
            expect::distant(&expect::data(&found), text(&who.user["loginEmail"]));
        } else {
            expect::refusal(&found, 404);
        }
        let name = text(&who.user["firstName"]);
        expect::refusal(&ada.client.get(&format!("{SEARCH}?displayName={name}")).await, 403);
        let back = who.client.get(&format!("{USERS}/{}", ada.id())).await;
        assert_eq!(back.status, if sees { 200 } else { 404 });
        assert!(!who.client.get(&format!("{SEARCH}?displayName=Ada")).await.text().contains(ada.id()));
        let network = expect::list(&who.client.get(&format!("{USERS}/networks?format=full")).await);
        assert!(network.iter().all(|one| one["id"] != ada.id()), "a guest is nobody's contact");
    }
    assert!(expect::list(&ada.client.get(&format!("{USERS}/networks?format=full")).await).is_empty());
    let company = format!("/api/rainbow/enduser/v1.0/companies/{}", visit.organizer.company_id());
    assert!(matches!(ada.client.get(&company).await.status, 403 | 404));
    for path in [visit.other.path(), format!("{}/users", visit.other.path()), format!("{ROOMS}/{NOBODY}")] {
        expect::refusal(&ada.client.get(&path).await, 404);
    }
}

#[tokio::test]
async fn a_guest_reads_from_his_entering_on_and_gets_the_files_from_then_on_c4_c3() {
    let visit = Visit::new("guest-reads").await;
    // Even where new members read what was said before.
    let body = json!({"name": "Shared past", "history": "all"});
    let room = Bubble::read(&expect::data(&visit.organizer.client.post(ROOMS, &body).await));
    let token = token(&visit.organizer, &room.id).await;
    let mut desk = Device::online(&world().edge, &visit.organizer, "node_organizer").await;
    desk.enter(&room).await;
    desk.say(&room, "g-1", "<body>before the guest</body>").await;
    let early = shared(&visit.organizer, "early.txt", b"early words", &[("room", &room.id)]).await;
    later().await;
    let ada = guest(&token, "Ada").await;
    let mut phone = Device::online(&world().edge, &ada, "node_guest").await;
    phone.enter(&room).await;
    later().await;
    desk.say(&room, "g-2", "<body>while the guest is here</body>").await;
    let late = shared(&visit.organizer, "late.txt", b"late words", &[("room", &room.id)]).await;
    let own = shared(&ada, "own.txt", b"what a guest brings", &[("room", &room.id)]).await;
    assert_eq!(phone.read_all_of(&room).await, ["while the guest is here"]);
    assert_eq!(meets(&ada.client, &early).await, (404, 404));
    assert_eq!((meets(&ada.client, &late).await, meets(&visit.organizer.client, &own).await), ((200, 200), (200, 200)));
    phone.say(&room, "g-3", "<body>thank you</body>").await;
    let conversations = format!("{USERS}/{}/conversations?format=full&limit=100", ada.id());
    let listed = expect::list(&ada.client.get(&conversations).await);
    assert_eq!(listed.iter().map(|one| text(&one["peerId"])).collect::<Vec<_>>(), [room.id.as_str()]);
    expect::data(&link(&visit.organizer, "unbind", &room.id).await);
    expect::refusal(&ada.client.get(&room.path()).await, 401);
    for file in [&early, &late, &own] {
        assert_eq!(meets(&ada.client, file).await, (401, 401));
    }
    phone.expect_end().await;
    let said = desk.read_all_of(&room).await;
    assert_eq!(said, ["before the guest", "while the guest is here", "thank you"]);
    let names = expect::data(&visit.organizer.client.get(&format!("{USERS}/{}", ada.id())).await);
    assert_eq!(names["firstName"], "Ada", "who spoke is told by name");
}

#[tokio::test]
async fn whatever_a_guest_asks_of_others_and_of_administration_he_is_refused_a8_r1_r2() {
    let visit = Visit::new("guest-asks").await;
    let ada = guest(&visit.token, "Ada").await;
    let (room, member) = (visit.room.path(), visit.member.id());
    let own = |noun: &str| format!("{USERS}/{}/{noun}", ada.id());
    let users = format!("{room}/users");
    let before = expect::data(&visit.organizer.client.get(&room).await);
    for (method, path, body) in [
        ("POST", ROOMS.to_owned(), json!({"name": "Own"})),
        ("PUT", room.clone(), json!({"name": "Mine"})),
        ("PUT", room.clone(), json!({"owner": ada.id()})),
        ("PUT", room.clone(), json!({"autoRegister": "lock"})),
        ("PUT", format!("{room}/archive"), json!({})),
        ("DELETE", room.clone(), json!({})),
        ("PUT", format!("{room}/custom-data"), json!({"customData": {}})),
        ("POST", users.clone(), json!({"userId": member, "status": "accepted"})),
        ("PUT", format!("{users}/{member}"), json!({"status": "unsubscribed"})),
        ("PUT", format!("{users}/{}", ada.id()), json!({"privilege": "moderator"})),
        ("DELETE", format!("{users}/{member}"), json!({})),
        ("GET", format!("{room}/public-links"), json!({})),
        ("PUT", format!("{room}/lobbies"), json!({"hasLobby": true})),
        ("GET", format!("{room}/lobbies/pending"), json!({})),
        ("PUT", format!("{room}/passwords"), json!({"hasPassword": true})),
        ("POST", own("public-links/bind"), json!({"roomId": visit.room.id})),
        ("POST", own("invitations"), json!({"invitedUserId": member})),
        ("POST", own("groups"), json!({"name": "Own"})),
        ("POST", own("conversations"), json!({"peerId": member, "type": "user", "mute": false})),
        ("POST", own("favorites"), json!({"peerId": member, "type": "user"})),
        ("PUT", format!("{USERS}/{}", ada.id()), json!({"firstName": "Boss"})),
        ("POST", String::from("/api/edge/v1/application-passwords"), json!({"name": "a", "currentPassword": "b"})),
        ("PUT", String::from("/api/edge/v1/password"), json!({"currentPassword": "a", "newPassword": "Passw0rd-x"})),
        ("POST", ADMIN_USERS.to_owned(), json!({"loginEmail": "x@y.test", "password": "Passw0rd-x"})),
    ] {
        let answer = ada.client.request(method, &path).json(&body).send().await;
        assert!(matches!(answer.status, 400 | 403 | 404), "{method} {path}: {} {}", answer.status, answer.text());
    }
    for privilege in ["moderator", "owner"] {
        let path = format!("{users}/{}", ada.id());
        let answer = visit.organizer.client.put(&path, &json!({ "privilege": privilege })).await;
        assert_eq!(answer.status, 403, "a guest stays a guest: {}", answer.text());
    }
    assert_eq!(expect::data(&visit.organizer.client.get(&room).await), before);
    let other = expect::data(&link(&visit.organizer, "bind", &visit.other.id).await);
    let body = json!({"openInviteId": other["openInviteId"]});
    expect::refusal(&ada.client.post(&format!("{ROOMS}/open-invites"), &body).await, 404);
}

/// Every route as a guest, with ids of things that are none of his: nothing of them is told, nothing changed.
#[tokio::test]
async fn a_guests_walk_over_every_route_tells_nothing_of_the_company_around_him_a8_b1() {
    let visit = Visit::new("guest-walk").await;
    let third = visit.company.signed_in("third").await;
    let ada = guest(&visit.token, "Ada").await;
    let before =
        (world::snapshot::of(&third).await, expect::data(&visit.organizer.client.get(&visit.other.path()).await));
    let words = [third.id(), text(&third.user["loginEmail"]), visit.other.id.as_str(), visit.other.name.as_str()];
    for route in routes() {
        let of_files = route.method == "OPTIONS";
        if of_files || route.path.ends_with("/logout") || route.path.starts_with("/api/edge/v1/meet/") {
            continue;
        }
        let fill = |path: &str| {
            let mut last = "";
            let parts: Vec<&str> = path
                .split('/')
                .map(|part| {
                    let filled = match (part.starts_with('{'), last) {
                        (false, _) => part,
                        (true, "rooms") => visit.other.id.as_str(),
                        (true, "companies") => third.company_id(),
                        (true, _) => third.id(),
                    };
                    last = part;
                    filled
                })
                .collect();
            parts.join("/")
        };
        let path = fill(&route.path);
        let request = ada.client.request(&route.method, &path);
        let request = if route.method == "GET" { request } else { request.json(&json!({"name": "x", "scope": "all"})) };
        let answer = request.send().await;
        assert!(answer.status < 500 || answer.status == 501, "{}: {}", answer.asked, answer.text());
        if answer.status < 400 && route.path.contains('{') {
            assert_eq!(answer.json()["data"], json!([]), "{}: {}", answer.asked, answer.text());
        }
        for word in words {
            let repeated = answer.status >= 400 && answer.asked.contains(word);
            assert!(repeated || !answer.text().contains(word), "{} tells {word}: {}", answer.asked, answer.text());
        }
    }
    let after =
        (world::snapshot::of(&third).await, expect::data(&visit.organizer.client.get(&visit.other.path()).await));
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_guests_time_ends_when_he_is_put_out_when_he_leaves_and_with_link_or_bubble_c4() {
    let visit = Visit::new("guest-ends").await;
    let (room, organizer) = (visit.room.path(), &visit.organizer);
    let token = async || token(organizer, &visit.room.id).await;
    let of = |who: &SignedIn| format!("{room}/users/{}", who.id());
    let out = json!({"status": "unsubscribed"});
    let ends = async |who: &SignedIn| {
        expect::refusal(&who.client.get(&room).await, 401);
        expect::refusal(&who.client.get(&format!("{USERS}/me")).await, 401);
        let list = expect::list(&organizer.client.get(&format!("{room}/users?status=accepted&limit=1000")).await);
        assert!(list.iter().all(|one| one["userId"] != who.id()), "{list:?}");
    };
    let excluded = guest(&token().await, "Excluded").await;
    expect::success(&organizer.client.put(&of(&excluded), &out).await);
    ends(&excluded).await;
    let leaver = guest(&token().await, "Leaver").await;
    expect::success(&leaver.client.put(&of(&leaver), &out).await);
    ends(&leaver).await;
    let reset = guest(&token().await, "Reset").await;
    expect::data(&link(organizer, "reset", &visit.room.id).await);
    ends(&reset).await;
    assert!(expect::data(&organizer.client.get(&room).await)["isActive"] == json!(true));
    let archived = guest(&token().await, "Archived").await;
    expect::success(&organizer.client.put(&format!("{room}/archive"), &json!({})).await);
    ends(&archived).await;
    expect::data(&visit.member.client.get(&room).await);
    let third = guest(&crate::links::token(organizer, &visit.other.id).await, "Deleted").await;
    expect::success(&organizer.client.delete(&visit.other.path()).await);
    expect::refusal(&third.client.get(&format!("{USERS}/me")).await, 401);
}

#[tokio::test]
async fn a_guest_waits_in_the_lobby_and_sees_nothing_until_he_is_let_in_c5_c4() {
    let visit = Visit::new("guest-waits").await;
    let path = format!("{}/lobbies", visit.room.path());
    expect::data(&visit.organizer.client.put(&path, &json!({"hasLobby": true})).await);
    let come = async |name: &str| {
        let answer = expect::success(&enter(&Client::new(&world().edge), &visit.token, name).await);
        assert_eq!(answer["meeting"]["status"], "waiting");
        SignedIn::from_answer(&world().edge, &answer)
    };
    let (ada, bea) = (come("Ada").await, come("Bea").await);
    for who in [&ada, &bea] {
        assert_eq!(expect::data(&who.client.get(MEET).await)["status"], "waiting");
        expect::refusal(&who.client.get(&visit.room.path()).await, 404);
        assert!(expect::list(&who.client.get(ROOMS).await).is_empty());
        for member in [&visit.organizer, &visit.member] {
            expect::refusal(&who.client.get(&format!("{USERS}/{}", member.id())).await, 404);
        }
    }
    let told = expect::data(&visit.organizer.client.get(&format!("{path}/pending")).await);
    let shown: Vec<(&str, &str)> = told["lobby"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(&one["displayName"]), text(&one["privilege"])))
        .collect();
    assert_eq!(shown, [("Ada", "guest"), ("Bea", "guest")]);
    let answer = async |what: &str, who: &SignedIn| {
        let body = json!({"scope": "some", "users": [who.id()]});
        expect::data(&visit.organizer.client.put(&format!("{path}/{what}"), &body).await)
    };
    answer("accept", &ada).await;
    answer("deny", &bea).await;
    assert_eq!(expect::data(&ada.client.get(&visit.room.path()).await)["name"], "Visited");
    expect::refusal(&bea.client.get(MEET).await, 401);
}

#[tokio::test]
async fn rainbows_way_registers_a_guest_with_address_and_password_and_ends_it_c4_a1_a9() {
    let visit = Visit::new("guest-sdk").await;
    let register = async |more: Value| {
        let mut body = json!({
            "loginEmail": "gast@guest-sdk-elsewhere.test", "password": "Gast-0f-honour", "openInviteId": visit.token,
            "isInitialized": true, "firstName": "Gesa", "lastName": "Gast", "nickName": "Ge",
        });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        Client::new(&world().edge).post(&format!("{USERS}/self-register"), &body).await
    };
    for (wrong, status) in [
        (json!({"openInviteId": null}), 400),
        (json!({"openInviteId": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}), 404),
        (json!({"password": "weak"}), 400),
        (json!({"loginEmail": "no address"}), 400),
        (json!({"firstName": "", "lastName": ""}), 400),
        (json!({"firstName": "x".repeat(100)}), 400),
        (json!({"loginEmail": visit.member.user["loginEmail"]}), 409),
    ] {
        expect::refusal(&register(wrong.clone()).await, status);
    }
    let made = expect::data(&register(json!({})).await);
    assert_eq!((&made["guestMode"], &made["roles"]), (&json!(true), &json!(["guest"])));
    assert_eq!(made["openInvite"]["roomId"], json!(visit.room.id));
    let sign_in =
        async || person::sign_in_with(&world().edge, "gast@guest-sdk-elsewhere.test", "Gast-0f-honour", None).await;
    let gesa = SignedIn::from_answer(&world().edge, &expect::success(&sign_in().await));
    expect::data(&gesa.client.get(&visit.room.path()).await);
    expect::data(&link(&visit.organizer, "reset", &visit.room.id).await);
    expect::refusal(&sign_in().await, 401);
    let token = token(&visit.organizer, &visit.room.id).await;
    expect::data(&register(json!({"openInviteId": token})).await);
}

#[tokio::test]
async fn an_isolated_companys_link_brings_no_guests_b3_c4() {
    let company = OwnCompany::of_mode("guest-isolated", "isolated");
    let (organizer, colleague) = (company.signed_in("organizer").await, company.signed_in("colleague").await);
    let room = organizer.bubble("Inside").await;
    let token = token(&organizer, &room.id).await;
    assert_eq!(expect::data(&look_at(&Client::new(&world().edge), &token).await)["guestsAllowed"], json!(false));
    expect::refusal(&enter(&Client::new(&world().edge), &token, "Ada").await, 404);
    assert_eq!(expect::data(&crate::links::come(&colleague, &token).await)["status"], "accepted");
}
