use super::{Invitation, Side, joined, list, settled, tell, tell_side};
use crate::live::NoticeAction;
use crate::relations::Shared;
use crate::{App, AppError, Caller};
use domain::ids::InvitationId;
use domain::network::InvitationStatus;
use std::sync::Arc;
use store::{Connection, edges, invitation};

/// What an invited person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Both come into one another's network.
    Accept,
    /// Nothing changes but the invitation.
    Decline,
}

/// Answers an invitation that the caller got. The same answer again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] when the caller got none of that id; [`AppError::Exists`] when it has come to another end.
pub async fn answer(app: &App, caller: &Caller, id: &InvitationId, answer: Answer) -> Result<Invitation, AppError> {
    let status = match answer {
        Answer::Accept => InvitationStatus::Accepted,
        Answer::Decline => InvitationStatus::Declined,
    };
    end(app, list::find_on(app, caller, id, Side::Received).await?, status).await
}

/// Takes back an invitation that the caller made and that waits.
///
/// # Errors
/// [`AppError::NotFound`] when the caller made none of that id; [`AppError::Exists`] when it has come to another end.
pub async fn cancel(app: &App, caller: &Caller, id: &InvitationId) -> Result<Invitation, AppError> {
    let found = list::find_on(app, caller, id, Side::Sent).await?;
    let live = Arc::clone(&app.live);
    let change = move |c: &Connection| {
        let waited = found.status == InvitationStatus::Pending;
        match invitation::cancel(c, &found.id)? {
            Some(canceled) => Ok((canceled, waited, true)),
            None if found.status == InvitationStatus::Canceled => Ok((found, false, false)),
            None => Err(AppError::Exists("another answer to this invitation")),
        }
    };
    let then = move |relations: &Shared, (canceled, waited, changed): &(Invitation, bool, bool)| {
        settled(relations, canceled);
        if *changed {
            tell_side(&live, canceled, Side::Sent, NoticeAction::Update);
        }
        if *waited {
            tell_side(&live, canceled, Side::Received, NoticeAction::Update);
        }
    };
    app.change_directory(change, then).await.map(|(canceled, ..)| canceled)
}

/// Takes an invitation that the caller made off both lists; one that waits is taken back. The network stays as it is.
///
/// # Errors
/// [`AppError::NotFound`] when the caller made none of that id.
pub async fn delete(app: &App, caller: &Caller, id: &InvitationId) -> Result<Invitation, AppError> {
    let found = list::find_on(app, caller, id, Side::Sent).await?;
    let live = Arc::clone(&app.live);
    let change = move |c: &Connection| {
        let waited = found.status == InvitationStatus::Pending;
        let canceled = invitation::cancel(c, &found.id)?;
        invitation::hide(c, &found.id)?;
        Ok((canceled.unwrap_or(found), waited))
    };
    let then = move |relations: &Shared, (gone, waited): &(Invitation, bool)| {
        settled(relations, gone);
        tell_side(&live, gone, Side::Sent, NoticeAction::Delete);
        if *waited {
            tell_side(&live, gone, Side::Received, NoticeAction::Delete);
        }
    };
    app.change_directory(change, then).await.map(|(gone, _)| gone)
}

async fn end(app: &App, found: Invitation, status: InvitationStatus) -> Result<Invitation, AppError> {
    let (live, now_ms) = (Arc::clone(&app.live), app.clock.now_ms());
    let change = move |c: &Connection| {
        let Some(ended) = invitation::settle(c, &found.id, status)? else {
            let now = invitation::find(c, &found.id)?.ok_or(AppError::NotFound("invitation"))?;
            let same = now.status == status;
            return if same { Ok((now, false)) } else { Err(AppError::Exists("another answer to this invitation")) };
        };
        if status == InvitationStatus::Accepted {
            edges::join(c, &ended.inviter, &ended.invited, now_ms)?;
            invitation::accept_between(c, &ended.inviter, &ended.invited)?;
        }
        Ok((ended, true))
    };
    let then = move |relations: &Shared, (ended, changed): &(Invitation, bool)| {
        if !changed {
            return;
        }
        settled(relations, ended);
        tell(&live, ended, NoticeAction::Update);
        if ended.status == InvitationStatus::Accepted {
            joined(relations, &live, &ended.inviter, &ended.invited);
        }
    };
    app.change_directory(change, then).await.map(|(ended, _)| ended)
}
