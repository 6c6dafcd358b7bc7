use super::{Conversation, Peer, find, named};
use crate::live::{Notice, Push};
use crate::{App, AppError, Caller};
use domain::ids::ConversationId;
use std::sync::Arc;
use store::{Connection, bubble_conversation, conversation};

/// Marks a message of a conversation, or none any more; the caller's devices hear of it.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has no such conversation, or there is no such message in it.
pub async fn set_bookmark(
    app: &App,
    caller: &Caller,
    id: &ConversationId,
    message_id: Option<String>,
) -> Result<Conversation, AppError> {
    let peer = find(app, caller, id).await?.peer;
    let place = match message_id {
        None => None,
        Some(message_id) => {
            let found = named(app, caller, vec![(peer.clone(), message_id)]).await?.pop().flatten();
            Some(found.ok_or(AppError::NotFound("message"))?.archive())
        }
    };
    let (me, wanted) = (caller.no, id.clone());
    let set = move |c: &Connection| match peer {
        Peer::User(_) => Ok::<_, AppError>(conversation::set_bookmark(c, me, &wanted, place)?),
        Peer::Bubble(bubble) => {
            bubble_conversation::set_bookmark(c, me, &bubble, place)?;
            Ok(true)
        }
    };
    if !app.company(&caller.company).await?.write(set).await? {
        return Err(AppError::NotFound("conversation"));
    }
    let marked = find(app, caller, id).await?;
    let (id, peer, bookmark) = (id.clone(), marked.peer.clone(), marked.bookmark.clone());
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(Notice::Bookmark { id, peer, bookmark })));
    Ok(marked)
}
