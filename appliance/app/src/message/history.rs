use super::StoredMessage;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, UserId};
use domain::rights::Right;
use store::message::{self, Range};
use store::{conversation, person};

/// Most messages of one answer.
const PAGE_MAX: u32 = 100;

/// Which part of a conversation's history is asked for (XEP-0059).
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Only what is newer.
    pub after: Option<ArchiveId>,
    /// Only what is older.
    pub before: Option<ArchiveId>,
    /// The newest of the range first cut, not the oldest.
    pub newest: bool,
    /// Most messages; 0 asks for the count alone.
    pub max: u32,
}

/// A page of history, oldest first.
#[derive(Debug)]
pub struct History {
    /// The messages.
    pub messages: Vec<StoredMessage>,
    /// Messages of the whole conversation.
    pub total: u64,
    /// How many of them are older than the first of the page.
    pub index: u64,
    /// Nothing lies beyond this page in its direction.
    pub complete: bool,
}

/// A page of the caller's history with somebody. With a stranger there is none.
///
/// # Errors
/// When the store fails.
pub async fn history(app: &App, caller: &Caller, with: &UserId, asked: Asked) -> Result<History, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, with) = (caller.no, with.clone());
    database
        .read(move |c| {
            let empty = History { messages: Vec::new(), total: 0, index: 0, complete: true };
            let Some(peer) = person::find(c, &with)? else { return Ok(empty) };
            let cleared = conversation::cleared(c, me, peer)?;
            let end = ArchiveId(i64::MAX);
            let after = asked.after.map_or(cleared, |after| after.max(cleared));
            let before = asked.before.unwrap_or(end);
            let limit = asked.max.min(PAGE_MAX);
            let range = Range { after, before, limit: limit + 1, newest: asked.newest };
            let mut messages = message::between(c, me, peer, range)?;
            let complete = messages.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
            if !complete {
                let extra = if asked.newest { 0 } else { messages.len() - 1 };
                messages.remove(extra);
            }
            let total = message::count_between(c, me, peer, cleared, end)?;
            let index = match messages.first() {
                Some(first) => message::count_between(c, me, peer, cleared, first.archive)?,
                None => 0,
            };
            Ok(History { messages, total, index, complete })
        })
        .await
}
