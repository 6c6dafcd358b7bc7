use super::{Listed, find, set};
use crate::network::{self, Answer, Invitation, Invited, Side};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::network::InvitationStatus;

/// What a standard client asks for by a presence stanza (RFC 6121, 3), and what it is here (B6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// An invitation, or the acceptance of the one that came from there.
    Subscribe,
    /// The acceptance of an invitation.
    Subscribed,
    /// The end of an invitation that waits, or of being in one another's network.
    Unsubscribe,
    /// The refusal of an invitation, or the end of being in one another's network.
    Unsubscribed,
}

/// Does what is asked for, once: repeating it, or asking for what is so already, changes nothing. `true`: both are in one
/// another's network now. Colleagues are from the start, and stay (B6). Who asks, or lets in, notes the other: what is noted
/// stays when that ends (RFC 6121, 3).
///
/// # Errors
/// As `network::invite` refuses, for who is known and cannot be asked.
pub async fn request(app: &App, caller: &Caller, whom: &UserId, request: Request) -> Result<bool, AppError> {
    if *whom == caller.user {
        return Ok(false);
    }
    let listed = || Listed::Person(whom.clone());
    match request {
        Request::Subscribe => match network::invite(app, caller, Invited::User(whom.clone())).await {
            Ok(made) => {
                set::change(app, caller, &listed(), |noted| noted).await?;
                Ok(made.status != InvitationStatus::Pending)
            }
            Err(AppError::Exists(_)) => Ok(true),
            Err(AppError::NotFound(_)) => {
                request_in_vain(app, caller, &listed(), request).await?;
                Ok(false)
            }
            Err(refused) => Err(refused),
        },
        Request::Subscribed => {
            if let Some(waiting) = waiting(app, caller, whom, Side::Received).await? {
                set::change(app, caller, &listed(), |noted| noted).await?;
                network::answer(app, caller, &waiting.id, Answer::Accept).await?;
            }
            Ok(app.relations().in_network(&caller.user, whom))
        }
        Request::Unsubscribe | Request::Unsubscribed => {
            if app.relations().joined(&caller.user, whom) {
                network::leave(app, caller, whom).await?;
            } else if request == Request::Unsubscribe {
                if let Some(waiting) = waiting(app, caller, whom, Side::Sent).await? {
                    network::cancel(app, caller, &waiting.id).await?;
                }
                request_in_vain(app, caller, &listed(), request).await?;
            } else if let Some(waiting) = waiting(app, caller, whom, Side::Received).await? {
                network::answer(app, caller, &waiting.id, Answer::Decline).await?;
            }
            Ok(app.relations().in_network(&caller.user, whom))
        }
    }
}

/// The same where nobody is, or nobody whom the caller may know of: the roster says as ever that the answer is waited for, and no
/// more is told (RFC 6121, 8.5.1; B3).
///
/// # Errors
/// Too many entries.
pub async fn request_in_vain(app: &App, caller: &Caller, whom: &Listed, request: Request) -> Result<(), AppError> {
    let asks = match request {
        Request::Subscribe => true,
        Request::Unsubscribe => false,
        Request::Subscribed | Request::Unsubscribed => return Ok(()),
    };
    let asked = find(app, caller, whom).await?.is_some_and(|item| item.asked);
    if asks != asked {
        set::change(app, caller, whom, move |noted| store::roster_item::Noted { asked: asks, ..noted }).await?;
        app.live.push_roster(&caller.user, whom, None);
    }
    Ok(())
}

/// The invitation between both that waits.
async fn waiting(app: &App, caller: &Caller, whom: &UserId, side: Side) -> Result<Option<Invitation>, AppError> {
    let all = crate::people::Window { offset: 0, limit: u32::MAX };
    let listed = network::list(app, caller, side, &[InvitationStatus::Pending], all).await?.items;
    let other = |invitation: &Invitation| match side {
        Side::Sent => invitation.address_hash.is_none() && invitation.invited == *whom,
        Side::Received => invitation.inviter == *whom,
    };
    Ok(listed.into_iter().find(other))
}
