use crate::{App, AppError};
use domain::password::{self, Holder};
use store::password::StoredPassword;

/// Checks a new password (A1) and hashes it (A2).
pub(super) async fn make(app: &App, password: &str) -> Result<StoredPassword, AppError> {
    password::check(password, Holder::Person).map_err(|e| AppError::invalid("password", e))?;
    let mut salt = [0_u8; 16];
    app.rng.fill(&mut salt);
    app.hashes.store(password, salt).await
}
