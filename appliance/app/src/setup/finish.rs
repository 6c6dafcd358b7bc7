use super::Setup;
use super::steps::{Progress, STEPS, Work};
use crate::{App, AppError, relations};
use domain::password::{self, Holder};
use std::sync::{Arc, PoisonError};
use store::{StoreError, setup as rows};
use zeroize::Zeroizing;

/// What a box is from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Host name.
    pub name: String,
    /// XMPP domain.
    pub domain: String,
    /// `https` URL.
    pub address: String,
}

/// Carries out what was answered and makes the box a normal one. The first of several wins.
///
/// Whatever is cut off before the last stroke leaves a box that nobody has set up: what was carried out is taken back
/// when it is begun again.
///
/// # Errors
/// [`AppError::MissingStep`], a password that breaks a rule (A1), [`AppError::SetUp`],
/// [`AppError::DiskLock`], storage.
pub async fn finish(app: &App, setup: &Setup, password: Zeroizing<String>) -> Result<Finished, AppError> {
    let _one_at_a_time = setup.changing.lock().await;
    setup.goes_on()?;
    let progress = complete(setup)?;
    password::check(&password, Holder::Person).map_err(|e| AppError::invalid("password", e))?;
    take_back(app).await?;
    let mut work = Work { app, progress: &progress, password, company: None };
    for step in STEPS {
        step.carry_out(&mut work).await?;
    }
    give_disk(setup, &progress).await?;
    let surroundings = Arc::clone(setup.surroundings());
    let finishing = tokio::task::spawn_blocking(move || surroundings.finish()).await;
    finishing.unwrap_or_else(|_| Err(fault()))?;
    setup.end();
    // The box is set up, whether this succeeds or not; the next start tries it again.
    if let Err(failure) = forget_answers(app).await {
        tracing::warn!(%failure, "the answers of the setup could not be removed");
    }
    let (name, domain) = (app.name(), app.domain());
    tracing::info!("the box has been set up");
    Ok(Finished { address: address(&name, setup.facts().port), name, domain })
}

/// Removes what was answered, once the box is set up.
///
/// # Errors
/// When the directory cannot be written.
pub async fn forget_answers(app: &App) -> Result<(), AppError> {
    let none = app.store.directory().read(|c| Ok::<_, AppError>(rows::answers(c)?.is_empty())).await?;
    if none {
        return Ok(());
    }
    app.store.directory().write(|c| Ok::<_, AppError>(rows::forget(c)?)).await
}

/// The `https` URL of a box; 443 need not be told.
#[must_use]
pub fn address(name: &str, port: u16) -> String {
    if port == 443 { format!("https://{name}") } else { format!("https://{name}:{port}") }
}

fn complete(setup: &Setup) -> Result<Progress, AppError> {
    let state = setup.state();
    match state.progress.missing() {
        Some(step) => Err(AppError::MissingStep(step)),
        None => Ok(state.progress.clone()),
    }
}

/// One recovery key opens partition and vault (decision 16). Without it on the disk there is no box.
async fn give_disk(setup: &Setup, progress: &Progress) -> Result<(), AppError> {
    let recovery = progress.recovery.as_ref().ok_or(AppError::MissingStep("recovery"))?;
    let (surroundings, key) = (Arc::clone(setup.surroundings()), recovery.key.clone());
    let given = tokio::task::spawn_blocking(move || surroundings.give_disk(&key)).await;
    given.map_err(|_| fault())?.map_err(|why| {
        tracing::error!(why, "the disk did not take the recovery key: the setup goes on");
        AppError::DiskLock(why)
    })
}

fn fault() -> StoreError {
    StoreError::Fault(String::from("the end of the setup"))
}

/// Takes back what an end that failed half-way has made.
async fn take_back(app: &App) -> Result<(), AppError> {
    if app.relations().companies().next().is_none() {
        return Ok(());
    }
    app.store.remove_companies().await?;
    let nothing = relations::load(&app.store).await?;
    *app.relations.write().unwrap_or_else(PoisonError::into_inner) = nothing;
    Ok(())
}
