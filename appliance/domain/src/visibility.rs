//! Who finds, searches and invites whom (B2-B5), as tables.

use serde::{Deserialize, Serialize};

/// Visibility of a company, or of a member who is set apart (B2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Open to all; the default.
    Public,
    /// Searches others, is not found by them.
    Private,
    /// Belongs to an organization (B4).
    Organization,
    /// Neither searches nor is found, but invites and is invited.
    Closed,
    /// Nothing crosses its border.
    Isolated,
}

impl Visibility {
    /// Every mode with its name on the wire and on the command line.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Public, "public"),
        (Self::Private, "private"),
        (Self::Organization, "organization"),
        (Self::Closed, "closed"),
        (Self::Isolated, "isolated"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(mode, _)| *mode == self).map_or("public", |(_, name)| name)
    }

    /// Reads a name; `None` when it is no mode.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(mode, _)| *mode)
    }

    /// What members of a company in this mode may be set apart to (B2, B4).
    #[must_use]
    pub fn overrides(self) -> &'static [Self] {
        match self {
            Self::Public => &[Self::Private],
            Self::Private | Self::Organization => &[Self::Public],
            Self::Closed | Self::Isolated => &[Self::Public, Self::Private],
        }
    }

    /// The mode of a member: the one set apart where B2 allows it, else the company's.
    #[must_use]
    pub fn of_member(self, set_apart: Option<Self>) -> Self {
        set_apart.filter(|mode| self.overrides().contains(mode)).unwrap_or(self)
    }
}

/// How two companies stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// One and the same company (not the default company of standalone users).
    Same,
    /// The super-administrator lets them see one another (B5).
    VisibleBy,
    /// Both belong to one organization (B4).
    SameOrganization,
    /// Anything else.
    Outsider,
}

/// The four things that a mode allows or forbids (B3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowed {
    found: bool,
    searches: bool,
    invites: bool,
    invited: bool,
}

const fn cells(found: bool, searches: bool, invites: bool, invited: bool) -> Allowed {
    Allowed { found, searches, invites, invited }
}

/// Table B3, with B4 and B5 for those who are not plain outsiders.
const fn allowed(mode: Visibility, relation: Relation) -> Allowed {
    use Visibility::{Closed, Isolated, Organization, Private, Public};
    match (relation, mode) {
        (Relation::Same | Relation::VisibleBy, _)
        | (Relation::SameOrganization, Public | Organization | Closed | Isolated)
        | (Relation::Outsider, Public) => cells(true, true, true, true),
        (Relation::SameOrganization | Relation::Outsider, Private) | (Relation::Outsider, Organization) => {
            cells(false, true, true, true)
        }
        (Relation::Outsider, Closed) => cells(false, false, true, true),
        (Relation::Outsider, Isolated) => cells(false, false, false, false),
    }
}

/// Whether a search by someone in mode `searcher` shows someone in mode `sought`.
#[must_use]
pub const fn may_find(searcher: Visibility, sought: Visibility, relation: Relation) -> bool {
    allowed(searcher, relation).searches && allowed(sought, relation).found
}

/// Whether someone in mode `inviter` may invite someone in mode `invited`.
#[must_use]
pub const fn may_invite(inviter: Visibility, invited: Visibility, relation: Relation) -> bool {
    allowed(inviter, relation).invites && allowed(invited, relation).invited
}

/// Whether a company's page is in the search of people who stand to it in this relation (B3; B4 and B5 make two
/// companies see one another).
#[must_use]
pub const fn shows_page(company: Visibility, relation: Relation) -> bool {
    match relation {
        Relation::Same | Relation::VisibleBy => true,
        Relation::SameOrganization => !matches!(company, Visibility::Private),
        Relation::Outsider => matches!(company, Visibility::Public),
    }
}

#[cfg(test)]
mod tests {
    use super::{Visibility::*, *};

    const ALL: [Visibility; 5] = [Public, Private, Organization, Closed, Isolated];

    fn row(mode: Visibility, relation: Relation) -> [bool; 4] {
        let a = allowed(mode, relation);
        [a.found, a.searches, a.invites, a.invited]
    }

    #[test]
    fn outsiders_meet_each_mode_as_the_table_says_b3() {
        assert_eq!(row(Public, Relation::Outsider), [true, true, true, true]);
        assert_eq!(row(Private, Relation::Outsider), [false, true, true, true]);
        assert_eq!(row(Closed, Relation::Outsider), [false, false, true, true]);
        assert_eq!(row(Isolated, Relation::Outsider), [false, false, false, false]);
    }

    #[test]
    fn both_sides_must_allow_it_b3() {
        for (one, other) in ALL.iter().flat_map(|one| ALL.iter().map(move |other| (*one, *other))) {
            let outside = Relation::Outsider;
            assert_eq!(may_find(one, other, outside), row(one, outside)[1] && row(other, outside)[0]);
            assert_eq!(may_invite(one, other, outside), row(one, outside)[2] && row(other, outside)[3]);
        }
        assert!(may_find(Private, Public, Relation::Outsider));
        assert!(!may_find(Public, Private, Relation::Outsider));
        assert!(!may_invite(Public, Isolated, Relation::Outsider));
    }

    #[test]
    fn an_organization_is_private_outside_and_open_inside_b4() {
        assert_eq!(row(Organization, Relation::Outsider), row(Private, Relation::Outsider));
        assert!(may_find(Organization, Organization, Relation::SameOrganization));
        assert!(!may_find(Organization, Private, Relation::SameOrganization));
        assert!(may_find(Private, Organization, Relation::SameOrganization));
        for mode in [Closed, Isolated] {
            assert_eq!(row(mode, Relation::SameOrganization), [true; 4]);
        }
    }

    #[test]
    fn companies_made_visible_see_one_another_whatever_their_modes_b5() {
        for (one, other) in ALL.iter().flat_map(|one| ALL.iter().map(move |other| (*one, *other))) {
            assert!(may_find(one, other, Relation::VisibleBy) && may_invite(one, other, Relation::VisibleBy));
        }
    }

    #[test]
    fn a_member_is_set_apart_only_as_allowed_b2() {
        let expected = [
            (Public, vec![Private]),
            (Private, vec![Public]),
            (Organization, vec![Public]),
            (Closed, vec![Public, Private]),
            (Isolated, vec![Public, Private]),
        ];
        for (company, may) in expected {
            for mode in ALL {
                let effective = if may.contains(&mode) { mode } else { company };
                assert_eq!(company.of_member(Some(mode)), effective, "{company:?} {mode:?}");
            }
            assert_eq!(company.of_member(None), company);
        }
    }

    #[test]
    fn only_a_public_company_has_a_public_page_b3() {
        assert_eq!(ALL.map(|mode| shows_page(mode, Relation::Outsider)), [true, false, false, false, false]);
        assert_eq!(ALL.map(|mode| shows_page(mode, Relation::SameOrganization)), [true, false, true, true, true]);
        assert_eq!(ALL.map(|mode| shows_page(mode, Relation::VisibleBy)), [true; 5]);
        for mode in ALL {
            assert_eq!(Visibility::parse(mode.name()), Some(mode));
        }
        assert_eq!(Visibility::parse("hidden"), None);
    }
}
