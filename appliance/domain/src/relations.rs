//! Who stands how to whom on this box: the one place that decides who sees, finds, invites and reaches whom (B2-B6).
//!
//! A projection of the directory, held in memory: it knows ids, modes and edges, no personal word. Deciding reads no
//! disk, so what is hidden answers as quickly as what does not exist (decision 6).

use crate::bubble::{Bubble, Status};
use crate::company::CompanyKind;
use crate::ids::{BubbleId, CompanyId, OrganizationId, UserId};
use crate::network::{Admission, admission, colleagues};
use crate::rights::{Roles, Whose};
use crate::visibility::{Relation, Visibility, may_find, may_invite, shows_page};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What counts of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyFacts {
    /// Customer, partner or the default company.
    pub kind: CompanyKind,
    /// Its mode (B2).
    pub visibility: Visibility,
    /// The organization that it belongs to (B4).
    pub organization: Option<OrganizationId>,
    /// The business partner whose customer it is (R1).
    pub partner: Option<CompanyId>,
}

/// What counts of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberFacts {
    /// The company that the user belongs to (A9).
    pub company: CompanyId,
    /// Roles (A8).
    pub roles: Roles,
    /// May sign in.
    pub active: bool,
    /// The mode that the administrator set the member apart to (B2).
    pub set_apart: Option<Visibility>,
}

/// All companies, members and edges of the box.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    companies: HashMap<CompanyId, CompanyFacts>,
    members: HashMap<UserId, MemberFacts>,
    visible_by: HashSet<(CompanyId, CompanyId)>,
    networks: HashMap<UserId, BTreeSet<UserId>>,
    /// Whom somebody has invited and who has not answered.
    invited: HashMap<UserId, BTreeSet<UserId>>,
    /// Whom somebody has blocked.
    blocked: HashMap<UserId, BTreeSet<UserId>>,
    bubbles: HashMap<BubbleId, Bubble>,
    /// The bubbles that somebody has to do with.
    bubbles_of: HashMap<UserId, BTreeSet<BubbleId>>,
}

/// Who and what went with a company.
#[derive(Debug, Clone, Default)]
pub struct Departed {
    /// Its members.
    pub members: BTreeSet<UserId>,
    /// People of other companies, each with the member whom they had in the network.
    pub parted: Vec<(UserId, UserId)>,
    /// Its bubbles, as they were.
    pub bubbles: Vec<(BubbleId, Bubble)>,
}

/// The two ends of an edge without direction, the lesser first.
#[must_use]
pub fn edge<T: Ord + Clone>(one: &T, other: &T) -> (T, T) {
    if one <= other { (one.clone(), other.clone()) } else { (other.clone(), one.clone()) }
}

fn link(edges: &mut HashMap<UserId, BTreeSet<UserId>>, from: &UserId, to: &UserId, on: bool) {
    if on {
        edges.entry(from.clone()).or_default().insert(to.clone());
    } else if let Some(of) = edges.get_mut(from) {
        of.remove(to);
        if of.is_empty() {
            edges.remove(from);
        }
    }
}

fn linked(edges: &HashMap<UserId, BTreeSet<UserId>>, from: &UserId, to: &UserId) -> bool {
    edges.get(from).is_some_and(|of| of.contains(to))
}

/// Changes, as the directory commits them.
impl Relations {
    /// Enters a company, or its newest facts.
    pub fn put_company(&mut self, id: CompanyId, facts: CompanyFacts) {
        self.companies.insert(id, facts);
    }

    /// Enters a member, or the newest facts.
    pub fn put_member(&mut self, id: UserId, facts: MemberFacts) {
        self.members.insert(id, facts);
    }

    /// Takes a member out, with every edge.
    pub fn remove_member(&mut self, id: &UserId) {
        self.members.remove(id);
        for edges in [&mut self.networks, &mut self.invited, &mut self.blocked] {
            edges.remove(id);
            edges.retain(|_, of| {
                of.remove(id);
                !of.is_empty()
            });
        }
    }

