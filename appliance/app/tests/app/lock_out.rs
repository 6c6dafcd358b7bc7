//! The lock-out with real passwords, by a clock that is moved. Its rule has tests of its own beside it.

use crate::support::{self, PASSWORD, Place, email, source};
use app::sign_in::{self, Credentials, SignedIn};
use app::{AppError, Source, Unauthenticated, application};
use std::sync::Arc;
use zeroize::Zeroizing;

const FIRST_WAIT: Unauthenticated = Unauthenticated::Locked { retry_after_s: 30 };

fn reason(answer: &Result<SignedIn, AppError>) -> Option<Unauthenticated> {
    match answer {
        Ok(_) => None,
        Err(AppError::Unauthenticated(reason)) => Some(*reason),
        Err(other) => panic!("{other}"),
    }
}

async fn guess(place: &Place, name: &str, number: usize, from: Source) -> Option<Unauthenticated> {
    reason(&place.sign_in_with(name, &format!("Guess-Number-{number}"), from).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_account_refuses_the_right_password_too_and_its_sessions_live_on_a5() {
    let place = Place::new().await;
    let alice = place.person("alice").await;
    for number in 0..5 {
        assert_eq!(guess(&place, "alice", number, source(1)).await, Some(Unauthenticated::WrongCredentials));
    }
    assert_eq!(guess(&place, "alice", 5, source(1)).await, Some(FIRST_WAIT));
    assert_eq!(reason(&place.sign_in_with("alice", PASSWORD, source(1)).await), Some(FIRST_WAIT));
    let caller = place.caller(&alice).await;
    sign_in::keep_alive(&place.app, &caller).await.expect("a lock ends no session");
    place.sign_in("alice").await.expect("another source is not concerned");
    place.clock.advance(30_000);
    place.sign_in_with("alice", PASSWORD, source(1)).await.expect("the wait is over");
    assert_eq!(sign_in::lock_count(&place.app), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_does_not_exist_is_answered_like_one_that_does_a5() {
    let place = Place::new().await;
    place.person("alice").await;
    for name in ["alice", "nobody", "not an address"] {
        let mut told = Vec::new();
        for number in 0..30_u8 {
            // Some shown twice, some from one source, some from many.
            let from = source(if number < 12 { 1 } else { number });
            told.push(guess(&place, name, usize::from(number / 2), from).await);
        }
        let wrong = Some(Unauthenticated::WrongCredentials);
        let expected: Vec<_> = (0..30)
            .map(|number| match number {
                0..=8 => wrong,
                9..=11 => Some(FIRST_WAIT),
                12..=26 => wrong,
                _ => Some(FIRST_WAIT),
            })
            .collect();
        assert_eq!(told, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_from_many_sources_delays_new_sources_and_no_known_one_a5() {
    let place = Place::new().await;
    place.person("alice").await;
    place.sign_in_with("alice", PASSWORD, source(200)).await.expect("at home");
    for number in 0..20 {
        assert_eq!(
            guess(&place, "alice", number, source(u8::try_from(number).expect("small"))).await,
            Some(Unauthenticated::WrongCredentials)
        );
    }
    assert_eq!(reason(&place.sign_in_with("alice", PASSWORD, source(100)).await), Some(FIRST_WAIT));
    place.sign_in_with("alice", PASSWORD, source(200)).await.expect("an earlier success");
    place.clock.advance(30_000);
    place.sign_in_with("alice", PASSWORD, source(100)).await.expect("the wait is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_application_secrets_count_and_the_same_one_counts_once_a11() {
    let place = Place::new().await;
    place.person("alice").await;
    let bot = application::add(&place.app, "bot").await.expect("an application");
    let show = async |proof: String| {
        let credentials = Credentials {
            login: email("alice"),
            password: Zeroizing::new(PASSWORD.to_owned()),
            application: Some((bot.id.to_string(), proof)),
            client: String::from("test"),
            source: source(1),
        };
        reason(&sign_in::log_in(&place.app, credentials).await)
    };
    for number in 0..4 {
        for _ in 0..3 {
            assert_eq!(show(format!("{number:064}")).await, Some(Unauthenticated::WrongApplication));
        }
    }
    assert_eq!(show(format!("{:064}", 4)).await, Some(Unauthenticated::WrongApplication));
    assert_eq!(show(format!("{:064}", 5)).await, Some(FIRST_WAIT));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_of_one_person_at_once_with_the_right_password_are_let_in_a5() {
    let place = Arc::new(Place::with(app::Settings { sessions_per_user_max: 100, ..support::settings() }).await);
    place.person("alice").await;
    let mut sign_ins = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let place = Arc::clone(&place);
        sign_ins.spawn(async move { reason(&place.sign_in_with("alice", PASSWORD, source(9)).await) });
    }
    assert_eq!(sign_ins.join_all().await, vec![None; 40]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_source_that_guesses_makes_nobody_elses_sign_in_fail_as_busy_e5() {
    let narrow =
        app::Settings { hash_workers: 1, hash_queue_max: 8, hash_queue_per_source_max: 8, ..support::settings() };
    let place = Arc::new(Place::with(narrow).await);
    for name in ["alice", "bob"] {
        place.person(name).await;
    }
    for number in 0..5 {
        guess(&place, "bob", number, source(1)).await;
    }
    guess(&place, "nobody", 0, source(1)).await;
    let mut guesses = tokio::task::JoinSet::new();
    for number in 0..100 {
        let place = Arc::clone(&place);
        // Another name each time: the lock-out of one account does not help here.
        guesses.spawn(async move {
            let name = format!("nobody{number}");
            matches!(place.sign_in_with(&name, "Guess-Number-1", source(1)).await, Err(AppError::Busy))
        });
    }
    let mut busy = 0;
    while !guesses.is_empty() {
        place.sign_in_with("alice", PASSWORD, source(2)).await.expect("her source has nothing waiting");
        // What is answered without a look at the password needs no place in the queue, however full it is.
        assert_eq!(guess(&place, "bob", 9, source(1)).await, Some(FIRST_WAIT));
        assert_eq!(guess(&place, "nobody", 0, source(1)).await, Some(Unauthenticated::WrongCredentials));
        while let Some(refused) = guesses.try_join_next() {
            busy += usize::from(refused.expect("no guess panics"));
        }
    }
    assert!(busy > 0, "the queue was never full: this test would check nothing");
}
