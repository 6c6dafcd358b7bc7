use super::User;
use crate::live::{Notice, Push};
use crate::{App, AppError, Caller};
use domain::presence::Level;
use domain::rights::Right;
use std::sync::Arc;
use store::user;

/// The presence that the caller last chose.
///
/// # Errors
/// When the store fails.
pub async fn presence_setting(app: &App, caller: &Caller) -> Result<User, AppError> {
    Ok(super::find(app, caller, &caller.user).await?.user)
}

/// Remembers the presence that the caller chose; the user's other devices hear of it.
///
/// # Errors
/// A level that nobody can choose.
pub async fn set_presence(app: &App, caller: &Caller, level: &str) -> Result<User, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let chosen = Level::parse_setting(level)
        .ok_or_else(|| AppError::invalid("presence", "expected online, away, dnd or invisible"))?;
    let (me, now_ms) = (caller.user.clone(), app.clock.now_ms());
    let database = app.company(&caller.company).await?;
    let user = database
        .write(move |c| {
            let mut user = user::find(c, &me)?.ok_or(AppError::NotFound("user"))?;
            user.presence = chosen;
            user::update(c, &user, now_ms)?;
            Ok::<_, AppError>(user)
        })
        .await?;
    app.live.push_other_sign_ins(&caller.user, &caller.signed_in_by, &Push::Notice(Arc::new(Notice::Settings)));
    Ok(user)
}
