use crate::{App, AppError, Source};
use domain::password::{self, Holder};
use store::password::StoredPassword;

/// Checks a new password (A1) and hashes it (A2).
pub(crate) async fn make(app: &App, password: &str) -> Result<StoredPassword, AppError> {
    hashed(app, None, password).await
}

/// As [`make`], for somebody who has not signed in: among those who hash at that source.
pub(crate) async fn make_for_stranger(app: &App, source: Source, password: &str) -> Result<StoredPassword, AppError> {
    hashed(app, Some(source), password).await
}

async fn hashed(app: &App, stranger_at: Option<Source>, password: &str) -> Result<StoredPassword, AppError> {
    password::check(password, Holder::Person).map_err(|e| AppError::invalid("password", e))?;
    let mut salt = [0_u8; 16];
    app.rng.fill(&mut salt);
    app.hashes.store(stranger_at, password, salt).await
}
