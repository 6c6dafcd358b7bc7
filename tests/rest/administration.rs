//! Users by `admin/v1.0` (section 14; A1, A8, R1).

use crate::{ADMIN_USERS, NOBODY, USERS, world};
use serde_json::{Value, json};
use world::{Person, SignedIn, expect};

/// An administrator of Acme who does not own the box: the owner's rights reach every company.
async fn admin() -> SignedIn {
    let world = world();
    world.manager.sign_in(&world.edge).await
}

fn new_user(admin: &SignedIn, person: &Person) -> Value {
    json!({
        "companyId": admin.company_id(), "loginEmail": person.email, "password": person.password,
        "firstName": person.first_name, "lastName": person.last_name, "country": "FRA", "language": "en",
        "accountType": "free", "roles": ["user"], "isActive": true, "isInitialized": true,
    })
}

async fn create(admin: &SignedIn, name: &str) -> (Person, String) {
    let person = Person::named(world::ACME, &format!("{name}@acme.test"));
    let path = format!("{ADMIN_USERS}?sendInvitationEmail=false&doNotAssignPaidLicense=true");
    let user = expect::data(&admin.client.post(&path, &new_user(admin, &person)).await);
    expect::user(&user);
    let id = user["id"].as_str().expect("id").to_owned();
    (person, id)
}

#[tokio::test]
async fn created_user_can_sign_in_at_once_and_is_in_everyones_network_a8() {
    let world = world();
    let admin = admin().await;
    let (greta, id) = create(&admin, "greta").await;
    let signed_in = greta.sign_in(&world.edge).await;
    assert_eq!(signed_in.id(), id);
    assert_eq!(signed_in.company_id(), admin.company_id());
    let alice = world.alice.sign_in(&world.edge).await;
    let network = expect::list(&alice.client.get(&format!("{USERS}/networks?format=full")).await);
    assert!(network.iter().any(|user| user["id"] == json!(id)));
}

#[tokio::test]
async fn list_shows_the_own_company_only_and_pages_end_b1() {
    let world = world();
    let admin = admin().await;
    let eve = world.eve.sign_in(&world.edge).await;
    let mut seen = Vec::new();
    loop {
        let path = format!("{ADMIN_USERS}?format=full&limit=2&offset={}&sortField=loginEmail&sortOrder=1", seen.len());
        let answer = admin.client.get(&path).await;
        let page = expect::list(&answer);
        assert!(page.len() <= 2, "the limit is kept");
        seen.extend(page.iter().map(|user| user["id"].as_str().expect("id").to_owned()));
        if page.is_empty() || Some(seen.len() as u64) == answer.json()["total"].as_u64() {
            break;
        }
        assert!(seen.len() < 500, "paging does not end");
    }
    assert!(seen.contains(&admin.id().to_owned()));
    assert!(!seen.contains(&eve.id().to_owned()));
    let of_globex = world.globex_admin.sign_in(&world.edge).await;
    let others = of_globex.client.get(&format!("{ADMIN_USERS}?format=full&limit=100&offset=0")).await;
    expect::list(&others);
    assert!(!others.text().contains("acme.test"), "{}", others.text());
}

#[tokio::test]
async fn administrator_changes_and_reads_a_member() {
    let world = world();
    let admin = admin().await;
    let (_, id) = create(&admin, "gerd").await;
    let path = format!("{ADMIN_USERS}/{id}");
    expect::success(&admin.client.put(&path, &json!({"firstName": "Gerhard"})).await);
    assert_eq!(expect::data(&admin.client.get(&path).await)["firstName"], json!("Gerhard"));
    let alice = world.alice.sign_in(&world.edge).await;
    assert_eq!(expect::data(&alice.client.get(&format!("{USERS}/{id}")).await)["firstName"], json!("Gerhard"));
}

#[tokio::test]
async fn plain_user_may_not_administer_a_colleague_he_sees_r1() {
    let world = world();
    let (alice, bob) = (world.alice.sign_in(&world.edge).await, world.bob.sign_in(&world.edge).await);
    let path = format!("{ADMIN_USERS}/{}", bob.id());
    let body = new_user(&alice, &Person::named(world::ACME, "smuggled@acme.test"));
    for answer in [
        alice.client.get(ADMIN_USERS).await,
        alice.client.post(ADMIN_USERS, &body).await,
        alice.client.put(&path, &json!({"firstName": "Mallory"})).await,
        alice.client.delete(&path).await,
    ] {
        expect::refusal(&answer, 403);
    }
    let bob = world.bob.sign_in(&world.edge).await;
    assert_eq!(bob.user["firstName"], json!(world.bob.first_name));
    let smuggled = Person::named(world::ACME, "smuggled@acme.test");
    expect::refusal(&smuggled.try_sign_in(&world.edge).await, 401);
}

