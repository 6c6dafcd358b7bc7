use crate::{App, AppError, Caller, Unauthenticated};
use domain::ids::{CompanyId, SessionId, UserId};
use store::{session, user};

/// A session's last use is written at most this often.
const SEEN_STEP_MS: i64 = 60_000;

/// Who a bearer token speaks for.
///
/// # Errors
/// [`Unauthenticated`] when the token is not ours, has expired, or its session or account has ended.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller, AppError> {
    let claims = app.keys.verify(token, app.clock.now_ms())?;
    caller(app, &claims.company, &claims.user.id, &claims.session).await
}

/// The caller of a live session; notes that it was used.
pub(super) async fn caller(
    app: &App,
    company: &CompanyId,
    user_id: &UserId,
    session_id: &SessionId,
) -> Result<Caller, AppError> {
    let gone = || AppError::from(Unauthenticated::InvalidToken);
    let database = app.company(company).await.map_err(|_| gone())?;
    let (wanted_user, wanted_session) = (user_id.clone(), session_id.clone());
    let (user, session) = database
        .read(move |c| Ok::<_, AppError>((user::find(c, &wanted_user)?, session::find(c, &wanted_session)?)))
        .await?;
    let (user, session) = user.zip(session).ok_or_else(gone)?;
    let now_ms = app.clock.now_ms();
    let alive = now_ms.saturating_sub(session.seen_ms) < app.settings.session_idle_life_s.saturating_mul(1000)
        && now_ms.saturating_sub(session.created_ms) < app.settings.session_life_s.saturating_mul(1000);
    if session.user != user.no || !user.active || !alive {
        return Err(gone());
    }
    if now_ms.saturating_sub(session.seen_ms) >= SEEN_STEP_MS {
        let used = session_id.clone();
        database.write(move |c| Ok::<_, AppError>(session::seen(c, &used, now_ms)?)).await?;
    }
    let kind = app.kind_of(company).await?;
    let (no, roles) = (user.no, user.roles);
    Ok(Caller { user: user.id, no, company: company.clone(), kind, roles, session: session.id })
}
