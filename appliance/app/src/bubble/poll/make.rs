use super::find::located;
use super::{Act, POLL, Paper, PollPage, current, find, managed, tell};
use crate::live::PollEvent;
use crate::{App, AppError, Caller};
use domain::ids::{BubbleId, PollId};
use domain::poll::{self as rules, POLLS_MAX, Poll};
use std::sync::Arc;
use store::{bubble, person, poll};

fn checked(paper: Paper) -> Result<Paper, AppError> {
    paper.checked().map_err(|wrong| AppError::invalid(wrong.field, format!("expected {}", wrong.expected)))
}

/// Makes a poll, which organizers alone see until it is published.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, [`AppError::Forbidden`] for simple members; a paper that breaks a
/// rule; too many polls.
pub async fn make(app: &App, caller: &Caller, bubble: &BubbleId, paper: Paper) -> Result<PollPage, AppError> {
    let home = managed(app, caller, bubble)?;
    let paper = checked(paper)?;
    let new = Poll { paper, created_ms: app.now_ms(), published_ms: None, ended_ms: None };
    let id = PollId::random(app.rng.as_ref());
    let (relations, me, company) = (Arc::clone(&app.relations), caller.user.clone(), caller.company.clone());
    let (row, of, made) = (new.clone(), bubble.clone(), id.clone());
    app.company(&home)
        .await?
        .write(move |c| {
            current(&relations, &of, |bubble| rules::permits_making(bubble, &me))?;
            let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            if poll::count(c, no)? >= POLLS_MAX {
                return Err(AppError::invalid("roomId", format!("a bubble has at most {POLLS_MAX} polls: delete one")));
            }
            let creator = person::enter(c, &me, &company)?;
            Ok(poll::insert(c, no, &made, creator, &row)?)
        })
        .await?;
    tell(app, (bubble, &id), &new, PollEvent::Created);
    find(app, caller, &id).await
}

/// What of a poll is to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its title.
    pub title: Option<String>,
    /// All its questions.
    pub questions: Option<Vec<rules::Question>>,
    /// Whether nobody is told who chose what.
    pub anonymous: Option<bool>,
    /// Minutes from its publication to its end.
    pub duration_min: Option<u32>,
}

/// Writes another paper for a poll that is not published.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the poll, [`AppError::Poll`] once it is published; a paper that breaks a rule.
pub async fn change(app: &App, caller: &Caller, id: &PollId, change: Change) -> Result<PollPage, AppError> {
    let (home, page) = located(app, caller, id).await?;
    let (relations, me, wanted) = (Arc::clone(&app.relations), caller.user.clone(), id.clone());
    let now_ms = app.now_ms();
    app.company(&home)
        .await?
        .write(move |c| {
            let found = poll::find(c, &wanted, None)?.ok_or(AppError::NotFound(POLL))?;
            current(&relations, &found.bubble, |bubble| found.poll.permits(bubble, &me, Act::Change, now_ms))?;
            let Paper { title, questions, anonymous, duration_min } = found.poll.paper;
            let paper = checked(Paper {
                title: change.title.unwrap_or(title),
                questions: change.questions.unwrap_or(questions),
                anonymous: change.anonymous.unwrap_or(anonymous),
                duration_min: change.duration_min.unwrap_or(duration_min),
            })?;
            Ok::<_, AppError>(poll::set_paper(c, found.no, &paper)?)
        })
        .await?;
    tell(app, (&page.bubble, id), &page.poll, PollEvent::Updated);
    find(app, caller, id).await
}
