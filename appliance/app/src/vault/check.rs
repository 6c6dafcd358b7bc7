//! A check of the databases beside those who use them: one at a time, on a thread of its own, never more than half of the time.

use crate::{App, AppError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use store::{CheckWish, Finding, Kind, Listener, Store};

/// Findings that are kept; of more only the number is known.
const FINDINGS_MAX: usize = 10_000;
/// Longest pause after one piece of work, which is a MiB.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// Changes that wait for writers make a check wait so long, again and again.
const YIELDS: Duration = Duration::from_millis(20);
const YIELDS_MAX: u32 = 50;

/// The check that goes on, or the last one.
#[derive(Default)]
pub(crate) struct Checks(Mutex<Option<Arc<Going>>>);

struct Going {
    stop: Arc<AtomicBool>,
    state: Mutex<Checking>,
}

/// How far a check is.
#[derive(Debug, Clone, Default)]
pub struct Checking {
    /// Bytes that were looked at.
    pub done_bytes: u64,
    /// About how many there are.
    pub total_bytes: u64,
    /// Which database is looked at.
    pub database: String,
    /// What of it.
    pub what: &'static str,
    /// What was found.
    pub findings: Vec<Finding>,
    /// How much was found.
    pub found: u64,
    /// Once it is over: whether it came to its end.
    pub ended: Option<bool>,
}

/// Begins a check.
///
/// # Errors
/// [`AppError::Busy`] while another one goes on.
pub fn begin_check(app: &App, mut wish: CheckWish) -> Result<(), AppError> {
    let mut checks = app.checks.0.lock().unwrap_or_else(PoisonError::into_inner);
    if checks.as_ref().is_some_and(|going| going.read().ended.is_none()) {
        return Err(AppError::Busy);
    }
    wish.running = true;
    let going = Arc::new(Going { stop: Arc::clone(&wish.stop), state: Mutex::default() });
    let (of_thread, store) = (Arc::clone(&going), Arc::clone(&app.store));
    let started = std::thread::Builder::new().name(String::from("check")).spawn(move || of_thread.run(store, &wish));
    started.map_err(|_| AppError::Busy)?;
    *checks = Some(going);
    Ok(())
}

/// How far the check is, with findings from the `seen`th on, at most `limit`.
///
/// # Errors
/// [`AppError::NotFound`] when none was begun.
pub fn look_at_check(app: &App, seen: usize, limit: usize) -> Result<Checking, AppError> {
    let checks = app.checks.0.lock().unwrap_or_else(PoisonError::into_inner);
    let going = checks.as_ref().ok_or(AppError::NotFound("a check that was begun"))?;
    let state = going.read();
    let findings = state.findings.iter().skip(seen).take(limit).cloned().collect();
    let Checking { done_bytes, total_bytes, found, ended, what, .. } = *state;
    Ok(Checking { done_bytes, total_bytes, database: state.database.clone(), what, findings, found, ended })
}

/// Ends the check that goes on, if one does.
pub fn end_check(app: &App) {
    let checks = app.checks.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(going) = checks.as_ref() {
        going.stop.store(true, Ordering::Relaxed);
    }
}

impl Going {
    fn read(&self) -> std::sync::MutexGuard<'_, Checking> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, store: Arc<Store>, wish: &CheckWish) {
        // Those who are served go first; where the system does not let it be so, it is as any other.
        let _ = rustix::process::setpriority_process(None, 19);
        let total_bytes = store.survey().check_bytes(wish);
        self.read().total_bytes = total_bytes;
        let mut beside = Beside { going: self, store: Arc::downgrade(&store), since: Instant::now() };
        let outcome = store.survey().check(wish, &mut beside);
        drop(store);
        let mut state = self.read();
        if let Err(failure) = &outcome {
            let told =
                Finding { database: String::from("directory"), kind: Kind::NotLooked, text: failure.to_string() };
            state.found += 1;
            state.findings.push(told);
        }
        state.ended = Some(outcome.unwrap_or(false));
    }
}

/// Hears of a check, and makes it wait.
struct Beside<'a> {
    going: &'a Going,
    store: Weak<Store>,
    since: Instant,
}

impl Listener for Beside<'_> {
    fn looked(&mut self, bytes: u64) {
        self.going.read().done_bytes += bytes;
        let stopped = || self.going.stop.load(Ordering::Relaxed);
        if stopped() {
            return;
        }
        std::thread::sleep(self.since.elapsed().min(PAUSE_MAX));
        for _ in 0..YIELDS_MAX {
            let waiting = self.store.upgrade().map_or(0, |store| store.load().1);
            if waiting == 0 || stopped() {
                break;
            }
            std::thread::sleep(YIELDS);
        }
        self.since = Instant::now();
    }

    fn at(&mut self, database: &str, what: &'static str) {
        let mut state = self.going.read();
        database.clone_into(&mut state.database);
        state.what = what;
    }

    fn found(&mut self, finding: Finding) {
        let mut state = self.going.read();
        state.found += 1;
        if state.findings.len() < FINDINGS_MAX {
            state.findings.push(finding);
        }
    }
}
