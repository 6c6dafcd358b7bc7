//! How long a poll is open, by a clock that is moved (C3).

use crate::support::{Place, next};
use app::bubble::poll::{self, Act, Ballot, Paper, Question, State};
use app::bubble::{self, Change, Door, New, Step};
use app::live::{Notice, PollEvent, Push};
use app::{AppError, Caller};
use domain::ids::{BubbleId, PollId};
use domain::poll::Refused;

const MINUTE_MS: i64 = 60_000;

async fn made(place: &Place, organizer: &Caller, member: &Caller, duration_min: u32) -> (BubbleId, PollId) {
    let description = Change { name: Some(String::from("Asked")), ..Change::default() };
    let new = New { description, shares_history: false, door: Door::Open };
    let id = bubble::create(&place.app, organizer, new).await.expect("a bubble").id;
    let add = Step::Add { user: member.user.clone(), moderator: false, accepted: true };
    bubble::step(&place.app, organizer, &id, add, "").await.expect("a member");
    let answers = vec![String::from("yes"), String::from("no")];
    let questions = vec![Question { text: String::from("Well?"), multiple: false, answers }];
    let paper = Paper { title: String::from("Ask"), questions, anonymous: true, duration_min };
    let poll = poll::make(&place.app, organizer, &id, paper).await.expect("a poll").id;
    poll::turn(&place.app, organizer, &poll, Act::Publish).await.expect("published");
    (id, poll)
}

fn yes() -> Ballot {
    Ballot([(0, [0].into())].into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_with_a_duration_is_over_on_the_dot_and_everybody_hears_of_it_c3() {
    let place = Place::new().await;
    let (organizer, member) = (place.person("alice").await, place.person("bob").await);
    let (organizer, member) = (place.caller(&organizer).await, place.caller(&member).await);
    let (_, id) = made(&place, &organizer, &member, 5).await;
    let mut device = place.connect(&member, "node_b");
    place.clock.advance(5 * MINUTE_MS - 1);
    poll::end_due(&place.app).await;
    assert_eq!(poll::vote(&place.app, &member, &id, yes()).await.expect("in time").state, State::Published);
    place.clock.advance(1);
    let late = poll::vote(&place.app, &member, &id, yes()).await;
    assert!(matches!(late, Err(AppError::Poll(Refused::Over))), "whether anybody looked at the clock or not");
    poll::end_due(&place.app).await;
    let ended = |push: &Push| {
        matches!(push, Push::Notice(notice)
            if matches!(&**notice, Notice::Poll { poll, event: PollEvent::Terminated, .. } if *poll == id))
    };
    loop {
        if ended(&next(&mut device).await) {
            break;
        }
    }
    let page = poll::find(&place.app, &member, &id).await.expect("still there");
    assert_eq!((page.state, page.voted, page.own, page.tally.0), (State::Terminated, true, None, vec![vec![1, 0]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_that_was_taken_back_and_published_anew_has_its_whole_time_c3() {
    let place = Place::new().await;
    let (organizer, member) = (place.person("alice").await, place.person("bob").await);
    let (organizer, member) = (place.caller(&organizer).await, place.caller(&member).await);
    let (_, id) = made(&place, &organizer, &member, 2).await;
    place.clock.advance(MINUTE_MS);
    poll::turn(&place.app, &organizer, &id, Act::Unpublish).await.expect("taken back");
    place.clock.advance(10 * MINUTE_MS);
    poll::end_due(&place.app).await;
    poll::turn(&place.app, &organizer, &id, Act::Publish).await.expect("published anew");
    place.clock.advance(2 * MINUTE_MS - 1);
    poll::end_due(&place.app).await;
    poll::vote(&place.app, &member, &id, yes()).await.expect("in time");
    place.clock.advance(1);
    assert_eq!(poll::find(&place.app, &member, &id).await.expect("a poll").state, State::Terminated);
}
