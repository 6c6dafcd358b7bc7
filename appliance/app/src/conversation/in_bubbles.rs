//! Conversations in bubbles. What is said stands in the file of the bubble's company and is counted when the list is read: a
//! message to a thousand people changes one row, not a thousand.

use super::{Bookmark, Conversation, LastMessage, Peer};
use crate::bubble::{Bubble, places};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId, ConversationId, UserId};
use std::collections::{BTreeMap, HashMap};
use store::bubble::BubbleNo;
use store::bubble_conversation::Wish;
use store::person::PersonNo;
use store::{Connection, bubble, bubble_message, bubble_reader, person};

/// Unread messages are counted so far: nobody reads a greater number, and counting costs.
const UNREAD_MAX: u32 = 100;

/// Which part of a bubble's archive somebody reads, and which of it can be unread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    /// What he reads is after this place and before that one.
    pub(crate) reads: (ArchiveId, ArchiveId),
    /// What was said before he came is never unread.
    counts_after: ArchiveId,
}

/// A bubble among somebody's conversations, before its company's file is opened.
#[derive(Debug)]
pub(super) struct Own {
    id: BubbleId,
    company: CompanyId,
    sight: Sight,
    created_ms: i64,
}

impl Own {
    fn of(id: &BubbleId, bubble: &Bubble, user: &UserId) -> Option<Self> {
        let sight = Sight::of(bubble, user).filter(|_| bubble.is_conversation_of(user))?;
        let created_ms = bubble.members.get(user)?.added_ms;
        Some(Self { id: id.clone(), company: bubble.company.clone(), sight, created_ms })
    }

    pub(super) fn id(&self) -> &BubbleId {
        &self.id
    }
}

impl Sight {
    /// Of who reads in the bubble.
    pub(crate) fn of(bubble: &Bubble, user: &UserId) -> Option<Self> {
        let reads = places(bubble.reads(user)?);
        let (came, _) = places((bubble.members.get(user)?.added_ms, None));
        Some(Self { reads, counts_after: reads.0.max(came) })
    }
}

/// A conversation as it is read.
pub(super) struct Found {
    pub(super) conversation: Conversation,
    pub(super) company: CompanyId,
    pub(super) newest: Option<ArchiveId>,
}

/// Every bubble among the caller's conversations.
pub(super) fn all(app: &App, caller: &Caller) -> Vec<Own> {
    let relations = app.relations();
    let own = relations.bubbles_of(&caller.user).filter_map(|(id, bubble)| Own::of(id, bubble, &caller.user));
    own.collect()
}

/// The bubble of this conversation, if it is one of the caller's.
pub(super) fn one(app: &App, caller: &Caller, id: &ConversationId) -> Option<Own> {
    let id = BubbleId::parse(id.as_str()).ok()?;
    let relations = app.relations();
    Own::of(&id, relations.bubble(&id)?, &caller.user)
}

/// Reads what is on the caller's list of these bubbles, one query a company.
pub(super) async fn read(
    app: &App,
    caller: &Caller,
    of: Vec<Own>,
    mut wishes: HashMap<BubbleId, Wish>,
) -> Result<Vec<Found>, AppError> {
    let mut by_company: BTreeMap<CompanyId, Vec<(Own, Wish)>> = BTreeMap::new();
    for own in of {
        let wish = wishes.remove(&own.id).unwrap_or_default();
        by_company.entry(own.company.clone()).or_default().push((own, wish));
    }
    let mut found = Vec::new();
    for (company, of) in by_company {
        let me = caller.user.clone();
        found.extend(app.company(&company).await?.read(move |c| listed(c, &me, of)).await?);
    }
    Ok(found)
}

fn listed(c: &Connection, me: &UserId, of: Vec<(Own, Wish)>) -> Result<Vec<Found>, AppError> {
    let me = person::find(c, me)?;
    let mut found = Vec::new();
    for (own, wish) in of {
        let Own { id, company, sight, created_ms } = own;
        // A row that a cut left without its directory's, or the other way round, is passed over.
        let Some(no) = bubble::number(c, &id)? else { continue };
        let last = bubble_message::newest(c, no, sight.reads)?;
        let newest = last.as_ref().map(|(place, ..)| *place);
        if !wish.lists(newest) {
            continue;
        }
        let unread = if newest.is_some() { unread(c, no, me, sight)? } else { 0 };
        let last = last.map(|(place, text, sender)| LastMessage { sent_at_ms: place.stamp_ms(), text, sender });
        let bookmark = wish.bookmark.map(|place| bookmark(c, no, me, (place, sight))).transpose()?.flatten();
        let conversation = Conversation {
            id: conversation_id(&id)?,
            peer: Peer::Bubble(id),
            mute: wish.mute,
            unread,
            last,
            bookmark,
            created_ms,
        };
        found.push(Found { conversation, company, newest });
    }
    Ok(found)
}

/// The message that somebody marked, while he may read it.
fn bookmark(
    c: &Connection,
    no: BubbleNo,
    me: Option<PersonNo>,
    (place, sight): (ArchiveId, Sight),
) -> Result<Option<Bookmark>, AppError> {
    let is_readable = place > sight.reads.0 && place < sight.reads.1;
    let Some(marked) = bubble_message::at(c, no, place)?.filter(|_| is_readable) else { return Ok(None) };
    let later = bubble_message::count_of_others(c, no, (place, sight.reads.1), me, UNREAD_MAX)?;
    Ok(Some(Bookmark { archive: place, message_id: marked.stanza_id, later }))
}

/// A conversation in a bubble has the bubble's id.
fn conversation_id(bubble: &BubbleId) -> Result<ConversationId, AppError> {
    ConversationId::parse(bubble.as_str()).map_err(|_| AppError::NotFound(crate::BUBBLE))
}

/// How much of a bubble somebody has not read, counted up to a hundred. What one says oneself is never unread.
pub(crate) fn unread(c: &Connection, no: BubbleNo, me: Option<PersonNo>, sight: Sight) -> Result<u32, AppError> {
    let read = me.map(|me| bubble_reader::read_up_to(c, no, me)).transpose()?;
    let after = read.map_or(sight.counts_after, |read| read.max(sight.counts_after));
    Ok(bubble_message::count_of_others(c, no, (after, sight.reads.1), me, UNREAD_MAX)?)
}
