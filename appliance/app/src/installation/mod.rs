//! The box itself: its name, its certificate, how it is.

use crate::{App, AppError, Caller, Load};
use domain::rights::Right;
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

/// How full the box is, for its monitoring.
#[must_use]
pub fn load(app: &App) -> Load {
    let (databases, changes_waiting) = app.store.load();
    let (companies, accounts) = {
        let relations = app.relations();
        (relations.companies().count(), relations.members().count())
    };
    let (passwords_waiting, passwords_refused) = app.hashes.load();
    Load {
        companies,
        accounts,
        databases,
        changes_waiting,
        passwords_waiting,
        passwords_refused,
        pages_waiting: app.pager.waiting(),
        uploads: app.files.upload_count(),
        files_held: app.files.held_count(),
        pictures_waiting: app.files.picture_count(),
        live: app.live.load(),
    }
}

/// What the writers of all databases count.
#[must_use]
pub fn commits(app: &App) -> &store::Counters {
    app.store.counters()
}

/// The same as [`health`] for the box owner, over the network.
///
/// # Errors
/// Missing right.
pub async fn owners_health(app: &App, caller: &Caller) -> Result<Health, AppError> {
    caller.needs(Right::OwnBox, &caller.company)?;
    health(app).await
}

/// Waits until every part that commits has answered once more.
///
/// # Errors
/// When one of them has ended.
pub async fn answers(app: &App) -> Result<(), AppError> {
    Ok(app.store.answers().await?)
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

/// Gives a box that nobody has used yet its name and its domain.
pub(crate) async fn settle(app: &App, name: &str, domain: &str) -> Result<(), AppError> {
    let (new_name, new_domain) = (name.to_owned(), domain.to_owned());
    let settle = move |c: &store::Connection| Ok::<_, AppError>(installation::settle(c, &new_name, &new_domain)?);
    app.store.directory().write(settle).await?;
    app.set_name(name);
    app.set_domain(domain);
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

/// Removes a certificate of the box; whether there was one.
///
/// # Errors
/// When the directory cannot be written.
pub async fn remove_certificate(app: &App, kind: &'static str) -> Result<bool, AppError> {
    app.store.directory().write(move |c| Ok::<_, AppError>(certificate::remove(c, kind)?)).await
}
