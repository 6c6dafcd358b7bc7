//! A token alone does not change how one signs in: the present password is asked for, and guessing it here counts as
//! guessing it at the sign-in (A5).

use super::hash_pool::salt_of;
use super::hash_queue::Lane;
use super::lock_out::{self, Claim};
use super::log_in::source_hash;
use super::pace;
use crate::visitor::Source;
use crate::{App, AppError, Caller, Unauthenticated};
use store::password::{self, StoredPassword};
use store::person::PersonNo;
use store::user::User;
use store::{Connection, known_source, user};

/// The caller's stored password, after the caller has shown it.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong one, [`Unauthenticated::Locked`], or [`AppError::Busy`].
pub(super) async fn prove(app: &App, caller: &Caller, shown: &str, source: Source) -> Result<StoredPassword, AppError> {
    match pace::in_step(look_at(app, caller, shown, source)).await {
        Err(AppError::Unauthenticated(Unauthenticated::WrongCredentials)) => Err(wrong()),
        proven => proven,
    }
}

/// To be called in the change that the proof was for: whoever changed the password meanwhile has ended everything else.
pub(super) fn is_still(content: &Connection, caller: PersonNo, proven: &StoredPassword) -> Result<(), AppError> {
    if password::find(content, caller)?.as_ref() == Some(proven) { Ok(()) } else { Err(wrong()) }
}

fn wrong() -> AppError {
    AppError::invalid("currentPassword", "this is not the present password")
}

async fn look_at(app: &App, caller: &Caller, shown: &str, source: Source) -> Result<StoredPassword, AppError> {
    let (user, stored, known) = find(app, caller, source).await?;
    let lane = Lane { source, known };
    let claim = Claim {
        login: user.email.as_str(),
        source: lane.source,
        known,
        salt: salt_of(Some(&stored)),
        password: shown,
        application: None,
    };
    let trial = lock_out::begin(app, &claim)?;
    if !app.hashes.verify(lane, shown, Some(&stored)).await? {
        return Err(trial.wrong(Unauthenticated::WrongCredentials).into());
    }
    trial.right();
    Ok(stored)
}

async fn find(app: &App, caller: &Caller, source: Source) -> Result<(User, StoredPassword, bool), AppError> {
    let source = source_hash(app, &caller.user, source);
    let (id, no) = (caller.user.clone(), caller.no);
    let database = app.company(&caller.company).await?;
    let found = move |c: &Connection| {
        let (user, stored) = (user::find(c, &id)?, password::find(c, no)?);
        let (user, stored) = user.zip(stored).ok_or(AppError::NotFound("password"))?;
        Ok::<_, AppError>((user, stored, known_source::holds(c, no, &source)?))
    };
    database.read(found).await
}
