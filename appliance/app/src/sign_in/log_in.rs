use super::token::{Claims, Id};
use super::xmpp_secret;
use crate::{App, AppError, Unauthenticated, people};
use aws_lc_rs::{constant_time, digest};
use domain::email::Email;
use domain::ids::{ApplicationId, CompanyId, SessionId};
use store::session::Session;
use store::user::User;
use store::{application, login, password, session, user};
use zeroize::Zeroizing;

/// What a client sends to sign in.
pub struct Credentials {
    /// E-mail address.
    pub login: String,
    /// Password.
    pub password: Zeroizing<String>,
    /// Application id and `hex(sha256(secret + password))`; absent when the client names none.
    pub application: Option<(String, String)>,
    /// `x-rainbow-client`, for the list of sessions.
    pub client: String,
}

/// A successful sign-in.
pub struct SignedIn {
    /// Bearer token.
    pub token: String,
    /// The account.
    pub user: User,
    /// Its company.
    pub company: CompanyId,
    /// XMPP secret of this session; only ever given to its owner, here.
    pub xmpp_secret: Zeroizing<String>,
    /// The application that was named.
    pub application: Option<ApplicationId>,
}

/// Signs a person in (A1). Unknown names take as long as wrong passwords.
///
/// # Errors
/// [`Unauthenticated`], or [`AppError::Busy`] when too many sign in at once.
pub async fn log_in(app: &App, credentials: Credentials) -> Result<SignedIn, AppError> {
    let found = find_account(app, &credentials.login).await?;
    let stored = found.as_ref().and_then(|account| account.password.as_ref());
    let right = app.hashes.verify(&credentials.password, stored).await?;
    let account = found.filter(|_| right).ok_or(Unauthenticated::WrongCredentials)?;
    if !account.user.active {
        return Err(Unauthenticated::Disabled.into());
    }
    let application = check_application(app, &credentials).await?;
    let session = start_session(app, &account, application.as_ref(), credentials.client).await?;
    let token = sign(app, &account.company, &account.user, &session, application.as_ref()).await?;
    let xmpp_secret = Zeroizing::new(xmpp_secret::secret(app, &account.user.id, &session));
    Ok(SignedIn { token, user: account.user, company: account.company, xmpp_secret, application })
}

struct Account {
    company: CompanyId,
    user: User,
    password: Option<password::StoredPassword>,
}

async fn find_account(app: &App, login: &str) -> Result<Option<Account>, AppError> {
    let Ok(email) = Email::parse(login) else { return Ok(None) };
    let hash = people::login_hash(app, &email);
    let held = app.store.directory().read(move |c| Ok::<_, AppError>(login::find(c, &hash)?)).await?;
    let Some(held) = held else { return Ok(None) };
    let database = app.company(&held.company).await?;
    database
        .read(move |c| {
            let Some(user) = user::find(c, &held.user)?.filter(|user| user.email == email) else { return Ok(None) };
            let password = password::find(c, user.no)?;
            Ok(Some(Account { company: held.company, user, password }))
        })
        .await
}

async fn check_application(app: &App, credentials: &Credentials) -> Result<Option<ApplicationId>, AppError> {
    let Some((id, proof)) = credentials.application.as_ref().filter(|(id, _)| !id.is_empty()) else { return Ok(None) };
    let wrong = || AppError::from(Unauthenticated::WrongApplication);
    let id = ApplicationId::parse(id).map_err(|_| wrong())?;
    let wanted = id.clone();
    let secret = app.store.directory().read(move |c| Ok::<_, AppError>(application::secret(c, &wanted)?)).await?;
    let secret = secret.ok_or_else(wrong)?;
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(secret.as_bytes());
    hash.update(credentials.password.as_bytes());
    let expected: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let proof = proof.to_ascii_lowercase();
    constant_time::verify_slices_are_equal(expected.as_bytes(), proof.as_bytes()).map_err(|_| wrong())?;
    Ok(Some(id))
}

async fn start_session(
    app: &App,
    account: &Account,
    application: Option<&ApplicationId>,
    client: String,
) -> Result<SessionId, AppError> {
    let now_ms = app.clock.now_ms();
    let id = SessionId::random(app.rng.as_ref());
    let new = Session {
        id: id.clone(),
        user: account.user.no,
        application: application.map(ToString::to_string),
        client: client.chars().filter(|c| !c.is_control()).take(64).collect(),
        created_ms: now_ms,
        seen_ms: now_ms,
    };
    let sessions_max = app.settings.sessions_per_user_max;
    let database = app.company(&account.company).await?;
    let ended = database.write(move |c| Ok::<_, AppError>(session::insert(c, &new, sessions_max)?)).await?;
    for ended in ended.iter().filter_map(|id| SessionId::parse(id).ok()) {
        app.live.end_session(&account.user.id, &ended);
    }
    Ok(id)
}

pub(super) async fn sign(
    app: &App,
    company: &CompanyId,
    user: &User,
    session: &SessionId,
    application: Option<&ApplicationId>,
) -> Result<String, AppError> {
    let iat = app.clock.now_ms().div_euclid(1000);
    let claims = Claims {
        jti: SessionId::random(app.rng.as_ref()).to_string(),
        iat,
        exp: iat.saturating_add(app.settings.token_life_s),
        user: Id { id: user.id.clone() },
        app: application.map(|id| Id { id: id.to_string() }),
        company: company.clone(),
        session: session.clone(),
        oauth: false,
    };
    app.keys.sign(&claims, &app.store, app.clock.as_ref(), app.rng.as_ref()).await
}
