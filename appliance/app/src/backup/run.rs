//! Runs: an image, then all targets at once, each on a thread of its own; one that does not answer holds up no other.

use super::copies::Repositories;
use super::desk::NamedTarget;
use super::image::{self, ImageFacts};
use super::keys::RepositoryKeys;
use super::send::Job;
use super::snapshots::{self, SnapshotName};
use super::state::{note_failed, note_sent, note_verified};
use super::target::{Patient, Target};
use super::verify::Verification;
use super::{BackupError, FOLDER, Progress, Sent, Verified, fetch};
use crate::App;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use store::{Purpose, StoreError};
use tokio::sync::oneshot;

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// One target; else all of them.
    pub target: Option<String>,
    /// Everything is looked at anew, and what is not needed any more goes.
    pub full: bool,
    /// Each target is verified after that.
    pub verify: bool,
}

/// What came of it at one target.
pub type Outcome<T> = (String, Result<T, BackupError>);

/// From now on these are the targets, and what is damaged is mended from there. The first word counts.
pub fn begin(app: &Arc<App>, targets: Vec<NamedTarget>) {
    let _ = app.backup.targets.set(targets);
    crate::vault::mend_from(app, Arc::new(Repositories(Arc::downgrade(app))));
    let known = |name: &String| app.backup.targets().iter().any(|target| target.name == *name);
    app.backup.states.lock().unwrap_or_else(PoisonError::into_inner).retain(|name, _| known(name));
}

/// Whatever goes on should end soon; another run goes on with it.
pub fn end(app: &App) {
    app.backup.stop();
}

fn chosen(app: &App, target: Option<&str>) -> Result<Vec<NamedTarget>, BackupError> {
    let all = app.backup.targets();
    if all.is_empty() {
        let why = "the configuration names no target: set backup.targets in edge.toml (docs/backup.md)";
        return Err(BackupError::NoTarget(why.to_owned()));
    }
    let chosen: Vec<_> = all.iter().filter(|named| target.is_none_or(|name| named.name == name)).cloned().collect();
    if chosen.is_empty() {
        let names: Vec<_> = all.iter().map(|named| named.name.as_str()).collect();
        let why = format!("there is no target `{}`; there are: {}", target.unwrap_or_default(), names.join(", "));
        return Err(BackupError::NoTarget(why));
    }
    Ok(chosen)
}

pub(super) fn keys(app: &App) -> RepositoryKeys {
    RepositoryKeys::new(&app.store.derive(Purpose::BackupRepository))
}

pub(super) fn folder(app: &App) -> PathBuf {
    app.store.folder().join(FOLDER)
}

/// Takes a snapshot and sends it to targets.
///
/// # Errors
/// [`BackupError::Busy`], [`BackupError::NoTarget`], or when there can be no snapshot; what fails at a target stands in its
/// outcome.
pub async fn run(app: &Arc<App>, wish: &Wish) -> Result<Vec<Outcome<Sent>>, BackupError> {
    let targets = chosen(app, wish.target.as_deref())?;
    let _alone = Arc::clone(&app.backup.working).try_lock_owned().map_err(|_| BackupError::Busy)?;
    let progress = app.backup.begin("");
    let folder = folder(app);
    fetch::make(&folder)?;
    let taken = image::take(app, &folder, (wish.full, app.backup.settings.reserve_bytes), &progress).await;
    app.backup.end("");
    let image = match taken {
        Ok(image) => Arc::new(image),
        Err(failure) => {
            targets.iter().for_each(|NamedTarget { name, .. }| note_failed(app, name, &failure));
            return Err(failure);
        }
    };
    for (company, why) in &image.failed {
        tracing::error!(%company, why, "a company could not be read for a backup, which holds it as it was before");
    }
    let running: Vec<_> =
        targets.into_iter().map(|target| (target.name.clone(), send(app, &image, target, wish))).collect();
    let mut outcomes = Vec::new();
    for (name, running) in running {
        outcomes.push((name, answer(running, "a backup").await));
    }
    Ok(outcomes)
}

