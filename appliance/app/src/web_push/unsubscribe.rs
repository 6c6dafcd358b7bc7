use crate::{App, AppError, Caller};
use domain::ids::SubscriptionId;
use domain::rights::Right;
use store::push_subscription;

/// Ends one of the caller's subscriptions.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else's.
pub async fn unsubscribe(app: &App, caller: &Caller, id: &SubscriptionId) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (no, wanted) = (caller.no, id.clone());
    let database = app.company(&caller.company).await?;
    let removed = database.write(move |c| Ok::<_, AppError>(push_subscription::remove(c, no, &wanted)?)).await?;
    if removed { Ok(()) } else { Err(AppError::NotFound("subscription")) }
}
