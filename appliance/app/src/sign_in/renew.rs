use super::log_in::sign;
use crate::{App, AppError, Caller};
use domain::ids::ApplicationId;
use store::{session, user};

/// A fresh token for the same session.
///
/// # Errors
/// When the session ended meanwhile, or the store fails.
pub async fn renew(app: &App, caller: &Caller) -> Result<String, AppError> {
    let database = app.company(&caller.company).await?;
    let (wanted, session_id) = (caller.user.clone(), caller.session()?.clone());
    let (user, session) =
        database.read(move |c| Ok::<_, AppError>((user::find(c, &wanted)?, session::find(c, &session_id)?))).await?;
    let gone = crate::Unauthenticated::InvalidToken;
    let (user, session) = user.zip(session).ok_or(gone)?;
    let application = session.application.and_then(|id| ApplicationId::parse(&id).ok());
    sign(app, &caller.company, &user, caller.session()?, application.as_ref()).await
}
