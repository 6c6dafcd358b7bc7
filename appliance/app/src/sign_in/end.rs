use crate::{App, AppError, Caller};
use store::session;

/// Ends the caller's session: its token and its XMPP secret are good for nothing from now on, its streams end.
///
/// # Errors
/// When the store fails.
pub async fn log_out(app: &App, caller: &Caller) -> Result<(), AppError> {
    let database = app.company(&caller.company).await?;
    let (session, no) = (caller.session()?.clone(), caller.no);
    database.write(move |c| Ok::<_, AppError>(session::end(c, no, &session)?)).await?;
    app.live.end_sign_in(&caller.user, &caller.signed_in_by);
    Ok(())
}
