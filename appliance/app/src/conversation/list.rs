use super::Conversation;
use crate::people::{Page, Window};
use crate::{App, AppError, Caller};
use domain::ids::ConversationId;
use domain::rights::Right;
use store::conversation;

/// The caller's open conversations, newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller, window: Window) -> Result<Page<Conversation>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let me = caller.no;
    database
        .read(move |c| {
            let items = conversation::page(c, me, window.offset, window.limit)?;
            Ok::<_, AppError>(Page { items, total: conversation::count(c, me)? })
        })
        .await
}

/// One open conversation of the caller.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn find(app: &App, caller: &Caller, id: &ConversationId) -> Result<Conversation, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, id) = (caller.no, id.clone());
    let found = database.read(move |c| Ok::<_, AppError>(conversation::find(c, me, &id)?)).await?;
    found.ok_or(AppError::NotFound("conversation"))
}
