use super::ApplicationPassword;
use crate::{App, AppError, Caller};
use domain::rights::Right;
use store::application_password;

/// The caller's own application passwords, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn list_application_passwords(app: &App, caller: &Caller) -> Result<Vec<ApplicationPassword>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (no, database) = (caller.no, app.company(&caller.company).await?);
    database.read(move |c| Ok(application_password::list(c, no)?)).await
}
