use super::{LIFE_MS, TOKENS_MAX, hashed, secret};
use crate::{App, AppError, Caller, SignedInBy, Unauthenticated};
use domain::ids::FastTokenId;
use domain::rights::Right;
use store::fast_token::{self, FastToken};
use zeroize::Zeroizing;

/// A token that was just made.
pub struct MadeToken {
    /// The token itself, told this once.
    pub token: Zeroizing<String>,
    /// Its last moment, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Makes a token for an installation of a client that has signed in, good for one mechanism.
///
/// # Errors
/// [`AppError::Forbidden`] without an application password; [`Unauthenticated::WrongCredentials`] when that was removed
/// meanwhile.
pub async fn make_fast_token(
    app: &App,
    caller: &Caller,
    agent: &str,
    mechanism: &'static str,
) -> Result<MadeToken, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let SignedInBy::ApplicationPassword(password) = &caller.signed_in_by else { return Err(AppError::Forbidden) };
    let id = FastTokenId::random(app.rng.as_ref());
    let expires_ms = app.clock.now_ms().saturating_add(LIFE_MS);
    let new = FastToken { id, password: password.clone(), expires_ms };
    let made = MadeToken { token: secret(app, &new), expires_ms };
    let agent = hashed(agent);
    let database = app.company(&caller.company).await?;
    let put =
        move |c: &store::Connection| Ok::<_, AppError>(fast_token::insert(c, &new, &agent, mechanism, TOKENS_MAX)?);
    if database.write(put).await? { Ok(made) } else { Err(Unauthenticated::WrongCredentials.into()) }
}
