//! What a running box knows about its backups.

use super::progress::Progress;
use super::state::{self, States};
use super::target::Target;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// When what is done.
#[derive(Debug, Clone, Copy)]
pub struct BackupSettings {
    /// A snapshot is taken so often, in seconds.
    pub every_s: i64,
    /// Everything is looked at anew, and verified by a restore, so often, in seconds.
    pub full_every_s: i64,
    /// Snapshots are kept for so long, in seconds.
    pub keep_s: i64,
    /// A last verified snapshot that is older than this is an alarm, in seconds.
    pub alarm_after_s: i64,
    /// Room on the disk that image and scratch folder leave free.
    pub reserve_bytes: u64,
}

/// A target by the name that people call it.
#[derive(Clone)]
pub struct NamedTarget {
    /// The name.
    pub name: String,
    /// Where it is, for people.
    pub address: String,
    /// What takes the objects; the error says why nothing can.
    pub target: Result<Arc<dyn Target>, String>,
}

/// What a running box knows about its backups.
pub struct Desk {
    pub(crate) settings: BackupSettings,
    pub(super) targets: OnceLock<Vec<NamedTarget>>,
    pub(super) states: Mutex<States>,
    /// One at a time.
    pub(super) working: Arc<tokio::sync::Mutex<()>>,
    /// Wakes whoever keeps the time.
    pub(super) hurried: Arc<tokio::sync::Notify>,
    /// Of what is going on, by target; the empty name is the image.
    pub(super) going_on: Mutex<Vec<(String, Arc<Progress>)>>,
}

impl Desk {
    pub(crate) fn new(settings: BackupSettings, data: &Path) -> Self {
        Self {
            settings,
            targets: OnceLock::new(),
            states: Mutex::new(state::read(data)),
            working: Arc::default(),
            hurried: Arc::default(),
            going_on: Mutex::default(),
        }
    }

    /// The targets of the configuration.
    #[must_use]
    pub fn targets(&self) -> &[NamedTarget] {
        self.targets.get().map_or(&[], Vec::as_slice)
    }

    /// What is going on begins to be told.
    pub(super) fn begin(&self, name: &str) -> Arc<Progress> {
        let progress = Arc::new(Progress::default());
        let mut going_on = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        going_on.retain(|(of, _)| of != name);
        going_on.push((name.to_owned(), Arc::clone(&progress)));
        progress
    }

    pub(super) fn end(&self, name: &str) {
        self.going_on.lock().unwrap_or_else(PoisonError::into_inner).retain(|(of, _)| of != name);
    }

    /// Whatever goes on should end soon.
    pub(super) fn stop(&self) {
        let going_on = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        going_on.iter().for_each(|(_, progress)| progress.stop());
    }
}
