use super::find::located;
use super::{Act, Ballot, POLL, PollPage, current, find, tell};
use crate::live::PollEvent;
use crate::{App, AppError, Caller};
use domain::ids::PollId;
use std::sync::Arc;
use store::{person, poll};

/// Votes on a poll; what the caller chose before counts no longer.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the poll, [`AppError::Poll`] where it is not voted on, choices that its
/// questions do not offer.
pub async fn vote(app: &App, caller: &Caller, id: &PollId, ballot: Ballot) -> Result<PollPage, AppError> {
    let (home, page) = located(app, caller, id).await?;
    let (relations, me, wanted) = (Arc::clone(&app.relations), caller.user.clone(), id.clone());
    let (company, now_ms) = (caller.company.clone(), app.now_ms());
    app.company(&home)
        .await?
        .write(move |c| {
            let voter = person::enter(c, &me, &company)?;
            let found = poll::find(c, &wanted, Some(voter))?.ok_or(AppError::NotFound(POLL))?;
            current(&relations, &found.bubble, |bubble| found.poll.permits(bubble, &me, Act::Vote, now_ms))?;
            if !ballot.fits(&found.poll.paper.questions) {
                let why = "expected answers that the questions offer, one where only one may be chosen";
                return Err(AppError::invalid("votes", why));
            }
            Ok(poll::vote(c, &found, voter, &ballot)?)
        })
        .await?;
    tell(app, (&page.bubble, id), &page.poll, PollEvent::Voted);
    find(app, caller, id).await
}
