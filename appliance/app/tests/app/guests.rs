//! How long a guest is one, by a clock that is moved (C4).

use crate::support::Place;
use app::bubble::{self, Change, Door, New, link};
use app::guest::{self, NewGuest, Registered, SignIn};
use app::people::Profile;
use app::{AppError, Caller, Source, people, sign_in};
use domain::ids::BubbleId;
use zeroize::Zeroizing;

const HOUR_MS: i64 = 3_600_000;

async fn bubble_with_link(place: &Place, organizer: &Caller) -> (BubbleId, Zeroizing<String>) {
    let description = Change { name: Some(String::from("Visited")), ..Change::default() };
    let new = New { description, shares_history: false, door: Door::Open };
    let id = bubble::create(&place.app, organizer, new).await.expect("a bubble").id;
    let token = link::make_link(&place.app, organizer, &id).await.expect("a link").token;
    (id, token)
}

async fn guest(place: &Place, token: &Zeroizing<String>, sign_in: SignIn) -> Result<Registered, AppError> {
    let profile = Profile { first_name: String::from("Ada"), ..Profile::default() };
    let source = Source::default();
    guest::register(&place.app, NewGuest { token: token.clone(), room_password: None, profile, sign_in, source }).await
}

fn by_session() -> SignIn {
    SignIn::Session { client: String::from("test") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_is_not_there_for_the_set_time_is_out_and_one_who_is_stays_c4_a5() {
    let place = Place::new().await;
    let organizer = place.person("alice").await;
    let organizer = place.caller(&organizer).await;
    let (id, token) = bubble_with_link(&place, &organizer).await;
    let absent = guest(&place, &token, by_session()).await.expect("a guest");
    let there = guest(&place, &token, by_session()).await.expect("a guest");
    let (absent, there) = (absent.session.expect("a session"), there.session.expect("a session"));
    let caller = place.caller(&there).await;
    for _ in 0..25 {
        place.clock.advance(HOUR_MS);
        sign_in::keep_alive(&place.app, &caller).await.expect("a stream keeps its guest");
        guest::put_out_absent(&place.app).await.expect("looked at");
    }
    assert!(sign_in::authenticate_stream(&place.app, absent.user.id.as_str(), &absent.xmpp_secret).await.is_err());
    let page = bubble::find(&place.app, &organizer, &id).await.expect("a bubble");
    assert!(page.bubble.has(&there.user.id) && !page.bubble.has(&absent.user.id));
    assert!(bubble::find(&place.app, &caller, &id).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_ends_on_the_dot_though_nobody_looked_c4_a5() {
    let place = Place::new().await;
    let organizer = place.person("alice").await;
    let organizer = place.caller(&organizer).await;
    let (_, token) = bubble_with_link(&place, &organizer).await;
    let password = Zeroizing::new(String::from("Gast-0f-honour"));
    let by_password = SignIn::Password { email: String::from("ada@elsewhere.test"), password: password.clone() };
    guest(&place, &token, by_password).await.expect("a guest");
    let session = guest(&place, &token, by_session()).await.expect("a guest").session.expect("a session");
    place.clock.advance(24 * HOUR_MS - 1);
    assert!(sign_in::authenticate_stream(&place.app, session.user.id.as_str(), &session.xmpp_secret).await.is_ok());
    place.clock.advance(24 * HOUR_MS + 1);
    assert!(sign_in::authenticate_stream(&place.app, session.user.id.as_str(), &session.xmpp_secret).await.is_err());
    let credentials = sign_in::Credentials {
        login: String::from("ada@elsewhere.test"),
        password,
        application: None,
        client: String::from("test"),
        source: Source::default(),
    };
    let late = sign_in::log_in(&place.app, credentials).await;
    assert!(matches!(late, Err(AppError::Unauthenticated(app::Unauthenticated::Unused))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_organizers_account_his_guests_go_and_nothing_of_them_is_left_c4_d4() {
    let place = Place::new().await;
    let organizer = place.person("alice").await;
    let organizer = place.caller(&organizer).await;
    let (id, token) = bubble_with_link(&place, &organizer).await;
    let session = guest(&place, &token, by_session()).await.expect("a guest").session.expect("a session");
    let visitor = place.caller(&session).await;
    people::remove(&place.app, &place.administrator().await, &organizer.user).await.expect("removed");
    assert!(matches!(bubble::find(&place.app, &visitor, &id).await, Err(AppError::NotFound(_))), "at once");
    assert!(guest(&place, &token, by_session()).await.is_err(), "the link leads nowhere");
    place.clock.advance(25 * HOUR_MS);
    guest::put_out_absent(&place.app).await.expect("looked at");
    assert!(sign_in::authenticate_stream(&place.app, session.user.id.as_str(), &session.xmpp_secret).await.is_err());
}
