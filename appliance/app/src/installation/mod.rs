//! The box itself: its name, its certificate, how it is.

use crate::{App, AppError};
use store::certificate::{self, Certificate};
use store::{Recovered, companies, installation, member};

/// How the box is.
#[derive(Debug, Clone)]
pub struct Health {
    /// Companies on the box.
    pub companies: u64,
    /// Accounts on the box.
    pub users: u64,
    /// Devices connected now.
    pub devices: usize,
    /// What starts recovered.
    pub recovered: Vec<Recovered>,
}

/// How the box is, for its console.
///
/// # Errors
/// When the directory cannot be read.
pub async fn health(app: &App) -> Result<Health, AppError> {
    let counts = app.store.directory().read(|c| Ok::<_, AppError>((companies::ids(c)?.len(), member::count(c)?)));
    let (companies, users) = counts.await?;
    let companies = u64::try_from(companies).unwrap_or(u64::MAX);
    let (devices, recovered) = (app.live.device_count(), app.store.recovered());
    Ok(Health { companies, users, devices, recovered })
}

/// Gives the box another host name.
///
/// # Errors
/// When the directory cannot be written.
pub async fn rename(app: &App, name: &str) -> Result<(), AppError> {
    let new = name.to_owned();
    app.store.directory().write(move |c| Ok::<_, AppError>(installation::rename(c, &new)?)).await?;
    app.set_name(name);
    Ok(())
}

/// Reads a certificate of the box.
///
/// # Errors
/// When the directory cannot be read.
pub async fn find_certificate(app: &App, kind: &'static str) -> Result<Option<Certificate>, AppError> {
    app.store.directory().read(move |c| Ok::<_, AppError>(certificate::find(c, kind)?)).await
}

/// Keeps a certificate of the box.
///
/// # Errors
/// When the directory cannot be written.
pub async fn keep_certificate(app: &App, kind: &'static str, new: Certificate) -> Result<(), AppError> {
    app.store.directory().write(move |c| Ok::<_, AppError>(certificate::put(c, kind, &new)?)).await
}
