//! What the service manager is told: readiness, one line about what goes on, signs of life.

use sd_notify::NotifyState;

/// Tells it; nothing where there is none.
pub(crate) fn tell(states: &[NotifyState<'_>]) {
    if let Err(failure) = sd_notify::notify(states) {
        tracing::debug!(%failure, "the service manager could not be told");
    }
}

/// The line that `systemctl status` shows. Everybody on the machine may read it: no secret.
pub(crate) fn tell_status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}
