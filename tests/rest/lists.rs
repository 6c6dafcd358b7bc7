//! Groups of contacts and favourites: one's own lists of people (B6).

use crate::bubbles::{Cast, ROOMS};
use crate::tenant::{Member, Tenant, ids, owner, text};
use crate::{NOBODY, USERS, world};
use serde_json::{Value, json};
use world::stanza::ns;
use world::{Device, SignedIn, expect};

/// Somebody with two colleagues, a public stranger, and somebody hidden.
struct Circle {
    me: Member,
    colleague: Member,
    other: Member,
    public: Member,
    public_company: Tenant,
    hidden: Member,
}

impl Circle {
    async fn new(test: &str) -> Self {
        let owner = owner().await;
        let own = Tenant::new(&owner, &format!("{test}-own"), "private").await;
        let public_company = Tenant::new(&owner, &format!("{test}-public"), "public").await;
        let shut = Tenant::new(&owner, &format!("{test}-shut"), "isolated").await;
        Self {
            me: own.plain(&owner, "me").await,
            colleague: own.plain(&owner, "colleague").await,
            other: own.plain(&owner, "other").await,
            public: public_company.plain(&owner, "public").await,
            public_company,
            hidden: shut.plain(&owner, "hidden").await,
        }
    }

    async fn group(&self, body: &Value) -> Value {
        expect::data(&self.me.client().post(&self.me.own("groups"), body).await)
    }

    async fn favorites(&self) -> Vec<Value> {
        expect::list(&self.me.client().get(&self.me.own("favorites")).await)
    }

    async fn favorite(&self, whom: &Member, query: &str) -> Value {
        let body = json!({"peerId": whom.id(), "type": "user"});
        expect::data(&self.me.client().post(&format!("{}{query}", self.me.own("favorites")), &body).await)
    }
}

fn peers(favorites: &[Value]) -> Vec<&str> {
    favorites.iter().map(|favorite| text(&favorite["peerId"])).collect()
}

#[tokio::test]
async fn a_group_is_made_changed_listed_and_deleted_b6() {
    let circle = Circle::new("groups").await;
    let made = circle.group(&json!({"name": "Team Ü", "comment": "near", "isFavorite": true})).await;
    for (key, expected) in [
        ("name", json!("Team Ü")),
        ("comment", json!("near")),
        ("isFavorite", json!(true)),
        ("owner", json!(circle.me.id())),
        ("users", json!([])),
    ] {
        assert_eq!(made[key], expected, "{key}");
    }
    expect::not_number_like(text(&made["id"]));
    let path = circle.me.own(&format!("groups/{}", text(&made["id"])));
    for (change, key) in [
        (json!({"name": "Renamed"}), "name"),
        (json!({"comment": ""}), "comment"),
        (json!({"isFavorite": false}), "isFavorite"),
    ] {
        let changed = expect::data(&circle.me.client().put(&path, &change).await);
        assert_eq!(changed[key], change[key]);
        assert_eq!(changed["id"], made["id"]);
    }
    circle.group(&json!({"name": "Another"})).await;
    let listed = circle.me.client().get(&format!("{}?format=full&offset=0&limit=1", circle.me.own("groups"))).await;
    assert_eq!((expect::list(&listed).len(), &listed.json()["total"]), (1, &json!(2)));
    assert_eq!(expect::data(&circle.me.client().get(&path).await)["name"], json!("Renamed"));
    expect::success(&circle.me.client().delete(&path).await);
    for method in ["GET", "DELETE"] {
        expect::refusal(&circle.me.client().request(method, &path).send().await, 404);
    }
    for wrong in [json!({}), json!({"name": ""}), json!({"name": "x".repeat(300)}), json!({"name": "a\u{7}b"})] {
        expect::refusal(&circle.me.client().post(&circle.me.own("groups"), &wrong).await, 400);
    }
}