    /// Takes a company out, with its members, their edges, its bubbles and their seats in those of others. Gives its members,
    /// everybody of other companies who had one of them in the network, and the bubbles.
    pub fn remove_company(&mut self, id: &CompanyId) -> Departed {
        let of_company = self.members.iter().filter(|(_, facts)| facts.company == *id);
        let members: BTreeSet<UserId> = of_company.map(|(user, _)| user.clone()).collect();
        let mut departed = Departed { members, ..Departed::default() };
        for member in &departed.members {
            let contacts = self.network(member).into_iter().filter(|contact| !departed.members.contains(contact));
            departed.parted.extend(contacts.map(|contact| (contact, member.clone())));
        }
        for (bubble, state) in self.bubbles.clone() {
            if state.company == *id {
                departed.bubbles.push((bubble.clone(), state));
                self.remove_bubble(&bubble);
            } else if departed
                .members
                .iter()
                .any(|user| state.members.contains_key(user) || state.waiting.contains_key(user))
            {
                let mut rest = state;
                rest.members.retain(|user, _| !departed.members.contains(user));
                rest.waiting.retain(|user, _| !departed.members.contains(user));
                rest.archived |= departed.members.contains(&rest.owner);
                self.put_bubble(&bubble, rest);
            }
        }
        for member in &departed.members {
            self.remove_member(member);
        }
        self.visible_by.retain(|(low, high)| low != id && high != id);
        self.companies.remove(id);
        for facts in self.companies.values_mut() {
            facts.partner = facts.partner.take().filter(|partner| partner != id);
        }
        departed
    }

    /// Lets two companies see one another, or ends it (B5).
    pub fn set_visible_by(&mut self, one: &CompanyId, other: &CompanyId, on: bool) {
        if on {
            self.visible_by.insert(edge(one, other));
        } else {
            self.visible_by.remove(&edge(one, other));
        }
    }

    /// Puts two people into one another's network, or takes them out (B6).
    pub fn set_network(&mut self, one: &UserId, other: &UserId, on: bool) {
        link(&mut self.networks, one, other, on);
        link(&mut self.networks, other, one, on);
    }

    /// Notes an invitation that waits for its answer, or that it waits no longer.
    pub fn set_invited(&mut self, inviter: &UserId, invited: &UserId, on: bool) {
        link(&mut self.invited, inviter, invited, on);
    }

    /// Notes that somebody has blocked somebody, or does so no longer.
    pub fn set_blocked(&mut self, blocker: &UserId, blocked: &UserId, on: bool) {
        link(&mut self.blocked, blocker, blocked, on);
    }

    /// Enters a bubble, or its newest state.
    pub fn put_bubble(&mut self, id: &BubbleId, bubble: Bubble) {
        self.remove_bubble(id);
        for user in bubble.members.keys().chain(bubble.waiting.keys()) {
            self.bubbles_of.entry(user.clone()).or_default().insert(id.clone());
        }
        self.bubbles.insert(id.clone(), bubble);
    }

    /// Takes a bubble out.
    pub fn remove_bubble(&mut self, id: &BubbleId) {
        let Some(gone) = self.bubbles.remove(id) else { return };
        for user in gone.members.keys().chain(gone.waiting.keys()) {
            if let Some(of) = self.bubbles_of.get_mut(user) {
                of.remove(id);
                if of.is_empty() {
                    self.bubbles_of.remove(user);
                }
            }
        }
    }
}

/// Questions.
impl Relations {
    /// A company.
    #[must_use]
    pub fn company(&self, id: &CompanyId) -> Option<&CompanyFacts> {
        self.companies.get(id)
    }

    /// A member.
    #[must_use]
    pub fn member(&self, id: &UserId) -> Option<&MemberFacts> {
        self.members.get(id)
    }

    /// Every company, in no order.
    pub fn companies(&self) -> impl Iterator<Item = (&CompanyId, &CompanyFacts)> {
        self.companies.iter()
    }

    /// Every member, in no order.
    pub fn members(&self) -> impl Iterator<Item = (&UserId, &MemberFacts)> {
        self.members.iter()
    }

    /// The companies that the super-administrator let see this one (B5).
    #[must_use]
    pub fn visible_by(&self, id: &CompanyId) -> BTreeSet<CompanyId> {
        let others = self.visible_by.iter().filter_map(|(low, high)| match (low == id, high == id) {
            (true, _) => Some(high.clone()),
            (_, true) => Some(low.clone()),
            (false, false) => None,
        });
        others.collect()
    }

    /// How two companies stand to each other. Members of the default company are outsiders to one another (B6).
    #[must_use]
    pub fn relation(&self, one: &CompanyId, other: &CompanyId) -> Relation {
        let (Some(here), Some(there)) = (self.companies.get(one), self.companies.get(other)) else {
            return Relation::Outsider;
        };
        if colleagues(one == other, here.kind) {
            Relation::Same
        } else if one == other {
            Relation::Outsider
        } else if self.visible_by.contains(&edge(one, other)) {
            Relation::VisibleBy
        } else if here.organization.is_some() && here.organization == there.organization {
            Relation::SameOrganization
        } else {
            Relation::Outsider
        }
    }

