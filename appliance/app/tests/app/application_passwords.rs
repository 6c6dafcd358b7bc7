//! Lives of application passwords, by a clock that is moved (A2, A5, A11).

use crate::support::{PASSWORD, Place};
use app::sign_in::{self, MadeApplicationPassword, NewApplicationPassword, ShownToken};
use app::{AppError, Caller, Source, Unauthenticated};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use world::scram::{Challenge, NONCE};
use zeroize::Zeroizing;

const DAY_MS: i64 = 86_400_000;

async fn make(place: &Place, caller: &Caller) -> MadeApplicationPassword {
    let new = NewApplicationPassword {
        name: String::from("Phone"),
        current: Zeroizing::new(PASSWORD.to_owned()),
        source: Source::default(),
    };
    sign_in::create_application_password(&place.app, caller, new).await.expect("an application password")
}

/// What a stream does with a proof of this password.
async fn prove(place: &Place, local: &str, password: &str) -> Result<Caller, AppError> {
    let salt = sign_in::application_salt(&place.app, local).await;
    let nonce = format!("{NONCE}-of-the-server-0123");
    let text = format!("r={nonce},s={},i={}", STANDARD.encode(&salt.salt), salt.iterations);
    let (last, signature) = Challenge::read(&text).answer(local, password);
    let (without_proof, proof) = last.rsplit_once(",p=").expect("a proof");
    let proof: [u8; 32] = STANDARD.decode(proof).expect("base64").try_into().expect("32 bytes");
    let message = format!("n={local},r={NONCE},{text},{without_proof}");
    let (caller, signed) = sign_in::authenticate_by_proof(&place.app, local, &message, &proof).await?;
    assert_eq!(format!("v={}", STANDARD.encode(signed)), signature);
    Ok(caller)
}

fn is_wrong(answer: Result<Caller, AppError>) -> bool {
    matches!(answer, Err(AppError::Unauthenticated(Unauthenticated::WrongCredentials)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_password_needs_no_session_and_uses_the_account_a5_a11() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    let made = make(&place, &place.caller(&alice).await).await;
    let local = alice.user.id.as_str();
    for _ in 0..3 {
        place.clock.advance(200 * DAY_MS);
        let caller = prove(&place, local, &made.password).await.expect("good until it is removed");
        sign_in::keep_alive(&place.app, &caller).await.expect("an open stream goes on");
    }
    let signed_in = place.caller(&place.sign_in("alice").await.expect("the account was used")).await;
    let listed = sign_in::list_application_passwords(&place.app, &signed_in).await.expect("a list");
    assert_eq!(listed[0].used_ms, Some(place.app.now_ms()));
    place.clock.advance(366 * DAY_MS);
    assert!(is_wrong(prove(&place, local, &made.password).await), "an account that nobody used for a year is blocked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_came_by_an_application_password_has_no_session_to_act_on_a11() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    let signed_in = place.caller(&alice).await;
    let made = make(&place, &signed_in).await;
    let caller = prove(&place, alice.user.id.as_str(), &made.password).await.expect("the password");
    assert!(matches!(sign_in::log_out(&place.app, &caller).await, Err(AppError::Forbidden)));
    assert!(matches!(sign_in::renew(&place.app, &caller).await, Err(AppError::Forbidden)));
    assert_eq!(sign_in::end_all_sessions(&place.app, &caller, false).await.expect("his own"), 1);
    sign_in::keep_alive(&place.app, &caller).await.expect("sessions and application passwords end apart");
    sign_in::remove_application_password(&place.app, &signed_in, &made.entry.id).await.expect("his own");
    assert!(matches!(sign_in::keep_alive(&place.app, &caller).await, Err(AppError::Unauthenticated(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_persons_password_opens_nobody_elses_stream_and_the_accounts_own_opens_none_a2() {
    let place = Place::new().await;
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    let made = make(&place, &place.caller(&alice).await).await;
    let of_bob = make(&place, &place.caller(&bob).await).await;
    assert_ne!(made.password.as_str(), of_bob.password.as_str());
    for (user, password) in [
        (&bob.user.id, made.password.as_str()),
        (&alice.user.id, PASSWORD),
        (&alice.user.id, alice.xmpp_secret.as_str()),
        (&alice.user.id, ""),
    ] {
        assert!(is_wrong(prove(&place, user.as_str(), password).await));
    }
    assert!(is_wrong(prove(&place, "nobody", made.password.as_str()).await));
}

/// What a client shows of this token.
fn shown(token: &str) -> ShownToken {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes()), b"Initiator");
    ShownToken {
        agent: String::from("laptop"),
        mechanism: "HT-SHA-256-NONE",
        channel: Vec::new(),
        hash: tag.as_ref().try_into().expect("32 bytes"),
        count: None,
        invalidate: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_place_of_a_password_is_due_after_a_week_and_ends_after_two_a2_a11() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    let signed_in = place.caller(&alice).await;
    let made = make(&place, &signed_in).await;
    let local = alice.user.id.as_str();
    let caller = prove(&place, local, &made.password).await.expect("the password");
    let no_password = sign_in::make_fast_token(&place.app, &signed_in, "laptop", "HT-SHA-256-NONE").await;
    assert!(matches!(no_password, Err(AppError::Forbidden)), "a session has a secret of its own");
    let token = sign_in::make_fast_token(&place.app, &caller, "laptop", "HT-SHA-256-NONE").await.expect("a token");
    let show = |token: &str| sign_in::authenticate_by_fast_token(&place.app, local, shown(token));
    for (days, is_due) in [(6, false), (2, true)] {
        place.clock.advance(days * DAY_MS);
        let (by_token, accepted) = show(&token.token).await.expect("good for two weeks");
        assert_eq!((by_token.signed_in_by, accepted.is_due), (caller.signed_in_by.clone(), is_due));
    }
    let next = sign_in::make_fast_token(&place.app, &caller, "laptop", "HT-SHA-256-NONE").await.expect("another");
    place.clock.advance(6 * DAY_MS);
    let expired = show(&token.token).await.map(|(caller, _)| caller);
    assert!(matches!(expired, Err(AppError::Unauthenticated(Unauthenticated::Expired))));
    assert!(is_wrong(show("guessed").await.map(|(caller, _)| caller)), "told only to who has it");
    show(&next.token).await.expect("the new one");
    assert!(is_wrong(show(&token.token).await.map(|(caller, _)| caller)), "the old one has gone with its use");
    sign_in::remove_application_password(&place.app, &signed_in, &made.entry.id).await.expect("his own");
    assert!(is_wrong(show(&next.token).await.map(|(caller, _)| caller)));
    let gone = sign_in::make_fast_token(&place.app, &caller, "laptop", "HT-SHA-256-NONE").await;
    assert!(matches!(gone, Err(AppError::Unauthenticated(_))));
}
