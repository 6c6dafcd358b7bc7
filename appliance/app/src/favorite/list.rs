use super::Favorite;
use crate::{App, AppError, Caller};
use domain::peer::Peer;
use domain::rights::Right;
use store::favorite;

/// The caller's favourites, in their order.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Favorite>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let me = caller.no;
    let mut all = database.read(move |c| Ok::<_, AppError>(favorite::all(c, me)?)).await?;
    let relations = app.relations();
    all.retain(|favorite| match &favorite.liked {
        Peer::User(user) => relations.knows(&caller.user, user),
        Peer::Bubble(bubble) => relations.bubble(bubble).is_some_and(|bubble| bubble.is_seen_by(&caller.user)),
    });
    Ok(all)
}
