//! Who sees whom, said naively from the requirements (B2-B6) and from nothing else: this is what the box is held against.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Public,
    Private,
    Organization,
    Closed,
    Isolated,
}

impl Mode {
    pub(super) const ALL: [Self; 5] = [Self::Public, Self::Private, Self::Organization, Self::Closed, Self::Isolated];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Organization => "organization",
            Self::Closed => "closed",
            Self::Isolated => "isolated",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) mode: Mode,
    pub(super) organization: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) company: usize,
    pub(super) set_apart: Option<Mode>,
}

/// How an invitation stands; only what both sides can still act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Waits,
    Declined,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) companies: Vec<Company>,
    pub(super) members: Vec<Member>,
    pub(super) grants: BTreeSet<(usize, usize)>,
    pub(super) joined: BTreeSet<(usize, usize)>,
    pub(super) asked: Vec<(usize, usize, Asked)>,
    pub(super) blocked: BTreeSet<(usize, usize)>,
    /// How often somebody has invited somebody; after five times in a day he insists.
    pub(super) made: BTreeMap<(usize, usize), u32>,
}

pub(super) fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

/// What stands between two people's companies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Same,
    Granted,
    Organization,
    Nothing,
}

impl Model {
    fn between(&self, one: usize, other: usize) -> Between {
        let (here, there) = (self.members[one].company, self.members[other].company);
        if here == there {
            return Between::Same;
        }
        if self.grants.contains(&pair(here, there)) {
            return Between::Granted;
        }
        let organization = self.companies[here].organization;
        if organization.is_some() && organization == self.companies[there].organization {
            return Between::Organization;
        }
        Between::Nothing
    }

    /// B2: a member set apart in a way that the company's mode does not know is as the company is.
    fn mode(&self, of: usize) -> Mode {
        let company = self.companies[self.members[of].company].mode;
        match (company, self.members[of].set_apart) {
            (Mode::Public, Some(Mode::Private)) => Mode::Private,
            (Mode::Private | Mode::Organization | Mode::Closed | Mode::Isolated, Some(Mode::Public)) => Mode::Public,
            (Mode::Closed | Mode::Isolated, Some(Mode::Private)) => Mode::Private,
            _ => company,
        }
    }

    /// B3, B4, B5: (is found, may search, may invite, may be invited) of one person towards another.
    fn cells(&self, of: usize, towards: usize) -> [bool; 4] {
        match (self.between(of, towards), self.mode(of)) {
            (Between::Same | Between::Granted, _) => [true; 4],
            (Between::Organization, Mode::Private) => [false, true, true, true],
            (Between::Organization, _) => [true; 4],
            (Between::Nothing, Mode::Public) => [true; 4],
            (Between::Nothing, Mode::Private | Mode::Organization) => [false, true, true, true],
            (Between::Nothing, Mode::Closed) => [false, false, true, true],
            (Between::Nothing, Mode::Isolated) => [false; 4],
        }
    }

    pub(super) fn in_network(&self, one: usize, other: usize) -> bool {
        one != other && (self.between(one, other) == Between::Same || self.joined.contains(&pair(one, other)))
    }

    pub(super) fn waits(&self, inviter: usize, invited: usize) -> bool {
        self.asked.contains(&(inviter, invited, Asked::Waits))
    }

    /// What is open between two people, in this direction: waiting or declined.
    pub(super) fn has_asked(&self, inviter: usize, invited: usize) -> bool {
        self.asked.iter().any(|asked| (asked.0, asked.1) == (inviter, invited))
    }

    /// Two people come together; what they had asked one another is over.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        self.asked.retain(|asked| pair(asked.0, asked.1) != pair(one, other));
        self.joined.insert(pair(one, other));
    }

    pub(super) fn finds(&self, searcher: usize, sought: usize) -> bool {
        if searcher == sought || self.in_network(searcher, sought) {
            return true;
        }
        let [_, searches, ..] = self.cells(searcher, sought);
        let [found, ..] = self.cells(sought, searcher);
        searches && found && !self.blocked.contains(&(sought, searcher))
    }

    pub(super) fn knows(&self, viewer: usize, person: usize) -> bool {
        self.finds(viewer, person) || self.waits(person, viewer)
    }

    fn parted(&self, one: usize, other: usize) -> bool {
        self.blocked.contains(&(one, other)) || self.blocked.contains(&(other, one))
    }

    pub(super) fn may_invite(&self, inviter: usize, invited: usize) -> bool {
        let [.., invites, _] = self.cells(inviter, invited);
        let [.., may_be_invited] = self.cells(invited, inviter);
        let back = self.waits(invited, inviter);
        inviter != invited && ((invites && may_be_invited) || back) && !self.parted(inviter, invited)
    }

    /// B4: between companies of one organization, both in its mode, an invitation accepts itself.
    pub(super) fn accepts_itself(&self, inviter: usize, invited: usize) -> bool {
        self.between(inviter, invited) == Between::Organization
            && self.mode(inviter) == Mode::Organization
            && self.mode(invited) == Mode::Organization
    }

    pub(super) fn reaches(&self, sender: usize, recipient: usize) -> bool {
        sender == recipient || (self.in_network(sender, recipient) && !self.parted(sender, recipient))
    }

    pub(super) fn shows_presence(&self, of: usize, to: usize) -> bool {
        self.in_network(of, to) && !self.blocked.contains(&(of, to))
    }

    /// B3: a public company's page is in everyone's search, any other's in its members', and theirs who see it by B4, B5.
    pub(super) fn shows_page(&self, company: usize, to: usize) -> bool {
        let of_viewer = self.members[to].company;
        if company == of_viewer || self.grants.contains(&pair(company, of_viewer)) {
            return true;
        }
        let organization = self.companies[company].organization;
        let inside = organization.is_some() && organization == self.companies[of_viewer].organization;
        match self.companies[company].mode {
            Mode::Public => true,
            Mode::Organization | Mode::Closed | Mode::Isolated => inside,
            Mode::Private => false,
        }
    }
}
