use super::announce::may_share_now;
use super::{FileRefused, Viewer, own, tell};
use crate::live::NoticeAction;
use crate::{App, AppError, Caller};
use domain::file::{VIEWERS_MAX, may_share};
use domain::ids::FileId;
use store::{Connection, file_grant};

/// Shares a file with somebody more.
///
/// # Errors
/// [`AppError::NotFound`] for a file that the caller does not see, or a viewer whom he does not reach;
/// [`AppError::Forbidden`] for a file of another.
pub async fn add_viewer(app: &App, caller: &Caller, id: &FileId, viewer: Viewer) -> Result<(), AppError> {
    own(app, caller, id).await?;
    may_share_now(app, caller).await?;
    if !may_share(&caller.user, &viewer, &app.relations()) {
        return Err(AppError::NotFound("viewer"));
    }
    let (of, now_ms) = (id.clone(), app.clock.now_ms());
    let add = move |c: &Connection| {
        let shared = file_grant::find(c, &of)?.ok_or(AppError::NotFound(super::FILE))?;
        if shared.access.grants.len() >= VIEWERS_MAX {
            return Err(FileRefused::TooMany { what: "viewers of a file", max: VIEWERS_MAX }.into());
        }
        file_grant::add_viewer(c, &of, &viewer, now_ms)?;
        Ok::<_, AppError>(file_grant::find(c, &of)?.unwrap_or(shared))
    };
    let shared = app.store.directory().write(add).await?;
    tell::changed(app, id, &shared.access, NoticeAction::Update);
    Ok(())
}

/// Takes a viewer off a file: its owner anybody, a viewer himself.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn remove_viewer(app: &App, caller: &Caller, id: &FileId, viewer_id: &str) -> Result<(), AppError> {
    let shared = super::look(app, caller, id).await?;
    if shared.access.owner != caller.user && viewer_id != caller.user.as_str() {
        return Err(AppError::Forbidden);
    }
    let (of, gone) = (id.clone(), viewer_id.to_owned());
    let remove = move |c: &Connection| Ok::<_, AppError>(file_grant::remove_viewer(c, &of, &gone)?);
    if !app.store.directory().write(remove).await? {
        return Err(AppError::NotFound("viewer"));
    }
    tell::changed(app, id, &shared.access, NoticeAction::Update);
    Ok(())
}
