use crate::outbox::{self, DirectoryEffect};
use crate::{App, AppError};
use domain::email::Email;
use domain::ids::UserId;
use store::{Connection, login, session, user};

/// An address by which nobody signs in (RFC 6761, 6.4).
pub(super) fn no_address(app: &App) -> String {
    format!("{}@guest.invalid", app.random_name())
}

/// Closes the account of a guest whose time is over: no sign-in, no session, no stream, and the address that he gave is
/// free again. His name stays with what he said. Idempotent; accounts of others are left alone.
pub(crate) async fn close(app: &App, id: &UserId) -> Result<(), AppError> {
    let company = {
        let relations = app.relations();
        let guest = relations.member(id).filter(|member| member.roles.is_guest() && member.active);
        guest.map(|member| member.company.clone())
    };
    let Some(company) = company else { return Ok(()) };
    let (wanted, now_ms) = (id.clone(), app.clock.now_ms());
    let nowhere = Email::parse(&no_address(app)).map_err(|e| AppError::invalid("loginEmail", e))?;
    let end = move |c: &Connection| {
        let Some(mut guest) = user::find(c, &wanted)?.filter(|user| user.roles.is_guest()) else { return Ok(()) };
        (guest.active, guest.email) = (false, nowhere);
        user::update(c, &guest, now_ms)?;
        session::end_all(c, guest.no)?;
        outbox::to_directory(c, &DirectoryEffect::state_of(&guest), now_ms)
    };
    app.company(&company).await?.write(end).await?;
    app.live.end_user(id);
    app.settle_directory(&company).await?;
    app.names.forget(id);
    let gone = id.clone();
    app.store.directory().write(move |c| Ok::<_, AppError>(login::remove_user(c, &gone)?)).await
}
