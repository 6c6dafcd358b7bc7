use super::{User, find};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::network;
use domain::presence::Level;
use domain::rights::Right;
use store::user;

/// Most people of a network that one answer holds.
const NETWORK_MAX: u32 = 10_000;

/// The people in the caller's network (B6): today the colleagues.
///
/// # Errors
/// When the store fails.
pub async fn network(app: &App, caller: &Caller) -> Result<Vec<User>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if !network::colleagues(true, caller.kind) {
        return Ok(Vec::new());
    }
    let database = app.company(&caller.company).await?;
    let me = caller.no;
    let people = database.read(move |c| Ok::<_, AppError>(user::page(c, true, 0, NETWORK_MAX)?)).await?;
    Ok(people.into_iter().filter(|user| user.no != me).collect())
}

/// The presence of somebody in the caller's network: one level, and that of each device (C2).
///
/// # Errors
/// [`AppError::NotFound`] for people whom the caller may not see.
pub async fn presences(app: &App, caller: &Caller, id: &UserId) -> Result<(Level, Vec<(String, Level)>), AppError> {
    let user = find::find(app, caller, id).await?;
    let own = user.id == caller.user;
    let (level, devices) = app.live.presences(&user.id);
    let hidden = !own && (level == Level::Invisible || !network::colleagues(true, caller.kind));
    Ok(if hidden { (Level::Offline, Vec::new()) } else { (level, devices) })
}
