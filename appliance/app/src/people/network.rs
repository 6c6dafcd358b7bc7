use super::{Seen, find};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, UserId};
use domain::presence::Level;
use domain::rights::Right;

/// The people in the caller's network (B6): colleagues, and whoever an accepted invitation joined.
///
/// # Errors
/// When the store fails.
pub async fn network(app: &App, caller: &Caller) -> Result<Vec<Seen>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let people: Vec<(UserId, CompanyId)> = {
        let relations = app.relations();
        let near = relations.members().filter(|(id, member)| member.active && relations.in_network(&caller.user, id));
        near.map(|(id, member)| (id.clone(), member.company.clone())).collect()
    };
    let mut network = find::load(app, caller, people).await?;
    network.sort_by(|one, other| one.user.email.as_str().cmp(other.user.email.as_str()));
    Ok(network)
}

/// The presence of somebody in the caller's network: one level, and that of each device (C2). Of others whom the caller
/// may know of there is none to see: they are shown as offline.
///
/// # Errors
/// [`AppError::NotFound`] for people whom the caller may not know of.
pub async fn presences(app: &App, caller: &Caller, id: &UserId) -> Result<(Level, Vec<(String, Level)>), AppError> {
    let user = find::find(app, caller, id).await?.user;
    Ok(shown(app, caller, &user.id))
}

/// As [`presences`], of a member whom the caller administers.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for people whom the caller may not know of.
pub async fn administered_presences(
    app: &App,
    caller: &Caller,
    id: &UserId,
) -> Result<(Level, Vec<(String, Level)>), AppError> {
    find::find_member(app, caller, id).await?;
    Ok(shown(app, caller, id))
}

fn shown(app: &App, caller: &Caller, id: &UserId) -> (Level, Vec<(String, Level)>) {
    let (level, devices) = app.live.presences(id);
    let hidden = level == Level::Invisible && *id != caller.user;
    if hidden || !app.relations().shows_presence(id, &caller.user) {
        (Level::Offline, Vec::new())
    } else {
        (level, devices)
    }
}
