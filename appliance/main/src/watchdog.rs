//! Signs of life for the service manager: only while the runtime turns and every writer answers, so that a server that
//! hangs is ended and started anew.

use crate::systemd;
use app::{App, installation};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Signs within the time after which the service manager gives up. An answer may take as long as the pause before it.
const SIGNS: u32 = 4;

/// Gives signs until aborted; `None` where nobody waits for them.
pub(crate) fn start(app: &Arc<App>) -> Option<JoinHandle<()>> {
    let patience = sd_notify::watchdog_enabled()?;
    let every = (patience / SIGNS).max(Duration::from_millis(1));
    Some(tokio::spawn(give_signs(Arc::downgrade(app), every)))
}

async fn give_signs(app: Weak<App>, every: Duration) {
    while let Some(app) = app.upgrade() {
        match tokio::time::timeout(every, installation::answers(&app)).await {
            Ok(Ok(())) => systemd::tell(&[sd_notify::NotifyState::Watchdog]),
            Ok(Err(failure)) => tracing::error!(%failure, "no sign of life for the service manager"),
            Err(_) => tracing::error!("a database does not answer: no sign of life for the service manager"),
        }
        drop(app);
        tokio::time::sleep(every).await;
    }
}
