//! `jid_password`: the XMPP secret of a sign-in session (decision 5). A MAC over user and session, so it can be computed
//! again at any time, is never stored, and is good while the session lives.

use super::application_password;
use super::check::{self, Lives};
use crate::{App, AppError, Caller, SignedInBy, Unauthenticated};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::ids::{SessionId, UserId};
use std::time::Duration;
use store::Purpose;

fn key(app: &App) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(Purpose::XmppSecret).expose())
}

fn subject(user: &UserId, session: &SessionId) -> String {
    format!("{user}|{session}")
}

/// The secret of a session.
pub(super) fn secret(app: &App, user: &UserId, session: &SessionId) -> String {
    let tag = hmac::sign(&key(app), subject(user, session).as_bytes());
    format!("{session}.{}", BASE64.encode(tag))
}

/// Who opens a stream with this local part and secret; counts as activity of the session.
///
/// # Errors
/// [`Unauthenticated::WrongCredentials`] whatever is wrong.
pub async fn authenticate_stream(app: &App, local_part: &str, secret: &str) -> Result<Caller, AppError> {
    let wrong = || AppError::from(Unauthenticated::WrongCredentials);
    let user = UserId::parse(local_part).map_err(|_| wrong())?;
    let (session, tag) = secret.split_once('.').ok_or_else(wrong)?;
    let session = SessionId::parse(session).map_err(|_| wrong())?;
    let tag = BASE64.decode(tag).map_err(|_| wrong())?;
    hmac::verify(&key(app), subject(&user, &session).as_bytes(), &tag).map_err(|_| wrong())?;
    let company = app.relations().member(&user).map(|member| member.company.clone());
    let company = company.ok_or_else(wrong)?;
    check::caller(app, &company, &user, &session).await.map_err(|e| match e {
        AppError::Unauthenticated(_) => wrong(),
        other => other,
    })
}

/// An open stream keeps its session alive, and ends with it or with its application password. Answers after how long it
/// has to ask again: not later than the session's last moment.
///
/// # Errors
/// [`Unauthenticated`] when the session, the application password or the account has ended.
pub async fn keep_alive(app: &App, caller: &Caller) -> Result<Duration, AppError> {
    let session = match &caller.signed_in_by {
        SignedInBy::ApplicationPassword(id) => return application_password::keep_alive(app, caller, id).await,
        SignedInBy::Session(session) => session,
    };
    let (_, session) = check::session_caller(app, &caller.company, &caller.user, session).await?;
    let again_ms = Lives::of(app).ask_again_ms(&session, app.clock.now_ms());
    Ok(Duration::from_millis(u64::try_from(again_ms).unwrap_or(1)))
}
