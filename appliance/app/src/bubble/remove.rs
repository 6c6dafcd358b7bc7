use super::permitted;
use crate::freeing::freeing;
use crate::live::{Gone, Notice, Push, Standing};
use crate::{App, AppError, Caller, guest};
use domain::bubble::Action;
use domain::ids::{BubbleId, CompanyId, UserId};
use std::sync::{Arc, PoisonError};
use store::{bubble, bubble_members};

/// Deletes a bubble for everybody, with all that was said in it (D5).
///
/// # Errors
/// [`AppError::NotFound`] for who does not see it, [`AppError::Forbidden`] for everybody but its organizer (R2).
pub async fn remove(app: &App, caller: &Caller, id: &BubbleId) -> Result<(), AppError> {
    let company = permitted(app, caller, id, Action::Delete)?;
    end(app, id, &company, Some(caller.user.clone())).await
}

/// `by`: nobody stands for the company's administrator.
pub(super) async fn end(app: &App, id: &BubbleId, company: &CompanyId, by: Option<UserId>) -> Result<(), AppError> {
    let hosted = hosted(app, id);
    freeing(app, || hide(app, id, by.clone())).await?;
    for guest in hosted {
        guest::close(app, &guest).await?;
    }
    freeing(app, || finish(app, company, id)).await
}

/// From now on nobody sees it.
async fn hide(app: &App, id: &BubbleId, by: Option<UserId>) -> Result<(), AppError> {
    let (gone, live, told) = (id.clone(), Arc::clone(&app.live), id.clone());
    app.change_directory(
        move |c| {
            let bubble = bubble_members::find(c, &gone)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            // It may have been handed over meanwhile.
            if let Some(by) = by {
                bubble.needs(&by, Action::Delete)?;
            }
            bubble_members::mark_deleted(c, &gone)?;
            Ok(bubble)
        },
        move |relations, bubble| {
            relations.write().unwrap_or_else(PoisonError::into_inner).remove_bubble(&told);
            for user in bubble.members.keys() {
                let status = Some(Standing::Nothing);
                let notice = Notice::Member { bubble: told.clone(), user: user.clone(), status, role: None };
                live.push_all(user, &Push::Notice(Arc::new(notice)));
                live.put_out(&told, user, Gone::Ended);
            }
        },
    )
    .await
    .map(|_| ())
}

/// Whose account ends with the bubble: its guests, and who waits to be one.
fn hosted(app: &App, id: &BubbleId) -> Vec<UserId> {
    let relations = app.relations();
    let Some(bubble) = relations.bubble(id) else { return Vec::new() };
    let people = bubble.members.keys().chain(bubble.waiting.keys());
    people.filter(|user| bubble.hosts(user)).cloned().collect()
}

/// Nobody sees it any more: now its content goes. What a cut leaves is finished at the next start.
async fn finish(app: &App, company: &CompanyId, id: &BubbleId) -> Result<(), AppError> {
    let (gone, last) = (id.clone(), id.clone());
    app.company(company).await?.write(move |c| Ok::<_, AppError>(bubble::delete(c, &gone)?)).await?;
    app.store.directory().write(move |c| Ok::<_, AppError>(bubble_members::remove_deleted(c, &last)?)).await
}

/// Removes the content of a company's bubbles that were deleted before the last end.
pub(crate) async fn finish_removals(app: &App, company: &CompanyId) -> Result<(), AppError> {
    let of = company.clone();
    let left = app.store.directory().read(move |c| Ok::<_, AppError>(bubble_members::deleted(c, &of)?)).await?;
    for id in left {
        finish(app, company, &id).await?;
    }
    Ok(())
}
