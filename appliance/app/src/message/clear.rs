use crate::conversation::Peer;
use crate::live::Push;
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::Arc;
use store::{Connection, conversation, person};

/// Hides the history with somebody so far from the caller, on all devices; the other side keeps it.
///
/// # Errors
/// When the store fails.
pub async fn clear(app: &App, caller: &Caller, with: &UserId) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, peer) = (caller.no, with.clone());
    let (live, user, cleared) = (Arc::clone(&app.live), caller.user.clone(), Push::Cleared(Peer::User(with.clone())));
    let clear = move |c: &Connection| match person::find(c, &peer)? {
        Some(peer) => Ok(conversation::clear(c, me, peer)?),
        None => Ok(()),
    };
    app.change_company(&caller.company, clear, move |()| live.push_all(&user, &cleared)).await
}
