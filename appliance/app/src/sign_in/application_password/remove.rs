use crate::{App, AppError, Caller, SignedInBy};
use domain::ids::ApplicationPasswordId;
use domain::rights::Right;
use store::application_password;

/// Removes one of the caller's own application passwords: it opens no stream any more, and those that it opened end.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else's.
pub async fn remove_application_password(
    app: &App,
    caller: &Caller,
    id: &ApplicationPasswordId,
) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (no, wanted, database) = (caller.no, id.clone(), app.company(&caller.company).await?);
    let removed = database.write(move |c| Ok::<_, AppError>(application_password::remove(c, no, &wanted)?)).await?;
    if !removed {
        return Err(AppError::NotFound("application password"));
    }
    app.live.end_sign_in(&caller.user, &SignedInBy::ApplicationPassword(id.clone()));
    Ok(())
}
