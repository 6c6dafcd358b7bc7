use super::Setup;
use super::steps::Recovery;
use crate::{App, AppError};
use store::RecoveryKey;
use zeroize::Zeroizing;

/// Makes a recovery key and tells it this once; an earlier one is void. It opens nothing before the end of the setup.
///
/// # Errors
/// [`AppError::SetUp`].
pub fn make_recovery_key(app: &App, setup: &Setup) -> Result<Zeroizing<String>, AppError> {
    setup.goes_on()?;
    let mut random = Zeroizing::new([0; 20]);
    app.rng.fill(&mut *random);
    let key = RecoveryKey::new(random);
    let shown = key.shown();
    setup.state().progress.recovery = Some(Recovery { key, confirmed: false });
    Ok(shown)
}

/// Whether somebody has really written it down.
///
/// # Errors
/// [`AppError::Invalid`] when it is another one, or none was made; [`AppError::SetUp`].
pub fn check_recovery_key(setup: &Setup, text: &str) -> Result<(), AppError> {
    setup.goes_on()?;
    let typed = RecoveryKey::parse(text).map_err(|e| AppError::invalid("key", e))?;
    let mut state = setup.state();
    let none = || AppError::invalid("key", "there is no recovery key to compare it with: make one first");
    let recovery = state.progress.recovery.as_mut().ok_or_else(none)?;
    if !recovery.key.same_as(&typed) {
        return Err(AppError::invalid("key", "this is not the recovery key that was shown last"));
    }
    recovery.confirmed = true;
    Ok(())
}
