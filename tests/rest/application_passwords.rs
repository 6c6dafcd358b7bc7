//! Application passwords through `/api/edge/v1` (A2, A11); what they open is in `tests/xmpp`.

use crate::{ADMIN_USERS, NOBODY, OwnCompany, world};
use serde_json::{Value, json};
use world::{Answer, Person, SignedIn, expect, person};

const APPLICATION_PASSWORDS: &str = "/api/edge/v1/application-passwords";

async fn signed_in(name: &str) -> (Person, SignedIn) {
    let person = world().member(name);
    let signed_in = person.sign_in(&world().edge).await;
    (person, signed_in)
}

async fn make(who: &SignedIn, name: &str, current: &str) -> Answer {
    who.client.post(APPLICATION_PASSWORDS, &json!({ "name": name, "currentPassword": current })).await
}

async fn listed(who: &SignedIn) -> Vec<Value> {
    expect::list(&who.client.get(APPLICATION_PASSWORDS).await)
}

#[track_caller]
fn names_field(answer: &Answer, field: &str) {
    let refusal = expect::refusal(answer, 400);
    assert!(refusal["errorDetails"].as_str().is_some_and(|text| text.starts_with(field)), "{refusal}");
}

#[tokio::test]
async fn an_application_password_is_told_once_listed_without_it_and_removed_a2_a11() {
    let (vera, signed_in) = signed_in("vera").await;
    let made = expect::data(&make(&signed_in, "  Phone ", &vera.password).await);
    let (id, password) = (made["id"].as_str().expect("an id"), made["password"].as_str().expect("a password"));
    expect::not_number_like(id);
    assert_eq!((&made["name"], &made["jid"]), (&json!("Phone"), &json!(signed_in.jid())));
    let groups: Vec<&str> = password.split('-').collect();
    assert!(groups.len() == 6 && groups.iter().all(|group| group.len() == 4), "24 characters in groups: {password}");
    let other = expect::data(&make(&signed_in, "Bot", &vera.password).await);
    assert_ne!(other["password"], made["password"]);

    let answer = signed_in.client.get(APPLICATION_PASSWORDS).await;
    for secret in [password, other["password"].as_str().expect("a password")] {
        assert!(!answer.text().contains(secret), "told again: {}", answer.text());
    }
    let all = expect::list(&answer);
    assert_eq!(all.iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["Phone", "Bot"]);
    assert!(all[0]["creationDate"].as_str().is_some_and(|date| date.ends_with('Z')) && all[0]["lastUseDate"].is_null());
    let page = expect::success(&signed_in.client.get(&format!("{APPLICATION_PASSWORDS}?offset=1&limit=1")).await);
    assert_eq!((&page["data"][0]["name"], &page["total"]), (&json!("Bot"), &json!(2)));

    let path = format!("{APPLICATION_PASSWORDS}/{id}");
    assert_eq!(expect::data(&signed_in.client.delete(&path).await), json!({ "id": id }));
    expect::refusal(&signed_in.client.delete(&path).await, 404);
    assert_eq!(listed(&signed_in).await.len(), 1);
}

#[tokio::test]
async fn it_takes_the_present_password_and_guessing_that_is_locked_out_a5_a11() {
    let (viola, signed_in) = signed_in("viola").await;
    names_field(&signed_in.client.post(APPLICATION_PASSWORDS, &json!({ "name": "Phone" })).await, "currentPassword");
    for number in 0..5 {
        names_field(&make(&signed_in, "Phone", &format!("Guess-{number}")).await, "currentPassword");
    }
    let locked = make(&signed_in, "Phone", &viola.password).await;
    expect::refusal(&locked, 429);
    assert!(locked.header("retry-after").is_some());
    expect::refusal(&viola.try_sign_in(&world().edge).await, 429);
    assert!(listed(&signed_in).await.is_empty());
}

#[tokio::test]
async fn names_are_checked_one_of_a_kind_and_no_more_than_25_a11() {
    let (vito, signed_in) = signed_in("vito").await;
    let missing = signed_in.client.post(APPLICATION_PASSWORDS, &json!({ "currentPassword": vito.password })).await;
    names_field(&missing, "name");
    for name in ["", "   ", "a\u{7}b", &"x".repeat(65)] {
        names_field(&make(&signed_in, name, &vito.password).await, "name");
    }
    for number in 0..25 {
        expect::data(&make(&signed_in, &format!("Number {number}"), &vito.password).await);
        if number == 0 {
            expect::refusal(&make(&signed_in, " Number 0 ", &vito.password).await, 409);
        }
    }
    names_field(&make(&signed_in, "One more", &vito.password).await, "name");
    let first = listed(&signed_in).await[0]["id"].as_str().expect("an id").to_owned();
    expect::data(&signed_in.client.delete(&format!("{APPLICATION_PASSWORDS}/{first}")).await);
    expect::data(&make(&signed_in, &"x".repeat(64), &vito.password).await);
}

#[tokio::test]
async fn another_persons_is_not_found_like_one_that_does_not_exist_b1_a11() {
    let company = OwnCompany::new("application-passwords");
    let (owner, boss) = (company.person("owner", &[]), company.person("boss", &["--admin"]));
    let of_owner = owner.sign_in(&world().edge).await;
    let id = of_owner.application_password("Phone", &owner.password).await["id"].as_str().expect("an id").to_owned();
    for other in [&boss, &world().eve, &world().admin] {
        let other = other.sign_in(&world().edge).await;
        let foreign = other.client.delete(&format!("{APPLICATION_PASSWORDS}/{id}")).await;
        let none = other.client.delete(&format!("{APPLICATION_PASSWORDS}/{NOBODY}")).await;
        expect::refusal(&foreign, 404);
        expect::indistinguishable((&foreign, &id), (&none, NOBODY));
        assert!(listed(&other).await.iter().all(|one| one["id"] != json!(id)));
    }
    assert_eq!(listed(&of_owner).await.len(), 1);
}

#[tokio::test]
async fn a_new_password_of_the_account_ends_them_whoever_sets_it_a5_a11() {
    let edge = &world().edge;
    let (vadim, signed_in) = signed_in("vadim").await;
    expect::data(&make(&signed_in, "Phone", &vadim.password).await);
    let new = "Brand-New-Passw0rd";
    let body = json!({ "currentPassword": vadim.password, "newPassword": new });
    expect::data(&signed_in.client.put("/api/edge/v1/password", &body).await);
    assert!(listed(&signed_in).await.is_empty());

    expect::data(&make(&signed_in, "Phone", new).await);
    let manager = world().manager.sign_in(edge).await;
    let of_member = format!("{ADMIN_USERS}/{}", signed_in.id());
    expect::data(&manager.client.put(&of_member, &json!({ "firstName": "Wadim" })).await);
    assert_eq!(listed(&signed_in).await.len(), 1, "other changes leave them");
    expect::data(&manager.client.put(&of_member, &json!({ "password": vadim.password })).await);
    let again = person::sign_in_with(edge, &vadim.email, &vadim.password, None).await;
    let again = SignedIn::from_answer(edge, &expect::success(&again));
    assert!(listed(&again).await.is_empty());
}
