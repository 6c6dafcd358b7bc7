use super::find;
use crate::live::Push;
use crate::outbox::{self, DirectoryEffect};
use crate::{App, AppError, Caller, file};
use domain::ids::UserId;
use domain::rights::{Right, Role};
use store::user;

/// Deletes a member's account: no sign-in, no sessions; messages and files stay with the company, files of a standalone account
/// for a time (D4). One cannot delete oneself.
///
/// # Errors
/// Missing right, or the caller's own account.
pub async fn remove(app: &App, caller: &Caller, id: &UserId) -> Result<(), AppError> {
    let (company, user) = find::find_member(app, caller, id).await?;
    if user.roles.only_the_owner_grants() {
        app.permit(caller, Right::OwnBox, &company)?;
    }
    if user.roles.has(Role::SuperAdministrator) || user.id == caller.user {
        return Err(AppError::Forbidden);
    }
    let now_ms = app.clock.now_ms();
    let database = app.company(&company).await?;
    let kind = app.kind_of(&company)?;
    let (no, gone) = (user.no, user.id.clone());
    let by_owner = caller.roles.has(Role::SuperAdministrator);
    database
        .write(move |c| {
            // Roles may have been granted since the change was permitted.
            let now = user::find(c, &gone)?.ok_or(AppError::NotFound("user"))?;
            if now.roles.has(Role::SuperAdministrator) || (now.roles.only_the_owner_grants() && !by_owner) {
                return Err(AppError::Forbidden);
            }
            file::leave(c, no, kind, now_ms)?;
            user::delete(c, no)?;
            outbox::to_directory(c, &DirectoryEffect::removal_of(&gone), now_ms)
        })
        .await?;
    // Contacts hear that the devices have gone while they still are contacts.
    app.live.end_user(id);
    let joined = app.relations().network(id);
    let colleagues = app.live.contacts(id).into_iter().filter(|contact| !joined.contains(contact));
    let colleagues: Vec<UserId> = colleagues.collect();
    app.settle_directory(&company).await?;
    app.names.forget(id);
    for contact in joined {
        app.live.push_all(&contact, &Push::Network { user: id.clone(), joined: false });
    }
    for colleague in colleagues {
        app.live.push_all(&colleague, &Push::Colleague { user: id.clone(), joined: false });
    }
    Ok(())
}
