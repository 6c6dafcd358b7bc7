use super::{Invitation, Side, seen_by};
use crate::people::{Page, User, Window, login_hash};
use crate::{App, AppError, Caller};
use domain::ids::{InvitationId, UserId};
use domain::network::InvitationStatus;
use domain::rights::Right;
use store::{invitation, user};

/// The caller's invitations of one side, newest first; of these states only, or of any when none is named.
///
/// # Errors
/// When the store fails.
pub async fn list(
    app: &App,
    caller: &Caller,
    side: Side,
    states: &[InvitationStatus],
    window: Window,
) -> Result<Page<Invitation>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let me = caller.user.clone();
    let all = app.store.directory().read(move |c| Ok::<_, AppError>(invitation::of(c, &me, side)?)).await?;
    let mut all: Vec<Invitation> = all.into_iter().map(|invitation| seen_by(&caller.user, invitation)).collect();
    all.retain(|invitation| states.is_empty() || states.contains(&invitation.status));
    Ok(Page::cut(all, window))
}

/// One invitation that the caller made or got.
///
/// # Errors
/// [`AppError::NotFound`] for any other.
pub async fn find(app: &App, caller: &Caller, id: &InvitationId) -> Result<Invitation, AppError> {
    Ok(seen_by(&caller.user, of(app, caller, id).await?))
}

async fn of(app: &App, caller: &Caller, id: &InvitationId) -> Result<Invitation, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let wanted = id.clone();
    let found = app.store.directory().read(move |c| Ok::<_, AppError>(invitation::find(c, &wanted)?)).await?;
    let mine = |of: &Invitation| !of.hidden && (of.inviter == caller.user || of.invited == caller.user);
    found.filter(mine).ok_or(AppError::NotFound("invitation"))
}

/// One invitation on the caller's side of it.
pub(super) async fn find_on(app: &App, caller: &Caller, id: &InvitationId, side: Side) -> Result<Invitation, AppError> {
    let found = of(app, caller, id).await?;
    let own = match side {
        Side::Sent => &found.inviter,
        Side::Received => &found.invited,
    };
    // The other side sees the invitation, but the act is not his.
    if *own == caller.user { Ok(found) } else { Err(AppError::Forbidden) }
}

/// What the caller may see of both sides of an invitation.
#[derive(Debug, Clone, Default)]
pub struct Sides {
    /// The invited one; the inviter who asked by address learns who it is by the acceptance only.
    pub invited: Option<UserId>,
    /// The invited one's address, to whom it is known.
    pub invited_email: Option<String>,
    /// The inviter's address: who asks shows it, as long as he asks or is in the network.
    pub inviter_email: Option<String>,
}

/// What the caller may see of both sides of an invitation that he made or got.
///
/// # Errors
/// When the store fails.
pub async fn sides(app: &App, caller: &Caller, invitation: &Invitation) -> Result<Sides, AppError> {
    let (inviter, invited) = (account(app, &invitation.inviter).await?, account(app, &invitation.invited).await?);
    let mine = invitation.invited == caller.user;
    let joined = app.relations().in_network(&invitation.inviter, &invitation.invited);
    let by_address = |user: &User| invitation.address_hash.as_ref() == Some(&login_hash(app, &user.email));
    let email = |user: &User| user.email.as_str().to_owned();
    let asks = invitation.inviter == caller.user
        || joined
        || app.relations().has_invited(&invitation.inviter, &invitation.invited);
    Ok(Sides {
        invited: (mine || joined || invitation.address_hash.is_none()).then(|| invitation.invited.clone()),
        invited_email: invited.filter(|user| mine || joined || by_address(user)).as_ref().map(email),
        inviter_email: inviter.filter(|_| asks).as_ref().map(email),
    })
}

async fn account(app: &App, id: &UserId) -> Result<Option<User>, AppError> {
    let company = app.relations().member(id).map(|member| member.company.clone());
    let Some(company) = company else { return Ok(None) };
    let wanted = id.clone();
    let read = async { app.company(&company).await?.read(move |c| Ok(user::find(c, &wanted)?)).await };
    match read.await {
        Err(AppError::Store(failure)) => {
            // A company that cannot be read takes no other with it (B1).
            tracing::error!(%company, %failure, "one side of an invitation cannot be read");
            Ok(None)
        }
        read => read,
    }
}