#[tokio::test]
async fn administrator_and_user_of_another_company_meet_nobody_r1() {
    let world = world();
    let alice = world.alice.sign_in(&world.edge).await;
    for other in [&world.globex_admin, &world.eve] {
        let other = other.sign_in(&world.edge).await;
        let of = |id: &str| format!("{ADMIN_USERS}/{id}");
        let body = json!({"firstName": "Mallory", "password": "Mallory-was-h3re!"});
        let pairs = [
            (other.client.get(&of(alice.id())).await, other.client.get(&of(NOBODY)).await),
            (other.client.put(&of(alice.id()), &body).await, other.client.put(&of(NOBODY), &body).await),
            (other.client.delete(&of(alice.id())).await, other.client.delete(&of(NOBODY)).await),
        ];
        for (foreign, nobody) in &pairs {
            expect::refusal(foreign, 404);
            expect::indistinguishable((foreign, alice.id()), (nobody, NOBODY));
        }
    }
    world.alice.sign_in(&world.edge).await;
}

#[tokio::test]
async fn administrator_cannot_create_in_another_company_r1() {
    let world = world();
    let (admin, eve) = (admin().await, world.eve.sign_in(&world.edge).await);
    let person = Person::named(world::GLOBEX, "planted@globex.test");
    let mut body = new_user(&admin, &person);
    body["companyId"] = json!(eve.company_id());
    let foreign = admin.client.post(ADMIN_USERS, &body).await;
    body["companyId"] = json!(NOBODY);
    let nobody = admin.client.post(ADMIN_USERS, &body).await;
    expect::refusal(&foreign, 404);
    expect::indistinguishable((&foreign, eve.company_id()), (&nobody, NOBODY));
    expect::refusal(&person.try_sign_in(&world.edge).await, 401);
}

#[tokio::test]
async fn disabled_user_is_refused_and_his_token_dies_a5() {
    let world = world();
    let admin = admin().await;
    let (gustav, id) = create(&admin, "gustav").await;
    let before = gustav.sign_in(&world.edge).await;
    expect::success(&admin.client.put(&format!("{ADMIN_USERS}/{id}"), &json!({"isActive": false})).await);
    expect::refusal(&before.client.get(&format!("{USERS}/me")).await, 401);
    let refused = gustav.try_sign_in(&world.edge).await;
    assert!(matches!(refused.status, 401 | 403), "{}", refused.text());
    expect::refusal(&refused, refused.status);

    expect::success(&admin.client.put(&format!("{ADMIN_USERS}/{id}"), &json!({"isActive": true})).await);
    gustav.sign_in(&world.edge).await;
    expect::refusal(&before.client.get(&format!("{USERS}/me")).await, 401);
}

#[tokio::test]
async fn new_password_replaces_the_old_one_a1() {
    let world = world();
    let admin = admin().await;
    let (mut gitta, id) = create(&admin, "gitta").await;
    let path = format!("{ADMIN_USERS}/{id}");
    for weak in ["Sh0rt!", "no-upper-c4se", "NO-LOWER-C4SE", "No-Digits-Here", "NoSpecial1s", &"Long-1".repeat(11)] {
        expect::refusal(&admin.client.put(&path, &json!({"password": weak})).await, 400);
    }
    gitta.sign_in(&world.edge).await;
    let body = json!({"password": "Brand-new-passw0rd"});
    let answer = admin.client.put(&path, &body).await;
    expect::success(&answer);
    assert!(!answer.text().contains("Brand-new"), "a password is never answered");
    expect::refusal(&gitta.try_sign_in(&world.edge).await, 401);
    gitta.password = "Brand-new-passw0rd".to_owned();
    gitta.sign_in(&world.edge).await;
}

#[tokio::test]
async fn weak_password_and_taken_address_create_nobody_a1_a9() {
    let world = world();
    let admin = admin().await;
    let mut weak = Person::named(world::ACME, "weak@acme.test");
    weak.password = "weak".to_owned();
    let refused = expect::refusal(&admin.client.post(ADMIN_USERS, &new_user(&admin, &weak)).await, 400);
    assert!(refused["errorDetails"].as_str().is_some_and(|text| text.to_lowercase().contains("password")), "{refused}");

    let twin = Person::named(world::ACME, "Alice@ACME.test");
    let answer = admin.client.post(ADMIN_USERS, &new_user(&admin, &twin)).await;
    expect::refusal(&answer, 409);
    for address in ["", "no-at-sign", "a@b@c", "spa ce@acme.test", "x@acme.test\r\nBcc: y@z"] {
        let mut person = Person::named(world::ACME, "placeholder@acme.test");
        person.email = address.to_owned();
        expect::refusal(&admin.client.post(ADMIN_USERS, &new_user(&admin, &person)).await, 400);
    }
    world.alice.sign_in(&world.edge).await;
}

#[tokio::test]
async fn deleted_user_is_out_at_once_d4() {
    let world = world();
    let admin = admin().await;
    let (gabi, id) = create(&admin, "gabi").await;
    let before = gabi.sign_in(&world.edge).await;
    expect::success(&admin.client.delete(&format!("{ADMIN_USERS}/{id}")).await);
    expect::refusal(&before.client.get(&format!("{USERS}/me")).await, 401);
    let refused = gabi.try_sign_in(&world.edge).await;
    assert!(matches!(refused.status, 401 | 403), "{}", refused.text());
}
