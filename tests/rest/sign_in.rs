//! Log-in, renewal, logout, expiry (section 3; A1, A2, A5).

use crate::{AUTHENTICATION, SESSIONS, USERS, world};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use world::{Client, Person, SignedIn, World, expect, person};

/// The claims of a token, unverified, as the SDK reads them.
fn claims(token: &str) -> Value {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "a JWT has three parts");
    let bytes = URL_SAFE_NO_PAD.decode(parts[1]).expect("claims are base64url");
    serde_json::from_slice(&bytes).expect("claims are JSON")
}

#[tokio::test]
async fn log_in_answers_token_user_and_application_at_top_level_a2() {
    let world = world();
    let answer = world.alice.try_sign_in(&world.edge).await;
    let body = expect::success(&answer);
    assert!(body["data"].is_null(), "the log-in answer is not wrapped in `data`");
    assert!(body["loggedInApplication"].is_object(), "{body}");
    let user = &body["loggedInUser"];
    for key in ["id", "companyId", "jid_im", "jid_password", "jid_tel", "loginEmail"] {
        assert!(user[key].as_str().is_some_and(|text| !text.is_empty()), "loggedInUser.{key}: {user}");
    }
    assert_eq!(user["loginEmail"], json!(world.alice.email));
    let local =
        user["jid_im"].as_str().and_then(|jid| jid.strip_suffix("@edge.test")).expect("jid_im is in the domain");
    assert!(local.chars().all(|c| c.is_ascii_hexdigit()), "{local}");
    assert_eq!(user["jid_tel"], json!(format!("tel_{local}@edge.test")));
    assert!(user["roles"].as_array().is_some_and(|roles| roles.contains(&json!("user"))), "{user}");
    expect::not_number_like(user["id"].as_str().unwrap_or_default());
    expect::not_number_like(user["companyId"].as_str().unwrap_or_default());
}

#[tokio::test]
async fn token_tells_its_life_in_numbers_and_only_an_administrator_has_the_role_a8() {
    let world = world();
    let alice = world.alice.sign_in(&world.edge).await;
    let claims = claims(&alice.token);
    let (iat, exp) = (claims["iat"].as_u64().expect("iat"), claims["exp"].as_u64().expect("exp"));
    assert_eq!(exp - iat, 3600, "the default life of a token");
    assert!(claims["oauth"].is_null() || claims["oauth"] == json!(false), "{claims}");
    assert_eq!(claims["user"]["id"], json!(alice.id()), "the SDK's start(token) reads user.id: {claims}");
    assert!(!alice.user["roles"].to_string().contains("admin"), "{}", alice.user);

    let admin = world.admin.sign_in(&world.edge).await;
    assert!(admin.user["roles"].to_string().contains("\"admin\""), "{}", admin.user);
    assert_eq!(admin.user["adminType"], json!("company_admin"));
}

#[tokio::test]
async fn wrong_password_and_unknown_address_are_told_alike_a4() {
    let world = world();
    let dora = world.member("dora");
    let wrong = person::sign_in_with(&world.edge, &dora.email, "Wrong-Passw0rd", None).await;
    let unknown = person::sign_in_with(&world.edge, "nobody@acme.test", "Wrong-Passw0rd", None).await;
    expect::refusal(&wrong, 401);
    expect::refusal(&unknown, 401);
    expect::indistinguishable((&wrong, &dora.email), (&unknown, "nobody@acme.test"));
    assert!(!wrong.text().contains("jwt"), "a wrong password is not an expired token: {}", wrong.text());
}

#[tokio::test]
async fn the_sdks_three_tries_of_one_wrong_password_lock_nobody_out_a5() {
    let world = world();
    let dirk = world.member("dirk");
    for _ in 0..3 {
        expect::refusal(&person::sign_in_with(&world.edge, &dirk.email, "Wrong-Passw0rd", None).await, 401);
    }
    dirk.sign_in(&world.edge).await;
}

#[tokio::test]
async fn address_is_known_whatever_its_case_a9() {
    let world = world();
    let answer = person::sign_in_with(&world.edge, "ALICE@Acme.Test", &world.alice.password, None).await;
    expect::success(&answer);
}

#[tokio::test]
async fn malformed_credentials_are_a_clear_refusal_a2() {
    let world = world();
    let login = format!("{AUTHENTICATION}/login");
    let long = "x".repeat(5_000);
    for value in
        ["Basic", "Basic !!!", "Basic Og==", "Basic bm9jb2xvbg==", "Basic /////w==", "Digest a=b", "Bearer", &long]
    {
        let answer = Client::new(&world.edge).request("GET", &login).header("authorization", value).send().await;
        assert!(matches!(answer.status, 400 | 401), "{value}: {} {}", answer.status, answer.text());
        expect::refusal(&answer, answer.status);
    }
    expect::refusal(&Client::new(&world.edge).get(&login).await, 401);
}

