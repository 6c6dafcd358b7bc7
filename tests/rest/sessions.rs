//! Sessions and the password through `/api/edge/v1` (A5).

use crate::{NOBODY, OwnCompany, SESSIONS, USERS, world};
use serde_json::{Value, json};
use world::{Answer, SignedIn, expect, person};

const PASSWORD: &str = "/api/edge/v1/password";
const NEW_PASSWORD: &str = "Brand-New-Passw0rd";

fn of_member(id: &str) -> String {
    format!("/api/edge/v1/users/{id}/sessions")
}

async fn sessions(of: &SignedIn) -> Vec<Value> {
    expect::list(&of.client.get(SESSIONS).await)
}

async fn current(of: &SignedIn) -> String {
    let all = sessions(of).await;
    let own = all.iter().find(|session| session["isCurrent"] == json!(true));
    own.and_then(|session| session["id"].as_str()).expect("one is the present one").to_owned()
}

async fn lives(who: &SignedIn) -> bool {
    let answer = who.client.get(&format!("{USERS}/me")).await;
    assert!(matches!(answer.status, 200 | 401), "{}", answer.text());
    answer.status == 200
}

fn new_password(current: &str) -> Value {
    json!({"currentPassword": current, "newPassword": NEW_PASSWORD})
}

#[tokio::test]
async fn ones_sessions_are_listed_and_one_is_ended_with_its_token_a5() {
    let rosa = world().member("rosa");
    let (phone, laptop) = (rosa.sign_in(&world().edge).await, rosa.sign_in(&world().edge).await);
    let all = sessions(&phone).await;
    assert_eq!(all.len(), 2);
    for session in &all {
        expect::not_number_like(session["id"].as_str().expect("id"));
        for key in ["creationDate", "lastUseDate"] {
            assert!(session[key].as_str().is_some_and(|date| date.ends_with('Z')), "{key}: {session}");
        }
        assert!(session["client"].is_string() && session["connectedDevices"] == json!(0), "{session}");
    }
    assert_eq!(all.iter().filter(|session| session["isCurrent"] == json!(true)).count(), 1);
    let id = current(&laptop).await;
    expect::data(&phone.client.delete(&format!("{SESSIONS}/{id}")).await);
    assert_eq!((lives(&phone).await, lives(&laptop).await), (true, false));
    expect::refusal(&phone.client.delete(&format!("{SESSIONS}/{id}")).await, 404);
    assert_eq!(sessions(&phone).await.len(), 1);
    let page = expect::success(&phone.client.get(&format!("{SESSIONS}?offset=1&limit=1")).await);
    assert_eq!((&page["data"], &page["total"]), (&json!([]), &json!(1)), "a page beyond the end");
}

#[tokio::test]
async fn all_other_sessions_are_ended_or_all_a5() {
    let rita = world().member("rita");
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(rita.sign_in(&world().edge).await);
    }
    let unclear = all[0].client.delete(&format!("{SESSIONS}?keepCurrent=yes")).await;
    assert!(expect::refusal(&unclear, 400)["errorDetails"].as_str().is_some_and(|text| text.contains("keepCurrent")));
    let ended = expect::data(&all[0].client.delete(&format!("{SESSIONS}?keepCurrent=true")).await);
    assert_eq!(ended, json!({"ended": 2}));
    assert_eq!((lives(&all[0]).await, lives(&all[1]).await, lives(&all[2]).await), (true, false, false));
    let ended = expect::data(&all[0].client.delete(SESSIONS).await);
    assert_eq!(ended, json!({"ended": 1}));
    assert!(!lives(&all[0]).await);
}

