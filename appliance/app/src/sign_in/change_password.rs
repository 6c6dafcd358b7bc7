use super::present_password;
use crate::people::password::make;
use crate::visitor::Source;
use crate::{App, AppError, Caller, SignedInBy};
use domain::password::{self as rules, Holder};
use domain::rights::Right;
use store::{application_password, password, session};
use zeroize::Zeroizing;

/// A password in place of the present one.
pub struct PasswordChange {
    /// The present password.
    pub current: Zeroizing<String>,
    /// The new one (A1).
    pub new: Zeroizing<String>,
    /// From where.
    pub source: Source,
}

/// Changes the caller's own password, with the present one. All other sessions of the caller end, and so do his
/// application passwords: whoever knew the old password may have made some.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong present password or a new one that breaks a rule, [`crate::Unauthenticated::Locked`],
/// or [`AppError::Busy`].
pub async fn change_password(app: &App, caller: &Caller, change: PasswordChange) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    rules::check(&change.new, Holder::Person).map_err(|e| AppError::invalid("newPassword", e))?;
    let proven = present_password::prove(app, caller, &change.current, change.source).await?;
    let new = make(app, &change.new).await?;
    let (no, kept, now_ms) = (caller.no, caller.session()?.clone(), app.clock.now_ms());
    let put = move |c: &store::Connection| {
        present_password::is_still(c, no, &proven)?;
        password::put(c, no, &new, now_ms)?;
        let sessions = session::end_others(c, no, Some(&kept))?.into_iter().map(SignedInBy::Session);
        let removed = application_password::remove_all(c, no)?.into_iter().map(SignedInBy::ApplicationPassword);
        Ok::<_, AppError>(sessions.chain(removed).collect::<Vec<_>>())
    };
    for ended in app.company(&caller.company).await?.write(put).await? {
        app.live.end_sign_in(&caller.user, &ended);
    }
    Ok(())
}
