use crate::App;
use std::sync::Weak;
use std::time::Duration;

/// How long pages that somebody read stay mapped at most.
const EVERY: Duration = Duration::from_secs(60);

/// Lets go, again and again, of database pages that the system has in memory: it keeps them as long as there is room, and they are
/// nobody's. While they are mapped they count as this process's, in the end the whole of its databases (E5).
pub async fn release(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if let Err(failure) = app.store.release().await {
            tracing::debug!(%failure, "pages of a database stay mapped");
        }
    }
}
