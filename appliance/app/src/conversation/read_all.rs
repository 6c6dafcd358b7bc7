use super::{Conversation, find};
use crate::live::Push;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, ConversationId};
use store::{conversation, message};

/// Marks all messages of a conversation as read; the caller's devices and the peer hear of it.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn read_all(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    let found = find(app, caller, id).await?;
    let database = app.company(&caller.company).await?;
    let (me, peer, now_ms) = (caller.no, found.peer_no, app.clock.now_ms());
    database
        .write(move |c| {
            let read = message::mark_read(c, me, peer, ArchiveId(i64::MAX), now_ms)?;
            conversation::count_read(c, me, peer, read)?;
            Ok::<_, AppError>(())
        })
        .await?;
    app.live.push_all(&caller.user, &Push::AllRead { with: found.peer.clone(), received: true });
    app.live.push_all(&found.peer, &Push::AllRead { with: caller.user.clone(), received: false });
    Ok(Conversation { unread: 0, ..found })
}
