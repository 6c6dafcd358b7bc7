//! When what is done by itself.

use super::desk::BackupSettings;
use super::run::{Wish, run};
use super::state::TargetState;
use super::{BackupError, Desk};
use crate::App;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

/// How often that is looked for.
const EVERY: Duration = Duration::from_secs(30);
/// A target that failed is tried again after so long.
const AGAIN_MS: i64 = 5 * 60 * 1000;

/// What is due at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Nothing,
    Snapshot,
    Full,
}

fn due(state: &TargetState, settings: &BackupSettings, now_ms: i64) -> Due {
    // A clock that was put back must not stop backups.
    let passed =
        |since: Option<i64>, time_ms: i64| since.is_none_or(|since| since > now_ms || now_ms - since >= time_ms);
    let pause_ms =
        if state.failure.is_some() { AGAIN_MS.min(settings.every_s * 1000) } else { settings.every_s * 1000 };
    // What is left of an erased company goes at once.
    let owes = state.erased_ms.is_some() && (state.failure.is_none() || passed(state.tried_ms, AGAIN_MS));
    if !owes && !passed(state.tried_ms, pause_ms) {
        Due::Nothing
    } else if passed(state.full_ms, settings.full_every_s * 1000) {
        Due::Full
    } else {
        Due::Snapshot
    }
}

impl Desk {
    fn due(&self, name: &str, now_ms: i64) -> Due {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(name).map_or(Due::Full, |state| due(state, &self.settings, now_ms))
    }

    /// Whether nothing is known of a target: then nothing is taken for granted.
    pub(super) fn is_new(&self, name: &str) -> bool {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(name).is_none_or(|state| state.full_ms.is_none())
    }
}

/// Takes snapshots as the settings say, until the box is closed. One image serves all targets that are due; of those it makes
/// full ones where one is due.
pub async fn keep(app: Weak<App>) {
    let Some(hurried) = app.upgrade().map(|app| Arc::clone(&app.backup.hurried)) else { return };
    loop {
        // Either is due: a company was erased, or it is time to look.
        let _ = tokio::time::timeout(EVERY, hurried.notified()).await;
        let Some(app) = app.upgrade() else { return };
        let now_ms = app.clock.now_ms();
        let names: Vec<String> = app.backup.targets().iter().map(|target| target.name.clone()).collect();
        let due: Vec<Due> = names.iter().map(|name| app.backup.due(name, now_ms)).collect();
        if due.iter().all(|due| *due == Due::Nothing) {
            continue;
        }
        // Targets that are due soon are served along: the image is there.
        let full = due.contains(&Due::Full);
        let one = due.iter().filter(|due| **due != Due::Nothing).count() == 1;
        let target = names.iter().zip(&due).find(|(_, due)| one && **due != Due::Nothing).map(|(name, _)| name.clone());
        match run(&app, &Wish { target, full, verify: full }).await {
            Ok(_) | Err(BackupError::Busy) => {}
            Err(failure) => tracing::error!(%failure, "no snapshot could be taken"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Failure;
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const SETTINGS: BackupSettings =
        BackupSettings { every_s: 3600, full_every_s: 86_400, keep_s: 0, alarm_after_s: 0, reserve_bytes: 0 };

    #[test]
    fn a_snapshot_is_due_each_hour_and_a_full_one_each_day_d7() {
        let state =
            |tried_ms, full_ms| TargetState { tried_ms: Some(tried_ms), full_ms: Some(full_ms), ..Default::default() };
        let due_at = |state: &TargetState, now_ms| due(state, &SETTINGS, now_ms);
        assert_eq!(due_at(&TargetState::default(), 0), Due::Full);
        let fresh = state(0, 0);
        assert_eq!(due_at(&fresh, HOUR_MS - 1), Due::Nothing);
        assert_eq!(due_at(&fresh, HOUR_MS), Due::Snapshot);
        assert_eq!(due_at(&state(23 * HOUR_MS, 0), 24 * HOUR_MS), Due::Full);
        assert_eq!(due_at(&fresh, -HOUR_MS), Due::Full, "the clock was put back");
    }

    #[test]
    fn after_an_erasure_a_snapshot_is_due_at_once_and_again_while_it_fails_d2() {
        let owing = TargetState { tried_ms: Some(0), full_ms: Some(0), erased_ms: Some(1), ..Default::default() };
        assert_eq!(due(&owing, &SETTINGS, 2), Due::Snapshot);
        let failed =
            TargetState { failure: Some(Failure { at_ms: 0, what: String::from("unplugged") }), ..owing.clone() };
        assert_eq!(due(&failed, &SETTINGS, AGAIN_MS - 1), Due::Nothing);
        assert_eq!(due(&failed, &SETTINGS, AGAIN_MS), Due::Snapshot);
    }

    #[test]
    fn a_target_that_failed_is_tried_again_soon_d7() {
        let failure = Some(Failure { at_ms: 0, what: String::from("unplugged") });
        let failed = TargetState { tried_ms: Some(0), full_ms: Some(0), failure, ..Default::default() };
        assert_eq!(due(&failed, &SETTINGS, AGAIN_MS - 1), Due::Nothing);
        assert_eq!(due(&failed, &SETTINGS, AGAIN_MS), Due::Snapshot);
    }
}
