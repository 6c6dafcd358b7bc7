use super::StoredMessage;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, UserId};
use domain::rights::Right;
use store::message::{self, Range};
use store::person::PersonNo;
use store::{Connection, StoreError, conversation, person};

/// Messages are counted so far, to say how many there are (XEP-0059, 2.6: it may be left out).
const COUNTED_MAX: u32 = 10_000;
/// Most messages of one answer.
pub(crate) const PAGE_MAX: u32 = 100;
/// The end of every archive.
const END: ArchiveId = ArchiveId(i64::MAX);

/// Which part of a history is asked for (XEP-0059).
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only what is newer.
    pub after: Option<ArchiveId>,
    /// Only what is older.
    pub before: Option<ArchiveId>,
    /// The newest of the range first cut, not the oldest.
    pub newest: bool,
    /// Most messages; 0 asks for the count alone.
    pub max: u32,
    /// Also corrections, retractions and reactions as entries of their own: what standard clients read.
    pub every_kind: bool,
    /// With each message how people reacted to it.
    pub remarks: bool,
    /// Places that must be in the caller's archive.
    pub known: Vec<ArchiveId>,
}

/// A page of history, oldest first.
#[derive(Debug, Default)]
pub struct History {
    /// The messages.
    pub messages: Vec<StoredMessage>,
    /// Messages of the whole conversation; not counted over all of them, nor of long ones.
    pub total: Option<u64>,
    /// How many of them are older than the first of the page.
    pub index: Option<u64>,
    /// Nothing lies beyond this page in its direction.
    pub complete: bool,
}

/// A page of the caller's history with somebody, or with everybody. With a stranger there is none.
///
/// # Errors
/// [`AppError::NotFound`] when a place that must be there is not.
pub async fn history(app: &App, caller: &Caller, with: Option<&UserId>, asked: Asked) -> Result<History, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, with) = (caller.no, with.cloned());
    database
        .read(move |c| {
            for place in &asked.known {
                message::at(c, me, *place)?.ok_or(AppError::NotFound(PLACE))?;
            }
            let Some(with) = with else { return of_everybody(c, me, &asked) };
            match person::find(c, &with)? {
                Some(peer) => between(c, me, peer, &asked),
                None => Ok(History { total: Some(0), index: Some(0), complete: true, ..History::default() }),
            }
        })
        .await
}

/// What is not found of an archive: a place in it.
pub const PLACE: &str = "this place in the archive";

/// These messages of the caller's archive, in the order asked.
///
/// # Errors
/// [`AppError::NotFound`] when one of them is not there; too many of them.
pub async fn messages(app: &App, caller: &Caller, places: Vec<ArchiveId>) -> Result<History, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if places.len() > usize::try_from(PAGE_MAX).unwrap_or(usize::MAX) {
        return Err(AppError::invalid("ids", format!("at most {PAGE_MAX} at once")));
    }
    let database = app.company(&caller.company).await?;
    let me = caller.no;
    database
        .read(move |c| {
            let found = places.into_iter().map(|place| message::at(c, me, place)?.ok_or(AppError::NotFound(PLACE)));
            Ok(History { messages: found.collect::<Result<_, _>>()?, complete: true, ..History::default() })
        })
        .await
}

/// The part of the range that is asked for, with one more than fits to tell whether there is more.
pub(crate) fn range(asked: &Asked, cleared: ArchiveId) -> Range {
    Range {
        after: asked.after.map_or(cleared, |after| after.max(cleared)),
        before: asked.before.unwrap_or(END),
        limit: asked.max.min(PAGE_MAX) + 1,
        newest: asked.newest,
        every_kind: asked.every_kind,
    }
}

/// Cuts off what was read beyond the page; `true`: there was nothing.
pub(crate) fn cut<T>(messages: &mut Vec<T>, asked: &Asked) -> bool {
    let complete = messages.len() <= usize::try_from(asked.max.min(PAGE_MAX)).unwrap_or(usize::MAX);
    if !complete {
        let extra = if asked.newest { 0 } else { messages.len() - 1 };
        messages.remove(extra);
    }
    complete
}

/// How many messages there are and how many are older than the first of a page, from how many stand between two places, counted
/// up to a number. Nothing is counted twice, and a long history is not counted to its end.
pub(crate) fn counts(
    (after, before): (ArchiveId, ArchiveId),
    first: Option<ArchiveId>,
    count: impl Fn(ArchiveId, ArchiveId, u32) -> Result<u32, StoreError>,
) -> Result<(Option<u64>, Option<u64>), AppError> {
    let most = COUNTED_MAX + 1;
    let Some(first) = first else {
        let all = count(after, before, most)?;
        return Ok(((all < most).then(|| u64::from(all)), Some(0)));
    };
    let older = count(after, first, most)?;
    if older >= most {
        return Ok((None, None));
    }
    // The page's first message itself is among the rest.
    let rest = count(ArchiveId(first.0.saturating_sub(1)), before, most - older)?;
    let all = older.saturating_add(rest);
    Ok(((all < most).then(|| u64::from(all)), Some(u64::from(older))))
}

fn between(c: &Connection, me: PersonNo, peer: PersonNo, asked: &Asked) -> Result<History, AppError> {
    let cleared = conversation::cleared(c, me, peer)?;
    let mut messages = message::between(c, me, peer, range(asked, cleared))?;
    let complete = cut(&mut messages, asked);
    for one in messages.iter_mut().filter(|_| asked.remarks) {
        one.remarks = message::remarks(c, (me, peer), &one.stanza_id)?;
    }
    let count = |after, before, most| message::count_between(c, (me, peer), (after, before), asked.every_kind, most);
    let (total, index) = counts((cleared, END), messages.first().map(|first| first.archive), count)?;
    Ok(History { messages, total, index, complete })
}

fn of_everybody(c: &Connection, me: PersonNo, asked: &Asked) -> Result<History, AppError> {
    let mut messages = message::of_owner(c, me, range(asked, ArchiveId(-1)))?;
    let complete = cut(&mut messages, asked);
    Ok(History { messages, total: None, index: None, complete })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Counts of an archive whose messages stand at 1, 2, ... up to `length`; and how many of them were looked at.
    fn counted(length: i64, first: Option<i64>) -> ((Option<u64>, Option<u64>), u32) {
        let looked_at = Cell::new(0);
        let count = |after: ArchiveId, before: ArchiveId, most: u32| {
            let inside = before.0.min(length + 1) - after.0.max(0) - 1;
            let found = u32::try_from(inside.max(0)).expect("small").min(most);
            looked_at.set(looked_at.get() + found);
            Ok(found)
        };
        let told = counts((ArchiveId(0), END), first.map(ArchiveId), count).expect("counted");
        (told, looked_at.get())
    }

    #[test]
    fn a_page_says_where_it_begins_and_how_much_there_is_and_nothing_is_counted_twice_c1() {
        assert_eq!(counted(0, None), ((Some(0), Some(0)), 0));
        assert_eq!(counted(30, Some(1)), ((Some(30), Some(0)), 30));
        assert_eq!(counted(30, Some(21)), ((Some(30), Some(20)), 30));
        let long = i64::from(COUNTED_MAX) * 1000;
        for (first, index) in [(1, Some(0)), (100, Some(99)), (long - 9, None)] {
            let (told, looked_at) = counted(long, Some(first));
            assert_eq!(told, (None, index), "{first}");
            assert!(looked_at <= COUNTED_MAX + 1, "{looked_at}");
        }
    }
}