#[tokio::test]
async fn people_come_into_a_group_and_out_as_far_as_one_may_know_of_them_b6() {
    let circle = Circle::new("members").await;
    let group = circle.group(&json!({"name": "Mixed"})).await;
    let path = circle.me.own(&format!("groups/{}", text(&group["id"])));
    let of = |id: &str| format!("{path}/users/{id}");
    for whom in [&circle.colleague, &circle.public, &circle.public] {
        expect::success(&circle.me.client().request("POST", &of(whom.id())).send().await);
    }
    let mut expected = vec![circle.colleague.id().to_owned(), circle.public.id().to_owned()];
    expected.sort();
    let read = async || expect::data(&circle.me.client().get(&path).await);
    assert_eq!(ids(read().await["users"].as_array().expect("a list")), expected);
    for method in ["POST", "DELETE"] {
        let ask = |id: &str| circle.me.client().request(method, &of(id));
        let (hidden, missing) = (ask(circle.hidden.id()).send().await, ask(NOBODY).send().await);
        expect::refusal(&hidden, 404);
        expect::indistinguishable((&hidden, circle.hidden.id()), (&missing, NOBODY));
    }
    for _ in 0..2 {
        let left = circle.me.client().delete(&of(circle.colleague.id())).await;
        assert_eq!(expect::data(&left)["usersIds"], json!([circle.public.id()]));
    }
    circle.public_company.change(&owner().await, &json!({"visibility": "closed"})).await;
    assert_eq!(read().await["users"], json!([]), "who can no longer be seen is not shown");
}

#[tokio::test]
async fn groups_and_favourites_of_others_are_nobodys_b1() {
    let circle = Circle::new("foreign").await;
    let group = circle.group(&json!({"name": "Mine"})).await;
    let favorite = circle.favorite(&circle.other, "").await;
    let (group, favorite) = (text(&group["id"]), text(&favorite["id"]));
    for (noun, id, methods) in
        [("groups", group, ["GET", "PUT", "DELETE"]), ("favorites", favorite, ["GET", "PUT", "DELETE"])]
    {
        for method in methods {
            let ask = |path: String| {
                let request = circle.colleague.client().request(method, &path);
                if method == "PUT" { request.json(&json!({"name": "Stolen"})) } else { request }
            };
            let foreign = ask(circle.colleague.own(&format!("{noun}/{id}"))).send().await;
            let missing = ask(circle.colleague.own(&format!("{noun}/{NOBODY}"))).send().await;
            expect::refusal(&foreign, 404);
            expect::indistinguishable((&foreign, id), (&missing, NOBODY));
            expect::refusal(&ask(circle.me.own(&format!("{noun}/{id}"))).send().await, 403);
        }
    }
    let member = circle.colleague.own(&format!("groups/{group}/users/{}", circle.other.id()));
    expect::refusal(&circle.colleague.client().request("POST", &member).send().await, 404);
    assert_eq!(
        expect::data(&circle.me.client().get(&circle.me.own(&format!("groups/{group}"))).await)["name"],
        json!("Mine")
    );
    assert_eq!(peers(&circle.favorites().await), [circle.other.id()]);
}

#[tokio::test]
async fn favourites_have_an_order_of_ones_own_b6() {
    let circle = Circle::new("favourites").await;
    let (one, two, three) = (&circle.colleague, &circle.other, &circle.public);
    let first = circle.favorite(one, "").await;
    assert_eq!((&first["type"], &first["position"]), (&json!("user"), &json!(0)));
    circle.favorite(two, "").await;
    circle.favorite(three, "?position=0").await;
    assert_eq!(peers(&circle.favorites().await), [three.id(), one.id(), two.id()]);
    assert_eq!(circle.favorite(one, "").await["id"], first["id"], "who is in the list keeps the entry");
    assert_eq!(peers(&circle.favorites().await), [three.id(), two.id(), one.id()]);

    let path = circle.me.own(&format!("favorites/{}", text(&first["id"])));
    // The SDK writes the parameter with a blank behind it.
    let moved = circle.me.client().put(&format!("{path}?position%20=1"), &json!({})).await;
    assert_eq!(expect::data(&moved)["position"], json!(1));
    assert_eq!(peers(&circle.favorites().await), [three.id(), one.id(), two.id()]);
    assert_eq!(expect::data(&circle.me.client().get(&path).await)["position"], json!(1));
    expect::refusal(&circle.me.client().put(&format!("{path}?position=-1"), &json!({})).await, 400);

    let only = circle.me.client().get(&format!("{}?peerId={}", circle.me.own("favorites"), two.id())).await;
    assert_eq!(peers(&expect::list(&only)), [two.id()]);
    let check = |id: &str| circle.me.own(&format!("favorites/peers/{id}/check"));
    for (id, expected) in [(one.id(), true), (circle.hidden.id(), false), (NOBODY, false)] {
        let answer = circle.me.client().get(&check(id)).await;
        assert_eq!(expect::data(&answer), json!({ "isFavorite": expected }));
    }
    expect::success(&circle.me.client().delete(&path).await);
    expect::refusal(&circle.me.client().delete(&path).await, 404);
    let left = circle.favorites().await;
    assert_eq!(peers(&left), [three.id(), two.id()]);
    assert_eq!(left.iter().map(|one| one["position"].clone()).collect::<Vec<_>>(), [json!(0), json!(1)]);
}

