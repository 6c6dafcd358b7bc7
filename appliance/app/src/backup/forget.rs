//! What backups hold of a company that was erased (D2): its key goes from each target at once where that answers; what else lies
//! there of it, and on the box, goes with the next run, which is due at once.

use super::desk::NamedTarget;
use super::image::earlier_lives;
use super::keys::{RepositoryKeys, TABLE};
use super::run::{answer, folder, keys, on_thread, open};
use super::send::write_table;
use super::snapshots;
use super::state::note;
use super::target::{Patient, Target};
use super::{BackupError, Outcome, Progress, fetch};
use crate::App;
use domain::ids::CompanyId;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Whoever erases a company waits no longer for targets.
const PATIENCE: Duration = Duration::from_secs(15);

/// Takes the key of an erased company from every target; what came of it at each.
pub(crate) async fn forget(app: &App, company: &CompanyId) -> Vec<Outcome<()>> {
    owe(app);
    let outcomes = ask_all(app, company).await;
    app.backup.hurried.notify_one();
    outcomes
}

async fn ask_all(app: &App, company: &CompanyId) -> Vec<Outcome<()>> {
    let targets = app.backup.targets();
    let everywhere =
        |failure: fn() -> BackupError| targets.iter().map(|of| (of.name.clone(), Err(failure()))).collect();
    // A run that is going on would write the table as it was.
    let Ok(alone) = Arc::clone(&app.backup.working).try_lock_owned() else { return everywhere(|| BackupError::Busy) };
    let lives: Vec<String> = std::iter::once(app.incarnation()).chain(earlier_lives(app.store.folder())).collect();
    // A target that answers late keeps others from writing until then.
    let (alone, lives) = (Arc::new(alone), Arc::new(lives));
    let asked = targets.iter().map(|named| {
        let progress = Arc::new(Progress::default());
        let of = Forgetting {
            named: named.clone(),
            keys: keys(app),
            folder: folder(app),
            company: company.clone(),
            lives: Arc::clone(&lives),
            progress: Arc::clone(&progress),
        };
        let alone = Arc::clone(&alone);
        let forgetting = on_thread(move || {
            let forgotten = of.run();
            drop(alone);
            forgotten
        });
        (named.name.clone(), progress, forgetting)
    });
    let asked: Vec<_> = asked.collect();
    drop(alone);
    let until = tokio::time::Instant::now() + PATIENCE;
    let mut outcomes = Vec::new();
    for (name, progress, forgetting) in asked {
        let told = tokio::time::timeout_at(until, answer(forgetting, "an erasure")).await;
        let told = told.unwrap_or_else(|_| {
            progress.stop();
            Err(BackupError::NoTarget(String::from("it did not answer in time")))
        });
        if let Err(failure) = &told {
            tracing::warn!(target = name, %failure, "a backup keeps the key of an erased company until the next run there");
        }
        outcomes.push((name, told));
    }
    outcomes
}

/// Kept first: whatever is cut off, or done where nobody knows the targets, is owed by the next run.
fn owe(app: &App) {
    let known: Vec<String> = app.backup.states.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
    let configured = app.backup.targets().iter().map(|named| named.name.clone());
    let names: BTreeSet<String> = known.into_iter().chain(configured).collect();
    if names.is_empty() {
        return;
    }
    if let Err(failure) = fetch::make(&folder(app)) {
        tracing::error!(%failure, "what backups owe an erasure could not be kept");
    }
    let now_ms = app.clock.now_ms();
    for name in names {
        note(app, &name, |state| state.erased_ms = Some(now_ms));
    }
}

struct Forgetting {
    named: NamedTarget,
    keys: RepositoryKeys,
    folder: PathBuf,
    company: CompanyId,
    lives: Arc<Vec<String>>,
    progress: Arc<Progress>,
}

impl Forgetting {
    fn run(&self) -> Result<(), BackupError> {
        let target = Patient::new(open(&self.named)?.as_ref(), &self.progress);
        let Some(sealed) = target.get(TABLE, None).map_err(BackupError::target(TABLE))? else { return Ok(()) };
        self.own(&target)?;
        let mut table = self.keys.open_table(&sealed)?;
        if table.erase(&self.company) {
            write_table(&target, &self.keys, (&self.folder, &self.named.name), &table)?;
        }
        Ok(())
    }

    /// What another life of this box has written is not this one's to change (H7).
    fn own(&self, target: &dyn Target) -> Result<(), BackupError> {
        let Some(newest) = snapshots::list(target)?.pop() else { return Ok(()) };
        let manifest = snapshots::read(target, &self.keys, &newest)?;
        if self.lives.contains(&manifest.incarnation) {
            return Ok(());
        }
        Err(BackupError::Fenced { at: domain::clock::iso8601(manifest.taken_ms) })
    }
}
