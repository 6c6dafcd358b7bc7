use crate::{App, AppError, Caller};
use tokio::sync::oneshot;

/// Returns when all that the caller has sent so far is on the disk, or refused: what is acknowledged is synced.
///
/// # Errors
/// When the company's file takes no more changes.
pub async fn committed(app: &App, caller: &Caller) -> Result<(), AppError> {
    let database = app.company(&caller.company).await?;
    let (tell, told) = oneshot::channel();
    let then = move |outcome: Result<(), AppError>| {
        // Whoever asked may have gone.
        let _ = tell.send(outcome);
    };
    database.write_again_then(|_| Ok(()), then).await?;
    told.await.unwrap_or(Err(AppError::Busy))
}
