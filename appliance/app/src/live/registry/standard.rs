//! Who gets what when several devices of a person differ: addressed devices, copies, standard clients beside Rainbow's.

use super::{Device, DevicePresence, Entry, Live, Locked, Person, State};
use crate::live::{LiveEvent, LiveMessage, LivePresence, MessageType, Push};
use crate::relations;
use crate::roster::Listed;
use domain::ids::UserId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// People to whom one device may show itself beyond its contacts.
const SHOWN_TO_MAX: usize = 100;

impl Entry {
    /// Rainbow's clients take every message of their user, whichever device it is addressed to.
    fn takes(&self, message: &LiveMessage, addressed: Option<u64>) -> bool {
        let fits = self.reads(message);
        match addressed {
            Some(connection) if self.is_standard() => self.connection == connection,
            Some(connection) => fits && (self.takes_messages.is_some() || self.connection == connection),
            // RFC 6121, 8.5.2.1.1: headlines go to whoever is there, with whatever priority that is not negative.
            None => fits && self.takes_messages.is_some(),
        }
    }

    /// Whether it gets a copy of a message to another device of its user (XEP-0280, 7).
    fn gets_copy(&self, message: &LiveMessage) -> bool {
        self.is_standard() && self.carbons.is_some() && !message.private && message.kind == MessageType::Chat
    }

    /// Whether it was there, and meant, when the message went to the device `first` among all.
    fn had(&self, message: &LiveMessage, first: &Device) -> bool {
        let before = |turn: Option<u64>| turn.is_some_and(|turn| turn < message.turn);
        let to_first_alone = message.to_resource.as_ref() == Some(&first.resource);
        let had_copy = || self.gets_copy(message) && before(self.carbons);
        before(self.takes_messages) && (!to_first_alone || !self.is_standard() || had_copy())
    }
}

impl Locked<'_> {
    /// The device that a message is addressed to, if it is there; else all of the recipient's are meant (RFC 6121, 8.5.3.2.1).
    fn addressed(&self, to: &UserId, resource: Option<&str>) -> Option<u64> {
        let entry = self.people.get(to)?.devices.get(resource?)?;
        entry.presence.is_some().then_some(entry.connection)
    }

    fn is_somebody_there(&self, to: &UserId, addressed: Option<u64>) -> bool {
        let takes = |person: &Person| person.devices.values().any(|entry| entry.takes_messages.is_some());
        addressed.is_some() || self.people.get(to).is_some_and(takes)
    }
}

impl Live {
    /// Whether a device of the user takes messages now, or the one that is addressed is there.
    pub(crate) fn takes_messages(&self, user: &UserId, resource: Option<&str>) -> bool {
        let state = self.lock();
        state.is_somebody_there(user, state.addressed(user, resource))
    }

    /// Whether the device of this name is there.
    pub(crate) fn is_there(&self, user: &UserId, resource: &str) -> bool {
        self.lock().addressed(user, Some(resource)).is_some()
    }

    /// Hands a message that the device `first` was given and may never have seen, or no device, to the devices that it is for and
    /// that had not had it at that time. `false`: nobody is there.
    pub(crate) fn hand_on(&self, message: &LiveMessage, first: Option<&Device>) -> bool {
        let mut state = self.lock();
        let addressed = state.addressed(&message.to, message.to_resource.as_deref());
        if !state.is_somebody_there(&message.to, addressed) {
            return false;
        }
        let had = |entry: &Entry| first.is_some_and(|first| entry.had(message, first));
        let without = |entry: &Entry| entry.takes(message, addressed) && !had(entry);
        let mut devices = state.people.get(&message.to).into_iter().flat_map(|person| person.devices.values());
        if !devices.any(|entry| without(entry)) {
            return true;
        }
        state.turns += 1;
        let late = Arc::new(LiveMessage { delayed: true, turn: state.turns, ..message.clone() });
        state.push_where(&message.to, &Push::Message(late), without) > 0
    }

    /// Pushes to the devices of the recipient that a message is for, and copies to the recipient's others that asked for
    /// them (XEP-0280, 7); answers how many took it.
    pub(crate) fn deliver(&self, message: &mut Arc<LiveMessage>) -> usize {
        let mut state = self.lock();
        // Who has come since it was stored found it among what waited.
        let stored = message.held.map(|_| message.turn);
        let found = |entry: &Entry| stored.zip(entry.takes_messages).is_some_and(|(stored, came)| came > stored);
        if message.is_owed() {
            state.turns += 1;
            Arc::make_mut(message).turn = state.turns;
        }
        let addressed = state.addressed(&message.to, message.to_resource.as_deref());
        let for_one = message.kind == MessageType::Error || message.to_resource.is_some();
        if for_one && message.kind != MessageType::Chat && addressed.is_none() {
            // RFC 6121, 8.5.3.2.1: what is no part of a conversation is for the device that it names, and for no other.
            return 0;
        }
        let push = Push::Message(Arc::clone(message));
        let taken = state.push_where(&message.to, &push, |entry| entry.takes(message, addressed) && !found(entry));
        let copy = Push::Copy(Arc::clone(message));
        state.push_where(&message.to, &copy, |entry| entry.gets_copy(message) && !entry.takes(message, addressed));
        taken
    }

    /// Pushes a message to one device, if it is there and knows what it is.
    pub(crate) fn push_if_read(&self, device: &Device, message: &Arc<LiveMessage>) {
        let reads = |entry: &Entry| {
            entry.connection == device.connection && entry.takes_messages.is_some() && entry.reads(message)
        };
        self.lock().push_where(&device.user, &Push::Message(Arc::clone(message)), reads);
    }

