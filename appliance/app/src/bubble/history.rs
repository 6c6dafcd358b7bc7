use super::{BubbleMessage, look, names};
use crate::message::{Asked, PAGE_MAX, PLACE, counts, cut, range};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId, UserId};
use std::collections::HashMap;
use store::bubble::BubbleNo;
use store::{Connection, bubble, bubble_message};

/// A page of a bubble's history, oldest first.
#[derive(Debug, Default)]
pub struct BubbleHistory {
    /// The messages.
    pub messages: Vec<BubbleMessage>,
    /// How those are called who said them.
    pub names: HashMap<UserId, String>,
    /// Messages that the caller may read; not counted of long histories.
    pub total: Option<u64>,
    /// How many of them are older than the first of the page.
    pub index: Option<u64>,
    /// Nothing lies beyond this page in its direction.
    pub complete: bool,
}

/// The places between which times lie: after, and before.
pub(crate) fn places((from_ms, until_ms): (i64, Option<i64>)) -> (ArchiveId, ArchiveId) {
    let until = until_ms.map_or(i64::MAX, |until| until.saturating_add(1).saturating_mul(1000));
    (ArchiveId(from_ms.saturating_mul(1000).saturating_sub(1)), ArchiveId(until))
}

/// Where a bubble's messages are, and between which places the caller reads them; who is only asked in reads nothing.
pub(super) fn readable(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
) -> Result<(CompanyId, (ArchiveId, ArchiveId)), AppError> {
    let (home, reads) = look(app, caller, id, |bubble| (bubble.company.clone(), bubble.reads(&caller.user)))?;
    Ok((home, places(reads.ok_or(AppError::Forbidden)?)))
}

/// A page of what the caller may read of a bubble.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, or when a place that must be there is not;
/// [`AppError::Forbidden`] for who is only asked in.
pub async fn history(app: &App, caller: &Caller, id: &BubbleId, asked: Asked) -> Result<BubbleHistory, AppError> {
    let (home, reads) = readable(app, caller, id)?;
    let of = id.clone();
    let database = app.company(&home).await?;
    let page = database.read(move |c| {
        let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        page(c, no, reads, &asked)
    });
    let page = page.await?;
    let mut people: Vec<UserId> = page.messages.iter().map(|message| message.sender.clone()).collect();
    people.sort();
    people.dedup();
    Ok(BubbleHistory { names: names(app, people).await?, ..page })
}

fn page(
    c: &Connection,
    no: BubbleNo,
    (after, before): (ArchiveId, ArchiveId),
    asked: &Asked,
) -> Result<BubbleHistory, AppError> {
    let is_readable = |place: ArchiveId| place > after && place < before;
    for place in &asked.known {
        bubble_message::at(c, no, *place)?.filter(|_| is_readable(*place)).ok_or(AppError::NotFound(PLACE))?;
    }
    let mut range = range(asked, after);
    range.before = range.before.min(before);
    let mut messages = bubble_message::page(c, no, range)?;
    let complete = cut(&mut messages, asked);
    for one in messages.iter_mut().filter(|_| asked.remarks) {
        one.remarks = bubble_message::remarks(c, no, one.archive, before)?;
    }
    let count = |after, before, most| bubble_message::count(c, no, (after, before), asked.every_kind, most);
    let (total, index) = counts((after, before), messages.first().map(|first| first.archive), count)?;
    Ok(BubbleHistory { messages, names: HashMap::new(), total, index, complete })
}

/// These messages of a bubble, in the order asked.
///
/// # Errors
/// As [`history`]; too many of them.
pub async fn messages(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    wanted: Vec<ArchiveId>,
) -> Result<BubbleHistory, AppError> {
    let (home, (after, before)) = readable(app, caller, id)?;
    if wanted.len() > usize::try_from(PAGE_MAX).unwrap_or(usize::MAX) {
        return Err(AppError::invalid("ids", format!("at most {PAGE_MAX} at once")));
    }
    let of = id.clone();
    let database = app.company(&home).await?;
    let found = database.read(move |c| {
        let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        let found = wanted.into_iter().map(|place| {
            let found = bubble_message::at(c, no, place)?.filter(|_| place > after && place < before);
            found.ok_or(AppError::NotFound(PLACE))
        });
        found.collect::<Result<Vec<_>, AppError>>()
    });
    let messages = found.await?;
    let people = messages.iter().map(|message| message.sender.clone()).collect();
    Ok(BubbleHistory { messages, names: names(app, people).await?, complete: true, ..BubbleHistory::default() })
}
