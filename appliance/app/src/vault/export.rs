//! Companies that are written out in clear (D6): what that would be, the note of it, and beside a box that runs a sealed snapshot,
//! read by whoever has the key of the box. No byte of it leaves this process in clear.

use crate::{App, AppError, company};
use domain::ids::CompanyId;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::export::{ExportNote, Outsider, Size, latest, note};
use store::{SEALED_PAGE_BYTES, Store, StoreError, free_bytes};

/// Folder of the snapshot in the data folder. It is no part of a backup.
pub const SNAPSHOT_FOLDER: &str = "export";
/// A file in it that is locked by whoever reads the snapshot, and by nobody else.
pub const SNAPSHOT_LOCK: &str = "lock";
/// Time for who asked for a snapshot to take the lock.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked whether somebody still reads.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After so long one answer of a plan is full: counting goes through all messages.
const PLAN_FULL_AFTER: Duration = Duration::from_secs(5);
/// Characters of what is noted as the place.
const TARGET_CHARS_MAX: usize = 500;

/// The snapshot that is made, or the last one.
#[derive(Default)]
pub(crate) struct Exports(Mutex<Option<Arc<Mutex<Snapshot>>>>);

/// How far a snapshot is.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Bytes of pages that were copied.
    pub done_bytes: u64,
    /// How many there are.
    pub total_bytes: u64,
    /// Nothing more is done.
    pub ended: bool,
    /// Why there is none.
    pub failure: Option<String>,
}

/// What an export of one company would hold.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The company.
    pub id: CompanyId,
    /// What it is called.
    pub name: String,
    /// How much it is.
    pub size: Size,
}

/// A company by its id or name, or all of them, by id.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn exported(app: &App, company: Option<&str>) -> Result<Vec<CompanyId>, AppError> {
    let Some(asked) = company else {
        let mut all: Vec<CompanyId> = app.relations().companies().map(|(id, _)| id.clone()).collect();
        all.sort();
        return Ok(all);
    };
    if let Ok(id) = CompanyId::parse(asked)
        && app.relations().company(&id).is_some()
    {
        return Ok(vec![id]);
    }
    let found = company::find_by_name(app, asked).await?;
    Ok(vec![found.ok_or(AppError::NotFound("a company of this id or name"))?])
}

/// What an export of these companies would hold: some of them, and from where to go on.
///
/// # Errors
/// When one of them cannot be read.
pub async fn plan_export(
    app: &App,
    companies: Vec<CompanyId>,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Planned>, Option<CompanyId>), AppError> {
    let rest = companies.into_iter().filter(|id| after.is_none_or(|after| id.as_str() > after));
    let (rest, store) = (rest.collect::<Vec<_>>(), Arc::clone(&app.store));
    let counting = tokio::task::spawn_blocking(move || -> Result<_, StoreError> {
        let (begun, mut planned) = (Instant::now(), Vec::new());
        for id in &rest {
            if planned.len() >= limit || (!planned.is_empty() && begun.elapsed() > PLAN_FULL_AFTER) {
                let next = planned.last().map(|last: &Planned| last.id.clone());
                return Ok((planned, next));
            }
            let survey = store.survey();
            let export = survey.export(id)?;
            planned.push(Planned { id: id.clone(), name: export.company()?.name, size: export.size()? });
        }
        Ok((planned, None))
    });
    let counted = counting.await.unwrap_or_else(|_| Err(StoreError::Fault(String::from("the plan of an export"))));
    Ok(counted?)
}

/// Notes for good that companies are written out in clear: before anything is.
///
/// # Errors
/// When the directory cannot be written.
pub async fn note_export(app: &App, companies: &[CompanyId], target: &str) -> Result<(), AppError> {
    let target: String = target.chars().take(TARGET_CHARS_MAX).collect();
    tracing::warn!(companies = companies.len(), target, "companies are written out in clear");
    let (companies, now_ms) = (companies.to_vec(), app.clock.now_ms());
    app.store.directory().write(move |c| Ok::<_, AppError>(note(c, &companies, &target, now_ms)?)).await
}

/// The newest exports, the newest last.
///
/// # Errors
/// When the directory cannot be read.
pub async fn exports(app: &App, limit: u32) -> Result<Vec<ExportNote>, AppError> {
    app.store.directory().read(move |c| Ok::<_, AppError>(latest(c, limit)?)).await
}

