//! What a stream asks while SCRAM-SHA-256 goes on, and while it is open.

use super::{Salt, keys};
use crate::sign_in::check::STREAM_CHECK_MS;
use crate::sign_in::log_in::may_sign_in;
use crate::sign_in::pace;
use crate::{App, AppError, Caller, SignedInBy, Unauthenticated};
use aws_lc_rs::hmac;
use domain::ids::{ApplicationPasswordId, CompanyId, UserId};
use std::time::Duration;
use store::user::User;
use store::{Connection, Purpose, application_password, user};

/// How a client salts the password of this user. A name without application passwords, whether somebody has it or not,
/// gets a salt that is always the same and that its first application password will have: nothing tells them apart.
pub async fn application_salt(app: &App, local_part: &str) -> Salt {
    let found = pace::told_in_step(find_salt(app, local_part)).await;
    let found = found.unwrap_or_else(|failure| {
        tracing::error!(%failure, "the salt of an application password could not be read");
        None
    });
    found.unwrap_or_else(|| salt_of_nobody(app, local_part))
}

/// The salt of whoever has none.
pub(super) fn salt_of_nobody(app: &App, local_part: &str) -> Salt {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(Purpose::ApplicationPasswordSalt).expose());
    let salt = hmac::sign(&key, local_part.as_bytes()).as_ref()[..16].to_vec();
    Salt { salt, iterations: keys::ITERATIONS }
}

async fn find_salt(app: &App, local_part: &str) -> Result<Option<Salt>, AppError> {
    let Some((user, company)) = member(app, local_part) else { return Ok(None) };
    let found = move |c: &Connection| {
        let Some(user) = user::find(c, &user)? else { return Ok(None) };
        Ok::<_, AppError>(application_password::salt(c, user.no)?)
    };
    app.company(&company).await?.read(found).await
}

pub(in crate::sign_in) fn member(app: &App, local_part: &str) -> Option<(UserId, CompanyId)> {
    let user = UserId::parse(local_part).ok()?;
    let company = app.relations().member(&user)?.company.clone();
    Some((user, company))
}

/// Who opens a stream with one of the application passwords of this local part, and the server's signature. `message` is
/// RFC 5802's AuthMessage, `proof` the ClientProof. Counts as use of the account.
///
/// # Errors
/// [`Unauthenticated::WrongCredentials`] whatever is wrong.
pub async fn authenticate_by_proof(
    app: &App,
    local_part: &str,
    message: &str,
    proof: &[u8; 32],
) -> Result<(Caller, [u8; 32]), AppError> {
    pace::in_step(try_authenticate(app, local_part, message, proof)).await
}

async fn try_authenticate(
    app: &App,
    local_part: &str,
    message: &str,
    proof: &[u8; 32],
) -> Result<(Caller, [u8; 32]), AppError> {
    let wrong = || AppError::from(Unauthenticated::WrongCredentials);
    let (id, company) = member(app, local_part).ok_or_else(wrong)?;
    let database = app.company(&company).await?;
    let found = database.read(move |c| find(c, &id)).await?;
    let (user, last_used_ms, all) = found.ok_or_else(wrong)?;
    // All are tried: how long it takes must not tell which one it was.
    let matching = all.iter().fold(None, |found, (id, keys)| {
        let signature = keys::check(keys, message, proof);
        found.or(signature.map(|signature| (id.clone(), signature)))
    });
    let (id, signature) = matching.ok_or_else(wrong)?;
    may_sign_in(app, &user, last_used_ms).map_err(|_| wrong())?;
    note_use(app, &company, &user, &id).await?;
    let (kind, signed_in_by) = (app.kind_of(&company)?, SignedInBy::ApplicationPassword(id));
    let caller = Caller { user: user.id, no: user.no, company, kind, roles: user.roles, signed_in_by };
    Ok((caller, signature))
}

type Account = (User, i64, Vec<(ApplicationPasswordId, application_password::Keys)>);

fn find(c: &Connection, id: &UserId) -> Result<Option<Account>, AppError> {
    let Some(user) = user::find(c, id)? else { return Ok(None) };
    let (last_used_ms, keys) = (user::last_used_ms(c, user.no)?, application_password::keys(c, user.no)?);
    Ok(Some((user, last_used_ms, keys)))
}

/// Refused when the application password was removed meanwhile.
pub(in crate::sign_in) async fn note_use(
    app: &App,
    company: &CompanyId,
    of: &User,
    id: &ApplicationPasswordId,
) -> Result<(), AppError> {
    let (no, id, now_ms) = (of.no, id.clone(), app.clock.now_ms());
    let note = move |c: &Connection| {
        if !application_password::used(c, no, &id, now_ms)? {
            return Err(AppError::from(Unauthenticated::WrongCredentials));
        }
        Ok(user::used(c, no, now_ms)?)
    };
    app.company(company).await?.write(note).await
}

/// An open stream ends with its application password or its account; until then it is use of both.
pub(in crate::sign_in) async fn keep_alive(
    app: &App,
    caller: &Caller,
    id: &ApplicationPasswordId,
) -> Result<Duration, AppError> {
    let wanted = caller.user.clone();
    let database = app.company(&caller.company).await?;
    let user = database.read(move |c| Ok::<_, AppError>(user::find(c, &wanted)?)).await?;
    let user = user.filter(|user| user.active).ok_or(Unauthenticated::Disabled)?;
    note_use(app, &caller.company, &user, id).await?;
    Ok(Duration::from_millis(STREAM_CHECK_MS.unsigned_abs()))
}
