//! What a backup is written to. Each kind is a file of `outbound`; all of them wait, so they are asked on threads of their own.

use super::Progress;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Largest object that is ever read or written whole.
pub const OBJECT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Before a call is tried again.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(300), Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(20)];

/// Something that a target holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name within the folder that was listed.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Why a target did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It did not answer, or broke off: another try may succeed.
    #[error("{0}")]
    Passing(String),
    /// It refused, and will again.
    #[error("{0}")]
    Refused(String),
    /// It has no room left.
    #[error(
        "no room is left there ({0}); make some, or keep snapshots for less long (backup.keep_s). Those that are there stay \
         whole"
    )]
    Full(String),
}

/// A place for objects with names such as `objects/ab12/cd34`. What was put is there whole or not at all, whatever happens
/// meanwhile.
pub trait Target: Send + Sync {
    /// Writes an object, in place of an earlier one. It lasts once this returns.
    ///
    /// # Errors
    /// [`TargetError`].
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError>;

    /// Reads an object, or a range within it; `None`: there is none.
    ///
    /// # Errors
    /// [`TargetError`], also for one that is larger than [`OBJECT_BYTES_MAX`].
    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError>;

    /// The objects right in a folder, in no order; none where there is no folder. What is not whole yet is not among them.
    ///
    /// # Errors
    /// [`TargetError`].
    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError>;

    /// Removes an object; one that is not there is no error.
    ///
    /// # Errors
    /// [`TargetError`].
    fn remove(&self, name: &str) -> Result<(), TargetError>;
}

/// A target that is asked again a few times when it breaks off.
pub(super) struct Patient<'a> {
    target: &'a dyn Target,
    progress: &'a Arc<Progress>,
}

impl<'a> Patient<'a> {
    pub(super) fn new(target: &'a dyn Target, progress: &'a Arc<Progress>) -> Self {
        Self { target, progress }
    }

    fn patiently<T>(&self, ask: impl Fn() -> Result<T, TargetError>) -> Result<T, TargetError> {
        for pause in PAUSES {
            match ask() {
                Err(TargetError::Passing(why)) => {
                    tracing::debug!(why, "a backup target is asked again");
                    self.progress.pause(pause)?;
                }
                answer => return answer,
            }
        }
        ask()
    }
}

impl Target for Patient<'_> {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        self.patiently(|| self.target.put(name, bytes))
    }

    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError> {
        self.patiently(|| self.target.get(name, part.clone()))
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError> {
        self.patiently(|| self.target.list(folder))
    }

    fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.patiently(|| self.target.remove(name))
    }
}
