//! Bubbles as rooms (XEP-0045; sheet section 9): one file a verb. Rooms are `room_ID@muc.DOMAIN`, for members alone, and each
//! shows who its members are. Rainbow's clients are known there by their full JID, standard ones by the name of their
//! profile: who asks for another one is told (status 210).

pub(super) mod admin;
pub(super) mod archive;
pub(super) mod disco;
pub(super) mod message;
pub(super) mod occupant;
pub(super) mod owner;
pub(super) mod ping;
pub(super) mod presence;

use super::{Supports, Xep};
use crate::xml::namespace as ns;
use domain::bubble::Role;

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[
        Xep::new(45, "1.35.1", "Multi-User Chat"),
        Xep::new(249, "1.2", "Direct MUC Invitations"),
        Xep::new(410, "1.1.0", "MUC Self-Ping (Schrödinger's Chat)"),
        Xep::new(421, "1.0.1", "Occupant identifiers for semi-anonymous MUCs"),
    ],
    server: &[],
    account: &[ns::CONFERENCE],
};

/// How XEP-0045 calls what somebody is in a bubble: affiliation and role.
pub(crate) fn affiliation(role: Option<Role>) -> (&'static str, &'static str) {
    match role {
        Some(Role::Organizer) => ("owner", "moderator"),
        Some(Role::CoOrganizer) => ("admin", "moderator"),
        Some(Role::Member) => ("member", "participant"),
        // In a room for members alone whoever is in it is one (XEP-0045, 5.2).
        Some(Role::Guest) => ("member", "participant"),
        None => ("none", "none"),
    }
}
