use super::find::located;
use super::{Act, POLL, PollPage, current, tell};
use crate::live::PollEvent;
use crate::web_push::News;
use crate::{App, AppError, Caller};
use domain::ids::PollId;
use domain::poll::Poll;
use std::sync::Arc;
use store::{Connection, poll};

/// Publishes a poll, takes it back, ends it, or deletes it; everybody who sees it, or saw it, hears of it. Answers the poll
/// as it was before.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the poll, [`AppError::Forbidden`] for simple members, [`AppError::Poll`] for
/// what its state does not allow.
pub async fn turn(app: &App, caller: &Caller, id: &PollId, act: Act) -> Result<PollPage, AppError> {
    let (home, page) = located(app, caller, id).await?;
    let (relations, me, wanted) = (Arc::clone(&app.relations), caller.user.clone(), id.clone());
    let now_ms = app.now_ms();
    let change = move |c: &Connection| {
        let found = poll::find(c, &wanted, None)?.ok_or(AppError::NotFound(POLL))?;
        current(&relations, &found.bubble, |bubble| found.poll.permits(bubble, &me, act, now_ms))?;
        let (done, event) = match act {
            Act::Publish => (poll::publish(c, found.no, now_ms), PollEvent::Published),
            Act::Unpublish => (poll::unpublish(c, found.no, &found.poll.paper), PollEvent::Unpublished),
            Act::Terminate => (poll::end(c, found.no, now_ms), PollEvent::Terminated),
            Act::Delete => (poll::delete(c, found.no), PollEvent::Deleted),
            Act::Change | Act::Vote => return Err(AppError::Forbidden),
        };
        done?;
        Ok((found.poll, event))
    };
    let (running, of, company) = (Arc::clone(&app.running_polls), id.clone(), home.clone());
    // In the order of the commits: who takes it back must not make forgotten that it was published anew.
    let run = move |(before, _): &(Poll, PollEvent)| {
        if act == Act::Publish {
            let published = Poll { published_ms: Some(now_ms), ..before.clone() };
            running.enter(&company, &of, published.ends_ms());
        } else {
            running.forget(&of);
        }
    };
    let (before, event) = app.change_company(&home, change, run).await?;
    tell(app, (&page.bubble, id), &before, event);
    if act == Act::Publish {
        app.pager.page_members(&page.bubble, &caller.user, News::Poll);
    }
    Ok(page)
}
