use super::{RENEWED_BELOW_MS, hashed, secret};
use crate::sign_in::application_password::{member, note_use};
use crate::sign_in::log_in::may_sign_in;
use crate::sign_in::pace;
use crate::{App, AppError, Caller, SignedInBy, Unauthenticated};
use aws_lc_rs::hmac;
use store::fast_token::{self, FastToken};
use store::{Connection, user};

/// What a client shows to prove that it has a token.
#[derive(Debug, Clone)]
pub struct ShownToken {
    /// What it calls its installation.
    pub agent: String,
    /// By which mechanism.
    pub mechanism: &'static str,
    /// What both see of their channel; empty where the mechanism does not bind to it.
    pub channel: Vec<u8>,
    /// The initiator's hash.
    pub hash: [u8; 32],
    /// How often it has shown the token, if it counts.
    pub count: Option<u32>,
    /// It will not show it again.
    pub invalidate: bool,
}

/// A token that was accepted.
#[derive(Debug, Clone, Copy)]
pub struct Accepted {
    /// The responder's hash, by which the client knows that the server has the token too.
    pub hash: [u8; 32],
    /// It is due for another one.
    pub is_due: bool,
}

/// Who opens a stream with a token of this local part. Counts as use of the application password.
///
/// # Errors
/// [`Unauthenticated::Expired`] for a token past its life, else [`Unauthenticated::WrongCredentials`] whatever is wrong.
pub async fn authenticate_by_fast_token(
    app: &App,
    local_part: &str,
    shown: ShownToken,
) -> Result<(Caller, Accepted), AppError> {
    pace::in_step(try_authenticate(app, local_part, shown)).await
}

async fn try_authenticate(app: &App, local_part: &str, shown: ShownToken) -> Result<(Caller, Accepted), AppError> {
    let wrong = || AppError::from(Unauthenticated::WrongCredentials);
    let (id, company) = member(app, local_part).ok_or_else(wrong)?;
    let database = app.company(&company).await?;
    let (agent, mechanism) = (hashed(&shown.agent), shown.mechanism);
    let find = move |c: &Connection| {
        let Some(user) = user::find(c, &id)? else { return Ok(None) };
        let (last_used_ms, tokens) =
            (user::last_used_ms(c, user.no)?, fast_token::of_client(c, user.no, &agent, mechanism)?);
        Ok::<_, AppError>(Some((user, last_used_ms, tokens)))
    };
    let (user, last_used_ms, tokens) = database.read(find).await?.ok_or_else(wrong)?;
    // All are tried: how long it takes must not tell which one it was.
    let matching = tokens.into_iter().fold(None, |found, token| found.or(check(app, token, &shown)));
    let (token, hash) = matching.ok_or_else(wrong)?;
    may_sign_in(app, &user, last_used_ms).map_err(|_| wrong())?;
    let left_ms = token.expires_ms.saturating_sub(app.clock.now_ms());
    if left_ms <= 0 {
        return Err(Unauthenticated::Expired.into());
    }
    let (count, invalidate, password) = (shown.count, shown.invalidate, token.password.clone());
    let note = move |c: &Connection| {
        let is_new = fast_token::used(c, &token, count)?;
        if invalidate && is_new {
            fast_token::remove(c, &token.id)?;
        }
        Ok::<_, AppError>(is_new)
    };
    if !database.write(note).await? {
        return Err(wrong());
    }
    note_use(app, &company, &user, &password).await?;
    let (kind, signed_in_by) = (app.kind_of(&company)?, SignedInBy::ApplicationPassword(password));
    let caller = Caller { user: user.id, no: user.no, company, kind, roles: user.roles, signed_in_by };
    Ok((caller, Accepted { hash, is_due: !invalidate && left_ms < RENEWED_BELOW_MS }))
}

/// The responder's hash, if the initiator's is that of this token.
fn check(app: &App, token: FastToken, shown: &ShownToken) -> Option<(FastToken, [u8; 32])> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret(app, &token).as_bytes());
    let said = |who: &str| [who.as_bytes(), shown.channel.as_slice()].concat();
    let mut hash = [0; 32];
    hash.copy_from_slice(hmac::sign(&key, &said("Responder")).as_ref());
    // Constant in time.
    hmac::verify(&key, &said("Initiator"), &shown.hash).ok().map(|()| (token, hash))
}
