use super::{ApplicationPassword, Salt, keys, stream};
use crate::sign_in::present_password;
use crate::visitor::Source;
use crate::{App, AppError, Caller};
use domain::ids::ApplicationPasswordId;
use domain::rights::Right;
use store::person::PersonNo;
use store::{Connection, application_password};
use zeroize::Zeroizing;

/// Application passwords of one person: each is tried when a client shows a proof.
const PASSWORDS_MAX: usize = 25;
/// Most characters of a name.
const NAME_LENGTH_MAX: usize = 64;

/// An application password to be made.
pub struct NewApplicationPassword {
    /// What it is for, in the words of its owner.
    pub name: String,
    /// The present password of the account.
    pub current: Zeroizing<String>,
    /// From where.
    pub source: Source,
}

/// An application password that was just made.
pub struct MadeApplicationPassword {
    /// What is known of it from now on.
    pub entry: ApplicationPassword,
    /// The password itself, told this once.
    pub password: Zeroizing<String>,
    /// The address to sign in with; its local part is the user name.
    pub jid: String,
}

/// Makes an application password for the caller (A11). A token alone does not do it.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong present password, a name that breaks a rule, or too many of them;
/// [`AppError::Exists`]; [`crate::Unauthenticated::Locked`]; [`AppError::Busy`].
pub async fn create_application_password(
    app: &App,
    caller: &Caller,
    new: NewApplicationPassword,
) -> Result<MadeApplicationPassword, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let name = checked_name(&new.name)?;
    let proven = present_password::prove(app, caller, &new.current, new.source).await?;
    let (no, database) = (caller.no, app.company(&caller.company).await?);
    let present = database.read(move |c| Ok::<_, AppError>(application_password::salt(c, no)?)).await?;
    let salt = present.unwrap_or_else(|| stream::salt_of_nobody(app, caller.user.as_str()));
    let password = keys::new_password(app.rng.as_ref());
    let keys = keys::derive(&password, &salt);
    let id = ApplicationPasswordId::random(app.rng.as_ref());
    let entry = ApplicationPassword { id, name, created_ms: app.clock.now_ms(), used_ms: None };
    let row = entry.clone();
    let put = move |c: &Connection| {
        present_password::is_still(c, no, &proven)?;
        has_room(c, no, &row.name, &salt)?;
        Ok::<_, AppError>(application_password::insert(c, no, &row, &salt, &keys)?)
    };
    database.write(put).await?;
    Ok(MadeApplicationPassword { entry, password, jid: format!("{}@{}", caller.user, app.domain()) })
}

fn checked_name(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    if (1..=NAME_LENGTH_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    let why = format!("expected 1 to {NAME_LENGTH_MAX} characters, no control characters");
    Err(AppError::invalid("name", why))
}

fn has_room(c: &Connection, no: PersonNo, name: &str, salt: &Salt) -> Result<(), AppError> {
    let present = application_password::list(c, no)?;
    if present.len() >= PASSWORDS_MAX {
        return Err(AppError::invalid("name", format!("at most {PASSWORDS_MAX} application passwords: remove one")));
    }
    if present.iter().any(|one| one.name == name) {
        return Err(AppError::Exists("an application password of this name"));
    }
    // Somebody else may have made the first one meanwhile, and all of a user have one salt.
    if application_password::salt(c, no)?.is_some_and(|present| present != *salt) {
        return Err(AppError::Busy);
    }
    Ok(())
}
