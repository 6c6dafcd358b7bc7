use super::{Listed, find, set};
use crate::network::{self, Answer, Invitation, Invited, Side};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::network::InvitationStatus;
use store::roster_item::{self, Noted};
use store::{Connection, person};

/// Longest of what is said in asking; more is left out.
const SAID_BYTES_MAX: usize = 2048;

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
pub async fn request(
    app: &App,
    caller: &Caller,
    whom: &UserId,
    request: Request,
    said: &str,
) -> Result<bool, AppError> {
    if *whom == caller.user {
        return Ok(false);
    }
    let listed = || Listed::Person(whom.clone());
    match request {
        Request::Subscribe => subscribe(app, caller, whom, said).await,
        Request::Subscribed => {
            if let Some(waiting) = waiting(app, caller, whom, Side::Received).await? {
                set::change(app, caller, &listed(), |noted| Noted { asked: false, ..noted }).await?;
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

async fn subscribe(app: &App, caller: &Caller, whom: &UserId, said: &str) -> Result<bool, AppError> {
    if app.relations().in_network(&caller.user, whom) {
        return Ok(true);
    }
    let (listed, said) = (Listed::Person(whom.clone()), said.to_owned());
    let said = if said.len() <= SAID_BYTES_MAX { said } else { String::new() };
    let before = find(app, caller, &listed).await?;
    set::change(app, caller, &listed, |noted| Noted { said, asked: false, ..noted }).await?;
    match network::invite(app, caller, Invited::User(whom.clone())).await {
        Ok(made) => Ok(made.status != InvitationStatus::Pending),
        Err(AppError::Exists(_)) => Ok(true),
        Err(AppError::NotFound(_)) => {
            request_in_vain(app, caller, &listed, Request::Subscribe).await?;
            Ok(false)
        }
        Err(refused) => {
            if before.is_none() {
                set::forget(app, caller, &listed).await?;
            }
            Err(refused)
        }
    }
}

/// What somebody said in asking the caller to be let in, as XML (RFC 6121, 3.1.3).
///
/// # Errors
/// When the store fails.
pub async fn said_by(app: &App, caller: &Caller, inviter: &UserId) -> Result<String, AppError> {
    let company = {
        let relations = app.relations();
        let asks = relations.has_invited(inviter, &caller.user);
        relations.member(inviter).filter(|_| asks).map(|member| member.company.clone())
    };
    let Some(company) = company else { return Ok(String::new()) };
    let (of, key) = (inviter.clone(), Listed::Person(caller.user.clone()).key());
    let read = move |c: &Connection| {
        let Some(no) = person::find(c, &of)? else { return Ok(None) };
        Ok::<_, AppError>(roster_item::find(c, no, &key)?)
    };
    let noted = app.company(&company).await?.read(read).await?;
    Ok(noted.map(|noted| noted.said).unwrap_or_default())
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
        set::change(app, caller, whom, move |noted| Noted { asked: asks, ..noted }).await?;
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
