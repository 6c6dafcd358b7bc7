//! Join links, by a clock that is moved: one use, one week, one per member, and the account that waits for it.

use crate::support::{self, PASSWORD, Place, email, source};
use app::people::{self, AdminChange, NewUser, Profile, User};
use app::sign_in::{self, Invited, Joining};
use app::{AppError, Caller, Source, Unauthenticated};
use domain::rights::{Role, Roles};
use zeroize::Zeroizing;

const DAY_MS: i64 = 86_400_000;
const CHOSEN: &str = "Chosen-by-hers3lf";

/// An account that nobody has joined.
async fn added(place: &Place, name: &str) -> User {
    let new = NewUser {
        email: email(name),
        password: None,
        profile: Profile { first_name: String::from("Ada"), ..Profile::default() },
        set_apart: None,
        roles: Roles::USER,
        active: true,
    };
    people::add(&place.app, &place.company, new).await.expect("a new user")
}

async fn link(place: &Place, by: &Caller, of: &User) -> Zeroizing<String> {
    sign_in::make_link(&place.app, by, &of.id).await.expect("a link").token
}

async fn look(place: &Place, token: &str) -> Result<Invited, AppError> {
    sign_in::invited(&place.app, token).await
}

async fn join(place: &Place, token: &str, password: &str) -> Result<(), AppError> {
    let joining = Joining {
        token: Zeroizing::new(token.to_owned()),
        password: Zeroizing::new(password.to_owned()),
        first_name: None,
        last_name: Some(String::from("Byron")),
        source: source(7),
    };
    sign_in::join(&place.app, joining).await.map(|_| ())
}

