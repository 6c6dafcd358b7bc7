use super::list::find_in_bubble;
use super::{Conversation, Peer, find, tell};
use crate::live::{Notice, NoticeAction, Push};
use crate::{App, AppError, Caller, people};
use domain::ids::{ArchiveId, BubbleId, ConversationId, UserId};
use domain::rights::Right;
use std::sync::Arc;
use store::{Connection, bubble_conversation, conversation, person};

/// Opens a conversation with somebody whom the caller may see, or puts a bubble that he is in on his list again; keeps an open
/// one as it is.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else, and for other bubbles.
pub async fn open(app: &App, caller: &Caller, peer: &Peer, mute: bool) -> Result<Conversation, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let opened = match peer {
        Peer::User(peer) => open_with(app, caller, peer, mute).await?,
        Peer::Bubble(bubble) => open_in(app, caller, bubble, mute).await?,
    };
    tell(app, caller, &opened, NoticeAction::Create);
    Ok(opened)
}

async fn open_with(app: &App, caller: &Caller, peer: &UserId, mute: bool) -> Result<Conversation, AppError> {
    // Guests talk in their bubble alone (C4).
    caller.needs(Right::UseService, &caller.company)?;
    let peer = people::find(app, caller, peer).await?;
    let (me, now_ms) = (caller.no, app.clock.now_ms());
    let fresh = ConversationId::random(app.rng.as_ref());
    let open = move |c: &Connection| {
        let peer = person::enter(c, &peer.user.id, &peer.company)?;
        conversation::open(c, me, peer, &fresh, now_ms)?;
        let opened = conversation::find_with(c, me, peer)?.ok_or(AppError::NotFound("conversation"))?;
        if mute {
            conversation::set_mute(c, me, &opened.id, true)?;
        }
        Ok::<_, AppError>(Conversation { mute: mute || opened.mute, ..opened.into() })
    };
    app.company(&caller.company).await?.write(open).await
}

async fn open_in(app: &App, caller: &Caller, id: &BubbleId, mute: bool) -> Result<Conversation, AppError> {
    let none = || AppError::NotFound("conversation");
    let conversation = ConversationId::parse(id.as_str()).map_err(|_| none())?;
    let is_own = app.relations().bubble(id).is_some_and(|bubble| bubble.is_conversation_of(&caller.user));
    if !is_own {
        return Err(none());
    }
    let (me, of) = (caller.no, id.clone());
    let open = move |c: &Connection| {
        let wish = bubble_conversation::find(c, me, &of)?;
        if wish.closed.is_some() {
            bubble_conversation::set_closed(c, me, &of, None)?;
        }
        if mute && !wish.mute {
            bubble_conversation::set_mute(c, me, &of, true)?;
        }
        Ok::<_, AppError>(())
    };
    app.company(&caller.company).await?.write(open).await?;
    find(app, caller, &conversation).await
}

/// Takes a conversation off the caller's list; its messages stay, and the next one brings it back.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn close(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    let in_bubble = find_in_bubble(app, caller, id).await?;
    let database = app.company(&caller.company).await?;
    let (me, wanted) = (caller.no, id.clone());
    let (closing, closed) = match in_bubble {
        Some(found) => {
            let (closed, of) = (Some(found.newest.unwrap_or(ArchiveId(0))), found.conversation.peer.clone());
            let close = move |c: &Connection| {
                let Peer::Bubble(bubble) = &of else { return Ok(false) };
                bubble_conversation::set_closed(c, me, bubble, closed)?;
                Ok::<_, AppError>(true)
            };
            (found.conversation, database.write(close).await?)
        }
        None => {
            let closing = find(app, caller, id).await?;
            let close = move |c: &Connection| Ok::<_, AppError>(conversation::close(c, me, &wanted)?);
            (closing, database.write(close).await?)
        }
    };
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
    let found = find(app, caller, id).await?;
    let (me, wanted, peer) = (caller.no, id.clone(), found.peer.clone());
    let set = move |c: &Connection| match peer {
        Peer::User(_) if conversation::set_mute(c, me, &wanted, mute)? => Ok(()),
        Peer::User(_) => Err(AppError::NotFound("conversation")),
        Peer::Bubble(bubble) => Ok(bubble_conversation::set_mute(c, me, &bubble, mute)?),
    };
    let (live, user) = (Arc::clone(&app.live), caller.user.clone());
    let told = Push::Notice(Arc::new(Notice::Mute { id: id.clone(), mute }));
    app.change_company(&caller.company, set, move |()| live.push_all(&user, &told)).await?;
    Ok(Conversation { mute, ..found })
}
