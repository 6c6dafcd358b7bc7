use super::CALL;
use crate::live::{CallNews, Push};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, CallId, UserId};
use domain::rights::Right;
use std::sync::Arc;
use store::call_record::{self, CallRange, CallRecord, Which};
use store::{Connection, person};

/// Most records of one answer.
const PAGE_MAX: u32 = 100;

/// Which part of the history is asked for (XEP-0059).
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Only what is newer.
    pub after: Option<ArchiveId>,
    /// Only what is older.
    pub before: Option<ArchiveId>,
    /// The newest of the range, not the oldest.
    pub newest: bool,
    /// Most records.
    pub max: u32,
}

/// A page of the history, oldest first.
#[derive(Debug)]
pub struct Page {
    /// The records.
    pub records: Vec<CallRecord>,
    /// How many there are in the whole.
    pub total: u64,
}

/// A page of the caller's history of calls (J6).
///
/// # Errors
/// When the store fails.
pub async fn history(app: &App, caller: &Caller, asked: Asked) -> Result<Page, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let me = caller.no;
    let range = CallRange {
        after: asked.after.unwrap_or(ArchiveId(-1)),
        before: asked.before.unwrap_or(ArchiveId(i64::MAX)),
        newest: asked.newest,
        limit: asked.max.min(PAGE_MAX),
    };
    let read = move |c: &Connection| {
        Ok::<_, AppError>(Page { records: call_record::range(c, me, range)?, total: call_record::count(c, me)? })
    };
    app.company(&caller.company).await?.read(read).await
}

/// The caller has seen a record, or all of them: his devices hear so.
///
/// # Errors
/// When the store fails. A record that is not there is not told apart from one that was seen before.
pub async fn mark_read(app: &App, caller: &Caller, id: Option<CallId>) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, which) = (caller.no, id.clone().map_or(Which::All, Which::One));
    let mark = move |c: &Connection| Ok(call_record::mark_read(c, me, &which)?);
    let (live, user, read) = (Arc::clone(&app.live), caller.user.clone(), Push::Call(Arc::new(CallNews::Read(id))));
    let tell = move |marked: &usize| {
        if *marked > 0 {
            live.push_all(&user, &read);
        }
    };
    app.change_company(&caller.company, mark, tell).await.map(drop)
}

/// Removes a record from the caller's history, or those with somebody, or all: his devices hear so.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such record.
pub async fn remove(app: &App, caller: &Caller, id: Option<CallId>, with: Option<UserId>) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, one, peer) = (caller.no, id.clone(), with.clone());
    let remove = move |c: &Connection| {
        let which = match (one, peer) {
            (Some(id), _) => Which::One(id),
            (None, Some(peer)) => match person::find(c, &peer)? {
                Some(peer) => Which::With(peer),
                None => return Ok(0),
            },
            (None, None) => Which::All,
        };
        Ok(call_record::remove(c, me, &which)?)
    };
    // Of one alone Rainbow's clients cannot be told: they read the whole history again.
    let gone = Push::Call(Arc::new(CallNews::Removed(with.filter(|_| id.is_none()))));
    let (live, user) = (Arc::clone(&app.live), caller.user.clone());
    let tell = move |removed: &usize| {
        if *removed > 0 {
            live.push_all(&user, &gone);
        }
    };
    let removed = app.change_company(&caller.company, remove, tell).await?;
    if removed == 0 && id.is_some() { Err(AppError::NotFound(CALL)) } else { Ok(()) }
}
