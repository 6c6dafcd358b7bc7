//! Users: self, by id, by JID, by lists; network; settings; profile (section 12; B1, B6).

use crate::{NOBODY, USERS, world};
use serde_json::{Value, json};
use world::{SignedIn, expect};

async fn alice() -> SignedIn {
    let world = world();
    world.alice.sign_in(&world.edge).await
}

fn ids(users: &[Value]) -> Vec<&str> {
    users.iter().filter_map(|user| user["id"].as_str()).collect()
}

#[tokio::test]
async fn me_and_my_id_are_the_same_user_without_the_xmpp_secret() {
    let alice = alice().await;
    let me = expect::data(&alice.client.get(&format!("{USERS}/me")).await);
    expect::user(&me);
    assert_eq!(me["id"], json!(alice.id()));
    assert_eq!(me["loginEmail"], json!(world().alice.email));
    let by_id = expect::data(&alice.client.get(&format!("{USERS}/{}?format=full", alice.id())).await);
    expect::user(&by_id);
    assert_eq!(by_id["jid_im"], me["jid_im"]);
}

#[tokio::test]
async fn a_colleague_is_found_by_id_by_jid_and_by_lists() {
    let world = world();
    let (alice, bob) = (alice().await, world.bob.sign_in(&world.edge).await);
    let by_id = expect::data(&alice.client.get(&format!("{USERS}/{}?format=full", bob.id())).await);
    expect::user(&by_id);
    assert_eq!(by_id["displayName"], json!(format!("{} {}", world.bob.first_name, world.bob.last_name)));
    let by_jid = expect::data(&alice.client.get(&format!("{USERS}/jids/{}", bob.jid())).await);
    assert_eq!(by_jid["id"], json!(bob.id()));
    for (list, body) in [
        ("loginEmails?sortOrder=1&limit=100&offset=0", json!({"loginEmail": world.bob.email})),
        ("loginEmails?limit=100&offset=0", json!({"loginEmail": [world.bob.email]})),
        ("jids", json!({"jid_im": [bob.jid()]})),
        ("ids", json!({"id": [bob.id()]})),
    ] {
        let answer = alice.client.post(&format!("{USERS}/{list}"), &body).await;
        let found = expect::data(&answer);
        let found = found.as_array().unwrap_or_else(|| panic!("{list}: a list"));
        assert_eq!(ids(found), [bob.id()], "{list}");
        assert!(!answer.text().contains("jid_password"));
    }
}

#[tokio::test]
async fn nobody_and_an_outsider_are_equally_unknown_b3() {
    let world = world();
    let (alice, eve) = (alice().await, world.eve.sign_in(&world.edge).await);
    let of = |id: &str| format!("{USERS}/{id}?format=full");
    let outsider = alice.client.get(&of(eve.id())).await;
    let nobody = alice.client.get(&of(NOBODY)).await;
    expect::refusal(&outsider, 404);
    expect::indistinguishable((&outsider, eve.id()), (&nobody, NOBODY));
    let jid = format!("{NOBODY}@edge.test");
    let outsider = alice.client.get(&format!("{USERS}/jids/{}", eve.jid())).await;
    let nobody = alice.client.get(&format!("{USERS}/jids/{jid}")).await;
    expect::refusal(&outsider, 404);
    expect::indistinguishable((&outsider, eve.jid()), (&nobody, &jid));
}

#[tokio::test]
async fn lists_leave_out_whom_the_caller_may_not_see_b7() {
    let world = world();
    let (alice, eve) = (alice().await, world.eve.sign_in(&world.edge).await);
    for (list, body) in [
        ("loginEmails?limit=100&offset=0", json!({"loginEmail": world.eve.email})),
        ("jids", json!({"jid_im": [eve.jid()]})),
        ("ids", json!({"id": [eve.id(), NOBODY]})),
    ] {
        let answer = alice.client.post(&format!("{USERS}/{list}"), &body).await;
        assert_eq!(expect::data(&answer), json!([]), "{list}");
    }
}

#[tokio::test]
async fn network_is_the_company_and_nobody_else_b6() {
    let world = world();
    let (alice, eve) = (alice().await, world.eve.sign_in(&world.edge).await);
    let bob = world.bob.sign_in(&world.edge).await;
    let network = expect::list(&alice.client.get(&format!("{USERS}/networks?format=full")).await);
    let members = ids(&network);
    assert!(members.contains(&bob.id()), "{members:?}");
    assert!(!members.contains(&eve.id()), "{members:?}");
    for user in &network {
        expect::user(user);
        assert_eq!(user["companyId"], json!(alice.company_id()));
    }
    let of_eve = expect::list(&eve.client.get(&format!("{USERS}/networks?format=full")).await);
    assert!(!ids(&of_eve).contains(&alice.id()));
}

#[tokio::test]
async fn settings_are_new_at_once_after_a_change() {
    let carol = world().signed_in("carol").await;
    let path = format!("{USERS}/{}/settings", carol.id());
    for presence in ["dnd", "away", "invisible", "online"] {
        expect::success(&carol.client.put(&path, &json!({"presence": presence})).await);
        assert_eq!(expect::data(&carol.client.get(&path).await)["presence"], json!(presence));
    }
    let refused = carol.client.put(&path, &json!({"presence": "asleep<b>"})).await;
    expect::refusal(&refused, 400);
    assert_eq!(expect::data(&carol.client.get(&path).await)["presence"], json!("online"));
}

#[tokio::test]
async fn settings_of_a_colleague_are_closed_b1() {
    let world = world();
    let (alice, bob) = (alice().await, world.bob.sign_in(&world.edge).await);
    let path = format!("{USERS}/{}/settings", bob.id());
    for answer in [alice.client.get(&path).await, alice.client.put(&path, &json!({"presence": "dnd"})).await] {
        assert!(matches!(answer.status, 403 | 404), "{}: {}", answer.asked, answer.status);
        expect::refusal(&answer, answer.status);
    }
}

#[tokio::test]
async fn own_profile_can_be_changed_and_a_colleagues_cannot() {
    let world = world();
    let carl = world.signed_in("carl").await;
    let path = format!("{USERS}/{}", carl.id());
    let body = json!({"firstName": "Karl & <Söhne>", "lastName": "Ölberg \u{1F600}"});
    expect::success(&carl.client.put(&path, &body).await);
    let user = expect::data(&carl.client.get(&path).await);
    assert_eq!(user["firstName"], body["firstName"]);
    assert_eq!(user["displayName"], json!("Karl & <Söhne> Ölberg \u{1F600}"));

    let alice = alice().await;
    expect::refusal(&alice.client.put(&path, &json!({"firstName": "Mallory"})).await, 403);
    assert_eq!(expect::data(&carl.client.get(&path).await)["firstName"], body["firstName"]);
}

#[tokio::test]
async fn a_person_cannot_raise_his_own_rights_r1() {
    let cora = world().signed_in("cora").await;
    let path = format!("{USERS}/{}", cora.id());
    for body in [
        json!({"roles": ["user", "admin"]}),
        json!({"adminType": "company_admin"}),
        json!({"companyId": NOBODY}),
        json!({"visibility": "public", "isActive": false}),
    ] {
        let answer = cora.client.put(&path, &body).await;
        assert!(answer.status < 500, "{}", answer.text());
        let user = expect::data(&cora.client.get(&path).await);
        assert!(!user["roles"].to_string().contains("admin"), "{body}: {user}");
        assert_eq!(user["companyId"], json!(cora.company_id()), "{body}");
        expect::refusal(&cora.client.get(crate::ADMIN_USERS).await, 403);
    }
}