#[tokio::test]
async fn another_persons_session_is_not_found_like_one_that_does_not_exist_a5() {
    let company = OwnCompany::new("sessions");
    let (owner, colleague) = (company.signed_in("owner").await, company.signed_in("colleague").await);
    let id = current(&owner).await;
    let stranger = world().eve.sign_in(&world().edge).await;
    for other in [&colleague, &stranger] {
        let foreign = other.client.delete(&format!("{SESSIONS}/{id}")).await;
        let none = other.client.delete(&format!("{SESSIONS}/{NOBODY}")).await;
        expect::refusal(&foreign, 404);
        expect::indistinguishable((&foreign, &id), (&none, NOBODY));
    }
    expect::refusal(&colleague.client.get(&of_member(owner.id())).await, 403);
    expect::refusal(&stranger.client.get(&of_member(owner.id())).await, 404);
    assert!(lives(&owner).await);
}

#[tokio::test]
async fn an_administrator_sees_and_ends_the_sessions_of_members_only_r1() {
    let company = OwnCompany::new("revocation");
    let admin = company.person("admin", &["--admin"]).sign_in(&world().edge).await;
    let member = company.person("member", &[]);
    let (phone, laptop) = (member.sign_in(&world().edge).await, member.sign_in(&world().edge).await);
    let path = of_member(phone.id());
    let listed = expect::list(&admin.client.get(&path).await);
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|session| session["isCurrent"] == json!(false)), "none is the administrator's");
    let id = current(&phone).await;
    expect::refusal(&admin.client.delete(&format!("{path}/{}", current(&admin).await)).await, 404);
    expect::data(&admin.client.delete(&format!("{path}/{id}")).await);
    assert_eq!((lives(&phone).await, lives(&laptop).await), (false, true));
    assert_eq!(expect::data(&admin.client.delete(&path).await), json!({"ended": 1}));
    assert!(!lives(&laptop).await);
    expect::refusal(&admin.client.get(&of_member(NOBODY)).await, 404);
}

#[tokio::test]
async fn no_administrator_of_a_company_ends_the_box_owners_sessions_r1() {
    let owner = world().admin.sign_in(&world().edge).await;
    let manager = world().manager.sign_in(&world().edge).await;
    expect::list(&manager.client.get(&of_member(owner.id())).await);
    expect::refusal(&manager.client.delete(&of_member(owner.id())).await, 403);
    let one = format!("{}/{}", of_member(owner.id()), current(&owner).await);
    expect::refusal(&manager.client.delete(&one).await, 403);
    assert!(lives(&owner).await);
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one_and_ends_all_other_sessions_a5() {
    let edge = &world().edge;
    let rolf = world().member("rolf");
    let (phone, laptop) = (rolf.sign_in(edge).await, rolf.sign_in(edge).await);
    let put = async |body: Value| phone.client.put(PASSWORD, &body).await;
    let told = |answer: &Answer, field: &str| {
        let refusal = expect::refusal(answer, 400);
        assert!(refusal["errorDetails"].as_str().is_some_and(|text| text.starts_with(field)), "{refusal}");
    };
    told(&put(json!({"newPassword": NEW_PASSWORD})).await, "currentPassword");
    told(&put(json!({"currentPassword": rolf.password})).await, "newPassword");
    told(&put(json!({"currentPassword": rolf.password, "newPassword": "weak"})).await, "newPassword");
    told(&put(new_password("Wrong-Passw0rd")).await, "currentPassword");
    assert!(lives(&laptop).await, "nothing has changed so far");
    expect::data(&put(new_password(&rolf.password)).await);
    assert_eq!((lives(&phone).await, lives(&laptop).await), (true, false));
    expect::refusal(&rolf.try_sign_in(edge).await, 401);
    expect::success(&person::sign_in_with(edge, &rolf.email, NEW_PASSWORD, None).await);
}

#[tokio::test]
async fn guessing_the_present_password_with_a_stolen_token_is_locked_out_a5() {
    let ruth = world().member("ruth");
    let stolen = ruth.sign_in(&world().edge).await;
    for number in 0..5 {
        expect::refusal(&stolen.client.put(PASSWORD, &new_password(&format!("Guess-{number}"))).await, 400);
    }
    let locked = stolen.client.put(PASSWORD, &new_password(&ruth.password)).await;
    expect::refusal(&locked, 429);
    assert!(locked.header("retry-after").is_some());
    expect::refusal(&ruth.try_sign_in(&world().edge).await, 429);
}
