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
        let again = sign_in::keep_alive(&place.app, &streaming).await.expect("the stream keeps its session");
        assert!(again.as_millis() < 86_400_000, "it asks again before the session would be idle: {again:?}");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_asks_again_at_the_last_moment_of_its_session_a5() {
    let place =
        Place::with(app::Settings { session_idle_life_s: 3600, session_life_s: 7200, ..support::settings() }).await;
    let alice = place.person("alice").await;
    let caller = place.caller(&alice).await;
    let mut asked = 0;
    let begun_ms = place.app.now_ms();
    while let Ok(again) = sign_in::keep_alive(&place.app, &caller).await {
        place.clock.advance(i64::try_from(again.as_millis()).expect("small"));
        asked += 1;
    }
    assert_eq!(place.app.now_ms() - begun_ms, 2 * HOUR_MS, "not a moment later than the session ended");
    assert!(asked >= 24, "every five minutes in between: {asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_shorter_than_the_usual_steps_are_kept_by_their_streams_too_a5() {
    let place =
        Place::with(app::Settings { session_idle_life_s: 10, session_life_s: 600, ..support::settings() }).await;
    let alice = place.person("alice").await;
    let caller = place.caller(&alice).await;
    for _ in 0..20 {
        let again = sign_in::keep_alive(&place.app, &caller).await.expect("the stream keeps its session");
        place.clock.advance(i64::try_from(again.as_millis()).expect("small"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_listed_while_they_live_with_the_devices_on_them_a5() {
    let place = Place::new().await;
    let forgotten = place.person("alice").await;
    place.clock.advance(20 * HOUR_MS);
    let used = place.sign_in("alice").await.expect("a second sign-in");
    let caller = place.caller(&used).await;
    let _devices = [place.connect(&caller, "a"), place.connect(&caller, "b")];
    let told = sign_in::list_sessions(&place.app, &caller).await.expect("a list");
    let told: Vec<_> = told.iter().map(|open| (open.current, open.devices)).collect();
    assert_eq!(told, [(true, 2), (false, 0)], "the last used first");
    place.clock.advance(5 * HOUR_MS);
    let left = sign_in::list_sessions(&place.app, &caller).await.expect("a list");
    assert_eq!(left.len(), 1, "what nobody used for a day has ended");
    let gone = sign_in::authenticate_stream(&place.app, forgotten.user.id.as_str(), &forgotten.xmpp_secret).await;
    assert!(gone.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_ends_a_session_by_its_id_but_its_owner_and_the_administrator_a5() {
    let place = Place::new().await;
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    let (alice, bob) = (place.caller(&alice).await, place.caller(&bob).await);
    let of_alice = alice.session().expect("a session");
    let foreign = sign_in::end_session(&place.app, &bob, of_alice).await;
    assert!(matches!(foreign, Err(AppError::NotFound("session"))), "{foreign:?}");
    let mixed = sign_in::end_member_session(&place.app, &place.administrator().await, &bob.user, of_alice).await;
    assert!(matches!(mixed, Err(AppError::NotFound("session"))), "alice's session is none of bob's: {mixed:?}");
    let refused = sign_in::end_member_session(&place.app, &bob, &alice.user, of_alice).await;
    assert!(matches!(refused, Err(AppError::Forbidden)), "{refused:?}");
    sign_in::keep_alive(&place.app, &alice).await.expect("alice's session lives");
}
