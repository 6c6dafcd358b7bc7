use super::SignedIn;
use super::check::Lives;
use super::log_in::sign;
use super::xmpp_secret;
use crate::{App, AppError};
use domain::ids::{CompanyId, SessionId};
use store::session::{self, Session};
use store::user::{self, User};
use zeroize::Zeroizing;

/// Signs a guest in who has just come, without a password: the session is all that he has, and its end his own (C4).
pub(crate) async fn sign_in_guest(
    app: &App,
    company: &CompanyId,
    user: User,
    client: &str,
) -> Result<SignedIn, AppError> {
    let now_ms = app.clock.now_ms();
    let id = SessionId::random(app.rng.as_ref());
    let new = Session {
        id: id.clone(),
        user: user.no,
        application: None,
        client: client.chars().filter(|c| !c.is_control()).take(64).collect(),
        created_ms: now_ms,
        seen_ms: now_ms,
    };
    let seen_before_ms = Lives::of(app).seen_before_ms(now_ms);
    let sessions_max = app.settings.sessions_per_user_max;
    let begin = move |c: &store::Connection| {
        session::purge(c, seen_before_ms)?;
        user::used(c, new.user, now_ms)?;
        session::insert(c, &new, sessions_max)?;
        Ok::<_, AppError>(())
    };
    app.company(company).await?.write(begin).await?;
    let token = sign(app, company, &user, &id, None).await?;
    let xmpp_secret = Zeroizing::new(xmpp_secret::secret(app, &user.id, &id));
    Ok(SignedIn { token, user, company: company.clone(), xmpp_secret, application: None })
}