#[tokio::test]
async fn bearer_null_of_the_sdk_is_not_called_expired() {
    let world = world();
    let nobody = Client::new(&world.edge).with_token("null");
    let urls = nobody.get(&format!("{AUTHENTICATION}/urls?useBackchannelPolling=false&uid=alice@acme.test")).await;
    assert!(matches!(urls.status, 200 | 404), "{}", urls.text());
    let refused = expect::refusal(&nobody.get(&format!("{USERS}/me")).await, 401);
    assert_ne!(refused["errorDetails"], json!("jwt expired"));
}

#[tokio::test]
async fn renewal_gives_a_new_token_that_works() {
    let world = world();
    let alice = world.alice.sign_in(&world.edge).await;
    let renewed = expect::success(&alice.client.get(&format!("{AUTHENTICATION}/renew")).await);
    let token = renewed["token"].as_str().expect("token");
    assert_ne!(token, alice.token);
    expect::data(&alice.client.with_token(token).get(&format!("{USERS}/me")).await);
    let status = expect::success(&alice.client.with_token(token).get(&format!("{AUTHENTICATION}/validator")).await);
    assert_eq!(status["status"], json!("OK"));
}

#[tokio::test]
async fn logout_ends_this_session_with_all_its_tokens_and_no_other_a5() {
    let world = world();
    let ines = world.member("ines");
    let phone = ines.sign_in(&world.edge).await;
    let laptop = ines.sign_in(&world.edge).await;
    let renewed = expect::success(&phone.client.get(&format!("{AUTHENTICATION}/renew")).await);
    let renewed = phone.client.with_token(renewed["token"].as_str().expect("token"));
    expect::success(&phone.sign_out().await);
    for dead in [&phone.client, &renewed] {
        expect::refusal(&dead.get(&format!("{USERS}/me")).await, 401);
        expect::refusal(&dead.get(&format!("{AUTHENTICATION}/renew")).await, 401);
    }
    expect::data(&laptop.client.get(&format!("{USERS}/me")).await);
}

#[tokio::test]
async fn forged_and_mangled_tokens_are_refused_a2() {
    let world = world();
    let alice = world.alice.sign_in(&world.edge).await;
    let parts: Vec<&str> = alice.token.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
    let mut other_claims = claims(&alice.token);
    other_claims["exp"] = json!(4_102_444_800_u64);
    let other_claims = URL_SAFE_NO_PAD.encode(other_claims.to_string());
    let forged = [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{other_claims}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
        format!("{}.{}", parts[0], parts[1]),
        "..".to_owned(),
        "a".repeat(10_000),
    ];
    for token in forged {
        let answer = alice.client.with_token(&token).get(&format!("{USERS}/me")).await;
        let status = if token.len() > 9_000 { answer.status } else { 401 };
        assert!(matches!(status, 400 | 401 | 431), "{token}: {status}");
        expect::refusal(&answer, status);
    }
    let secret = alice.client.with_token(alice.secret()).get(&format!("{USERS}/me")).await;
    expect::refusal(&secret, 401);
}

#[tokio::test]
async fn expired_token_is_told_as_jwt_expired_and_the_session_can_begin_anew_a5() {
    const LIFE_S: u64 = 10;
    let world = World::configured(&format!("[sign_in]\ntoken_life_s = {LIFE_S}\n"));
    let alice: SignedIn = world.alice.sign_in(&world.edge).await;
    let claims = claims(&alice.token);
    assert_eq!(claims["exp"].as_u64().zip(claims["iat"].as_u64()).map(|(exp, iat)| exp - iat), Some(LIFE_S));
    let start = Instant::now();
    let refused = loop {
        let answer = alice.client.get(&format!("{USERS}/me")).await;
        if answer.status != 200 {
            break expect::refusal(&answer, 401);
        }
        assert!(start.elapsed() < Duration::from_secs(LIFE_S + world::PATIENCE_S), "the token never expires");
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    assert_eq!(refused["errorDetails"], json!("jwt expired"));
    let again = world.alice.sign_in(&world.edge).await;
    expect::data(&again.client.get(&format!("{USERS}/me")).await);
}

#[tokio::test]
async fn unknown_application_and_wrong_proof_are_refused_a11() {
    let world = world();
    let Person { email, password, .. } = &world.bob;
    let answer = person::sign_in_with(&world.edge, email, password, Some(("d0000000000000000000000a", "guess"))).await;
    assert!(matches!(answer.status, 401 | 403), "{}", answer.text());
    expect::refusal(&answer, answer.status);
}

/// A challenge of the scheme Basic makes a browser ask in a window of its own, over the application.
#[tokio::test]
async fn no_refusal_makes_a_browser_ask_for_a_password_by_itself_a2() {
    let nobody = Client::new(&world().edge);
    for path in [&format!("{AUTHENTICATION}/login"), &format!("{USERS}/me"), SESSIONS] {
        for header in [None, Some("Basic bm9ib2R5QGFjbWUudGVzdDpXcm9uZw=="), Some("Bearer null")] {
            let request = nobody.request("GET", path).header("x-rainbow-client", "web_win");
            let request = if let Some(shown) = header { request.header("authorization", shown) } else { request };
            let answer = request.send().await;
            expect::refusal(&answer, 401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        }
    }
}
