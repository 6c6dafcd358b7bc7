use super::{Conversation, find, tell};
use crate::live::{Notice, NoticeAction, Push};
use crate::{App, AppError, Caller, people};
use domain::ids::{ConversationId, UserId};
use domain::rights::Right;
use std::sync::Arc;
use store::{conversation, person};

/// Opens a conversation with somebody whom the caller may see; keeps an open one as it is.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else.
pub async fn open(app: &App, caller: &Caller, peer: &UserId, mute: bool) -> Result<Conversation, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let peer = people::find(app, caller, peer).await?;
    let database = app.company(&caller.company).await?;
    let (me, now_ms) = (caller.no, app.clock.now_ms());
    let fresh = ConversationId::random(app.rng.as_ref());
    let opened = database
        .write(move |c| {
            let peer = person::enter(c, &peer.user.id, &peer.company)?;
            conversation::open(c, me, peer, &fresh, now_ms)?;
            let opened = conversation::find_with(c, me, peer)?.ok_or(AppError::NotFound("conversation"))?;
            if mute {
                conversation::set_mute(c, me, &opened.id, true)?;
            }
            Ok::<_, AppError>(Conversation { mute: mute || opened.mute, ..opened })
        })
        .await?;
    tell(app, caller, &opened, NoticeAction::Create);
    Ok(opened)
}

/// Takes a conversation off the caller's list; its messages stay.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn close(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    let closing = find(app, caller, id).await?;
    let database = app.company(&caller.company).await?;
    let (me, wanted) = (caller.no, id.clone());
    let closed = database.write(move |c| Ok::<_, AppError>(conversation::close(c, me, &wanted)?)).await?;
    if closed {
        tell(app, caller, &closing, NoticeAction::Delete);
    }
    Ok(closing)
}

/// Switches notifications of a conversation off or on, on all devices.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn set_mute(app: &App, caller: &Caller, id: &ConversationId, mute: bool) -> Result<Conversation, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, wanted) = (caller.no, id.clone());
    let found = database.write(move |c| Ok::<_, AppError>(conversation::set_mute(c, me, &wanted, mute)?)).await?;
    if !found {
        return Err(AppError::NotFound("conversation"));
    }
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(Notice::Mute { id: id.clone(), mute })));
    find(app, caller, id).await
}
