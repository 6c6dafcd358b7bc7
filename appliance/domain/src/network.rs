//! A user's network (B6): inside it presence is seen, and how one comes into it.

use crate::company::CompanyKind;
use crate::visibility::{Relation, Visibility};

/// How somebody comes into a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// They are in it from the start: colleagues.
    ByItself,
    /// An invitation is sent and accepts itself (B4).
    AcceptsItself,
    /// An invitation that the other accepts or declines.
    Invitation,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationStatus {
    /// It waits for its answer.
    Pending,
    /// The invited one accepted.
    Accepted,
    /// It accepted itself (B4).
    AutoAccepted,
    /// The invited one declined.
    Declined,
    /// The inviter took it back.
    Canceled,
}

impl InvitationStatus {
    /// Every status with its name on the wire.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Pending, "pending"),
        (Self::Accepted, "accepted"),
        (Self::AutoAccepted, "auto-accepted"),
        (Self::Declined, "declined"),
        (Self::Canceled, "canceled"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(status, _)| *status == self).map_or("pending", |(_, name)| name)
    }

    /// Reads a name; `None` when it is no status.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(status, _)| *status)
    }
}

/// The relation of two people's companies before organizations and grants are looked at.
///
/// Members of the default company are strangers to one another (B6).
#[must_use]
pub const fn colleagues(same_company: bool, kind: CompanyKind) -> bool {
    same_company && !matches!(kind, CompanyKind::Default)
}

/// How a person comes into another's network (B6, B4).
#[must_use]
pub const fn admission(relation: Relation, one: Visibility, other: Visibility) -> Admission {
    match (relation, one, other) {
        (Relation::Same, _, _) => Admission::ByItself,
        (Relation::SameOrganization, Visibility::Organization, Visibility::Organization) => Admission::AcceptsItself,
        (Relation::SameOrganization | Relation::VisibleBy | Relation::Outsider, _, _) => Admission::Invitation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Visibility::{Closed, Isolated, Organization, Private, Public};

    #[test]
    fn colleagues_are_in_the_network_by_themselves_standalone_users_are_not_b6() {
        assert!(colleagues(true, CompanyKind::EndCustomer));
        assert!(colleagues(true, CompanyKind::Partner));
        assert!(!colleagues(true, CompanyKind::Default));
        assert!(!colleagues(false, CompanyKind::EndCustomer));
    }

    #[test]
    fn an_invitation_accepts_itself_only_between_organization_companies_b4() {
        let all = [Public, Private, Organization, Closed, Isolated];
        for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (*one, *other))) {
            let inside = admission(Relation::SameOrganization, one, other);
            let both = one == Organization && other == Organization;
            assert_eq!(inside, if both { Admission::AcceptsItself } else { Admission::Invitation });
            assert_eq!(admission(Relation::Outsider, one, other), Admission::Invitation);
            assert_eq!(admission(Relation::VisibleBy, one, other), Admission::Invitation);
            assert_eq!(admission(Relation::Same, one, other), Admission::ByItself);
        }
    }
}
