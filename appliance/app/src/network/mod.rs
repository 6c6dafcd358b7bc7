//! The network (B6): invitations, their answers, leaving, blocking. Everything is an edge of the directory, committed in
//! one transaction, so both sides always see the same.

mod answer;
mod block;
mod invite;
mod leave;
mod list;
mod vain;

pub use answer::{Answer, answer, cancel, delete};
pub use block::{blocked, set_blocked};
pub use invite::{Invited, invite, send_again};
pub use leave::leave;
pub use list::{Sides, find, list, sides};
pub use store::invitation::{Invitation, Side};
pub(crate) use vain::Vain;

use crate::live::{Live, Notice, NoticeAction, Push};
use crate::relations::Shared;
use domain::ids::UserId;
use domain::network::InvitationStatus;
use std::sync::{Arc, PoisonError};

/// An invitation as one side sees it: that it was declined is the invited one's own affair, to the inviter it still waits.
fn seen_by(user: &UserId, mut invitation: Invitation) -> Invitation {
    if invitation.status == InvitationStatus::Declined && invitation.inviter == *user {
        invitation.status = InvitationStatus::Pending;
    }
    invitation
}

/// Tells both sides' devices what happened to an invitation; the inviter hears nothing of a refusal.
fn tell(live: &Live, invitation: &Invitation, action: NoticeAction) {
    if invitation.status != InvitationStatus::Declined {
        tell_side(live, invitation, Side::Sent, action);
    }
    tell_side(live, invitation, Side::Received, action);
}

/// Tells one side's devices; the inviter's as the inviter sees it.
fn tell_side(live: &Live, invitation: &Invitation, side: Side, action: NoticeAction) {
    let user = match side {
        Side::Sent => &invitation.inviter,
        Side::Received => &invitation.invited,
    };
    let status = seen_by(user, invitation.clone()).status;
    let peer = match side {
        Side::Sent => invitation.address_hash.is_none().then(|| invitation.invited.clone()),
        Side::Received => Some(invitation.inviter.clone()),
    };
    let notice = Notice::Invitation { id: invitation.id.clone(), side, action, status, peer };
    live.push_all(user, &Push::Notice(Arc::new(notice)));
}

/// Two people have come together: each hears so, and sees the other's presence.
fn joined(relations: &Shared, live: &Live, one: &UserId, other: &UserId) {
    {
        let mut relations = relations.write().unwrap_or_else(PoisonError::into_inner);
        relations.set_network(one, other, true);
        relations.set_invited(one, other, false);
        relations.set_invited(other, one, false);
    }
    for (user, contact) in [(one, other), (other, one)] {
        live.push_all(user, &Push::Network { user: contact.clone(), joined: true });
        live.show_presence(contact, user, true);
    }
}

/// An invitation no longer waits.
fn settled(relations: &Shared, invitation: &Invitation) {
    let mut relations = relations.write().unwrap_or_else(PoisonError::into_inner);
    relations.set_invited(&invitation.inviter, &invitation.invited, false);
}
