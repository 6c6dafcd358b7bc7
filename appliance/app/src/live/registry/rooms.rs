//! Which devices are in which bubble now: they entered it by presence (XEP-0045, 7.2; sheet section 9.2).

use super::{Entry, Live, State};
use crate::bubble::Before;
use crate::live::{BubbleRead, BubbleReceipt, Device, Gone, Occupant, Push, Said};
use crate::relations;
use domain::bubble::Role;
use domain::ids::{BubbleId, UserId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One person's devices in a bubble.
pub(super) struct Occupancy {
    nick: Arc<str>,
    /// By resource, each with its connection.
    devices: BTreeMap<String, u64>,
}

/// Who is in each bubble.
pub(super) type Rooms = HashMap<BubbleId, BTreeMap<UserId, Occupancy>>;

impl Live {
    /// Lets a device into a bubble: it hears who is there, then that it is in; others hear of who is new. `false`: the user
    /// is no member, or the device has gone.
    pub(crate) fn enter(&self, device: &Device, bubble: &BubbleId, name: &str, before: Before) -> bool {
        let mut state = self.lock();
        let Some(role) = state.role(bubble, &device.user) else { return false };
        let Some(entry) = state.entry_mut(device) else { return false };
        entry.rooms.insert(bubble.clone());
        let nick = state.nick(bubble, &device.user, name);
        let new = state.occupant(bubble, &device.user, &device.resource, &nick, Some(role));
        let there: Vec<Occupant> = state.others(bubble, &device.user);
        let people = state.rooms.entry(bubble.clone()).or_default();
        let own = people.entry(device.user.clone());
        let own = own.or_insert_with(|| Occupancy { nick, devices: BTreeMap::new() });
        let first = own.devices.is_empty();
        own.devices.insert(device.resource.clone(), device.connection);
        if first {
            state.tell_room(bubble, &Push::Occupant(Arc::new(new.clone())), |user, entry| {
                *user != device.user && entry.is_standard()
            });
        }
        let others = if device.standard { there } else { Vec::new() };
        let Before { said, topic } = before;
        state.push_device(device, Push::Entered { others, own: Box::new(new), said, topic });
        true
    }

    /// The devices of a user that speak as Rainbow's do and are there.
    pub(crate) fn rainbow_devices(&self, user: &UserId) -> Vec<Device> {
        let state = self.lock();
        let devices = state.people.get(user).map(|person| &person.devices).into_iter().flatten();
        let there = devices.filter(|(_, entry)| !entry.is_standard() && entry.presence.is_some());
        there.map(|(resource, entry)| entry.device(user, resource)).collect()
    }

    /// A device leaves a bubble by its own wish and hears so.
    pub(crate) fn quit(&self, device: &Device, bubble: &BubbleId) {
        let mut state = self.lock();
        let Some(entry) = state.entry_mut(device) else { return };
        if !entry.rooms.remove(bubble) {
            return;
        }
        let Some(nick) = state.nick_of(bubble, &device.user) else { return };
        let mut gone = state.occupant(bubble, &device.user, &device.resource, &nick, None);
        gone.gone = Some(Gone::Left);
        state.take_out(bubble, &device.user, &device.resource);
        state.push_device(device, Push::Occupant(Arc::new(gone)));
    }

    /// Somebody is no member any more, or the bubble is no more: all his devices are out, and hear why.
    pub(crate) fn put_out(&self, bubble: &BubbleId, user: &UserId, why: Gone) {
        let mut state = self.lock();
        let Some(own) = state.rooms.get(bubble).and_then(|people| people.get(user)) else { return };
        let (nick, devices) = (Arc::clone(&own.nick), own.devices.clone());
        for (resource, connection) in devices {
            let mut gone = state.occupant(bubble, user, &resource, &nick, None);
            gone.gone = Some(why);
            let device = Device { user: user.clone(), resource, connection, standard: false };
            state.take_out(bubble, user, &device.resource);
            if let Some(entry) = state.entry_mut(&device) {
                entry.rooms.remove(bubble);
            }
            state.push_device(&device, Push::Occupant(Arc::new(gone)));
        }
    }

    /// Somebody in a bubble has another role now.
    pub(crate) fn tell_role(&self, bubble: &BubbleId, user: &UserId) {
        let mut state = self.lock();
        let Some(nick) = state.nick_of(bubble, user) else { return };
        let role = state.role(bubble, user);
        let occupant = state.occupant(bubble, user, "", &nick, role);
        state.tell_room(bubble, &Push::Occupant(Arc::new(occupant)), |_, entry| entry.is_standard());
    }

    /// The name by which a device is known in a bubble; `None`: it is not in it.
    pub(crate) fn known_as(&self, device: &Device, bubble: &BubbleId) -> Option<Arc<str>> {
        let mut state = self.lock();
        let inside = state.entry_mut(device).is_some_and(|entry| entry.rooms.contains(bubble));
        if inside { state.nick_of(bubble, &device.user) } else { None }
    }

    /// Pushes what was said to every device in the bubble, the sender's among them.
    pub(crate) fn say(&self, said: &Arc<Said>) {
        let wanted = |_: &UserId, entry: &Entry| entry.knows(said.standard_only, said.remark);
        self.lock().tell_room(&said.bubble, &Push::Said(Arc::clone(said)), wanted);
    }

    /// The other devices of somebody hear how far he has read in a bubble: Rainbow's all, standard ones where they are in it.
    pub(crate) fn tell_read(&self, user: &UserId, by: Option<&Device>, read: BubbleRead) {
        let mut state = self.lock();
        let nick = state.nick_of(&read.bubble, user);
        let bubble = read.bubble.clone();
        let push = Push::BubbleRead(Arc::new(BubbleRead { nick, ..read }));
        state.push_where(user, &push, |entry| {
            let other = by.is_none_or(|by| by.connection != entry.connection);
            other && (!entry.is_standard() || entry.rooms.contains(&bubble))
        });
    }

    /// Rainbow's devices of somebody that are in a bubble hear that what he said there was received, or read.
    pub(crate) fn tell_receipt(&self, author: &UserId, receipt: BubbleReceipt) {
        let bubble = receipt.bubble.clone();
        let push = Push::BubbleReceipt(Arc::new(receipt));
        self.lock().push_where(author, &push, |entry| !entry.is_standard() && entry.rooms.contains(&bubble));
    }

    /// Standard clients in a bubble hear what it is about now (XEP-0045, 8.1).
    pub(crate) fn tell_topic(&self, bubble: &BubbleId, by: &UserId, topic: &str) {
        let mut state = self.lock();
        let nick = state.nick_of(bubble, by);
        let push = Push::Topic { bubble: bubble.clone(), nick, topic: topic.to_owned() };
        state.tell_room(bubble, &push, |_, entry| entry.is_standard());
    }

    /// Who is in a bubble now.
    pub(crate) fn occupants(&self, bubble: &BubbleId) -> Vec<Occupant> {
        let state = self.lock();
        let people = state.rooms.get(bubble).into_iter().flatten();
        people.map(|(user, own)| state.occupant(bubble, user, "", &own.nick, state.role(bubble, user))).collect()
    }
}

impl State {
    fn role(&self, bubble: &BubbleId, user: &UserId) -> Option<Role> {
        relations::read(&self.relations).bubble(bubble)?.role(user)
    }

    fn nick_of(&self, bubble: &BubbleId, user: &UserId) -> Option<Arc<str>> {
        Some(Arc::clone(&self.rooms.get(bubble)?.get(user)?.nick))
    }

    /// One name a person: that of the profile, with a number where somebody else is there under it.
    fn nick(&self, bubble: &BubbleId, user: &UserId, name: &str) -> Arc<str> {
        if let Some(known) = self.nick_of(bubble, user) {
            return known;
        }
        let people = self.rooms.get(bubble);
        let taken = |nick: &str| people.is_some_and(|people| people.values().any(|own| *own.nick == *nick));
        let mut nick = name.to_owned();
        for number in 2_u32.. {
            if !taken(&nick) {
                break;
            }
            nick = format!("{name} ({number})");
        }
        Arc::from(nick)
    }

    fn occupant(
        &self,
        bubble: &BubbleId,
        user: &UserId,
        resource: &str,
        nick: &Arc<str>,
        role: Option<Role>,
    ) -> Occupant {
        Occupant {
            bubble: bubble.clone(),
            user: user.clone(),
            resource: resource.to_owned(),
            nick: Arc::clone(nick),
            role,
            gone: None,
        }
    }

    fn others(&self, bubble: &BubbleId, but: &UserId) -> Vec<Occupant> {
        let people = self.rooms.get(bubble).into_iter().flatten().filter(|(user, _)| *user != but);
        people.map(|(user, own)| self.occupant(bubble, user, "", &own.nick, self.role(bubble, user))).collect()
    }

    fn tell_room(&mut self, bubble: &BubbleId, push: &Push, wanted: impl Fn(&UserId, &Entry) -> bool) {
        let Some(people) = self.rooms.get(bubble) else { return };
        for (user, own) in people {
            let Some(person) = self.people.get(user) else { continue };
            for resource in own.devices.keys() {
                let Some(entry) = person.devices.get(resource).filter(|entry| wanted(user, entry)) else { continue };
                if !entry.queue.put(push) {
                    self.too_slow.push(entry.device(user, resource));
                }
            }
        }
    }

    /// Takes a device out of a bubble; others hear when it was the person's last one there.
    fn take_out(&mut self, bubble: &BubbleId, user: &UserId, resource: &str) {
        let Some(people) = self.rooms.get_mut(bubble) else { return };
        let Some(own) = people.get_mut(user) else { return };
        own.devices.remove(resource);
        if !own.devices.is_empty() {
            return;
        }
        let nick = Arc::clone(&own.nick);
        people.remove(user);
        if people.is_empty() {
            self.rooms.remove(bubble);
            return;
        }
        let mut gone = self.occupant(bubble, user, "", &nick, None);
        gone.gone = Some(Gone::Left);
        self.tell_room(bubble, &Push::Occupant(Arc::new(gone)), |_, entry| entry.is_standard());
    }

    /// A device has gone: it is in no bubble any more.
    pub(super) fn leave_rooms(&mut self, user: &UserId, resource: &str, rooms: impl IntoIterator<Item = BubbleId>) {
        for bubble in rooms {
            self.take_out(&bubble, user, resource);
        }
    }
}