#[tokio::test]
async fn only_people_whom_one_may_know_of_become_favourites_b3() {
    let circle = Circle::new("unknowable").await;
    let path = circle.me.own("favorites");
    let ask = |id: &str, kind: &str| {
        let body = json!({"peerId": id, "type": kind});
        circle.me.client().request("POST", &path).json(&body)
    };
    let (hidden, missing) = (ask(circle.hidden.id(), "user").send().await, ask(NOBODY, "user").send().await);
    expect::refusal(&hidden, 404);
    expect::indistinguishable((&hidden, circle.hidden.id()), (&missing, NOBODY));
    expect::refusal(&ask(circle.other.id(), "room").send().await, 404);
    for kind in ["bot", "directory"] {
        let refused = expect::refusal(&ask(circle.other.id(), kind).send().await, 400);
        assert!(text(&refused["errorDetails"]).starts_with("type:"), "{refused}");
    }
    circle.favorite(&circle.public, "").await;
    circle.public_company.change(&owner().await, &json!({"visibility": "isolated"})).await;
    assert!(circle.favorites().await.is_empty(), "who can no longer be seen is not shown");
    let seen = circle.me.client().get(&format!("{USERS}/{}", circle.public.id())).await;
    expect::refusal(&seen, 404);
}

#[tokio::test]
async fn bubbles_are_favourites_beside_people_as_long_as_one_sees_them_c3_b6() {
    let cast = Cast::new("favourite-bubbles").await;
    let me = &cast.member;
    let (own, room) = (format!("{USERS}/{}/favorites", me.id()), cast.path.rsplit('/').next().expect("a path"));
    let like = async |who: &SignedIn, id: &str, kind: &str| {
        who.client.post(&format!("{USERS}/{}/favorites", who.id()), &json!({"peerId": id, "type": kind})).await
    };
    let (hidden, missing) = (like(&cast.stranger, room, "room").await, like(&cast.stranger, NOBODY, "room").await);
    expect::refusal(&hidden, 404);
    expect::indistinguishable((&hidden, room), (&missing, NOBODY));
    let mut device = Device::online(&world().edge, me, "node_lists").await;
    expect::data(&like(me, cast.organizer.id(), "user").await);
    let made = expect::data(&like(me, room, "room").await);
    assert_eq!((&made["peerId"], &made["type"], &made["position"]), (&json!(room), &json!("room"), &json!(1)));
    let told = device.expect("the favourite", |e| {
        e.find("favorite", ns::CONFIGURATION).is_some_and(|favorite| favorite.attr("peer_id") == Some(room))
    });
    let told = told.await;
    assert_eq!(told.find("favorite", ns::CONFIGURATION).and_then(|favorite| favorite.attr("type")), Some("room"));
    assert_eq!(expect::data(&like(me, room, "room").await)["id"], made["id"], "what is in the list keeps the entry");
    let path = format!("{own}/{}", text(&made["id"]));
    expect::data(&me.client.put(&format!("{path}?position=0"), &json!({})).await);
    let list = expect::list(&me.client.get(&own).await);
    assert_eq!(peers(&list), [room, cast.organizer.id()]);
    assert_eq!(list.iter().map(|one| one["position"].clone()).collect::<Vec<_>>(), [json!(0), json!(1)]);
    let check = expect::data(&me.client.get(&format!("{own}/peers/{room}/check")).await);
    assert_eq!(check, json!({"isFavorite": true}));
    let conversations = format!("{USERS}/{}/conversations?format=full", me.id());
    let listed = expect::list(&me.client.get(&conversations).await);
    let conversation = listed.iter().find(|one| one["peerId"] == room).expect("the bubble's conversation");
    assert_eq!(conversation["isFavorite"], json!(true));
    expect::refusal(&cast.stranger.client.get(&path).await, 404);
    let another = expect::data(&me.client.post(ROOMS, &json!({"name": "Own"})).await);
    let another = expect::data(&like(me, text(&another["id"]), "room").await);
    expect::success(&cast.organizer.client.delete(&cast.path).await);
    assert_eq!(peers(&expect::list(&me.client.get(&own).await)), [cast.organizer.id(), text(&another["peerId"])]);
    expect::success(&me.client.delete(&format!("{own}/{}", text(&another["id"]))).await);
    assert_eq!(peers(&expect::list(&me.client.get(&own).await)), [cast.organizer.id()]);
}