/// Looking at it and using it are refused as if it had never been.
async fn is_dead(place: &Place, token: &str, why: &str) {
    for refused in [look(place, token).await.map(|_| ()), join(place, token, CHOSEN).await] {
        assert!(matches!(refused, Err(AppError::NotFound("join link"))), "{why}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_joins_once_by_a_link_and_signs_in_with_the_password_that_was_chosen_a1_a3() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    let alice = added(&place, "alice").await;
    assert!(!alice.joined);
    let token = link(&place, &admin, &alice).await;
    let invited = look(&place, &token).await.expect("it is good");
    assert_eq!((invited.email.as_str(), invited.company_name.as_str()), ("alice@acme.example", "Acme"));
    assert_eq!((invited.profile.first_name.as_str(), invited.profile.last_name.as_str()), ("Ada", ""));
    let weak = join(&place, &token, "weak").await;
    assert!(matches!(weak, Err(AppError::Invalid { field: "password", .. })), "{weak:?}");
    join(&place, &token, CHOSEN).await.expect("a refused password has not used the link up");
    is_dead(&place, &token, "it was used").await;
    let signed_in = place.sign_in_with("alice", CHOSEN, source(7)).await.expect("the password that was chosen");
    let profile = &signed_in.user.profile;
    assert_eq!((profile.first_name.as_str(), profile.last_name.as_str()), ("Ada", "Byron"));
    assert!(signed_in.user.joined);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_dies_after_a_week_when_the_next_is_made_and_with_the_password_it_replaces_a1_a10() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    let alice = added(&place, "alice").await;
    let late = link(&place, &admin, &alice).await;
    place.clock.advance(7 * DAY_MS - 1);
    look(&place, &late).await.expect("its last millisecond");
    place.clock.advance(1);
    is_dead(&place, &late, "a week has passed").await;
    let older = link(&place, &admin, &alice).await;
    let newer = link(&place, &admin, &alice).await;
    is_dead(&place, &older, "a newer one was made").await;
    look(&place, &newer).await.expect("the newer one is good");
    let set = AdminChange { password: Some(Zeroizing::new(PASSWORD.to_owned())), ..AdminChange::default() };
    people::change_member(&place.app, &admin, &alice.id, set).await.expect("allowed");
    is_dead(&place, &newer, "the account has got a password in another way").await;
    place.sign_in("alice").await.expect("that password stands");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_replaces_a_lost_password_and_ends_every_session_of_the_account_a1() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    let alice = place.person("alice").await;
    let caller = place.caller(&alice).await;
    let mut binding = place.connect(&caller, "node_alice");
    let token = link(&place, &admin, &alice.user).await;
    place.caller(&alice).await;
    join(&place, &token, CHOSEN).await.expect("good");
    let ended = sign_in::authenticate(&place.app, &alice.token).await;
    assert!(matches!(ended, Err(AppError::Unauthenticated(Unauthenticated::InvalidToken))));
    while binding.pushes.next().await.is_some() {}
    assert!(place.sign_in("alice").await.is_err(), "the lost password is none any more");
    place.sign_in_with("alice", CHOSEN, Source::default()).await.expect("the new one is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_use_a_link_at_once_one_wins_a1() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    let alice = added(&place, "alice").await;
    let token = link(&place, &admin, &alice).await;
    let tries = (0..6).map(|number| {
        let (app, token) = (std::sync::Arc::clone(&place.app), token.clone());
        tokio::spawn(async move {
            let password = Zeroizing::new(format!("Chosen-by-number-{number}"));
            let joining = Joining { token, password, first_name: None, last_name: None, source: source(number) };
            sign_in::join(&app, joining).await.is_ok()
        })
    });
    let mut won = Vec::new();
    for (number, attempt) in tries.collect::<Vec<_>>().into_iter().enumerate() {
        if attempt.await.expect("no panic") {
            won.push(number);
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    let password = format!("Chosen-by-number-{}", won[0]);
    place.sign_in_with("alice", &password, source(1)).await.expect("the winner's password");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_closed_or_goes_takes_its_link_along_a10() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    let (alice, bob) = (added(&place, "alice").await, added(&place, "bob").await);
    let token = link(&place, &admin, &alice).await;
    for active in [false, true] {
        let change = AdminChange { active: Some(active), ..AdminChange::default() };
        people::change_member(&place.app, &admin, &alice.id, change).await.expect("allowed");
        is_dead(&place, &token, "the account was closed, and what was made before stays dead").await;
        let again = sign_in::make_link(&place.app, &admin, &alice.id).await;
        assert_eq!(again.is_ok(), active, "a closed account gets none");
    }
    let token = link(&place, &admin, &bob).await;
    people::remove(&place.app, &admin, &bob.id).await.expect("allowed");
    is_dead(&place, &token, "the account is gone").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_no_account_that_its_maker_may_no_longer_change_a8() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    let owner = Caller { roles: admin.roles.with(Role::SuperAdministrator), ..admin.clone() };
    let alice = added(&place, "alice").await;
    let token = link(&place, &admin, &alice).await;
    let raised = AdminChange { roles: Some(Roles::USER.with(Role::Operation)), ..AdminChange::default() };
    people::change_member(&place.app, &owner, &alice.id, raised).await.expect("the owner grants it");
    is_dead(&place, &token, "the account is the owner's to change now").await;
    let refused = sign_in::make_link(&place.app, &admin, &alice.id).await;
    assert!(matches!(refused, Err(AppError::Forbidden)));
    let of_owner = link(&place, &owner, &alice).await;
    join(&place, &of_owner, CHOSEN).await.expect("the owner's link reaches it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_a_password_is_guessed_at_and_locked_like_one_that_has_one_a5() {
    let place = Place::new().await;
    let admin = place.administrator().await;
    place.person("bob").await;
    let alice = added(&place, "alice").await;
    let mut told = Vec::new();
    for name in ["alice", "bob", "nobody"] {
        let mut of_name = Vec::new();
        for number in 0..6 {
            match place.sign_in_with(name, &format!("Guess-Number-{number}"), source(9)).await {
                Err(AppError::Unauthenticated(reason)) => of_name.push(reason),
                _ => panic!("{name}: nobody signs in by guessing"),
            }
        }
        told.push(of_name);
    }
    assert_eq!(told[0][0], Unauthenticated::WrongCredentials);
    assert_eq!(told[0][5], Unauthenticated::Locked { retry_after_s: 30 });
    assert!(told.iter().all(|of_name| *of_name == told[0]), "{told:?}");
    let token = link(&place, &admin, &alice).await;
    join(&place, &token, CHOSEN).await.expect("a lock on guesses is none on the link");
    place.sign_in_with("alice", CHOSEN, source(7)).await.expect("where she joined she is known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_away_for_a_year_comes_back_by_a_link_a5() {
    let place = Place::with(app::Settings { session_idle_life_s: 90 * 86_400, ..support::settings() }).await;
    let alice = place.person("alice").await;
    place.clock.advance(366 * DAY_MS);
    let admin = place.administrator().await;
    let token = link(&place, &admin, &alice.user).await;
    join(&place, &token, CHOSEN).await.expect("good");
    place.sign_in_with("alice", CHOSEN, source(7)).await.expect("an account in use again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_token_is_refused_like_one_that_nobody_holds_a5() {
    let place = Place::new().await;
    let long = "x".repeat(100_000);
    for token in ["", "x", "../..", "\u{0}", long.as_str(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        is_dead(&place, token, "nobody made it").await;
    }
}
