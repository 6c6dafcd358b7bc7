use super::list::{find_in_bubble, find_with_person};
use super::{Conversation, Peer, in_bubbles};
use crate::live::Push;
use crate::outbox::{self, MessageEffect};
use crate::{App, AppError, Caller, bubble};
use domain::ids::{ArchiveId, CompanyId, ConversationId, UserId};
use std::sync::Arc;
use store::{Connection, conversation, message};

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
    let (me, peer, now_ms) = (caller.no, found.peer_no, app.clock.now_ms());
    let foreign = foreign_company(app, caller, &found.peer);
    let (reader, sender, crosses) = (caller.user.clone(), found.peer.clone(), foreign.clone());
    let mark = move |c: &Connection| {
        conversation::mark_read(c, me, peer, ArchiveId(i64::MAX), now_ms)?;
        let newest = message::newest_name(c, peer, me)?;
        if let (Some(company), Some(message_id)) = (foreign, newest.clone()) {
            let effect = MessageEffect::ReadAll { reader, sender, message_id };
            outbox::to_company(c, &company, &effect, now_ms)?;
        }
        Ok(newest)
    };
    let (live, me, peer) = (Arc::clone(&app.live), caller.user.clone(), found.peer.clone());
    let told = crosses.is_none() && app.relations().reaches(&me, &peer);
    let tell = move |newest: &Option<String>| {
        live.push_all(&me, &Push::AllRead { with: peer.clone(), received: true, up_to: None });
        if told {
            live.push_all(&peer, &Push::AllRead { with: me, received: false, up_to: newest.clone() });
        }
    };
    app.change_company(&caller.company, mark, tell).await?;
    if let Some(to) = crosses {
        app.couriers.wake(&caller.company, &to);
    }
    Ok(Conversation { unread: 0, ..found.into() })
}

/// The peer's company, when it is another one and the peer may hear of the caller.
fn foreign_company(app: &App, caller: &Caller, peer: &UserId) -> Option<CompanyId> {
    let relations = app.relations();
    let company = relations.member(peer).map(|member| member.company.clone())?;
    (company != caller.company && relations.reaches(&caller.user, peer)).then_some(company)
}
