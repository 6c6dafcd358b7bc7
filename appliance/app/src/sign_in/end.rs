use crate::{App, AppError, Caller};
use store::session;

/// Ends the caller's session: its token and its XMPP secret are good for nothing from now on, its streams end.
///
/// # Errors
/// When the store fails.
pub async fn log_out(app: &App, caller: &Caller) -> Result<(), AppError> {
    let database = app.company(&caller.company).await?;
    let session = caller.session.clone();
    database.write(move |c| Ok::<_, AppError>(session::end(c, &session)?)).await?;
    app.live.end_session(&caller.user, &caller.session);
    Ok(())
}
