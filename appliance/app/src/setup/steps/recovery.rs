use super::{Doing, Given, Progress, Step, Work};
use crate::AppError;
use serde_json::{Value, json};
use store::RecoveryKey;

/// A key that opens the box when its root key is gone (D2). It is in memory only until the end of the setup, so that a
/// restart asks for a new one.
pub(super) struct RecoveryStep;

/// The recovery key that was made last.
#[derive(Clone)]
pub(in crate::setup) struct Recovery {
    pub(in crate::setup) key: RecoveryKey,
    /// Somebody has typed it: it is written down.
    pub(in crate::setup) confirmed: bool,
}

impl Step for RecoveryStep {
    fn name(&self) -> &'static str {
        "recovery"
    }

    fn check(&self, _given: &Given) -> Result<Value, AppError> {
        Err(AppError::invalid("recovery", "is answered by POST setup/recovery-key and setup/recovery-key/check"))
    }

    fn shown(&self, progress: &Progress) -> Option<Value> {
        progress.recovery.as_ref().map(|recovery| json!({ "confirmed": recovery.confirmed }))
    }

    fn is_answered(&self, progress: &Progress) -> bool {
        progress.recovery.as_ref().is_some_and(|recovery| recovery.confirmed)
    }

    fn carry_out<'a>(&'a self, work: &'a mut Work<'_>) -> Doing<'a> {
        Box::pin(async {
            let recovery = work.progress.recovery.as_ref().ok_or(AppError::MissingStep(self.name()))?;
            Ok(work.app.store.set_recovery_key(recovery.key.clone()).await?)
        })
    }
}
