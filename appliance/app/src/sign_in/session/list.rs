use crate::sign_in::check::Lives;
use crate::{App, AppError, Caller, SignedInBy, people};
use domain::ids::{CompanyId, UserId};
use domain::rights::Right;
use store::person::PersonNo;
use store::session::{self, Session};

/// A session that lives.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// The session.
    pub session: Session,
    /// It is the caller's own present one.
    pub current: bool,
    /// Devices connected on it now.
    pub devices: usize,
}

/// The caller's own sessions, the last used first.
///
/// # Errors
/// When the store fails.
pub async fn list_sessions(app: &App, caller: &Caller) -> Result<Vec<OpenSession>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    list(app, caller, &caller.company, &caller.user, caller.no).await
}

/// The sessions of a member, for administration.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for members of companies that the caller does not administer.
pub async fn list_member_sessions(app: &App, caller: &Caller, id: &UserId) -> Result<Vec<OpenSession>, AppError> {
    let (company, user) = people::find_member(app, caller, id).await?;
    list(app, caller, &company, &user.id, user.no).await
}

async fn list(
    app: &App,
    caller: &Caller,
    company: &CompanyId,
    user: &UserId,
    no: PersonNo,
) -> Result<Vec<OpenSession>, AppError> {
    let (lives, now_ms) = (Lives::of(app), app.clock.now_ms());
    let database = app.company(company).await?;
    let sessions = database.read(move |c| Ok::<_, AppError>(session::list(c, no)?)).await?;
    let devices = app.live.devices_by_sign_in(user);
    let open = sessions.into_iter().filter(|session| lives.alive(session, now_ms)).map(|session| {
        let sign_in = SignedInBy::Session(session.id.clone());
        let (current, devices) = (sign_in == caller.signed_in_by, devices.get(&sign_in).copied().unwrap_or(0));
        OpenSession { session, current, devices }
    });
    Ok(open.collect())
}
