use super::{Invitation, Side, joined, list, seen_by, tell, tell_side};
use crate::live::NoticeAction;
use crate::people::{ids_by_emails, login_hash};
use crate::{App, AppError, Caller};
use domain::email::Email;
use domain::ids::{InvitationId, UserId};
use domain::network::{Admission, InvitationStatus};
use domain::rights::Right;
use std::sync::{Arc, PoisonError};
use store::{Connection, edges, invitation, member};

/// Invitations that one person may make in a day.
const PER_DAY_MAX: u32 = 200;
/// Invitations of one person by another in a day that were not accepted: whoever takes back and asks again must not insist.
const PER_DAY_AND_PERSON_MAX: u32 = 10;
/// Addresses of one person in a day that are nobody's whom he may invite.
const VAIN_PER_DAY_MAX: u32 = 100;
/// The invited person hears of a further reminder this long after the last one at the earliest.
const AGAIN_AFTER_MS: i64 = 3_600_000;
/// Ended invitations that are kept of one person.
const KEPT_MAX: u32 = 500;
const DAY_MS: i64 = 86_400_000;

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// Somebody by id.
    User(UserId),
    /// Whoever signs in with this address.
    Email(String),
}

/// Invites somebody into the caller's network. Whoever has invited the caller is accepted by it; between companies of one
/// organization an invitation accepts itself (B4). Inviting again changes nothing until the first one is taken back.
///
/// # Errors
/// [`AppError::NotFound`] for people whom the caller may not invite, existing or not (B3); [`AppError::Exists`] for people
/// who are in the network; [`AppError::Busy`] beyond the invitations, or the vain addresses, of a day.
pub async fn invite(app: &App, caller: &Caller, whom: Invited) -> Result<Invitation, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (invited, address_hash) = sought(app, caller, whom).await?;
    if app.relations().in_network(&caller.user, &invited) {
        return Err(AppError::Exists("this contact"));
    }
    let (me, other) = (caller.user.clone(), invited.clone());
    let read = move |c: &Connection| Ok::<_, AppError>(invitation::unaccepted(c, &me, &other)?);
    let mine = app.store.directory().read(read).await?;
    let admission = app.relations().admission(&caller.user, &invited);
    let Some(admission) = admission else {
        // What was asked before stands, whatever the other thinks of it: a refusal is not to be told from a block.
        if let Some(mine) = mine {
            return Ok(seen_by(&caller.user, mine));
        }
        if address_hash.is_some() {
            app.vain.add(&caller.user, app.clock.now_ms().div_euclid(DAY_MS));
        }
        return Err(hidden_or_forbidden(app, caller, &invited));
    };
    let now_ms = app.clock.now_ms();
    let new = Invitation {
        id: InvitationId::random(app.rng.as_ref()),
        inviter: caller.user.clone(),
        invited,
        address_hash,
        status: match admission {
            Admission::AcceptsItself => InvitationStatus::AutoAccepted,
            Admission::Invitation | Admission::ByItself => InvitationStatus::Pending,
        },
        hidden: false,
        created_ms: now_ms,
        sent_ms: now_ms,
    };
    let live = Arc::clone(&app.live);
    let made = app.change_directory(
        move |c| make(c, new, now_ms),
        move |relations, made| {
            if made.repeated {
                return;
            }
            match made.invitation.status {
                InvitationStatus::Pending => {
                    let mut relations = relations.write().unwrap_or_else(PoisonError::into_inner);
                    relations.set_invited(&made.invitation.inviter, &made.invitation.invited, true);
                }
                _ => joined(relations, &live, &made.invitation.inviter, &made.invitation.invited),
            }
            tell(&live, &made.invitation, made.action);
        },
    );
    let made = made.await.inspect_err(|refused| {
        if matches!(refused, AppError::Busy) {
            app.counters.invitations_refused.one();
        }
    })?;
    Ok(seen_by(&caller.user, made.invitation))
}

