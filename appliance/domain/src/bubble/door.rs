//! The door of a bubble: whom its link lets in, who waits in the lobby, and when guests have to go (C4, C5).

use super::{Action, Bubble, MEMBERS_MAX, Membership, Refused, Status, Step};
use crate::ids::UserId;

/// People who wait in the lobby of one bubble.
pub const WAITING_MAX: usize = 100;
/// Guests in one bubble, those who wait among them.
pub const GUESTS_MAX: usize = 100;

/// Whom the link of a bubble lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Whoever has it.
    Open,
    /// Whoever an organizer lets in from the lobby.
    Lobby,
    /// Nobody new.
    Locked,
}

impl Door {
    /// Every door with its name on the wire: what `autoRegister` says of a room.
    pub const NAMES: [(Self, &'static str); 3] =
        [(Self::Open, "unlock"), (Self::Lobby, "unlock_ack"), (Self::Locked, "lock")];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(door, _)| *door == self).map_or("lock", |(_, name)| name)
    }

    /// Reads a name; `None` when it is no door.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(door, _)| *door)
    }
}

/// Somebody in the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Without an account of his own.
    pub guest: bool,
}

impl Bubble {
    /// Whether somebody waits in the lobby.
    #[must_use]
    pub fn waits(&self, user: &UserId) -> bool {
        self.waiting.contains_key(user)
    }

    /// Whether somebody is a guest of this bubble: in it, or in its lobby.
    #[must_use]
    pub fn hosts(&self, user: &UserId) -> bool {
        let inside = |member: &Membership| member.guest && member.status == Status::Accepted;
        self.members.get(user).is_some_and(inside) || self.waiting.get(user).is_some_and(|waiting| waiting.guest)
    }

    /// Guests who are in it or wait.
    #[must_use]
    pub fn guests(&self) -> usize {
        let inside = |member: &&Membership| member.guest && member.status == Status::Accepted;
        let waiting = self.waiting.values().filter(|waiting| waiting.guest).count();
        self.members.values().filter(inside).count() + waiting
    }

    /// Who may step in at the door, whom nobody else need see; `None` for steps that are not taken there.
    pub(super) fn permits_at_the_door(&self, by: &UserId, step: &Step) -> Option<Result<(), Refused>> {
        match step {
            Step::Knock { guest } => Some(self.permits_knock(by, *guest)),
            Step::Leave if self.waits(by) => Some(Ok(())),
            Step::LetIn(user) | Step::TurnAway(user) => Some(self.permits_in_lobby(by, user, step)),
            Step::SetDoor(_) => {
                let over = if self.archived { Err(Refused::Archived) } else { Ok(()) };
                Some(self.needs(by, Action::ConferenceLink).and(over))
            }
            Step::Add { .. }
            | Step::Accept
            | Step::Decline
            | Step::Leave
            | Step::Exclude(_)
            | Step::Forget(_)
            | Step::Hide(_)
            | Step::Promote(_)
            | Step::Demote(_)
            | Step::Transfer(_)
            | Step::Archive
            | Step::EndGuests => None,
        }
    }

    fn permits_knock(&self, by: &UserId, guest: bool) -> Result<(), Refused> {
        let known = self.members.get(by);
        if self.archived || known.is_some_and(|member| member.put_out || member.guest != guest) {
            return Err(Refused::NotVisible);
        }
        // Whoever is in it, or was asked by name, needs no leave of the door.
        let expected = |member: &Membership| matches!(member.status, Status::Accepted | Status::Invited);
        if self.waits(by) || known.is_some_and(expected) {
            return Ok(());
        }
        let full = match self.door {
            Door::Locked => return Err(Refused::Locked),
            Door::Lobby => self.waiting.len() >= WAITING_MAX,
            Door::Open => self.size() >= MEMBERS_MAX,
        };
        if full || (guest && self.guests() >= GUESTS_MAX) { Err(Refused::Full) } else { Ok(()) }
    }

    fn permits_in_lobby(&self, by: &UserId, user: &UserId, step: &Step) -> Result<(), Refused> {
        self.needs(by, Action::ChangeParticipants)?;
        if !self.waits(user) {
            return Err(Refused::NobodyThere);
        }
        let comes_in = matches!(step, Step::LetIn(_));
        if comes_in && self.size() >= MEMBERS_MAX { Err(Refused::Full) } else { Ok(()) }
    }

    pub(super) fn knock(&mut self, by: &UserId, guest: bool, now_ms: i64) -> Vec<UserId> {
        match self.members.get(by).map(|member| member.status) {
            Some(Status::Accepted) => Vec::new(),
            Some(Status::Invited) => {
                self.enter(by, now_ms);
                vec![by.clone()]
            }
            Some(Status::Unsubscribed | Status::Rejected) | None if self.waits(by) => Vec::new(),
            Some(Status::Unsubscribed | Status::Rejected) | None => {
                self.waiting.insert(by.clone(), Waiting { since_ms: now_ms, guest });
                if self.door == Door::Open { self.let_in(by, now_ms) } else { vec![by.clone()] }
            }
        }
    }

    pub(super) fn let_in(&mut self, user: &UserId, now_ms: i64) -> Vec<UserId> {
        let Some(Waiting { guest, .. }) = self.waiting.remove(user) else { return Vec::new() };
        self.add(user, false, false, now_ms);
        self.change(user, |member| member.guest = guest);
        self.enter(user, now_ms);
        vec![user.clone()]
    }

    /// Who has an account and was turned away does not come by the link again; a guest's account ends with it.
    pub(super) fn turn_away(&mut self, user: UserId, now_ms: i64) -> Vec<UserId> {
        let Some(Waiting { guest, .. }) = self.waiting.remove(&user) else { return Vec::new() };
        if !guest {
            let refused = Membership {
                status: Status::Rejected,
                moderator: false,
                guest: false,
                put_out: true,
                added_ms: now_ms,
                reads_from_ms: now_ms,
                reads_until_ms: Some(now_ms - 1),
            };
            // What somebody read of it when he was in it stays readable.
            self.members.entry(user.clone()).or_insert(refused).put_out = true;
        }
        vec![user]
    }

    pub(super) fn set_door(&mut self, door: Door, now_ms: i64) -> Vec<UserId> {
        self.door = door;
        if door != Door::Open {
            return Vec::new();
        }
        let room = MEMBERS_MAX.saturating_sub(self.size());
        let waiting: Vec<UserId> = self.waiting.keys().take(room).cloned().collect();
        waiting.into_iter().flat_map(|user| self.let_in(&user, now_ms)).collect()
    }

    pub(super) fn end_guests(&mut self, now_ms: i64) -> Vec<UserId> {
        let inside = self.members.iter().filter(|(_, member)| member.guest && member.status == Status::Accepted);
        let waiting = self.waiting.iter().filter(|(_, waiting)| waiting.guest);
        let inside: Vec<UserId> = inside.map(|(user, _)| user.clone()).collect();
        let waiting: Vec<UserId> = waiting.map(|(user, _)| user.clone()).collect();
        inside.iter().for_each(|user| self.part(user, now_ms));
        self.waiting.retain(|_, waiting| !waiting.guest);
        inside.into_iter().chain(waiting).collect()
    }
}

#[cfg(test)]
mod tests;
