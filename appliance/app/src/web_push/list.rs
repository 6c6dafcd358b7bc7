use crate::sign_in::Lives;
use crate::{App, AppError, Caller, SignedInBy};
use domain::ids::SubscriptionId;
use domain::outbound::HttpsUrl;
use domain::rights::Right;
use store::push_subscription;

/// A subscription as its owner sees it: without the address, by which anybody could push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSubscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Scheme, host and port of its push service.
    pub service: String,
    /// It is of the browser that asks.
    pub current: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// The caller's subscriptions, of all sign-ins that live, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ListedSubscription>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (no, living) = (caller.no, Lives::of(app).living(app.clock.now_ms()));
    let database = app.company(&caller.company).await?;
    let found = database.read(move |c| Ok::<_, AppError>(push_subscription::living(c, no, living)?)).await?;
    let listed = found.into_iter().map(|one| ListedSubscription {
        service: HttpsUrl::parse(&one.endpoint).map(|url| url.origin()).unwrap_or_default(),
        current: SignedInBy::Session(one.session.clone()) == caller.signed_in_by,
        id: one.id,
        created_ms: one.created_ms,
    });
    Ok(listed.collect())
}
