use super::{CustomStatus, find};
use crate::live::{Notice, Push};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::Arc;
use store::custom_status;

/// Most characters of the words, and of the picture before them.
const TEXT_LENGTH_MAX: usize = 128;
const EMOJI_LENGTH_MAX: usize = 32;

/// What somebody in the caller's network says of himself; of others whom the caller may know of there is nothing to see.
///
/// # Errors
/// [`AppError::NotFound`] for people whom the caller may not know of.
pub async fn custom_status(app: &App, caller: &Caller, id: &UserId) -> Result<Option<CustomStatus>, AppError> {
    let seen = find::find(app, caller, id).await?;
    if !app.relations().shows_presence(id, &caller.user) {
        return Ok(None);
    }
    let (no, now_ms) = (seen.user.no, app.clock.now_ms());
    app.company(&seen.company).await?.read(move |c| Ok::<_, AppError>(custom_status::find(c, no, now_ms)?)).await
}

/// Says something of the caller; all his devices and his network hear that it changed.
///
/// # Errors
/// A text that breaks a rule, or an end that is over.
pub async fn set_custom_status(app: &App, caller: &Caller, status: CustomStatus) -> Result<CustomStatus, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let now_ms = app.clock.now_ms();
    let fits =
        |text: &str, least, most| (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !fits(&status.text, 1, TEXT_LENGTH_MAX) {
        let why = format!("expected 1 to {TEXT_LENGTH_MAX} characters, no control characters");
        return Err(AppError::invalid("status", why));
    }
    if !fits(&status.emoji, 0, EMOJI_LENGTH_MAX) {
        return Err(AppError::invalid("emoji", format!("at most {EMOJI_LENGTH_MAX} characters")));
    }
    if status.until_ms.is_some_and(|until| until <= now_ms) {
        return Err(AppError::invalid("expirationDate", "expected a time to come"));
    }
    let (me, row) = (caller.no, status.clone());
    app.company(&caller.company).await?.write(move |c| Ok::<_, AppError>(custom_status::put(c, me, &row)?)).await?;
    tell(app, caller, Some(status.clone()));
    Ok(status)
}

/// Says nothing more of the caller.
///
/// # Errors
/// When the store fails.
pub async fn remove_custom_status(app: &App, caller: &Caller) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let me = caller.no;
    let gone =
        app.company(&caller.company).await?.write(move |c| Ok::<_, AppError>(custom_status::delete(c, me)?)).await?;
    if gone {
        tell(app, caller, None);
    }
    Ok(())
}

fn tell(app: &App, caller: &Caller, status: Option<CustomStatus>) {
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(Notice::CustomStatus(status))));
    app.live.push_network(&caller.user, &Push::ProfileChanged(caller.user.clone()));
}