/// Begins to lay down a sealed snapshot of these companies, in [`SNAPSHOT_FOLDER`]. Whoever asked takes the lock now.
///
/// # Errors
/// [`AppError::Busy`] while somebody reads another one.
pub fn begin_snapshot(app: &Arc<App>, companies: Vec<CompanyId>) -> Result<(), AppError> {
    let mut last = app.exports.0.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_ref().is_some_and(|last| !read(last).ended) || !sweep_snapshot(app.store.folder()) {
        return Err(AppError::Busy);
    }
    lay_out(&app.store.folder().join(SNAPSHOT_FOLDER))?;
    let state = Arc::<Mutex<Snapshot>>::default();
    *last = Some(Arc::clone(&state));
    let (app, since) = (Arc::clone(app), tokio::time::Instant::now());
    tokio::spawn(async move {
        let made = make(&app, companies, &state).await;
        let folder = app.store.folder().to_owned();
        drop(app);
        {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.ended, state.failure) = (true, made.err().map(|failure| in_words(&failure)));
        }
        tokio::time::sleep_until(since + TAKEN_WITHIN).await;
        while !sweep_snapshot(&folder) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    Ok(())
}

/// How far it is.
///
/// # Errors
/// [`AppError::NotFound`] when none was begun.
pub fn look_at_snapshot(app: &App) -> Result<Snapshot, AppError> {
    let last = app.exports.0.lock().unwrap_or_else(PoisonError::into_inner);
    last.as_ref().map(read).ok_or(AppError::NotFound("a snapshot that was begun"))
}

fn read(state: &Arc<Mutex<Snapshot>>) -> Snapshot {
    state.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Storage failures keep their own words: only who keeps the box is told.
fn in_words(failure: &AppError) -> String {
    match failure {
        AppError::Store(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

async fn make(app: &Arc<App>, companies: Vec<CompanyId>, state: &Arc<Mutex<Snapshot>>) -> Result<(), AppError> {
    let mut moment = app.store.moment().await?;
    moment.only(&companies)?;
    let (store, state) = (Arc::clone(&app.store), Arc::clone(state));
    let reserve_bytes = app.backup.settings.reserve_bytes;
    let work = move || -> Result<(), StoreError> {
        let folder = store.folder().join(SNAPSHOT_FOLDER);
        let total_bytes = moment.pages() * SEALED_PAGE_BYTES as u64;
        if free_bytes(&folder)? < total_bytes.saturating_add(reserve_bytes) {
            return Err(StoreError::File { path: folder, source: std::io::ErrorKind::StorageFull.into() });
        }
        state.lock().unwrap_or_else(PoisonError::into_inner).total_bytes = total_bytes;
        let copied = |pages: u64| {
            state.lock().unwrap_or_else(PoisonError::into_inner).done_bytes += pages * SEALED_PAGE_BYTES as u64;
        };
        let image = moment.write_image(&folder, false, &copied)?;
        if let Some((_, why)) = image.failed.into_iter().next() {
            return Err(why);
        }
        store.lay_down_names(&folder, &outsiders(&store, &companies)?)
    };
    let working = tokio::task::spawn_blocking(work).await;
    Ok(working.unwrap_or_else(|_| Err(StoreError::Fault(String::from("the snapshot of an export"))))?)
}

/// Those of other companies whom these have to do with: of the others the snapshot holds nothing else.
fn outsiders(store: &Store, companies: &[CompanyId]) -> Result<Vec<Outsider>, StoreError> {
    let survey = store.survey();
    let mut all = Vec::new();
    for id in companies {
        all.extend(survey.export(id)?.outsiders()?);
    }
    Ok(all)
}

fn lay_out(folder: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: folder.to_owned(), source };
    DirBuilder::new().mode(0o700).create(folder).map_err(failed)?;
    let lock = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(SNAPSHOT_LOCK));
    lock.map(drop).map_err(failed)
}

/// Removes a snapshot that nobody reads any more; `false`: somebody does.
pub(crate) fn sweep_snapshot(data: &Path) -> bool {
    let folder = data.join(SNAPSHOT_FOLDER);
    let free = match File::open(folder.join(SNAPSHOT_LOCK)) {
        Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
        Err(_) => true,
    };
    if !free {
        return false;
    }
    match std::fs::remove_dir_all(&folder) {
        Err(failure) if failure.kind() != std::io::ErrorKind::NotFound => {
            tracing::error!(folder = %folder.display(), %failure, "the snapshot of an export could not be removed");
            true
        }
        _ => true,
    }
}
