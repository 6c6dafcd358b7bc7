use crate::{App, AppError, Caller, Settings, SignedInBy, Unauthenticated};
use domain::ids::{CompanyId, SessionId, UserId};
use domain::rights::Roles;
use store::push_subscription::Living;
use store::session::Session;
use store::{session, user};

/// A session's last use is written at most this often; more often only where sessions live shorter than that.
const SEEN_STEP_MS: i64 = 60_000;
/// An open stream asks at least this often whether what opened it is still good.
pub(super) const STREAM_CHECK_MS: i64 = 300_000;

/// How long sessions live, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lives {
    idle_ms: i64,
    whole_ms: i64,
}

impl Lives {
    pub(crate) fn of(app: &App) -> Self {
        Self::set(&app.settings)
    }

    pub(crate) fn set(settings: &Settings) -> Self {
        let ms = |s: i64| s.saturating_mul(1000);
        Self { idle_ms: ms(settings.session_idle_life_s), whole_ms: ms(settings.session_life_s) }
    }

    /// The same rule as [`Lives::alive`], for a query.
    pub(crate) fn living(self, now_ms: i64) -> Living {
        let before = |life_ms| now_ms.saturating_sub(life_ms);
        Living { began_after_ms: before(self.whole_ms), used_after_ms: before(self.idle_ms) }
    }

    /// Those of somebody with these roles: a guest who is not there for a while is gone (C4).
    fn of_roles(self, roles: Roles, settings: &Settings) -> Self {
        let guest_ms = settings.guest_life_s.saturating_mul(1000);
        let idle_ms = if roles.is_guest() { self.idle_ms.min(guest_ms) } else { self.idle_ms };
        Self { idle_ms, ..self }
    }

    pub(super) fn alive(self, session: &Session, now_ms: i64) -> bool {
        now_ms.saturating_sub(session.seen_ms) < self.idle_ms
            && now_ms.saturating_sub(session.created_ms) < self.whole_ms
    }

    /// Sessions that were last used before this have ended.
    pub(super) fn seen_before_ms(self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.idle_ms)
    }

    fn seen_step_ms(self) -> i64 {
        SEEN_STEP_MS.min(self.idle_ms / 4)
    }

    /// When a stream of a living session has to ask again: often enough to keep it alive, and when it ends anyway.
    pub(super) fn ask_again_ms(self, session: &Session, now_ms: i64) -> i64 {
        let left_ms = session.created_ms.saturating_add(self.whole_ms).saturating_sub(now_ms);
        STREAM_CHECK_MS.min(self.idle_ms / 2).min(left_ms).max(1)
    }
}

/// Who a bearer token speaks for.
///
/// # Errors
/// [`Unauthenticated`] when the token is not ours, has expired, or its session or account has ended.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller, AppError> {
    let claims = app.keys.verify(token, app.clock.now_ms())?;
    caller(app, &claims.company, &claims.user.id, &claims.session).await
}

/// The caller of a live session, and the session; notes that it was used.
pub(super) async fn session_caller(
    app: &App,
    company: &CompanyId,
    user_id: &UserId,
    session_id: &SessionId,
) -> Result<(Caller, Session), AppError> {
    let gone = || AppError::from(Unauthenticated::InvalidToken);
    let database = app.company(company).await.map_err(|_| gone())?;
    let (wanted_user, wanted_session) = (user_id.clone(), session_id.clone());
    let (user, session) = database
        .read(move |c| Ok::<_, AppError>((user::find(c, &wanted_user)?, session::find(c, &wanted_session)?)))
        .await?;
    let (user, session) = user.zip(session).ok_or_else(gone)?;
    let (lives, now_ms) = (Lives::of(app).of_roles(user.roles, &app.settings), app.clock.now_ms());
    if session.user != user.no || !user.active || !lives.alive(&session, now_ms) {
        return Err(gone());
    }
    if now_ms.saturating_sub(session.seen_ms) >= lives.seen_step_ms() {
        let (used, by) = (session_id.clone(), user.no);
        let note = move |c: &store::Connection| {
            session::seen(c, &used, now_ms)?;
            Ok::<_, AppError>(user::used(c, by, now_ms)?)
        };
        database.write(note).await?;
    }
    let kind = app.kind_of(company)?;
    let (no, roles) = (user.no, user.roles);
    let signed_in_by = SignedInBy::Session(session.id.clone());
    let caller = Caller { user: user.id, no, company: company.clone(), kind, roles, signed_in_by };
    Ok((caller, session))
}

/// The caller of a live session; notes that it was used.
pub(super) async fn caller(
    app: &App,
    company: &CompanyId,
    user: &UserId,
    session: &SessionId,
) -> Result<Caller, AppError> {
    session_caller(app, company, user, session).await.map(|(caller, _)| caller)
}
