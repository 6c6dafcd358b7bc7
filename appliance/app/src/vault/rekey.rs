//! Turning a database's key in the background, while people read and write (D2): every page that is left under the old key
//! is sealed anew, in small changes among those of everybody else.

use crate::{App, AppError};
use domain::ids::CompanyId;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;
use store::{Branch, Settled, StoreError};

/// Pages of one change: its neighbours in the queue wait for so many.
const PAGES_AT_ONCE: usize = 64;
/// After each change the writer is left to others for so many times as long as the change took.
const REST_FACTOR: u32 = 16;
/// Between two tries to cut a log whose older states somebody reads.
const CUT_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// Times that a database is gone through: what is left after that is told.
const ROUNDS_MAX: u32 = 8;
/// Turns that are remembered once they are over.
const OVER_MAX: usize = 100;
/// Damaged pages that are named.
const NAMED_MAX: usize = 10;

/// How far a turn is.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Whose key.
    pub branch: Branch,
    /// What it does.
    pub stage: Stage,
    /// Pages of the database's file, as they were last counted.
    pub pages: u32,
    /// How many of them were looked at in this round.
    pub looked_at: u32,
    /// Pages that were sealed anew since the start.
    pub resealed: u64,
    /// File keys that were wrapped anew since the start.
    pub rewrapped: u64,
}

/// What a turn does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Seals pages, then wraps the keys of files.
    Sealing,
    /// Copies the log back and looks whether anything is left.
    Settling,
    /// The old key is gone.
    Done,
    /// It stopped, and the old key is kept: why, and what to do. It goes on when it is asked for again, and at the next start.
    Stopped(String),
}

impl Turn {
    /// Whether nobody works on it any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Stopped(_))
    }
}

/// What a turn would go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Pages of the database's file.
    pub pages: u32,
    /// Keys of files.
    pub file_keys: u64,
}

/// The branch of a company that a person named by its id.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn branch_of(app: &App, company: &str) -> Result<Branch, AppError> {
    let id = CompanyId::parse(company).map_err(|_| AppError::NotFound("a company of this id"))?;
    if app.relations().company(&id).is_none() {
        return Err(AppError::NotFound("a company of this id"));
    }
    Ok(Branch::Company(id))
}

/// What turning the key of a database would go through; changes nothing.
///
/// # Errors
/// When the databases cannot be read.
pub async fn plan(app: &App, branch: &Branch) -> Result<Plan, AppError> {
    let (pages, file_keys) = app.store.turn_plan(branch).await?;
    Ok(Plan { pages, file_keys })
}

/// Gives a database a new key, and begins to seal anew what is left under the old one; or goes on with it. When this returns,
/// whatever is written is sealed under the new key.
///
/// # Errors
/// When the new key cannot be kept safe: then nothing has changed.
pub async fn rekey(app: &Arc<App>, branch: Branch) -> Result<Turn, AppError> {
    app.store.begin_turn(&branch).await?;
    let turn = Turn {
        branch: branch.clone(),
        stage: Stage::Sealing,
        pages: app.store.pages_of(&branch).await?,
        looked_at: 0,
        resealed: 0,
        rewrapped: 0,
    };
    {
        let mut turns = app.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at_work) = turns.iter().find(|turn| turn.branch == branch && !turn.is_over()) {
            return Ok(at_work.clone());
        }
        turns.retain(|turn| turn.branch != branch);
        while turns.len() >= OVER_MAX
            && let Some(oldest) = turns.iter().position(Turn::is_over)
        {
            turns.remove(oldest);
        }
        turns.push(turn.clone());
    }
    tracing::info!(database = branch.name(), "its key is turned");
    tokio::spawn(go_through(Arc::downgrade(app), branch));
    Ok(turn)
}

