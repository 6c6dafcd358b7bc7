//! Bubbles (C3): who may do what in one (R2), what becomes of its members, and who reads what of it.
//!
//! All of it is decided on [`Bubble`], which knows ids, roles and times and no personal word.

use crate::ids::{CompanyId, UserId};
use std::collections::BTreeMap;

mod door;

pub use door::{Door, GUESTS_MAX, WAITING_MAX, Waiting};

/// Members of a bubble, those who are invited among them.
pub const MEMBERS_MAX: usize = 1000;

/// What somebody is in a bubble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one whose bubble it is.
    Organizer,
    /// `moderator` on the wire.
    CoOrganizer,
    /// `user` on the wire.
    Member,
    /// `guest` on the wire: came by the link, without an account of his own (C4).
    Guest,
}

/// A column of table R2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Delete it.
    Delete,
    /// Archive it.
    Archive,
    /// Make a co-organizer its organizer.
    TransferOwnership,
    /// Get the link of its conference.
    ConferenceLink,
    /// Make somebody a co-organizer, or a member again.
    Promote,
    /// Add and remove participants.
    ChangeParticipants,
    /// Start its conference.
    StartConference,
    /// Change name, topic, picture and the like. R2 is silent about it; Rainbow's clients offer it to organizers.
    Describe,
    /// Make, publish, end and delete polls. R2 is silent about it; Rainbow shows unpublished ones to organizers alone.
    Poll,
}

const ACTIONS: [Action; 9] = [
    Action::Delete,
    Action::Archive,
    Action::TransferOwnership,
    Action::ConferenceLink,
    Action::Promote,
    Action::ChangeParticipants,
    Action::StartConference,
    Action::Describe,
    Action::Poll,
];

/// Table R2, columns as in [`ACTIONS`].
const R2: [(Role, [bool; 9]); 4] = [
    (Role::Guest, [false; 9]),
    (Role::Member, [false; 9]),
    (Role::CoOrganizer, [false, false, false, false, true, true, true, true, true]),
    (Role::Organizer, [true; 9]),
];

/// Whether somebody of this role may do it (R2).
#[must_use]
pub fn allows(role: Role, action: Action) -> bool {
    let column = ACTIONS.iter().position(|known| *known == action).unwrap_or(0);
    R2.iter().any(|(of, cells)| *of == role && cells[column])
}

/// How somebody stands to a bubble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Asked, and has not answered.
    Invited,
    /// In it.
    Accepted,
    /// Was in it: left, was excluded, or the bubble was archived.
    Unsubscribed,
    /// Was asked and declined.
    Rejected,
}

impl Status {
    /// Every status with its name on the wire.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Invited, "invited"),
        (Self::Accepted, "accepted"),
        (Self::Unsubscribed, "unsubscribed"),
        (Self::Rejected, "rejected"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(status, _)| *status == self).map_or("invited", |(_, name)| name)
    }

    /// Reads a name; `None` when it is no status.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(status, _)| *status)
    }
}

/// One person of a bubble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// How the person stands to it.
    pub status: Status,
    /// A co-organizer, or the organizer.
    pub moderator: bool,
    /// Came by the link, without an account of his own (C4).
    pub guest: bool,
    /// An organizer put him out, or turned him away: the link lets him in no more, an invitation does.
    pub put_out: bool,
    /// When the person was added, in milliseconds since 1970.
    pub added_ms: i64,
    /// Messages from then on are for the person's eyes, in milliseconds since 1970.
    pub reads_from_ms: i64,
    /// Messages until then; those of a member have no end.
    pub reads_until_ms: Option<i64>,
}

/// A bubble, as far as rights go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubble {
    /// Whose file holds its content (decision 9): the company of its organizer when it was made.
    pub company: CompanyId,
    /// The organizer: exactly one.
    pub owner: UserId,
    /// Nobody writes in it any more.
    pub archived: bool,
    /// New members read what was written before they came.
    pub shares_history: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// Whom its link lets in.
    pub door: Door,
    /// Its link asks for a password as well.
    pub asks_password: bool,
    /// Everybody who has to do with it.
    pub members: BTreeMap<UserId, Membership>,
    /// Who came by the link and waits in the lobby (C5): to all but the organizers they are not there.
    pub waiting: BTreeMap<UserId, Waiting>,
}

