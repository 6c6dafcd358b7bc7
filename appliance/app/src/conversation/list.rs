use super::{Conversation, in_bubbles};
use crate::people::{Page, Window};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, ConversationId};
use domain::rights::Right;
use std::collections::HashMap;
use store::{bubble_conversation, conversation};

/// The caller's open conversations and those in his bubbles, newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller, window: Window) -> Result<Page<Conversation>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let bubbles = in_bubbles::all(app, caller);
    // At most so many conversations of the window are pushed into it by bubbles before it.
    let most = u32::try_from(bubbles.len()).unwrap_or(u32::MAX);
    let first = window.offset.saturating_sub(most);
    let before = window.offset - first;
    let (me, limit) = (caller.no, window.limit.saturating_add(before));
    let database = app.company(&caller.company).await?;
    let (with_people, count, wishes) = database
        .read(move |c| {
            let page = conversation::page(c, me, first, limit)?;
            Ok::<_, AppError>((page, conversation::count(c, me)?, bubble_conversation::of_owner(c, me)?))
        })
        .await?;
    let in_bubbles = in_bubbles::read(app, caller, bubbles, wishes).await?;
    let total = count + in_bubbles.len() as u64;
    let place = |newest: Option<ArchiveId>| newest.map_or(0, |newest| newest.0);
    let mut all: Vec<(i64, Conversation)> =
        with_people.into_iter().map(|stored| (stored.latest.0, stored.into())).collect();
    all.extend(in_bubbles.into_iter().map(|found| (place(found.newest), found.conversation)));
    all.sort_by_key(|(latest, conversation)| std::cmp::Reverse((*latest, conversation.created_ms)));
    let skip = usize::try_from(before).unwrap_or(usize::MAX);
    let take = usize::try_from(window.limit).unwrap_or(usize::MAX);
    let items = all.into_iter().skip(skip).take(take).map(|(_, conversation)| conversation).collect();
    Ok(Page { items, total })
}

/// One conversation on the caller's list.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn find(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    match find_in_bubble(app, caller, id).await? {
        Some(found) => Ok(found.conversation),
        None => Ok(find_with_person(app, caller, id).await?.into()),
    }
}

/// The same of those with people.
pub(super) async fn find_with_person(
    app: &App,
    caller: &Caller,
    id: &ConversationId,
) -> Result<conversation::Conversation, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, id) = (caller.no, id.clone());
    let found = database.read(move |c| Ok::<_, AppError>(conversation::find(c, me, &id)?)).await?;
    found.ok_or(AppError::NotFound("conversation"))
}

/// The same of those in bubbles.
pub(super) async fn find_in_bubble(
    app: &App,
    caller: &Caller,
    id: &ConversationId,
) -> Result<Option<in_bubbles::Found>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let Some(own) = in_bubbles::one(app, caller, id) else { return Ok(None) };
    let me = caller.no;
    let database = app.company(&caller.company).await?;
    let of = own.id().clone();
    let wish = database.read(move |c| Ok::<_, AppError>((of.clone(), bubble_conversation::find(c, me, &of)?))).await?;
    Ok(in_bubbles::read(app, caller, vec![own], HashMap::from([wish])).await?.pop())
}
