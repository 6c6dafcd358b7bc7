//! Polls of bubbles (C3): organizers make, publish and end them, everybody inside votes; their devices hear of it.
//!
//! A poll stands in the file of its bubble's company. Each verb decides on the relations, and once more on what is committed.

mod find;
mod make;
mod running;
mod turn;
mod vote;

pub use domain::poll::{Act, Ballot, Paper, Question, State};
pub use find::{PollPage, Voter, find, list, with_voters};
pub use make::{Change, change, make};
pub(crate) use running::watch;
pub use running::{Running, end_due};
pub use turn::turn;
pub use vote::vote;

use super::look;
use crate::live::{Notice, PollEvent, Push};
use crate::{App, AppError, Caller};
use domain::bubble::Bubble;
use domain::ids::{BubbleId, CompanyId, PollId, UserId};
use domain::poll::{self, Poll, Refused};
use std::sync::Arc;

/// What is not found where a poll was looked for.
pub const POLL: &str = "poll";

/// In bubbles of more people only organizers hear of each vote: everybody's would be as many notices as the square of them.
const VOTES_TOLD_MAX: usize = 100;

/// The bubble as it is now, for a change on the writer's thread.
fn current(
    relations: &crate::relations::Shared,
    id: &BubbleId,
    at: impl FnOnce(&Bubble) -> Result<(), Refused>,
) -> Result<(), AppError> {
    let relations = crate::relations::read(relations);
    Ok(at(relations.bubble(id).ok_or(AppError::NotFound(POLL))?)?)
}

/// The file of a bubble, for who may make polls in it.
fn managed(app: &App, caller: &Caller, id: &BubbleId) -> Result<CompanyId, AppError> {
    look(app, caller, id, |bubble| poll::permits_making(bubble, &caller.user).map(|()| bubble.company.clone()))?
        .map_err(AppError::from)
}

/// Tells everybody whom it concerns what became of a poll. `before`: as it was, for who saw it until now.
pub(super) fn tell(app: &App, (bubble, id): (&BubbleId, &PollId), before: &Poll, event: PollEvent) {
    let now_ms = app.now_ms();
    let people: Vec<UserId> = {
        let relations = app.relations();
        let Some(of) = relations.bubble(bubble) else { return };
        let many = event == PollEvent::Voted && of.accepted().count() > VOTES_TOLD_MAX;
        let hears = |user: &&UserId| {
            poll::may_manage(of, user)
                || (!many && (event == PollEvent::Published || before.is_seen_by(of, user, now_ms)))
        };
        of.accepted().filter(hears).cloned().collect()
    };
    let push = Push::Notice(Arc::new(Notice::Poll { bubble: bubble.clone(), poll: id.clone(), event }));
    people.iter().for_each(|user| app.live.push_all(user, &push));
}
