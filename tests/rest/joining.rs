//! Join links from outside (A1, A3, A10): the administrator hands one over, the member chooses a password by it.

use crate::tenant::{Tenant, owner, text};
use crate::{ADMIN_USERS, NOBODY, OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::{Answer, Client, Person, Seeded, SignedIn, World, expect};

fn invitation(id: &str) -> String {
    format!("/api/edge/v1/users/{id}/invitation")
}

fn join_path(token: &str) -> String {
    format!("/api/edge/v1/join/{token}")
}

/// Adds somebody who has no password yet; the account as the administrator sees it.
async fn add(by: &SignedIn, company: &str, email: &str) -> Value {
    let body = json!({"companyId": company, "loginEmail": email, "firstName": "Ada", "lastName": "Byron"});
    expect::data(&by.client.post(ADMIN_USERS, &body).await)
}

async fn invite(by: &SignedIn, id: &str) -> String {
    text(&expect::data(&by.client.post(&invitation(id), &json!({})).await)["token"]).to_owned()
}

async fn join(token: &str, body: &Value) -> Answer {
    Client::new(&world().edge).post(&join_path(token), body).await
}

/// Both doors of a link are closed in the same words as for a link that nobody ever made.
async fn is_dead(client: &Client, token: &str) {
    let never = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let body = json!({"password": "Chosen-by-nob0dy"});
    let pairs = [
        (client.get(&join_path(token)).await, client.get(&join_path(never)).await),
        (client.post(&join_path(token), &body).await, client.post(&join_path(never), &body).await),
    ];
    for (dead, unmade) in &pairs {
        expect::refusal(dead, 404);
        expect::indistinguishable((dead, token), (unmade, never));
    }
}

#[tokio::test]
async fn invited_member_chooses_a_password_once_and_signs_in_with_it_a1_a3() {
    let owner = owner().await;
    let tenant = Tenant::new(&owner, "joining", "public").await;
    let admin = tenant.member(&owner, "admin", json!({"roles": ["user", "admin"]})).await.signed_in;
    let email = format!("ada@{}", tenant.domain);
    let account = add(&admin, &tenant.id, &email).await;
    assert_eq!(account["hasJoined"], json!(false));
    let mut ada = Person::named(&tenant.name, &email);
    expect::refusal(&ada.try_sign_in(&world().edge).await, 401);
    let id = text(&account["id"]);
    let link = expect::data(&admin.client.post(&invitation(id), &json!({})).await);
    let token = text(&link["token"]);
    assert!(token.len() >= 22 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{token}");
    let address = text(&link["address"]);
    assert!(address.starts_with("https://") && address.ends_with(&format!("/#/join/{token}")), "{address}");
    assert!(text(&link["expirationDate"]).ends_with('Z'), "{link}");
    let nobody = Client::new(&world().edge);
    let shown = expect::data(&nobody.get(&join_path(token)).await);
    let expected = json!({"email": email, "firstName": "Ada", "lastName": "Byron", "companyName": tenant.name});
    assert_eq!(shown, expected);
    let told = join(token, &json!({"password": ada.password, "firstName": "Augusta"})).await;
    assert_eq!(expect::data(&told), json!({ "email": email }));
    ada.first_name = String::from("Augusta");
    let signed_in = ada.sign_in(&world().edge).await;
    assert_eq!((&signed_in.user["firstName"], &signed_in.user["hasJoined"]), (&json!("Augusta"), &json!(true)));
    let seen = expect::data(&admin.client.get(&format!("{ADMIN_USERS}/{id}")).await);
    assert_eq!(seen["hasJoined"], json!(true));
    let colleague = expect::data(&admin.client.get(&format!("{USERS}/{id}")).await);
    assert!(colleague.get("hasJoined").is_none(), "for himself and who administers him: {colleague}");
    is_dead(&nobody, token).await;
    ada.sign_in(&world().edge).await;
}

#[tokio::test]
async fn passwords_and_names_that_break_a_rule_leave_the_link_as_it_was_a1() {
    let owner = owner().await;
    let tenant = Tenant::new(&owner, "choosing", "public").await;
    let email = format!("ada@{}", tenant.domain);
    let account = add(&owner, &tenant.id, &email).await;
    let token = invite(&owner, text(&account["id"])).await;
    let good = "Chosen-by-hers3lf";
    for (body, field) in [
        (json!({}), "password"),
        (json!({"password": 7}), "password"),
        (json!({"password": "short-1A"[..7]}), "password"),
        (json!({"password": "no-digit-In-it"}), "password"),
        (json!({"password": "no-upper-in-1t"}), "password"),
        (json!({"password": format!("{}{good}", "x".repeat(64))}), "password"),
        (json!({"password": good, "firstName": "x".repeat(300)}), "firstName"),
        (json!({"password": good, "lastName": "line\nbreak"}), "lastName"),
        (json!({"password": good, "lastName": ["x"]}), "lastName"),
    ] {
        let refusal = expect::refusal(&join(&token, &body).await, 400);
        assert!(text(&refusal["errorDetails"]).starts_with(field), "{body}: {refusal}");
        assert!(!refusal.to_string().contains(good), "{refusal}");
    }
    expect::success(&join(&token, &json!({"password": good})).await);
}

#[tokio::test]
async fn a_new_link_voids_the_older_one_and_a_used_one_ends_all_sessions_a1_a10() {
    let owner = owner().await;
    let tenant = Tenant::new(&owner, "losing", "public").await;
    let mut ada = tenant.plain(&owner, "ada").await.person;
    let (one, other) = (ada.sign_in(&world().edge).await, ada.sign_in(&world().edge).await);
    let (older, newer) = (invite(&owner, one.id()).await, invite(&owner, one.id()).await);
    let nobody = Client::new(&world().edge);
    is_dead(&nobody, &older).await;
    expect::data(&one.client.get(&format!("{USERS}/me")).await);
    let lost = ada.clone();
    ada.password = String::from("Found-a-better-0ne");
    expect::success(&join(&newer, &json!({"password": ada.password})).await);
    for session in [&one, &other] {
        expect::refusal(&session.client.get(&format!("{USERS}/me")).await, 401);
    }
    expect::refusal(&lost.try_sign_in(&world().edge).await, 401);
    ada.sign_in(&world().edge).await;
}

#[tokio::test]
async fn only_who_may_change_the_password_of_a_member_makes_a_link_r1() {
    let owner = owner().await;
    let hidden = Tenant::new(&owner, "inviting", "private").await;
    let admin = hidden.member(&owner, "admin", json!({"roles": ["user", "admin"]})).await.signed_in;
    let victim = hidden.plain(&owner, "victim").await;
    let raised = hidden.member(&owner, "raised", json!({"roles": ["user", "bp_finance"]})).await;
    let colleague = hidden.plain(&owner, "colleague").await;
    let refused = async |by: &SignedIn, id: &str, status: u16| {
        expect::refusal(&by.client.post(&invitation(id), &json!({})).await, status);
    };
    refused(&colleague.signed_in, victim.id(), 403).await;
    refused(&victim.signed_in, victim.id(), 403).await;
    refused(&admin, raised.id(), 403).await;
    refused(&admin, NOBODY, 404).await;
    let elsewhere = Tenant::new(&owner, "inviting-elsewhere", "private").await;
    let elsewhere = elsewhere.member(&owner, "admin", json!({"roles": ["user", "admin"]})).await.signed_in;
    let foreign = elsewhere.client.post(&invitation(victim.id()), &json!({})).await;
    let nobodys = elsewhere.client.post(&invitation(NOBODY), &json!({})).await;
    expect::refusal(&foreign, 404);
    expect::indistinguishable((&foreign, victim.id()), (&nobodys, NOBODY));
    expect::refusal(&Client::new(&world().edge).post(&invitation(victim.id()), &json!({})).await, 401);
    invite(&admin, victim.id()).await;
    invite(&owner, raised.id()).await;
}

#[tokio::test]
async fn closed_account_and_removed_member_leave_a_dead_link_a10() {
    let owner = owner().await;
    let tenant = Tenant::new(&owner, "leaving", "public").await;
    let nobody = Client::new(&world().edge);
    let account = add(&owner, &tenant.id, &format!("ada@{}", tenant.domain)).await;
    let path = format!("{ADMIN_USERS}/{}", text(&account["id"]));
    let token = invite(&owner, text(&account["id"])).await;
    expect::success(&owner.client.put(&path, &json!({"isActive": false})).await);
    is_dead(&nobody, &token).await;
    let refusal = expect::refusal(&owner.client.post(&invitation(text(&account["id"])), &json!({})).await, 400);
    assert!(text(&refusal["errorDetails"]).starts_with("isActive"), "{refusal}");
    expect::success(&owner.client.put(&path, &json!({"isActive": true})).await);
    is_dead(&nobody, &token).await;
    let token = invite(&owner, text(&account["id"])).await;
    expect::success(&owner.client.delete(&path).await);
    is_dead(&nobody, &token).await;
}

#[tokio::test]
async fn rubbish_in_place_of_a_token_is_a_link_that_nobody_made_a5() {
    let mut chance = Seeded::from_environment();
    let nobody = Client::new(&world().edge);
    let mut tokens = vec![String::from("x"), "y".repeat(5000), String::from("%00"), String::from("..%2f..%2fping")];
    for _ in 0..30 {
        let length = chance.between(1, 60);
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let letter = |_| char::from(alphabet[usize::try_from(chance.between(0, 64)).expect("small")]);
        tokens.push((0..length).map(letter).collect());
    }
    for token in tokens {
        expect::refusal(&nobody.get(&join_path(&token)).await, 404);
        expect::refusal(&nobody.post(&join_path(&token), &json!({"password": "Chosen-by-nob0dy"})).await, 404);
    }
}

#[tokio::test]
async fn links_outlive_a_restart_and_no_token_or_password_is_on_the_disk_or_in_the_log_a2_d1() {
    let world = World::new();
    let (edge, admin) = (&world.edge, world.admin.sign_in(&world.edge).await);
    let good = add(&admin, admin.company_id(), "good@acme.test").await;
    let used = add(&admin, admin.company_id(), "used@acme.test").await;
    let (good_token, used_token) = (invite(&admin, text(&good["id"])).await, invite(&admin, text(&used["id"])).await);
    let nobody = Client::new(edge);
    let chosen = |who: &str| json!({"password": format!("Chosen-by-{who}-1")});
    expect::success(&nobody.post(&join_path(&used_token), &chosen("used")).await);
    edge.kill_9();
    edge.start();
    is_dead(&nobody, &used_token).await;
    expect::data(&nobody.get(&join_path(&good_token)).await);
    expect::success(&nobody.post(&join_path(&good_token), &chosen("good")).await);
    edge.restart();
    is_dead(&nobody, &good_token).await;
    for who in ["good", "used"] {
        let mut person = Person::named(world::ACME, &format!("{who}@acme.test"));
        person.password = format!("Chosen-by-{who}-1");
        person.sign_in(edge).await;
    }
    edge.terminate();
    let log = edge.log();
    for secret in [good_token.as_str(), &used_token, "Chosen-by-good-1", "Chosen-by-used-1"] {
        assert!(!log.contains(secret), "a secret is in the log");
        for file in world::fault::files(&edge.data()) {
            let bytes = std::fs::read(&file).expect("a file of the data folder can be read");
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is in {}", file.display());
        }
    }
}

/// Guessing at the password of an account that nobody has joined costs what it costs elsewhere.
#[tokio::test]
async fn account_without_a_password_is_told_like_a_wrong_one_and_locked_like_it_a5() {
    let company = OwnCompany::new("unjoined");
    let (bob, owner) = (company.person("bob", &[]), owner().await);
    let id = bob.sign_in(&world().edge).await.company_id().to_owned();
    let email = format!("ada@{}", company.domain);
    add(&owner, &id, &email).await;
    let guess = async |email: &str, number: u32| {
        let client = Client::new(&world().edge).from_source(61);
        world::person::sign_in_through(&client, email, &format!("Guess-Number-{number}"), None).await
    };
    for number in 0..6 {
        let (unjoined, joined) = (guess(&email, number).await, guess(&bob.email, number).await);
        let expected = if number < 5 { 401 } else { 429 };
        expect::refusal(&unjoined, expected);
        expect::refusal(&joined, expected);
        if number < 5 {
            expect::indistinguishable((&unjoined, &email), (&joined, &bob.email));
        }
    }
}
