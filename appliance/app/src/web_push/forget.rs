use super::Subscriber;
use crate::{App, AppError};
use store::push_subscription;

/// Removes a subscription that its push service says is no more (RFC 8030, 7.3).
///
/// # Errors
/// When the store fails.
pub async fn forget(app: &App, gone: &Subscriber) -> Result<(), AppError> {
    let id = gone.id.clone();
    app.company(&gone.company).await?.write(move |c| Ok::<_, AppError>(push_subscription::forget(c, &id)?)).await
}
