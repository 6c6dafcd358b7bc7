//! The keys that open the box itself: root key, passphrase, recovery key (D2).

use super::rekey::follow_root;
use crate::{App, AppError};
use store::{RecoveryKey, RootSource};

/// Gives the box another root key, or another passphrase that makes one. The one before opens nothing any more.
///
/// # Errors
/// A missing or wrong recovery key, where the box has one; storage.
pub async fn change_root(app: &App, source: RootSource, recovery: Option<RecoveryKey>) -> Result<(), AppError> {
    let changing = app.reserving.lock().await;
    app.store.change_root(source, recovery).await?;
    drop(changing);
    tracing::info!("the root key has been changed");
    // The new key counts already; what is left of this is done by the next start too.
    follow_root(app).await
}

/// How many companies' keys would follow another root key.
///
/// # Errors
/// When the directory cannot be read.
pub async fn count_keys(app: &App) -> Result<usize, AppError> {
    Ok(app.store.count_companies().await?)
}

/// Makes `key` the box's recovery key, once `accept` has given it to whatever else it opens; the one before opens nothing
/// any more. Where `accept` refuses, all stays as it was.
///
/// # Errors
/// [`AppError::DiskLock`] with what `accept` says; storage.
pub async fn change_recovery_key(
    app: &App,
    key: RecoveryKey,
    accept: impl FnOnce(&RecoveryKey) -> Result<(), String> + Send + 'static,
) -> Result<(), AppError> {
    app.store.add_recovery_key(key.clone()).await?;
    let accepted = tokio::task::spawn_blocking(move || accept(&key)).await;
    let accepted = accepted.unwrap_or_else(|_| Err(String::from("it failed inside")));
    app.store.settle_recovery_key(accepted.is_ok()).await?;
    accepted.map_err(AppError::DiskLock)?;
    tracing::info!("the recovery key has been changed");
    Ok(())
}
