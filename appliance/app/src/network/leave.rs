use crate::live::Push;
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::{Arc, PoisonError};
use store::edges;

/// Takes somebody out of the caller's network, and the caller out of theirs: presence ends, messages go no longer. What was
/// written stays with both. Colleagues are in the network by themselves and stay (B6).
///
/// # Errors
/// [`AppError::Forbidden`] for colleagues, [`AppError::NotFound`] for anybody else who is not in the network.
pub async fn leave(app: &App, caller: &Caller, whom: &UserId) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    {
        let relations = app.relations();
        if !relations.joined(&caller.user, whom) {
            let colleague = *whom == caller.user || relations.colleagues(&caller.user, whom);
            return Err(if colleague { AppError::Forbidden } else { AppError::NotFound("user") });
        }
    }
    let (me, other, live) = (caller.user.clone(), whom.clone(), Arc::clone(&app.live));
    let (one, two) = (me.clone(), other.clone());
    let change = move |c: &store::Connection| Ok(edges::part(c, &one, &two)?);
    app.change_directory(change, move |relations, parted| {
        if !parted {
            return;
        }
        relations.write().unwrap_or_else(PoisonError::into_inner).set_network(&me, &other, false);
        for (user, contact) in [(&me, &other), (&other, &me)] {
            live.show_presence(contact, user, false);
            live.push_all(user, &Push::Network { user: contact.clone(), joined: false });
        }
    })
    .await
    .map(|_| ())
}
