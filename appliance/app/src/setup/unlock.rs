use super::Setup;
use super::code::Tried;
use crate::{App, AppError, Source, Unauthenticated};
use zeroize::Zeroizing;

/// Gives a token for the code that the box shows. Any number of browsers may have one.
///
/// # Errors
/// [`AppError::WrongCode`], [`Unauthenticated::Locked`] for a source that guessed too often, [`AppError::SetUp`].
pub fn unlock(app: &App, setup: &Setup, code: &str, source: Source) -> Result<Zeroizing<String>, AppError> {
    setup.goes_on()?;
    let mut state = setup.state();
    let now_ms = app.now_ms();
    if let Some(retry_after_s) = state.guesses.wait_s(source, now_ms) {
        return Err(Unauthenticated::Locked { retry_after_s }.into());
    }
    let left = match state.code.try_with(code, app.rng.as_ref()) {
        Tried::Right => return Ok(state.tokens.issue(app.rng.as_ref())),
        Tried::Wrong { left } => left,
        Tried::Replaced => 0,
    };
    state.guesses.wrong(source, now_ms);
    let replaced = (left == 0).then(|| state.code.shown());
    drop(state);
    if let Some(code) = replaced {
        tracing::warn!("the code of the setup was entered wrongly too often: there is a new one");
        setup.surroundings().show(&code);
    }
    Err(AppError::WrongCode { left })
}
