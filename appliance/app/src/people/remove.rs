use super::find;
use super::outbox::{self, DirectoryEffect};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::{Area, Right, Role};
use store::user;

/// Deletes a member's account: no sign-in, no sessions; messages stay with the company. One cannot delete oneself.
///
/// # Errors
/// Missing right, or the caller's own account.
pub async fn remove(app: &App, caller: &Caller, id: &UserId) -> Result<(), AppError> {
    let (company, user) = find::locate(app, caller, id).await?;
    caller.needs(Right::In(Area::CompanyAndMembers), &company)?;
    if user.roles.has(Role::SuperAdministrator) || user.id == caller.user {
        return Err(AppError::Forbidden);
    }
    let (of, now_ms) = (company.clone(), app.clock.now_ms());
    let database = app.company(&company).await?;
    let (no, gone) = (user.no, user.id.clone());
    database
        .write(move |c| {
            user::delete(c, no)?;
            outbox::add(c, &of, &DirectoryEffect::removal_of(&gone), now_ms)?;
            Ok::<_, AppError>(())
        })
        .await?;
    outbox::drain(app, &company).await?;
    app.live.end_user(id);
    Ok(())
}