/// Something that changes who is in a bubble, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Adds somebody.
    Add {
        /// Whom.
        user: UserId,
        /// As a co-organizer.
        moderator: bool,
        /// Without being asked.
        accepted: bool,
    },
    /// The invited one comes in.
    Accept,
    /// The invited one does not.
    Decline,
    /// A member leaves.
    Leave,
    /// Puts a member out, or takes an invitation back.
    Exclude(UserId),
    /// Takes somebody off the list who is in it no longer, or was never; oneself, or others by who may exclude.
    Forget(UserId),
    /// Hides from a member what was written until now; oneself, or another by who may add and exclude.
    Hide(UserId),
    /// Makes a member a co-organizer.
    Promote(UserId),
    /// Makes a co-organizer a member.
    Demote(UserId),
    /// Makes a co-organizer the organizer.
    Transfer(UserId),
    /// Ends it for good; who was in it may still read.
    Archive,
    /// Comes by the link.
    Knock {
        /// Without an account of his own.
        guest: bool,
    },
    /// Lets somebody in who waits in the lobby.
    LetIn(UserId),
    /// Sends somebody away who waits there.
    TurnAway(UserId),
    /// Says whom the link lets in from now on. Once nobody has to wait, those who do are let in.
    SetDoor(Door),
    /// Ends the time of all guests, in it and in its lobby: the link that they came by is void.
    EndGuests,
}

/// Why a step is refused (decision 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no such bubble for this person.
    NotVisible,
    /// There is no such person in the bubble.
    NobodyThere,
    /// The person may not do this.
    Forbidden,
    /// The organizer hands the bubble over before leaving, being excluded or being demoted (C3).
    OrganizerStays,
    /// The bubble goes only to who is a co-organizer already (C3).
    NotACoOrganizer,
    /// The bubble is archived.
    Archived,
    /// The bubble has as many members as it may.
    Full,
    /// Its organizer has closed it to those who come by the link.
    Locked,
    /// A guest stays a guest.
    GuestStaysGuest,
}

impl Bubble {
    /// A new bubble with its organizer in it.
    #[must_use]
    pub fn new(company: CompanyId, owner: UserId, shares_history: bool, now_ms: i64) -> Self {
        let organizer = Membership {
            status: Status::Accepted,
            moderator: true,
            guest: false,
            put_out: false,
            added_ms: now_ms,
            reads_from_ms: now_ms,
            reads_until_ms: None,
        };
        let members = BTreeMap::from([(owner.clone(), organizer)]);
        Self {
            company,
            owner,
            archived: false,
            shares_history,
            created_ms: now_ms,
            door: Door::Open,
            asks_password: false,
            members,
            waiting: BTreeMap::new(),
        }
    }

    fn member(&self, user: &UserId) -> Option<&Membership> {
        self.members.get(user)
    }

    /// Whether somebody is in it.
    #[must_use]
    pub fn has(&self, user: &UserId) -> bool {
        self.member(user).is_some_and(|member| member.status == Status::Accepted)
    }

    /// Whether somebody is asked into it and has not answered.
    #[must_use]
    pub fn asks(&self, user: &UserId) -> bool {
        self.member(user).is_some_and(|member| member.status == Status::Invited)
    }

    /// Whether somebody may know of it: members, those who were, and those who are asked; guests while they are in it.
    #[must_use]
    pub fn is_seen_by(&self, user: &UserId) -> bool {
        self.member(user).is_some_and(|member| match member.guest {
            true => member.status == Status::Accepted,
            false => member.status != Status::Rejected,
        })
    }

    /// What somebody who is in it is.
    #[must_use]
    pub fn role(&self, user: &UserId) -> Option<Role> {
        let member = self.member(user).filter(|member| member.status == Status::Accepted)?;
        Some(match (*user == self.owner, member.moderator, member.guest) {
            (true, ..) => Role::Organizer,
            (false, _, true) => Role::Guest,
            (false, true, false) => Role::CoOrganizer,
            (false, false, false) => Role::Member,
        })
    }

    /// The times, in milliseconds since 1970, whose messages somebody may read: from, and until if it ended.
    #[must_use]
    pub fn reads(&self, user: &UserId) -> Option<(i64, Option<i64>)> {
        let member = self.member(user)?;
        let has_been_in = match member.guest {
            true => member.status == Status::Accepted,
            false => matches!(member.status, Status::Accepted | Status::Unsubscribed),
        };
        (has_been_in && member.reads_until_ms.is_none_or(|until| until >= member.reads_from_ms))
            .then_some((member.reads_from_ms, member.reads_until_ms))
    }

    /// Whether it is among somebody's conversations: he is in it, or was until it was archived.
    #[must_use]
    pub fn is_conversation_of(&self, user: &UserId) -> bool {
        let end = self.members.values().filter_map(|member| member.reads_until_ms).max();
        let stayed = || self.member(user).is_some_and(|member| member.reads_until_ms == end);
        self.has(user) || (self.archived && self.reads(user).is_some() && stayed())
    }

    /// Everybody who is in it.
    pub fn accepted(&self) -> impl Iterator<Item = &UserId> {
        self.members.iter().filter(|(_, member)| member.status == Status::Accepted).map(|(user, _)| user)
    }

