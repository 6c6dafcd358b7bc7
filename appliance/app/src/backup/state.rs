//! How the backups stand, by target; kept over a restart.

use super::desk::NamedTarget;
use super::image::ImageFacts;
use super::progress::Far;
use super::{BackupError, FOLDER, Sent, Verified, write_whole};
use crate::App;
use domain::clock::iso8601;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::PoisonError;

const FILE: &str = "state.json";

/// States by target.
pub(super) type States = BTreeMap<String, TargetState>;

/// How one target stands. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetState {
    /// When it was tried last.
    pub tried_ms: Option<i64>,
    /// When the last snapshot that is there was taken.
    pub taken_ms: Option<i64>,
    /// Its number.
    pub sequence: u64,
    /// Bytes that the last run sent.
    pub sent: u64,
    /// Bytes that its last snapshot holds.
    pub bytes: u64,
    /// When everything was looked at anew.
    pub full_ms: Option<i64>,
    /// When the snapshot was taken that was verified last.
    pub verified_ms: Option<i64>,
    /// When that was done.
    pub verified_at_ms: Option<i64>,
    /// Files that it had.
    pub verified_files: u64,
    /// What kept the last snapshot from it, unless one is there since.
    pub failure: Option<Failure>,
    /// Why the last verification failed; a later snapshot says nothing about it.
    pub unverified: Option<Failure>,
    /// How long all writers stood still for the last snapshot, in microseconds.
    pub still_us: u64,
    /// Companies that were left behind in the last snapshot.
    pub left_behind: u64,
    /// Files that were missing on the box.
    pub lost: u64,
    /// When a company was erased of which something may still be there.
    pub erased_ms: Option<i64>,
}

impl TargetState {
    /// What failed last and has not succeeded since.
    #[must_use]
    pub fn failing(&self) -> Option<&Failure> {
        self.failure.as_ref().or(self.unverified.as_ref())
    }
}

/// Something that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at_ms: i64,
    /// What, for people.
    pub what: String,
}

/// How one target stands, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// How it stands.
    pub state: TargetState,
    /// What is being done to it now.
    pub doing: Option<Far>,
}

pub(super) fn read(data: &Path) -> States {
    let bytes = std::fs::read(data.join(FOLDER).join(FILE)).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Changes the state of a target, and keeps it.
pub(super) fn note(app: &App, target: &str, change: impl FnOnce(&mut TargetState)) {
    let mut states = app.backup.states.lock().unwrap_or_else(PoisonError::into_inner);
    change(states.entry(target.to_owned()).or_default());
    let text = serde_json::to_vec_pretty(&*states).unwrap_or_default();
    if let Err(failure) = write_whole(&app.store.folder().join(FOLDER).join(FILE), &text) {
        tracing::error!(%failure, "how the backups stand could not be kept");
    }
}

/// There could be no snapshot at all.
pub(super) fn note_failed(app: &App, target: &str, failure: &BackupError) {
    let now_ms = app.clock.now_ms();
    note(app, target, |state| {
        state.tried_ms = Some(now_ms);
        state.failure = Some(Failure { at_ms: now_ms, what: failure.to_string() });
    });
}

/// What came of a run.
pub(super) fn note_sent(app: &App, target: &str, full: bool, sent: &Result<Sent, BackupError>, image: &ImageFacts) {
    let (now_ms, taken_ms) = (app.clock.now_ms(), image.taken_ms);
    note(app, target, |state| {
        state.tried_ms = Some(now_ms);
        (state.still_us, state.left_behind, state.lost) = (image.still_us(), image.failed.len() as u64, image.lost());
        match sent {
            Ok(sent) => {
                state.taken_ms = Some(taken_ms);
                (state.sequence, state.sent, state.bytes) = (sent.sequence, sent.sent, sent.bytes);
                state.failure = None;
                state.erased_ms = state.erased_ms.filter(|erased_ms| *erased_ms > taken_ms);
                if full {
                    state.full_ms = Some(taken_ms);
                }
            }
            Err(failure) => state.failure = Some(Failure { at_ms: now_ms, what: failure.to_string() }),
        }
    });
}

/// What came of a verification.
pub(super) fn note_verified(app: &App, target: &str, verified: &Result<Verified, BackupError>) {
    let now_ms = app.clock.now_ms();
    note(app, target, |state| match verified {
        Ok(verified) => {
            state.verified_ms = Some(verified.taken_ms);
            state.verified_at_ms = Some(now_ms);
            state.verified_files = verified.files;
            state.unverified = None;
        }
        Err(failure) => state.unverified = Some(Failure { at_ms: now_ms, what: format!("verification: {failure}") }),
    });
}

/// How the backups stand.
#[must_use]
pub fn standing(app: &App) -> Vec<Standing> {
    let states = app.backup.states.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let going_on = app.backup.going_on.lock().unwrap_or_else(PoisonError::into_inner);
    let doing = |name: &str| {
        let of = |wanted: &str| going_on.iter().find(|(of, _)| of == wanted).map(|(_, progress)| progress.read());
        of(name).or_else(|| of(""))
    };
    let standing = |NamedTarget { name, address, .. }: &NamedTarget| Standing {
        name: name.clone(),
        address: address.clone(),
        state: states.get(name).cloned().unwrap_or_default(),
        doing: doing(name),
    };
    app.backup.targets().iter().map(standing).collect()
}

/// Sentences for people about what is wrong with the backups.
#[must_use]
pub fn alarms(app: &App) -> Vec<String> {
    let (now_ms, longest_ms) = (app.clock.now_ms(), app.backup.settings.alarm_after_s.saturating_mul(1000));
    let (mut alarms, mut lost) = (Vec::new(), 0);
    for Standing { name, state, .. } in standing(app) {
        let is_old = |at: Option<i64>| at.is_none_or(|at| now_ms.saturating_sub(at) > longest_ms);
        let why = state.failing().map(|failure| format!(" ({})", failure.what)).unwrap_or_default();
        let since = |at: Option<i64>| at.map_or_else(|| String::from("ever"), |at| format!("since {}", iso8601(at)));
        if is_old(state.taken_ms) && state.tried_ms.is_some() {
            alarms.push(format!("no backup went to `{name}` {}{why}: look at the target", since(state.taken_ms)));
        } else if is_old(state.verified_ms) && state.tried_ms.is_some() {
            let verified = since(state.verified_ms);
            alarms.push(format!("no backup at `{name}` was verified {verified}{why}: rainbow-edge backup verify"));
        } else if let Some(failure) = state.failing() {
            alarms.push(format!("the last backup to `{name}` failed: {}", failure.what));
        }
        if state.left_behind > 0 {
            let left = state.left_behind;
            alarms.push(format!("{left} companies could not be read and are not in the last backup at `{name}`"));
        }
        lost = state.lost.max(lost);
    }
    // Of the box, whatever the target.
    if lost > 0 {
        alarms.push(format!("{lost} shared files are missing on this box, so also in its backups"));
    }
    alarms
}
