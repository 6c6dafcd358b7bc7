//! Everything that is stored is read in slow rounds (D3): what a disk forgets is found, told, and mended where a backup has it.

use crate::App;
use domain::count::Count;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;
use store::{Copies, Found, Mended, Scrub, ScrubStep, StoreError};

/// Longest sleep: whoever sets the clock is noticed by then.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// Bytes of a step, about.
const STEP_BYTES: u64 = 1 << 20;
/// Where a round is is kept so often at most, beside what was found.
const KEPT_EVERY_BYTES: u64 = 64 << 20;
/// While changes wait for writers a step waits too, so often at most.
const YIELDS_MAX: u32 = 100;
const YIELD: Duration = Duration::from_millis(100);
/// Damaged parts that are told one by one.
const TOLD_MAX: usize = 5;

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrubSettings {
    /// A round takes so long.
    pub round_ms: i64,
    /// Bytes a second at most.
    pub rate_bytes: u64,
}

/// What is known of it.
#[derive(Default)]
pub(crate) struct Scrubbing {
    state: Mutex<Scrub>,
    copies: OnceLock<Arc<dyn Copies>>,
    counters: ScrubCounters,
}

/// What scrubbing has done since the start.
#[derive(Debug, Default)]
pub struct ScrubCounters {
    /// Bytes that were read.
    pub bytes: Count,
    /// Damaged parts that were mended from a backup.
    pub mended: Count,
}

/// Where scrubbing is.
#[must_use]
pub fn scrubbed(app: &App) -> Scrub {
    app.scrubbing.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// What it has done.
#[must_use]
pub fn scrub_counters(app: &App) -> &ScrubCounters {
    &app.scrubbing.counters
}

/// From now on what is damaged is mended from these copies. The first word counts.
pub fn mend_from(app: &App, copies: Arc<dyn Copies>) {
    let _ = app.scrubbing.copies.set(copies);
}

/// What people should know about damaged data, each with what to do.
#[must_use]
pub fn scrub_warnings(app: &App) -> Vec<String> {
    let scrub = app.scrubbing.state.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(first) = scrub.found.first() else { return Vec::new() };
    let told: Vec<String> =
        scrub.found.iter().take(TOLD_MAX).map(|found| format!("{}: {}", found.database, found.text)).collect();
    let more = scrub.found.len().saturating_sub(TOLD_MAX);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let since = domain::clock::iso8601(first.since_ms);
    vec![format!(
        "stored data is damaged, first found at {since}: {}{more}. Look at the disk (smartctl -a), see `rainbow-edge vault check`, and \
         restore what it names from a backup",
        told.join("; ")
    )]
}

/// Reads everything in rounds, until the application ends.
pub async fn scrub(app: Weak<App>, data: PathBuf, settings: ScrubSettings) {
    let mut scrub = Scrub::read(&data);
    let mut unkept_bytes = 0;
    loop {
        let Some(running) = app.upgrade() else { return };
        keep(&running, &scrub);
        let now_ms = running.now_ms();
        // A clock that was set back would make it wait for as long.
        let due_ms = if scrub.begun_ms > now_ms { now_ms } else { scrub.due_ms(settings.round_ms) };
        if due_ms > now_ms {
            drop(running);
            let wait = Duration::from_millis(u64::try_from(due_ms - now_ms).unwrap_or(0));
            tokio::time::sleep(wait.min(SLEEP_MAX)).await;
            continue;
        }
        give_way(&running).await;
        let step;
        (scrub, step) = take_step(&running, scrub, now_ms).await;
        let Some(bytes) = tell(&running, &mut scrub, step).await else {
            drop(running);
            tokio::time::sleep(SLEEP_MAX).await;
            continue;
        };
        unkept_bytes += bytes;
        let begun = scrub.done_bytes <= bytes;
        if begun || scrub.ended || unkept_bytes >= KEPT_EVERY_BYTES || due_is_far(&scrub, settings, now_ms) {
            unkept_bytes = 0;
            if let Err(failure) = scrub.write(&data) {
                tracing::warn!(%failure, "where the reading of all data is could not be kept");
            }
        }
        keep(&running, &scrub);
        drop(running);
        let pause = bytes.max(STEP_BYTES / 16) * 1000 / settings.rate_bytes.max(1);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

fn due_is_far(scrub: &Scrub, settings: ScrubSettings, now_ms: i64) -> bool {
    scrub.due_ms(settings.round_ms) > now_ms + 1000
}

fn keep(app: &App, scrub: &Scrub) {
    scrub.clone_into(&mut app.scrubbing.state.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Those who are served go first.
async fn give_way(app: &App) {
    for _ in 0..YIELDS_MAX {
        if app.store.load().1 == 0 {
            return;
        }
        tokio::time::sleep(YIELD).await;
    }
}

async fn take_step(app: &Arc<App>, scrub: Scrub, now_ms: i64) -> (Scrub, Result<ScrubStep, StoreError>) {
    let (store, before) = (Arc::clone(&app.store), scrub.clone());
    let work = move || {
        let (survey, mut scrub) = (store.survey(), scrub);
        if scrub.begun_ms == 0 || scrub.begun_ms > now_ms || scrub.ended {
            survey.begin_scrub(&mut scrub, now_ms);
        }
        let step = survey.scrub(&mut scrub, now_ms);
        (scrub, step)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| (before, Err(StoreError::Fault(String::from("reading all data")))))
}

/// Tells what a step found, mends what can be; the bytes that it read, `None` where it could not.
async fn tell(app: &Arc<App>, scrub: &mut Scrub, step: Result<ScrubStep, StoreError>) -> Option<u64> {
    let step = match step {
        Ok(step) => step,
        Err(failure) => {
            tracing::error!(%failure, "stored data cannot be looked at");
            return None;
        }
    };
    app.scrubbing.counters.bytes.many(step.bytes);
    if let Some(first) = step.fresh.first() {
        for told in &step.told {
            tracing::error!(database = first.database, damage = told.as_str(), "stored data is damaged");
        }
    }
    for found in &step.whole {
        tracing::info!(database = found.database, damage = found.text, "what was damaged is whole again");
    }
    for found in step.fresh {
        mend(app, scrub, &found).await;
    }
    if scrub.ended {
        tracing::info!(bytes = scrub.done_bytes, damaged = scrub.found.len(), "all stored data was read");
    }
    Some(step.bytes)
}

async fn mend(app: &Arc<App>, scrub: &mut Scrub, found: &Found) {
    let Some(copies) = app.scrubbing.copies.get() else { return };
    let (database, damage) = (found.database.as_str(), found.text.as_str());
    match app.store.mend(found, Arc::clone(copies)).await {
        Ok(Mended::Yes) => {
            app.scrubbing.counters.mended.one();
            scrub.found.retain(|known| known.database != found.database || known.item != found.item);
            tracing::warn!(database, damage, "it was mended from a backup");
        }
        Ok(Mended::NotNeeded) => {
            scrub.found.retain(|known| known.database != found.database || known.item != found.item);
        }
        Ok(Mended::NoCopy) => tracing::error!(database, damage, "no backup has a good copy of it"),
        Ok(Mended::OtherVersion) => {
            tracing::error!(
                database,
                damage,
                "the backup's copy may be older than what was damaged: restore the database as a whole"
            );
        }
        Ok(Mended::Beyond) => tracing::error!(database, damage, "it must be restored from a backup as a whole"),
        Err(failure) => tracing::error!(database, damage, %failure, "it could not be mended"),
    }
}