    /// Whose a company is to the members of another (R1).
    #[must_use]
    pub fn whose(&self, company: &CompanyId, to: &CompanyId) -> Option<Whose> {
        if company == to {
            return Some(Whose::Own);
        }
        let partner = self.companies.get(company).and_then(|facts| facts.partner.as_ref());
        (partner == Some(to)).then_some(Whose::Customers)
    }

    /// Whether a company's page is in somebody's search (B3).
    #[must_use]
    pub fn shows_page(&self, company: &CompanyId, to: &UserId) -> bool {
        let Some((facts, viewer)) = self.companies.get(company).zip(self.members.get(to)) else { return false };
        if viewer.roles.is_guest() {
            return false;
        }
        *company == viewer.company || shows_page(facts.visibility, self.relation(company, &viewer.company))
    }

    /// The relation of two people's companies, and both modes; `None` when one of them is nobody, or a guest: he meets
    /// people in his bubble and nowhere else (C4).
    fn standing(&self, one: &UserId, other: &UserId) -> Option<(Relation, Visibility, Visibility)> {
        let (one, other) = (self.members.get(one)?, self.members.get(other)?);
        if one.roles.is_guest() || other.roles.is_guest() {
            return None;
        }
        let mode =
            |member: &MemberFacts| Some(self.companies.get(&member.company)?.visibility.of_member(member.set_apart));
        Some((self.relation(&one.company, &other.company), mode(one)?, mode(other)?))
    }

    /// Whether two people are colleagues: in one another's network by themselves (B6).
    #[must_use]
    pub fn colleagues(&self, one: &UserId, other: &UserId) -> bool {
        one != other && self.standing(one, other).is_some_and(|(relation, ..)| relation == Relation::Same)
    }

    /// Whether an accepted invitation joins two people.
    #[must_use]
    pub fn joined(&self, one: &UserId, other: &UserId) -> bool {
        linked(&self.networks, one, other)
    }

    /// Whether two people are in one another's network (B6).
    #[must_use]
    pub fn in_network(&self, one: &UserId, other: &UserId) -> bool {
        self.joined(one, other) || self.colleagues(one, other)
    }

    /// Everybody whom an accepted invitation joined to somebody: colleagues are not among them.
    #[must_use]
    pub fn network(&self, of: &UserId) -> BTreeSet<UserId> {
        self.networks.get(of).cloned().unwrap_or_default()
    }

    /// Everybody whom somebody has blocked.
    #[must_use]
    pub fn blocked(&self, by: &UserId) -> BTreeSet<UserId> {
        self.blocked.get(by).cloned().unwrap_or_default()
    }

    /// Whether either of two people has blocked the other.
    #[must_use]
    pub fn parted_by_block(&self, one: &UserId, other: &UserId) -> bool {
        linked(&self.blocked, one, other) || linked(&self.blocked, other, one)
    }

    /// Whether `inviter` waits for an answer of `invited`.
    #[must_use]
    pub fn has_invited(&self, inviter: &UserId, invited: &UserId) -> bool {
        linked(&self.invited, inviter, invited)
    }

    /// Everybody who waits for an answer of `invited`.
    #[must_use]
    pub fn inviters_of(&self, invited: &UserId) -> Vec<UserId> {
        let mut waiting: Vec<UserId> =
            self.invited.iter().filter(|(_, of)| of.contains(invited)).map(|(inviter, _)| inviter.clone()).collect();
        waiting.sort();
        waiting
    }

    /// Whether a search of `searcher` shows `sought` (B3-B6). Whoever blocked an outsider is not found by him; colleagues
    /// stay in one another's list.
    #[must_use]
    pub fn finds(&self, searcher: &UserId, sought: &UserId) -> bool {
        if searcher == sought || self.in_network(searcher, sought) {
            return self.members.contains_key(sought);
        }
        let Some((relation, one, other)) = self.standing(searcher, sought) else { return false };
        may_find(one, other, relation) && !linked(&self.blocked, sought, searcher)
    }

    /// Whether `viewer` may know that `person` exists: finds him, was invited by him, or meets him in a bubble.
    #[must_use]
    pub fn knows(&self, viewer: &UserId, person: &UserId) -> bool {
        let met = || self.has_invited(person, viewer) || self.share_a_bubble(viewer, person);
        self.finds(viewer, person) || (self.members.contains_key(person) && met())
    }