/// Who is meant, and the keyed hash of the address if it was one. Vain addresses are counted: guessing them must not
/// tell whom no search may show.
async fn sought(app: &App, caller: &Caller, whom: Invited) -> Result<(UserId, Option<Vec<u8>>), AppError> {
    let email = match whom {
        Invited::User(id) => return Ok((id, None)),
        Invited::Email(email) => email,
    };
    let day = app.clock.now_ms().div_euclid(DAY_MS);
    if app.vain.count(&caller.user, day) >= VAIN_PER_DAY_MAX {
        app.counters.invitations_refused.one();
        return Err(AppError::Busy);
    }
    let hash = Email::parse(&email).ok().map(|email| login_hash(app, &email));
    let found = ids_by_emails(app, &[email]).await?.into_iter().next();
    let Some(id) = found else {
        app.vain.add(&caller.user, day);
        return Err(nobody());
    };
    Ok((id, hash))
}

fn nobody() -> AppError {
    AppError::NotFound("anybody of this box whom you may invite")
}

/// Whoever sees somebody but may not invite him is told that it is forbidden (decision 6).
fn hidden_or_forbidden(app: &App, caller: &Caller, invited: &UserId) -> AppError {
    if app.relations().knows(&caller.user, invited) { AppError::Forbidden } else { nobody() }
}

struct Made {
    invitation: Invitation,
    action: NoticeAction,
    repeated: bool,
}

/// The one transaction: the invitation, or the acceptance of the one that waits the other way. What was decided on the
/// relations may have changed since: blocks, ends and acceptances are looked at again.
fn make(c: &Connection, new: Invitation, now_ms: i64) -> Result<Made, AppError> {
    let (inviter, invited) = (&new.inviter, &new.invited);
    if edges::joined(c, inviter, invited)? {
        return Err(AppError::Exists("this contact"));
    }
    if edges::parted_by_block(c, inviter, invited)? || member::company_of(c, invited)?.is_none() {
        return Err(nobody());
    }
    let theirs = invitation::unaccepted(c, invited, inviter)?;
    if let Some(theirs) = theirs.filter(|theirs| theirs.status == InvitationStatus::Pending) {
        let accepted = invitation::settle(c, &theirs.id, InvitationStatus::Accepted)?;
        edges::join(c, inviter, invited, now_ms)?;
        invitation::accept_between(c, inviter, invited)?;
        let invitation = accepted.unwrap_or(theirs);
        return Ok(Made { invitation, action: NoticeAction::Update, repeated: false });
    }
    let waits = new.status == InvitationStatus::Pending;
    if let Some(mine) = invitation::unaccepted(c, inviter, invited)?.filter(|_| waits) {
        return Ok(Made { invitation: mine, action: NoticeAction::Update, repeated: true });
    }
    let since_ms = now_ms.saturating_sub(DAY_MS);
    if invitation::count_since(c, inviter, since_ms)? >= PER_DAY_MAX
        || invitation::count_between_since(c, inviter, invited, since_ms)? >= PER_DAY_AND_PERSON_MAX
    {
        return Err(AppError::Busy);
    }
    if !waits {
        edges::join(c, inviter, invited, now_ms)?;
        invitation::accept_between(c, inviter, invited)?;
    }
    invitation::insert(c, &new)?;
    invitation::trim(c, inviter, KEPT_MAX)?;
    Ok(Made { invitation: new, action: NoticeAction::Create, repeated: false })
}

/// Reminds the invited person of an invitation that waits.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has made none of that id; [`AppError::Exists`] when it has come to its end.
pub async fn send_again(app: &App, caller: &Caller, id: &InvitationId) -> Result<Invitation, AppError> {
    let found = list::find_on(app, caller, id, Side::Sent).await?;
    let (wanted, now_ms, live) = (found.id, app.clock.now_ms(), Arc::clone(&app.live));
    let insists = now_ms.saturating_sub(found.sent_ms) < AGAIN_AFTER_MS && found.sent_ms > found.created_ms;
    let change = move |c: &Connection| {
        invitation::send_again(c, &wanted, now_ms)?.ok_or(AppError::Exists("an answer to this invitation"))
    };
    let again = app.change_directory(change, move |_, again: &Invitation| {
        tell_side(&live, again, Side::Sent, NoticeAction::Update);
        if again.status == InvitationStatus::Pending && !insists {
            tell_side(&live, again, Side::Received, NoticeAction::Update);
        }
    });
    Ok(seen_by(&caller.user, again.await?))
}
