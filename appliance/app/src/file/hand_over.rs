use super::{FilePage, decided_by, described, tell};
use crate::live::NoticeAction;
use crate::{App, AppError, Caller};
use domain::ids::{FileId, UserId};
use store::{Connection, file, file_grant, user};

/// Gives a file to a colleague; who had it sees it no longer, unless it was shared with him. What somebody leaves behind is given by
/// an administrator (D4).
///
/// # Errors
/// [`AppError::NotFound`] for a file or a person that the caller does not see, or one of another company;
/// [`AppError::Forbidden`] for a file of another.
pub async fn hand_over(app: &App, caller: &Caller, id: &FileId, to: &UserId) -> Result<FilePage, AppError> {
    let shared = decided_by(app, caller, id).await?;
    let colleague = app.relations().member(to).is_some_and(|member| member.company == shared.company);
    if !colleague {
        return Err(AppError::NotFound("user"));
    }
    let (of, new) = (id.clone(), to.clone());
    let change = move |c: &Connection| {
        let owner = user::find(c, &new)?.ok_or(AppError::NotFound("user"))?;
        Ok::<_, AppError>(file::set_owner(c, &of, owner.no)?)
    };
    app.company(&shared.company).await?.write(change).await?;
    let (of, new) = (id.clone(), to.clone());
    app.store.directory().write(move |c| Ok::<_, AppError>(file_grant::set_owner(c, &of, &new)?)).await?;
    let file = described(app, &shared.company, id).await?;
    let mut access = shared.access;
    tell::changed(app, id, &access, NoticeAction::Update);
    to.clone_into(&mut access.owner);
    tell::changed(app, id, &access, NoticeAction::Update);
    Ok(FilePage { file, grants: access.grants })
}
