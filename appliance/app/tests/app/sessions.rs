//! Lives of tokens, sessions and signing keys, by a clock that is moved.

use crate::support::{self, Place};
use app::{AppError, Unauthenticated, sign_in};

const HOUR_MS: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_for_its_life_and_a_renewed_one_for_another_a5() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    place.clock.advance(HOUR_MS - 1000);
    let caller = place.caller(&alice).await;
    let renewed = sign_in::renew(&place.app, &caller).await.expect("a renewal");
    place.clock.advance(1000);
    let expired = sign_in::authenticate(&place.app, &alice.token).await;
    assert!(matches!(expired, Err(AppError::Unauthenticated(Unauthenticated::Expired))));
    sign_in::authenticate(&place.app, &renewed).await.expect("the renewed token lives on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_nobody_uses_ends_and_an_open_stream_uses_it_a5() {
    let place = Place::new().await;
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    let streaming = sign_in::authenticate_stream(&place.app, alice.user.id.as_str(), &alice.xmpp_secret);
    let streaming = streaming.await.expect("the XMPP secret opens a stream");
    for _ in 0..5 {
        place.clock.advance(8 * HOUR_MS);
        sign_in::keep_alive(&place.app, &streaming).await.expect("the stream keeps its session");
    }
    sign_in::authenticate_stream(&place.app, alice.user.id.as_str(), &alice.xmpp_secret).await.expect("still good");
    let gone = sign_in::authenticate_stream(&place.app, bob.user.id.as_str(), &bob.xmpp_secret).await;
    assert!(matches!(gone, Err(AppError::Unauthenticated(_))), "bob's session was idle for 40 hours");
    place.clock.advance(10 * 24 * HOUR_MS);
    let aged = sign_in::keep_alive(&place.app, &streaming).await;
    assert!(matches!(aged, Err(AppError::Unauthenticated(_))), "a session does not live for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_persons_secret_opens_nobody_elses_stream_a2() {
    let place = Place::new().await;
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    for (user, secret) in [
        (&bob.user.id, alice.xmpp_secret.as_str()),
        (&alice.user.id, support::PASSWORD),
        (&alice.user.id, alice.token.as_str()),
        (&alice.user.id, ""),
        (&alice.user.id, "."),
    ] {
        let refused = sign_in::authenticate_stream(&place.app, user.as_str(), secret).await;
        assert!(matches!(refused, Err(AppError::Unauthenticated(Unauthenticated::WrongCredentials))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_an_old_key_stay_good_until_they_expire_a5() {
    let place = Place::with(app::Settings { signing_key_life_s: 1800, ..support::settings() }).await;
    let old = place.person("alice").await;
    let key_of = |token: &str| token.split('.').next().unwrap_or_default().to_owned();
    place.clock.advance(HOUR_MS / 2);
    let new = place.sign_in("alice").await.expect("a second sign-in");
    assert_ne!(key_of(&old.token), key_of(&new.token), "a key signs for half an hour here");
    place.caller(&old).await;
    let forged = format!("{}.{}", key_of(&new.token), old.token.split_once('.').expect("three parts").1);
    let refused = sign_in::authenticate(&place.app, &forged).await;
    assert!(matches!(refused, Err(AppError::Unauthenticated(Unauthenticated::InvalidToken))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_sessions_than_allowed_end_the_one_unused_for_longest_a5() {
    let place = Place::with(app::Settings { sessions_per_user_max: 3, ..support::settings() }).await;
    let mut all = vec![place.person("alice").await];
    for _ in 0..3 {
        place.clock.advance(1000);
        all.push(place.sign_in("alice").await.expect("a sign-in"));
    }
    let first = sign_in::authenticate(&place.app, &all[0].token).await;
    assert!(matches!(first, Err(AppError::Unauthenticated(_))));
    for kept in &all[1..] {
        place.caller(kept).await;
    }
}
