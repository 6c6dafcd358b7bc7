use crate::conversation::Peer;
use crate::live::Push;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, UserId};
use domain::rights::Right;
use store::{conversation, person};

/// Hides the history with somebody up to now from the caller, on all devices; the other side keeps it.
///
/// # Errors
/// When the store fails.
pub async fn clear(app: &App, caller: &Caller, with: &UserId) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, peer, now_ms) = (caller.no, with.clone(), app.clock.now_ms());
    database
        .write(move |c| {
            if let Some(peer) = person::find(c, &peer)? {
                conversation::clear(c, me, peer, ArchiveId(now_ms.saturating_mul(1000).saturating_add(999)))?;
            }
            Ok::<_, AppError>(())
        })
        .await?;
    app.live.push_all(&caller.user, &Push::Cleared(Peer::User(with.clone())));
    Ok(())
}
