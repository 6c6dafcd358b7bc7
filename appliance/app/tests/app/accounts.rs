//! Accounts that nobody uses, and changing one's password.

use crate::support::{self, PASSWORD, Place, source};
use app::people::{self, AdminChange};
use app::sign_in::{self, PasswordChange};
use app::{AppError, Caller, Source, Unauthenticated};
use zeroize::Zeroizing;

const DAY_MS: i64 = 86_400_000;
const NEW_PASSWORD: &str = "An0ther-Horse!";

async fn change(place: &Place, caller: &Caller, current: &str, new: &str) -> Result<(), AppError> {
    let (current, new) = (Zeroizing::new(current.to_owned()), Zeroizing::new(new.to_owned()));
    sign_in::change_password(&place.app, caller, PasswordChange { current, new, source: Source::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_unused_for_a_year_is_blocked_until_an_administrator_activates_it_a5() {
    let place = Place::with(app::Settings { session_idle_life_s: 90 * 86_400, ..support::settings() }).await;
    let alice = place.person("alice").await;
    place.clock.advance(366 * DAY_MS);
    let admin = place.administrator().await;
    let wrong = place.sign_in_with("alice", "Wrong-Horse-7", Source::default()).await;
    assert!(matches!(wrong, Err(AppError::Unauthenticated(Unauthenticated::WrongCredentials))), "told to nobody else");
    let blocked = place.sign_in("alice").await;
    assert!(matches!(blocked, Err(AppError::Unauthenticated(Unauthenticated::Unused))));
    let activate = AdminChange { active: Some(true), ..AdminChange::default() };
    people::change_member(&place.app, &admin, &alice.user.id, activate).await.expect("an administrator may");
    place.sign_in("alice").await.expect("an active account");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_whose_stream_is_open_is_in_use_a5() {
    let year = app::Settings { session_idle_life_s: 90 * 86_400, session_life_s: 400 * 86_400, ..support::settings() };
    let place = Place::with(year).await;
    let alice = place.person("alice").await;
    let caller = place.caller(&alice).await;
    for _ in 0..38 {
        place.clock.advance(10 * DAY_MS);
        sign_in::keep_alive(&place.app, &caller).await.expect("the session lives");
    }
    place.sign_in("alice").await.expect("380 days after the last sign-in, and in use all the time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_changed_by_who_knows_the_present_one_and_ends_all_other_sessions_a5() {
    let place = Place::new().await;
    let phone = place.person("alice").await;
    let laptop = place.sign_in("alice").await.expect("a second session");
    let caller = place.caller(&phone).await;
    for (current, new, field) in
        [("Wrong-Horse-7", NEW_PASSWORD, "currentPassword"), (PASSWORD, "short", "newPassword")]
    {
        let refused = change(&place, &caller, current, new).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: named, .. }) if named == field), "{refused:?}");
    }
    place.caller(&laptop).await;
    change(&place, &caller, PASSWORD, NEW_PASSWORD).await.expect("the present password was shown");
    place.caller(&phone).await;
    let ended = sign_in::authenticate(&place.app, &laptop.token).await;
    assert!(matches!(ended, Err(AppError::Unauthenticated(Unauthenticated::InvalidToken))));
    assert!(place.sign_in("alice").await.is_err(), "the old password is none any more");
    place.sign_in_with("alice", NEW_PASSWORD, Source::default()).await.expect("the new one is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_with_a_stolen_token_is_locked_out_like_guessing_at_the_door_a5() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    let caller = place.caller(&alice).await;
    for number in 0..5 {
        let refused = change(&place, &caller, &format!("Guess-Number-{number}"), NEW_PASSWORD).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "currentPassword", .. })), "{refused:?}");
    }
    for locked in [change(&place, &caller, PASSWORD, NEW_PASSWORD).await, place.sign_in("alice").await.map(|_| ())] {
        let expected = Unauthenticated::Locked { retry_after_s: 30 };
        assert!(matches!(locked, Err(AppError::Unauthenticated(reason)) if reason == expected), "{locked:?}");
    }
    place.caller(&alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_wrong_for_the_old_password_may_be_right_for_the_new_a5() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    let early = place.sign_in_with("alice", NEW_PASSWORD, source(1)).await;
    assert!(matches!(early, Err(AppError::Unauthenticated(Unauthenticated::WrongCredentials))));
    let new = AdminChange { password: Some(Zeroizing::new(NEW_PASSWORD.to_owned())), ..AdminChange::default() };
    people::change_member(&place.app, &place.administrator().await, &alice.user.id, new).await.expect("allowed");
    place.sign_in_with("alice", NEW_PASSWORD, source(1)).await.expect("nothing of the old password is remembered");
}
