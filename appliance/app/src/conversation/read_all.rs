use super::list::{find_in_bubble, find_with_person};
use super::{Conversation, Peer, in_bubbles};
use crate::live::Push;
use crate::outbox::{self, MessageEffect};
use crate::{App, AppError, Caller, bubble};
use domain::ids::{ArchiveId, CompanyId, ConversationId, UserId};
use store::{conversation, message};

/// Marks all messages of a conversation as read; the caller's devices hear of it, and the peer if it is a person.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn read_all(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    match find_in_bubble(app, caller, id).await? {
        Some(found) => in_bubble(app, caller, found).await,
        None => with_person(app, caller, id).await,
    }
}

async fn in_bubble(app: &App, caller: &Caller, found: in_bubbles::Found) -> Result<Conversation, AppError> {
    if let (Some(newest), Peer::Bubble(id)) = (found.newest, &found.conversation.peer) {
        bubble::mark_all(app, caller, (id, &found.company), newest).await?;
    }
    Ok(Conversation { unread: 0, ..found.conversation })
}

async fn with_person(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    let found = find_with_person(app, caller, id).await?;
    let database = app.company(&caller.company).await?;
    let (me, peer, now_ms) = (caller.no, found.peer_no, app.clock.now_ms());
    let foreign = foreign_company(app, caller, &found.peer);
    let (reader, sender, crosses) = (caller.user.clone(), found.peer.clone(), foreign.clone());
    let up_to = database
        .write(move |c| {
            let read = message::mark_read(c, me, peer, ArchiveId(i64::MAX), now_ms)?;
            conversation::count_read(c, me, peer, read)?;
            let newest = message::newest_name(c, peer, me)?;
            if let (Some(company), Some(message_id)) = (foreign, newest.clone()) {
                let effect = MessageEffect::ReadAll { reader, sender, message_id };
                outbox::to_company(c, &company, &effect, now_ms)?;
            }
            Ok::<_, AppError>(newest)
        })
        .await?;
    app.live.push_all(&caller.user, &Push::AllRead { with: found.peer.clone(), received: true, up_to: None });
    if let Some(to) = crosses {
        app.couriers.wake(&caller.company, &to);
    } else if app.relations().reaches(&caller.user, &found.peer) {
        app.live.push_all(&found.peer, &Push::AllRead { with: caller.user.clone(), received: false, up_to });
    }
    Ok(Conversation { unread: 0, ..found.into() })
}

/// The peer's company, when it is another one and the peer may hear of the caller.
fn foreign_company(app: &App, caller: &Caller, peer: &UserId) -> Option<CompanyId> {
    let relations = app.relations();
    let company = relations.member(peer).map(|member| member.company.clone())?;
    (company != caller.company && relations.reaches(&caller.user, peer)).then_some(company)
}