    /// A bubble.
    #[must_use]
    pub fn bubble(&self, id: &BubbleId) -> Option<&Bubble> {
        self.bubbles.get(id)
    }

    /// All bubbles.
    pub fn bubbles(&self) -> impl Iterator<Item = (&BubbleId, &Bubble)> {
        self.bubbles.iter()
    }

    /// The bubbles that somebody sees.
    pub fn bubbles_of(&self, user: &UserId) -> impl Iterator<Item = (&BubbleId, &Bubble)> {
        let of = self.bubbles_of.get(user).into_iter().flatten();
        of.filter_map(|id| self.bubbles.get_key_value(id)).filter(|(_, bubble)| bubble.is_seen_by(user))
    }

    /// Whether one of two people sees the other in a bubble: names of those who write there are shown (C3).
    fn share_a_bubble(&self, viewer: &UserId, person: &UserId) -> bool {
        let meets = |bubble: &Bubble| {
            bubble
                .members
                .get(person)
                .is_some_and(|member| matches!(member.status, Status::Accepted | Status::Unsubscribed))
        };
        self.bubbles_of(viewer).any(|(_, bubble)| meets(bubble))
    }

    /// Whether `inviter` may ask `invited` into a bubble: who is in the network, or may be asked into it (B3).
    #[must_use]
    pub fn may_ask_in(&self, inviter: &UserId, invited: &UserId) -> bool {
        let known = inviter != invited && self.members.contains_key(invited);
        known && (self.reaches(inviter, invited) || self.admission(inviter, invited).is_some())
    }

    /// Whether the link of a bubble may bring somebody to it: who may be asked in by its organizer (B3); a guest where the
    /// organizer's company lets in people from outside at all.
    #[must_use]
    pub fn may_come_in(&self, bubble: &Bubble, user: &UserId) -> bool {
        let guest = self.members.get(user).is_some_and(|member| member.roles.is_guest());
        *user == bubble.owner || if guest { self.takes_guests(bubble) } else { self.may_ask_in(&bubble.owner, user) }
    }

    /// Whether guests may come to a bubble: nothing crosses the border of an isolated company (B3).
    #[must_use]
    pub fn takes_guests(&self, bubble: &Bubble) -> bool {
        let Some(owner) = self.members.get(&bubble.owner) else { return false };
        let Some(company) = self.companies.get(&owner.company) else { return false };
        let mode = company.visibility.of_member(owner.set_apart);
        may_invite(mode, Visibility::Public, Relation::Outsider)
    }

    /// Whether somebody stands in the list of a bubble in any way, or in its lobby.
    #[must_use]
    pub fn has_to_do_with_bubbles(&self, user: &UserId) -> bool {
        self.bubbles_of.contains_key(user)
    }

    /// The bubbles in whose lobby somebody waits.
    pub fn waits_at(&self, user: &UserId) -> impl Iterator<Item = (&BubbleId, &Bubble)> {
        let of = self.bubbles_of.get(user).into_iter().flatten();
        of.filter_map(|id| self.bubbles.get_key_value(id)).filter(|(_, bubble)| bubble.waits(user))
    }

    /// How `inviter` would come into the network of `invited`; `None`: he may not invite him, or has no need to. Who
    /// was invited may always invite back, which is the same as accepting.
    #[must_use]
    pub fn admission(&self, inviter: &UserId, invited: &UserId) -> Option<Admission> {
        let (relation, one, other) = self.standing(inviter, invited)?;
        let needless = inviter == invited || self.in_network(inviter, invited);
        let may = may_invite(one, other, relation) || self.has_invited(invited, inviter);
        let way = || admission(relation, one, other);
        (!needless && may && !self.parted_by_block(inviter, invited)).then(way)
    }

    /// Whether messages of `sender` come to `recipient`: only inside the network, and not through a block.
    #[must_use]
    pub fn reaches(&self, sender: &UserId, recipient: &UserId) -> bool {
        sender == recipient || (self.in_network(sender, recipient) && !self.parted_by_block(sender, recipient))
    }

    /// Whether the presence of `of` is shown to `to`: only inside the network, and not to who is blocked (B6).
    #[must_use]
    pub fn shows_presence(&self, of: &UserId, to: &UserId) -> bool {
        of == to || (self.in_network(of, to) && !linked(&self.blocked, of, to))
    }
}

#[cfg(test)]
mod guest_tests;
#[cfg(test)]
mod tests;