/// All turns since the start, the newest last.
#[must_use]
pub fn turns(app: &App) -> Vec<Turn> {
    app.turns.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Goes on with what an earlier start left: keys of companies that follow the root key, and turns.
pub(crate) async fn resume(app: Weak<App>) {
    let branches = match app.upgrade() {
        Some(app) => {
            let data = app.store.folder().to_owned();
            let _ = tokio::task::spawn_blocking(move || super::export::sweep_snapshot(&data)).await;
            if let Err(failure) = follow_root(&app).await {
                tracing::error!(%failure, "companies' keys could not follow the root key; the next start tries again");
            }
            if let Err(failure) = app.store.sweep_erased().await {
                tracing::error!(%failure, "what is left of an erased company could not be removed");
            }
            app.store.turning().await
        }
        None => return,
    };
    let branches = branches.unwrap_or_else(|failure| {
        tracing::error!(%failure, "nobody knows which keys were being turned");
        Vec::new()
    });
    for branch in branches {
        let Some(app) = app.upgrade() else { return };
        if let Err(failure) = rekey(&app, branch).await {
            tracing::error!(%failure, "a key cannot be turned any further");
        }
    }
}

pub(super) async fn follow_root(app: &App) -> Result<(), AppError> {
    // Nobody adds a company meanwhile, whose key might be wrapped under the root key before.
    let _one_at_a_time = app.reserving.lock().await;
    Ok(app.store.follow_root().await?)
}

fn note(app: &App, branch: &Branch, change: impl FnOnce(&mut Turn)) {
    let mut turns = app.turns.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(turn) = turns.iter_mut().find(|turn| turn.branch == *branch) {
        change(turn);
    }
}

/// The application goes away while nothing is done here: `None`.
async fn go_through(app: Weak<App>, branch: Branch) {
    let Some(outcome) = rounds(&app, &branch).await else { return };
    let Some(app) = app.upgrade() else { return };
    let database = branch.name();
    let stage = match outcome {
        Ok(()) => {
            tracing::info!(database, "its key has been turned, and the old one is gone");
            Stage::Done
        }
        // It was erased meanwhile, which needs no new key.
        Err(Failed::Store(StoreError::NoCompany(_))) => Stage::Done,
        Err(failure) => {
            tracing::error!(database, %failure, "its key cannot be turned any further; the old one is kept");
            Stage::Stopped(failure.to_string())
        }
    };
    note(&app, &branch, |turn| turn.stage = stage);
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error(
        "{count} pages do not open (pages {named}), so the old key is kept for them: mend the database from a backup, then ask again"
    )]
    Damaged { count: usize, named: String },
    #[error("pages of the old key come back again and again: look at the log")]
    Endless,
}

async fn rounds(app: &Weak<App>, branch: &Branch) -> Option<Result<(), Failed>> {
    for _ in 0..ROUNDS_MAX {
        let damaged = match pages(app, branch).await? {
            Ok(damaged) => damaged,
            Err(failure) => return Some(Err(failure)),
        };
        if !damaged.is_empty() {
            let named: Vec<String> = damaged.iter().take(NAMED_MAX).map(u32::to_string).collect();
            return Some(Err(Failed::Damaged { count: damaged.len(), named: named.join(", ") }));
        }
        if let Err(failure) = files(app, branch).await? {
            return Some(Err(failure));
        }
        match settle(app, branch).await? {
            Ok(Settled::Done) => return Some(Ok(())),
            Ok(Settled::Left | Settled::Read) => {}
            Err(failure) => return Some(Err(failure)),
        }
    }
    Some(Err(Failed::Endless))
}

/// Seals every page anew that is left; gives those that do not open.
async fn pages(weak: &Weak<App>, branch: &Branch) -> Option<Result<Vec<u32>, Failed>> {
    let (mut from, mut damaged) = (Some(1), Vec::new());
    while let Some(at) = from {
        let app = weak.upgrade()?;
        let found = match app.store.stale_pages(branch, at).await {
            Ok(found) => found,
            Err(failure) => return Some(Err(failure.into())),
        };
        from = found.next;
        let looked_at = found.next.map_or(found.of, |next| next.saturating_sub(1));
        note(&app, branch, |turn| {
            (turn.stage, turn.pages, turn.looked_at) = (Stage::Sealing, found.of, looked_at);
        });
        drop(app);
        damaged.extend(found.damaged);
        for some in found.pages.chunks(PAGES_AT_ONCE) {
            let app = weak.upgrade()?;
            let begun = tokio::time::Instant::now();
            if let Err(failure) = app.store.reseal(branch, some.to_vec()).await {
                return Some(Err(failure.into()));
            }
            let took = begun.elapsed();
            note(&app, branch, |turn| turn.resealed += some.len() as u64);
            drop(app);
            tokio::time::sleep(took * REST_FACTOR).await;
        }
    }
    Some(Ok(damaged))
}

async fn files(weak: &Weak<App>, branch: &Branch) -> Option<Result<(), Failed>> {
    let Branch::Company(id) = branch else { return Some(Ok(())) };
    let mut from = Some(0);
    while let Some(after) = from {
        let app = weak.upgrade()?;
        let begun = tokio::time::Instant::now();
        let done = match app.store.rewrap_files(id, after).await {
            Ok(done) => done,
            Err(failure) => return Some(Err(failure.into())),
        };
        from = done.next;
        note(&app, branch, |turn| turn.rewrapped += done.keys);
        drop(app);
        tokio::time::sleep(begun.elapsed() * REST_FACTOR).await;
    }
    Some(Ok(()))
}

async fn settle(weak: &Weak<App>, branch: &Branch) -> Option<Result<Settled, Failed>> {
    loop {
        let app = weak.upgrade()?;
        note(&app, branch, |turn| turn.stage = Stage::Settling);
        let settled = app.store.settle_turn(branch).await;
        drop(app);
        match settled {
            Ok(Settled::Read) => tokio::time::sleep(CUT_AGAIN_AFTER).await,
            Ok(settled) => return Some(Ok(settled)),
            Err(failure) => return Some(Err(failure.into())),
        }
    }
}
