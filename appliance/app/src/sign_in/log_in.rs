use super::check::Lives;
use super::hash_pool::salt_of;
use super::hash_queue::Lane;
use super::lock_out::{self, Claim};
use super::pace;
use super::token::{Claims, Id};
use super::xmpp_secret;
use crate::visitor::Source;
use crate::{App, AppError, SignedInBy, Unauthenticated, people};
use aws_lc_rs::{constant_time, digest, hmac};
use domain::email::Email;
use domain::ids::{ApplicationId, CompanyId, SessionId, UserId};
use domain::rights::Role;
use store::session::Session;
use store::user::User;
use store::{Purpose, application, known_source, login, password, session, user};
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
    /// From where.
    pub source: Source,
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

/// Signs a person in (A1), unless too much was wrong before (A5). Unknown names are treated as wrong passwords are, and
/// take as long.
///
/// # Errors
/// [`Unauthenticated`], or [`AppError::Busy`] when too many sign in at once.
pub async fn log_in(app: &App, credentials: Credentials) -> Result<SignedIn, AppError> {
    pace::in_step(try_log_in(app, credentials)).await
}

async fn try_log_in(app: &App, credentials: Credentials) -> Result<SignedIn, AppError> {
    let found = find_account(app, &credentials).await?;
    let registered = find_application(app, &credentials).await?;
    let stored = found.as_ref().map(|account| &account.password);
    let lane = Lane { source: credentials.source, known: found.as_ref().is_some_and(|account| account.known) };
    let claim = Claim {
        login: &credentials.login,
        source: lane.source,
        known: lane.known,
        salt: salt_of(stored),
        password: &credentials.password,
        application: credentials.application.as_ref().map(|(id, proof)| {
            let secret = registered.as_ref().map_or("", |registered| registered.secret.as_str());
            [id.as_str(), proof.as_str(), secret]
        }),
    };
    let trial = lock_out::begin(app, &claim)?;
    let right = app.hashes.verify(lane, &credentials.password, stored).await?;
    let Some(account) = found.filter(|_| right) else {
        return Err(trial.wrong(Unauthenticated::WrongCredentials).into());
    };
    let application = match check_application(&credentials, registered) {
        Err(reason) => return Err(trial.wrong(reason).into()),
        Ok(application) => application,
    };
    trial.right();
    may_sign_in(app, &account.user, account.last_used_ms)?;
    let session = start_session(app, &account, application.as_ref(), credentials.client).await?;
    let token = sign(app, &account.company, &account.user, &session, application.as_ref()).await?;
    let xmpp_secret = Zeroizing::new(xmpp_secret::secret(app, &account.user.id, &session));
    Ok(SignedIn { token, user: account.user, company: account.company, xmpp_secret, application })
}

/// Told only to who knows the password.
pub(super) fn may_sign_in(app: &App, user: &User, last_used_ms: i64) -> Result<(), Unauthenticated> {
    let life_ms = app.settings.unused_account_life_s.saturating_mul(1000);
    let unused_ms = app.clock.now_ms().saturating_sub(last_used_ms);
    // Nobody could open the box to its owner again.
    let life_ms = if user.roles.has(Role::SuperAdministrator) { 0 } else { life_ms };
    let life_ms = if user.roles.is_guest() { app.settings.guest_life_s.saturating_mul(1000) } else { life_ms };
    match user.active {
        false => Err(Unauthenticated::Disabled),
        true if life_ms > 0 && unused_ms > life_ms => Err(Unauthenticated::Unused),
        true => Ok(()),
    }
}

struct Account {
    company: CompanyId,
    user: User,
    password: password::StoredPassword,
    last_used_ms: i64,
    /// Where the attempt comes from, as the company's file knows sources.
    source: Vec<u8>,
    /// The account was signed in to from there before.
    known: bool,
}

async fn find_account(app: &App, credentials: &Credentials) -> Result<Option<Account>, AppError> {
    let Ok(email) = Email::parse(&credentials.login) else { return Ok(None) };
    let hash = people::login_hash(app, &email);
    let held = app.store.directory().read(move |c| Ok::<_, AppError>(login::find(c, &hash)?)).await?;
    let Some(held) = held else { return Ok(None) };
    let database = app.company(&held.company).await?;
    let source = source_hash(app, &held.user, credentials.source);
    database
        .read(move |c| {
            let Some(user) = user::find(c, &held.user)?.filter(|user| user.email == email) else { return Ok(None) };
            let Some(password) = password::find(c, user.no)? else { return Ok(None) };
            let known = known_source::holds(c, user.no, &source)?;
            let last_used_ms = user::last_used_ms(c, user.no)?;
            Ok(Some(Account { company: held.company, user, password, last_used_ms, source, known }))
        })
        .await
}

/// The keyed hash under which a company's file knows where a user signed in. Two users of one office share none.
pub(super) fn source_hash(app: &App, user: &UserId, source: Source) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(Purpose::KnownSource).expose());
    let mut context = hmac::Context::with_key(&key);
    context.update(user.as_str().as_bytes());
    context.update(source.bytes());
    context.sign().as_ref().to_vec()
}

/// An application that is registered.
struct Registered {
    id: ApplicationId,
    secret: Zeroizing<String>,
}

/// The application that the client names, if it is one.
async fn find_application(app: &App, credentials: &Credentials) -> Result<Option<Registered>, AppError> {
    let named = credentials.application.as_ref().and_then(|(id, _)| ApplicationId::parse(id).ok());
    let Some(id) = named else { return Ok(None) };
    let wanted = id.clone();
    let secret = app.store.directory().read(move |c| Ok::<_, AppError>(application::secret(c, &wanted)?)).await?;
    Ok(secret.map(|secret| Registered { id, secret }))
}

/// Checks the proof, if the client names an application.
fn check_application(
    credentials: &Credentials,
    registered: Option<Registered>,
) -> Result<Option<ApplicationId>, Unauthenticated> {
    let Some((_, proof)) = credentials.application.as_ref().filter(|(id, _)| !id.is_empty()) else { return Ok(None) };
    let Registered { id, secret } = registered.ok_or(Unauthenticated::WrongApplication)?;
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(secret.as_bytes());
    hash.update(credentials.password.as_bytes());
    let expected: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let proof = proof.to_ascii_lowercase();
    constant_time::verify_slices_are_equal(expected.as_bytes(), proof.as_bytes())
        .map_err(|_| Unauthenticated::WrongApplication)?;
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
    let seen_before_ms = Lives::of(app).seen_before_ms(now_ms);
    let (shown, source) = (account.password.clone(), account.source.clone());
    let change = move |c: &store::Connection| {
        // Whoever changed the password while this one was being checked has ended all sessions already.
        if password::find(c, new.user)?.as_ref() != Some(&shown) {
            return Err(AppError::from(Unauthenticated::WrongCredentials));
        }
        session::purge(c, seen_before_ms)?;
        known_source::note(c, new.user, &source, now_ms)?;
        user::used(c, new.user, now_ms)?;
        Ok(session::insert(c, &new, sessions_max)?)
    };
    for ended in app.company(&account.company).await?.write(change).await? {
        app.counters.sessions_displaced.one();
        app.live.end_sign_in(&account.user.id, &SignedInBy::Session(ended));
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