    /// How many are in it or asked to be.
    #[must_use]
    pub fn size(&self) -> usize {
        let counted = |member: &&Membership| matches!(member.status, Status::Accepted | Status::Invited);
        self.members.values().filter(counted).count()
    }

    /// Whether somebody may do something (R2).
    ///
    /// # Errors
    /// [`Refused::NotVisible`], [`Refused::Forbidden`].
    pub fn needs(&self, by: &UserId, action: Action) -> Result<(), Refused> {
        if !self.is_seen_by(by) {
            return Err(Refused::NotVisible);
        }
        let owns_what_is_over = self.archived && *by == self.owner && action == Action::Delete;
        let may = owns_what_is_over || self.role(by).is_some_and(|role| allows(role, action));
        if may { Ok(()) } else { Err(Refused::Forbidden) }
    }

    /// Whether somebody may take this step now.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn permits(&self, by: &UserId, step: &Step) -> Result<(), Refused> {
        if let Some(at_the_door) = self.permits_at_the_door(by, step) {
            return at_the_door;
        }
        if !self.is_seen_by(by) {
            return Err(Refused::NotVisible);
        }
        let own = self.member(by).map(|member| member.status);
        let is_over = self.archived && !matches!(step, Step::Forget(_) | Step::Hide(_));
        match step {
            Step::Accept | Step::Decline if own != Some(Status::Invited) => Err(Refused::Forbidden),
            Step::Leave if own != Some(Status::Accepted) => Err(Refused::Forbidden),
            // The last one who leaves ends it.
            Step::Leave if *by == self.owner && self.accepted().count() > 1 => Err(Refused::OrganizerStays),
            Step::Forget(user) if user == by && own == Some(Status::Accepted) => self.permits(by, &Step::Leave),
            Step::Accept | Step::Decline | Step::Leave if is_over => Err(Refused::Archived),
            Step::Accept | Step::Decline | Step::Leave => Ok(()),
            Step::Forget(user) if user == by => Ok(()),
            Step::Hide(user) if user == by && self.reads(by).is_none() => Err(Refused::Forbidden),
            Step::Hide(user) if user == by => Ok(()),
            Step::Archive => self.needs(by, Action::Archive).and(self.not_if(is_over, Refused::Archived)),
            Step::Add { moderator, .. } => {
                self.needs(by, Action::ChangeParticipants)?;
                if *moderator {
                    self.needs(by, Action::Promote)?;
                }
                self.not_if(is_over, Refused::Archived)?;
                self.not_if(self.size() >= MEMBERS_MAX, Refused::Full)
            }
            Step::Exclude(user) | Step::Forget(user) => self.permits_on(by, user, Action::ChangeParticipants, is_over),
            Step::Hide(user) => {
                self.needs(by, Action::ChangeParticipants)?;
                self.member(user).map(|_| ()).ok_or(Refused::NobodyThere)
            }
            Step::Promote(user) | Step::Demote(user) => self.permits_on(by, user, Action::Promote, is_over),
            Step::Transfer(user) => {
                self.needs(by, Action::TransferOwnership)?;
                let member = self.member(user).ok_or(Refused::NobodyThere)?;
                self.not_if(is_over, Refused::Archived)?;
                let ready = member.status == Status::Accepted && member.moderator;
                self.not_if(!ready, Refused::NotACoOrganizer)
            }
            Step::EndGuests => self.needs(by, Action::ChangeParticipants),
            Step::Knock { .. } | Step::LetIn(_) | Step::TurnAway(_) | Step::SetDoor(_) => Err(Refused::Forbidden),
        }
    }

    fn not_if(&self, wrong: bool, refused: Refused) -> Result<(), Refused> {
        if wrong { Err(refused) } else { Ok(()) }
    }

    /// What is done to another one: never to the organizer.
    fn permits_on(&self, by: &UserId, user: &UserId, action: Action, is_over: bool) -> Result<(), Refused> {
        self.needs(by, action)?;
        let member = self.member(user).ok_or(Refused::NobodyThere)?;
        self.not_if(*user == self.owner, Refused::OrganizerStays)?;
        self.not_if(is_over, Refused::Archived)?;
        self.not_if(action == Action::Promote && member.guest, Refused::GuestStaysGuest)?;
        let out = matches!(member.status, Status::Unsubscribed | Status::Rejected);
        self.not_if(action == Action::Promote && out, Refused::NobodyThere)
    }

    /// Takes a step that is permitted; answers whom it changed.
    pub fn take(&mut self, by: &UserId, step: Step, now_ms: i64) -> Vec<UserId> {
        match step {
            Step::Add { user, moderator, accepted } => {
                self.add(&user, moderator, accepted, now_ms);
                vec![user]
            }
            Step::Accept => {
                self.enter(by, now_ms);
                vec![by.clone()]
            }
            Step::Decline => {
                self.change(by, |member| member.status = Status::Rejected);
                vec![by.clone()]
            }
            Step::Leave if *by == self.owner => self.archive(now_ms),
            Step::Leave => {
                self.waiting.remove(by);
                self.part(by, now_ms);
                vec![by.clone()]
            }
            Step::Exclude(user) => {
                self.part(&user, now_ms);
                self.change(&user, |member| member.put_out = true);
                vec![user]
            }
            Step::Forget(user) => {
                let mut changed = if user == self.owner && !self.archived { self.archive(now_ms) } else { Vec::new() };
                self.members.remove(&user);
                changed.push(user);
                changed
            }
            Step::Hide(user) => {
                self.change(&user, |member| member.reads_from_ms = now_ms.saturating_add(1).max(member.reads_from_ms));
                vec![user]
            }
            Step::Promote(user) => {
                self.change(&user, |member| member.moderator = true);
                vec![user]
            }
            Step::Demote(user) => {
                self.change(&user, |member| member.moderator = false);
                vec![user]
            }
            Step::Transfer(user) => vec![std::mem::replace(&mut self.owner, user.clone()), user],
            Step::Archive => self.archive(now_ms),
            Step::Knock { guest } => self.knock(by, guest, now_ms),
            Step::LetIn(user) => self.let_in(&user, now_ms),
            Step::TurnAway(user) => self.turn_away(user, now_ms),
            Step::SetDoor(door) => self.set_door(door, now_ms),
            Step::EndGuests => self.end_guests(now_ms),
        }
    }

    fn change(&mut self, user: &UserId, how: impl FnOnce(&mut Membership)) {
        if let Some(member) = self.members.get_mut(user) {
            how(member);
        }
    }

    /// Whoever is in it stays as he is; who was asked before stays asked, unless he is put in now.
    fn add(&mut self, user: &UserId, moderator: bool, accepted: bool, now_ms: i64) {
        let known = self.members.get(user).copied();
        if known.is_some_and(|member| member.status == Status::Accepted) {
            return;
        }
        // What somebody read of it before stays readable until he is in again.
        let (reads_from_ms, reads_until_ms) =
            known.map_or((now_ms, Some(now_ms - 1)), |member| (member.reads_from_ms, member.reads_until_ms));
        let new = Membership {
            status: Status::Invited,
            moderator,
            guest: false,
            put_out: false,
            added_ms: now_ms,
            reads_from_ms,
            reads_until_ms,
        };
        self.waiting.remove(user);
        self.members.insert(user.clone(), new);
        if accepted {
            self.enter(user, now_ms);
        }
    }

    fn enter(&mut self, user: &UserId, now_ms: i64) {
        let from_ms = if self.shares_history { self.created_ms } else { now_ms };
        self.change(user, |member| {
            member.status = Status::Accepted;
            // What was said before a guest came is not for him, whatever members read (C4).
            member.reads_from_ms = if member.guest { now_ms } else { from_ms };
            member.reads_until_ms = None;
        });
    }

    /// Whoever was only asked is not in the list any more; whoever was in it reads what came until now.
    fn part(&mut self, user: &UserId, now_ms: i64) {
        match self.members.get(user).map(|member| member.status) {
            Some(Status::Accepted) => self.change(user, |member| {
                (member.status, member.moderator) = (Status::Unsubscribed, false);
                member.reads_until_ms = Some(now_ms);
            }),
            Some(Status::Invited | Status::Rejected) => {
                self.members.remove(user);
            }
            Some(Status::Unsubscribed) | None => {}
        }
    }

    fn archive(&mut self, now_ms: i64) -> Vec<UserId> {
        self.archived = true;
        let waited = std::mem::take(&mut self.waiting).into_keys();
        let everybody: Vec<UserId> = self.members.keys().cloned().chain(waited).collect();
        for user in &everybody {
            if self.has(user) {
                self.change(user, |member| {
                    member.status = Status::Unsubscribed;
                    member.reads_until_ms = Some(now_ms);
                });
            } else {
                self.part(user, now_ms);
            }
        }
        everybody
    }

    /// Takes out somebody whose account is gone: his bubble passes to a co-organizer, or is archived when there is none
    /// (D4). Answers whom it changed.
    pub fn forget_account(&mut self, user: &UserId, now_ms: i64) -> Vec<UserId> {
        let mut changed = vec![user.clone()];
        if *user == self.owner && !self.archived {
            let next = self.accepted().find(|other| *other != user && self.role(other) == Some(Role::CoOrganizer));
            match next.cloned() {
                Some(next) => {
                    self.owner = next.clone();
                    changed.push(next);
                }
                None => changed.extend(self.archive(now_ms)),
            }
        }
        self.members.remove(user);
        self.waiting.remove(user);
        changed
    }
}

#[cfg(test)]
mod tests;