    /// Copies a message to the sender's other devices that asked for carbons (XEP-0280, 8).
    pub(crate) fn copy_to_senders(&self, message: &Arc<LiveMessage>, sender: &Device) {
        let to_oneself = message.to == sender.user;
        let others = |entry: &Entry| {
            let standard = entry.is_standard();
            // What one sends to oneself all own devices get anyway; Rainbow's clients expect the copy all the same.
            let wanted = if standard { !to_oneself } else { entry.reads(message) };
            wanted && entry.carbons.is_some() && entry.connection != sender.connection
        };
        self.lock().push_where(&sender.user, &Push::Carbon(Arc::clone(message)), others);
    }

    /// Whether the device of this name is there and answers requests of others.
    pub(crate) fn answers_requests(&self, user: &UserId, resource: &str) -> bool {
        let state = self.lock();
        let found = state.people.get(user).and_then(|person| person.devices.get(resource));
        found.is_some_and(|entry| entry.answers_requests())
    }

    /// Pushes to one device that answers requests, by its full JID; `false`: it is not there.
    pub(crate) fn push_to_resource(&self, user: &UserId, resource: &str, push: &Push) -> bool {
        let mut state = self.lock();
        let found = state.people.get(user).and_then(|person| person.devices.get(resource));
        let Some(connection) = found.filter(|entry| entry.answers_requests()).map(|entry| entry.connection) else {
            return false;
        };
        state.push_where(user, push, |entry| entry.connection == connection) > 0
    }

    /// The standard clients of a user that read the roster hear that it says something else about somebody; all but one
    /// that learns so together with its answer.
    pub(crate) fn push_roster(&self, user: &UserId, about: &Listed, but: Option<&Device>) {
        let push = Push::Roster(about.clone());
        let but = but.map(|device| device.connection);
        let reads = |entry: &Entry| entry.is_standard() && entry.reads_roster && Some(entry.connection) != but;
        self.lock().push_where(user, &push, reads);
    }

    /// The device asked for the roster: from now on it hears of changes.
    pub fn reads_roster(&self, device: &Device) {
        if let Some(entry) = self.lock().entry_mut(device) {
            entry.reads_roster = true;
        }
    }

    /// Whether the device asked for the roster.
    #[must_use]
    pub fn hears_roster(&self, device: &Device) -> bool {
        self.lock().entry_mut(device).is_some_and(|entry| entry.reads_roster)
    }

    /// Shows a device's presence to somebody's devices, or all of them but one, whatever it announced to everybody
    /// (RFC 6121, 4.6).
    pub(crate) fn show_to(
        &self,
        device: &Device,
        to: &UserId,
        resource: Option<&str>,
        (available, id): (bool, Option<&str>),
        payload: &Arc<str>,
    ) {
        let mut state = self.lock();
        let Some(entry) = state.entry_mut(device) else { return };
        if available && entry.shown_to.len() < SHOWN_TO_MAX {
            entry.shown_to.insert(to.clone());
        } else if !available {
            entry.shown_to.remove(to);
        }
        let shown = LivePresence {
            from: device.user.clone(),
            resource: device.resource.clone(),
            available,
            id: id.map(str::to_owned),
            payload: Arc::clone(payload),
        };
        let addressed = resource.and_then(|resource| state.addressed(to, Some(resource)));
        if resource.is_some() && addressed.is_none() {
            return;
        }
        let of_those = |entry: &Entry| {
            entry.is_standard() && entry.presence.is_some() && addressed.is_none_or(|one| one == entry.connection)
        };
        state.push_where(to, &Push::Presence(Arc::new(shown)), of_those);
    }

    /// Answers a probe: the presences of somebody who shows them, or that there are none (RFC 6121, 4.3.2).
    pub(crate) fn probe(&self, device: &Device, of: &UserId, resource: Option<&str>) {
        let mut state = self.lock();
        let mut shown = state.shown_devices(of, true);
        shown.retain(|one| resource.is_none_or(|resource| one.resource == resource));
        if shown.is_empty() {
            let (from, resource) = (of.clone(), resource.unwrap_or_default().to_owned());
            shown.push(LivePresence { from, resource, available: false, id: None, payload: Arc::from("") });
        }
        state.push_device(device, Push::Presences(shown));
    }

    /// From now on the device hears of what is published in these nodes; `false`: it did so already.
    pub fn want(&self, device: &Device, nodes: &Arc<BTreeSet<String>>) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.entry_mut(device) else { return false };
        if *entry.wants == **nodes {
            return false;
        }
        entry.wants = Arc::clone(nodes);
        !nodes.is_empty()
    }

    /// Tells an event to the owner's devices that want it and, if it is `public`, to those of who sees the owner's presence.
    pub(crate) fn publish(&self, event: &Arc<LiveEvent>, public: bool) {
        let mut state = self.lock();
        let wants = |entry: &Entry| entry.presence.is_some() && entry.wants.contains(&event.node);
        let push = Push::Event(Arc::clone(event));
        state.push_where(&event.owner, &push, wants);
        if public {
            for viewer in state.viewers(&event.owner) {
                state.push_where(&viewer, &push, wants);
            }
        }
    }
}

impl State {
    /// Those to whom alone a device showed itself hear that it has gone; where it `was` seen, its contacts are told anyway.
    pub(super) fn tell_shown(
        &mut self,
        (user, resource): (&UserId, &str),
        was: Option<&DevicePresence>,
        to: BTreeSet<UserId>,
        payload: &Arc<str>,
    ) {
        let seen = was.is_some_and(DevicePresence::is_seen);
        let push = Push::Presence(Arc::new(LivePresence::gone(user, resource, Arc::clone(payload))));
        for person in to {
            if !(seen && relations::read(&self.relations).shows_presence(user, &person)) {
                self.push_where(&person, &push, |entry| entry.is_standard() && entry.presence.is_some());
            }
        }
    }
}