/// Sends to one target, and verifies what is there then.
fn send(
    app: &Arc<App>,
    image: &Arc<ImageFacts>,
    named: NamedTarget,
    wish: &Wish,
) -> oneshot::Receiver<Result<Sent, BackupError>> {
    let (app, image, wish) = (Arc::clone(app), Arc::clone(image), wish.clone());
    on_thread(move || {
        let progress = app.backup.begin(&named.name);
        let full = wish.full || app.backup.is_new(&named.name);
        let sent = send_to(&app, &image, &named, full, &progress);
        note_sent(&app, &named.name, full, &sent, &image);
        let told = sent.and_then(|sent| {
            let still_us = image.still_us();
            tracing::info!(target = named.name, sequence = sent.sequence, sent = sent.sent, still_us, "backed up");
            if wish.verify {
                verify_at(&app, &named, None, &progress)?;
            }
            Ok(sent)
        });
        if let Err(failure) = &told {
            tracing::error!(target = named.name, %failure, "a backup failed");
        }
        app.backup.end(&named.name);
        told
    })
}

fn send_to(
    app: &App,
    image: &ImageFacts,
    named: &NamedTarget,
    full: bool,
    progress: &Arc<Progress>,
) -> Result<Sent, BackupError> {
    let target = open(named)?;
    let (keys, folder) = (keys(app), folder(app));
    let job = Job {
        image,
        target: &Patient::new(target.as_ref(), progress),
        called: &named.name,
        keys: &keys,
        folder: &folder,
        rng: app.rng.as_ref(),
        progress,
        full,
        keep_ms: app.backup.settings.keep_s.saturating_mul(1000),
    };
    job.run()
}

pub(super) fn open(named: &NamedTarget) -> Result<&Arc<dyn Target>, BackupError> {
    named.target.as_ref().map_err(|why| BackupError::NoTarget(format!("{}: {why}", named.name)))
}

/// Restores a snapshot of each target into a folder beside the data, and finds it to be what was backed up.
///
/// # Errors
/// As [`run`].
pub async fn verify(
    app: &Arc<App>,
    target: Option<&str>,
    sequence: Option<u64>,
) -> Result<Vec<Outcome<Verified>>, BackupError> {
    let targets = chosen(app, target)?;
    let _alone = Arc::clone(&app.backup.working).try_lock_owned().map_err(|_| BackupError::Busy)?;
    let mut outcomes = Vec::new();
    for named in targets {
        let (app, name) = (Arc::clone(app), named.name.clone());
        let verifying = on_thread(move || {
            let progress = app.backup.begin(&named.name);
            let verified = verify_at(&app, &named, sequence, &progress);
            app.backup.end(&named.name);
            verified
        });
        outcomes.push((name, answer(verifying, "a verification").await));
    }
    Ok(outcomes)
}

fn verify_at(
    app: &App,
    named: &NamedTarget,
    sequence: Option<u64>,
    progress: &Arc<Progress>,
) -> Result<Verified, BackupError> {
    let (keys, scratch) = (keys(app), folder(app).join(format!("scratch-{}", named.name)));
    let work = || {
        let target = open(named)?;
        let verification = Verification {
            target: &Patient::new(target.as_ref(), progress),
            keys: &keys,
            scratch: &scratch,
            sequence,
            reserve_bytes: app.backup.settings.reserve_bytes,
            progress,
        };
        verification.run()
    };
    let verified = work();
    note_verified(app, &named.name, &verified);
    match &verified {
        Ok(of) => {
            tracing::info!(target = named.name, sequence = of.sequence, files = of.files, "a backup was verified")
        }
        Err(failure) => tracing::error!(target = named.name, %failure, "a backup could not be verified"),
    }
    verified
}

/// Snapshots at each target, the newest last.
///
/// # Errors
/// As [`run`].
pub async fn list_at(app: &Arc<App>, target: Option<&str>) -> Result<Vec<Outcome<Vec<SnapshotName>>>, BackupError> {
    let mut outcomes = Vec::new();
    for named in chosen(app, target)? {
        let name = named.name.clone();
        let listing = on_thread(move || {
            let progress = Arc::default();
            snapshots::list(&Patient::new(open(&named)?.as_ref(), &progress))
        });
        outcomes.push((name, answer(listing, "a list of backups").await));
    }
    Ok(outcomes)
}

/// A thread of its own: targets make wait for as long as they like, and nobody else waits for its end.
pub(super) fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (answer, answered) = oneshot::channel();
    let work = move || {
        // Whoever asked may have gone.
        let _ = answer.send(work());
    };
    // Without a thread the answer is dropped, which the caller takes for a fault.
    let _ = std::thread::Builder::new().name(String::from("backup")).spawn(work);
    answered
}

/// A thread that ended without an answer is a fault.
pub(super) async fn answer<T>(of: oneshot::Receiver<Result<T, BackupError>>, what: &str) -> Result<T, BackupError> {
    of.await.unwrap_or_else(|_| Err(StoreError::Fault(what.to_owned()).into()))
}
