use super::{Invitation, settled, tell};
use crate::live::{NoticeAction, Push};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::network::InvitationStatus;
use domain::rights::Right;
use std::sync::{Arc, PoisonError};
use store::{Connection, edges, invitation};

/// People whom one person may block.
const BLOCKED_MAX: usize = 1000;

/// Whom the caller has blocked.
///
/// # Errors
/// Missing right.
pub fn blocked(app: &App, caller: &Caller) -> Result<Vec<UserId>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    Ok(app.relations().blocked(&caller.user).into_iter().collect())
}

/// Blocks somebody whom the caller may know of, or does so no longer. Who is blocked sends no messages to the blocker,
/// sees no presence, invites and, unless a colleague, finds him no longer; invitations between both end. He is not told.
///
/// # Errors
/// [`AppError::NotFound`] for people whom the caller may not know of; [`AppError::Forbidden`] for oneself.
pub async fn set_blocked(app: &App, caller: &Caller, whom: &UserId, on: bool) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    {
        let relations = app.relations();
        let blocked = relations.blocked(&caller.user);
        if !blocked.contains(whom) && !relations.knows(&caller.user, whom) {
            return Err(AppError::NotFound("user"));
        }
        if *whom == caller.user {
            return Err(AppError::Forbidden);
        }
        if on && blocked.len() >= BLOCKED_MAX {
            return Err(AppError::invalid("uid", format!("at most {BLOCKED_MAX} people can be blocked")));
        }
    }
    let (me, other, now_ms) = (caller.user.clone(), whom.clone(), app.clock.now_ms());
    let live = Arc::clone(&app.live);
    let (blocker, of) = (me.clone(), other.clone());
    let change = move |c: &Connection| {
        if !edges::set_block(c, &blocker, &of, on, now_ms)? {
            return Ok(None);
        }
        let ended = if on { end_invitations(c, &blocker, &of)? } else { Vec::new() };
        Ok(Some(ended))
    };
    app.change_directory(change, move |relations, changed: &Option<Vec<Invitation>>| {
        let Some(ended) = changed else { return };
        relations.write().unwrap_or_else(PoisonError::into_inner).set_blocked(&me, &other, on);
        for invitation in ended {
            settled(relations, invitation);
            tell(&live, invitation, NoticeAction::Update);
        }
        let in_network = crate::relations::read(relations).in_network(&me, &other);
        if in_network {
            live.show_presence(&me, &other, !on);
        }
        live.push_all(&me, &Push::Blocked { user: other.clone(), blocked: on });
    })
    .await
    .map(|_| ())
}

fn end_invitations(c: &Connection, blocker: &UserId, blocked: &UserId) -> Result<Vec<Invitation>, AppError> {
    let mut ended = Vec::new();
    for (inviter, invited, status) in
        [(blocker, blocked, InvitationStatus::Canceled), (blocked, blocker, InvitationStatus::Declined)]
    {
        if let Some(waiting) = invitation::unaccepted(c, inviter, invited)? {
            ended.extend(invitation::settle(c, &waiting.id, status)?);
        }
    }
    Ok(ended)
}
