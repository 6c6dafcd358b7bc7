mod rooms;
mod standard;

use super::push::{Ending, LiveMessage, LivePresence, Push};
use super::queue::{Pushes, Queue, queue};
use crate::presence::Pace;
use crate::relations::{self, Shared};
use crate::{Caller, LiveLoad, SignedInBy};
use domain::ids::{BubbleId, CompanyId, UserId};
use domain::network::colleagues;
use domain::presence::{Announced, Level, aggregate};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A device that is connected now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Whose.
    pub user: UserId,
    /// Its name: the resource of its JID.
    pub resource: String,
    /// Tells this connection from a later one of the same name.
    pub connection: u64,
    /// A standard XMPP client: it came with an application password. Others speak as Rainbow's do.
    pub standard: bool,
}

/// Why a device was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindRefused {
    /// The user has too many devices connected.
    #[error("too many devices are connected")]
    TooManyDevices,
    /// The box is stopping.
    #[error("the box is stopping")]
    Stopping,
}

/// A device that was let in, and what will be pushed to it.
#[derive(Debug)]
pub struct Binding {
    /// The device.
    pub device: Device,
    /// Ends when the device is replaced, signed out or too slow.
    pub pushes: Pushes,
    /// Resolves at the same time, however many pushes nobody has taken yet; without an ending for a device that was too slow.
    pub ended: oneshot::Receiver<Ending>,
}

struct Entry {
    connection: u64,
    signed_in_by: SignedInBy,
    queue: Queue,
    ended: oneshot::Sender<Ending>,
    presence: Option<DevicePresence>,
    /// Messages go to this device, those after this turn.
    takes_messages: Option<u64>,
    /// The same of copies.
    carbons: Option<u64>,
    /// Of Rainbow's clients: it asked for remarks on messages.
    reads_remarks: bool,
    /// Of Rainbow's clients: it takes calls, and answers requests of other devices.
    takes_calls: bool,
    /// It asked for the roster and hears of its changes (RFC 6121, 2.1.6).
    reads_roster: bool,
    /// Nodes whose news it wants to hear (XEP-0163, 4.2).
    wants: Arc<BTreeSet<String>>,
    /// Who is not told by the relations that the device has gone: it showed itself to them alone (RFC 6121, 4.6).
    shown_to: BTreeSet<UserId>,
    /// Bubbles that it is in.
    rooms: BTreeSet<BubbleId>,
}

impl Entry {
    fn is_standard(&self) -> bool {
        matches!(self.signed_in_by, SignedInBy::ApplicationPassword(_))
    }

    /// Whether it knows what it is given: something for standard clients alone, or a remark.
    fn knows(&self, standard_only: bool, remark: bool) -> bool {
        self.is_standard() || !standard_only || (remark && self.reads_remarks)
    }

    /// The same of a message; about a call it must have said that it takes them.
    fn reads(&self, message: &LiveMessage) -> bool {
        self.knows(message.standard_only, message.remark) || (message.call && self.takes_calls)
    }

    /// Whether it answers requests of other devices.
    fn answers_requests(&self) -> bool {
        self.is_standard() || self.takes_calls
    }

    fn device(&self, user: &UserId, resource: &str) -> Device {
        let (connection, standard) = (self.connection, self.is_standard());
        Device { user: user.clone(), resource: resource.to_owned(), connection, standard }
    }
}

#[derive(Clone)]
struct DevicePresence {
    show: String,
    status: String,
    priority: i8,
    payload: Arc<str>,
}

struct Person {
    company: CompanyId,
    /// Of all devices together.
    presence_pace: Pace,
    /// Boxed: a node of a map has room for eleven, and most people have one or two.
    devices: BTreeMap<String, Box<Entry>>,
}

#[derive(Default)]
struct State {
    people: HashMap<UserId, Person>,
    by_company: HashMap<CompanyId, BTreeSet<UserId>>,
    rooms: rooms::Rooms,
    connections: u64,
    /// Counts messages that went to all devices of somebody, and devices that came: what each device was there for is told by it.
    turns: u64,
    stopping: bool,
    too_slow: Vec<Device>,
    /// Since the start: devices cut off for being too slow, and devices refused because there were too many.
    cut: u64,
    refused: u64,
    relations: Shared,
}

/// The locked state. Devices that turned out too slow are cut off before the lock is let go: by a loop, because telling
/// their contacts may find the next one.
struct Locked<'a>(MutexGuard<'a, State>);

impl Deref for Locked<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        &self.0
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.0
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        while let Some(device) = self.0.too_slow.pop() {
            if self.0.entry_mut(&device).is_some() {
                tracing::info!(user = %device.user, "a device reads too slowly or has gone: cut off");
                self.0.cut += 1;
                self.0.end_device(&device.user, &device.resource, Some(device.connection), None);
            }
        }
    }
}

/// The registry of connected devices.
pub struct Live {
    state: Mutex<State>,
    queue_max: usize,
    devices_max: usize,
}

impl Live {
    pub(crate) fn new(relations: Shared, queue_max: usize, devices_max: usize) -> Self {
        let state = Mutex::new(State { relations, ..State::default() });
        Self { state, queue_max: queue_max.max(1), devices_max: devices_max.max(1) }
    }

    fn lock(&self) -> Locked<'_> {
        Locked(self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a device in. One of the same name that is still there is told that it was replaced.
    ///
    /// # Errors
    /// [`BindRefused`].
    pub fn bind(&self, caller: &Caller, resource: &str) -> Result<Binding, BindRefused> {
        let mut state = self.lock();
        if state.stopping {
            return Err(BindRefused::Stopping);
        }
        let room = state
            .people
            .get(&caller.user)
            .is_none_or(|person| person.devices.contains_key(resource) || person.devices.len() < self.devices_max);
        if !room {
            state.refused += 1;
            return Err(BindRefused::TooManyDevices);
        }
        state.end_device(&caller.user, resource, None, Some(Ending::Replaced));
        state.connections += 1;
        let connection = state.connections;
        let (queue, pushes) = queue(self.queue_max);
        let (tell_ended, ended) = oneshot::channel();
        let entry = Entry {
            connection,
            signed_in_by: caller.signed_in_by.clone(),
            queue,
            ended: tell_ended,
            presence: None,
            takes_messages: None,
            carbons: None,
            reads_remarks: false,
            takes_calls: false,
            reads_roster: false,
            wants: Arc::default(),
            shown_to: BTreeSet::new(),
            rooms: BTreeSet::new(),
        };
        let device = entry.device(&caller.user, resource);
        let person = state.people.entry(caller.user.clone()).or_insert_with(|| Person {
            company: caller.company.clone(),
            presence_pace: Pace::default(),
            devices: BTreeMap::new(),
        });
        person.devices.insert(resource.to_owned(), Box::new(entry));
        state.by_company.entry(caller.company.clone()).or_default().insert(caller.user.clone());
        Ok(Binding { device, pushes, ended })
    }

    /// A device has gone; its contacts hear so.
    pub fn leave(&self, device: &Device) {
        self.lock().end_device(&device.user, &device.resource, Some(device.connection), None);
    }

    /// Takes one of the changes of presence that the device's user may make; else when to ask again.
    pub(crate) fn take_presence_turn(&self, device: &Device, now: Instant) -> Result<(), Instant> {
        // Who is not there any more changes nothing.
        self.lock().people.get_mut(&device.user).map_or(Ok(()), |person| person.presence_pace.take(now))
    }

    /// Sets a device's presence, echoes it to all own devices and tells contacts. The first one also brings the
    /// contacts' presences. `true`: the device is new to messages, so what waited for the user is due.
    pub fn announce(
        &self,
        device: &Device,
        announced: Announced<'_>,
        priority: i8,
        id: Option<&str>,
        payload: &Arc<str>,
    ) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.entry_mut(device) else { return false };
        let first = entry.presence.is_none();
        let old_level = entry.presence.as_ref().map(DevicePresence::level);
        let presence = DevicePresence {
            show: announced.show.to_owned(),
            status: announced.status.to_owned(),
            priority,
            payload: Arc::clone(payload),
        };
        entry.presence = Some(presence);
        if priority < 0 {
            entry.takes_messages = None;
        }
        let due = priority >= 0 && entry.takes_messages.is_none();
        let hidden = announced.level() == Level::Invisible;
        let was_seen = old_level.is_some_and(|level| level != Level::Invisible);
        let shown = LivePresence {
            from: device.user.clone(),
            resource: device.resource.clone(),
            available: true,
            id: id.map(str::to_owned),
            payload: Arc::clone(payload),
        };
        state.push_own(&device.user, &Push::Presence(Arc::new(shown.clone())));
        if hidden && was_seen {
            let gone = LivePresence { available: false, payload: Arc::from(""), ..shown };
            state.push_viewers(&device.user, &Push::Presence(Arc::new(gone)));
        } else if !hidden {
            state.push_viewers(&device.user, &Push::Presence(Arc::new(shown)));
        }
        if first {
            state.push_contacts_presence(device);
        }
        due
    }

    /// The device said that it is unavailable; it stays connected.
    pub fn withdraw(&self, device: &Device, payload: &Arc<str>) {
        let mut state = self.lock();
        let Some(entry) = state.entry_mut(device) else { return };
        let presence = entry.presence.take();
        entry.takes_messages = None;
        entry.wants = Arc::default();
        let (shown_to, rooms) = (std::mem::take(&mut entry.shown_to), std::mem::take(&mut entry.rooms));
        state.leave_rooms(&device.user, &device.resource, rooms);
        state.tell_shown((&device.user, &device.resource), presence.as_ref(), shown_to, payload);
        if let Some(presence) = presence {
            state.tell_gone(&device.user, &device.resource, &presence, payload);
            let own = LivePresence::gone(&device.user, &device.resource, Arc::clone(payload));
            state.push_device(device, Push::Presence(Arc::new(own)));
        }
    }

    /// From now on messages go to this device. Called on the company's writer thread, between changes.
    pub(crate) fn take_messages(&self, device: &Device) {
        let mut state = self.lock();
        state.turns += 1;
        let turns = state.turns;
        if let Some(entry) = state.entry_mut(device) {
            let takes = entry.presence.as_ref().is_some_and(|presence| presence.priority >= 0);
            entry.takes_messages = takes.then_some(turns);
        }
    }

    /// What the registry has counted so far.
    pub(crate) fn turn(&self) -> u64 {
        self.lock().turns
    }

    /// Whether the device is still connected.
    pub(crate) fn is_connected(&self, device: &Device) -> bool {
        self.lock().entry_mut(device).is_some()
    }

    /// Whether the device announced a presence.
    pub(crate) fn is_available(&self, device: &Device) -> bool {
        self.lock().entry_mut(device).is_some_and(|entry| entry.presence.is_some())
    }

    /// Switches carbons of a device.
    pub fn set_carbons(&self, device: &Device, on: bool) {
        let mut state = self.lock();
        let turns = state.turns;
        if let Some(entry) = state.entry_mut(device) {
            entry.carbons = on.then_some(entry.carbons.unwrap_or(turns));
        }
    }

    /// From now on one of Rainbow's clients hears how people react to messages.
    pub fn read_remarks(&self, device: &Device) {
        if let Some(entry) = self.lock().entry_mut(device) {
            entry.reads_remarks = true;
        }
    }

    /// From now on one of Rainbow's clients takes calls, and answers requests of other devices.
    pub fn take_calls(&self, device: &Device) {
        if let Some(entry) = self.lock().entry_mut(device) {
            entry.takes_calls = true;
        }
    }

    /// Whether requests go from this device to other devices, and from those to it.
    #[must_use]
    pub fn exchanges_requests(&self, device: &Device) -> bool {
        device.standard || self.lock().entry_mut(device).is_some_and(|entry| entry.takes_calls)
    }

    /// Pushes to one device.
    pub fn push_to(&self, device: &Device, push: Push) {
        self.lock().push_device(device, push);
    }

    /// Pushes to one device; `false`: it has gone, or reads too slowly.
    pub(crate) fn is_taken(&self, device: &Device, push: &Push) -> bool {
        self.lock().push_where(&device.user, push, |entry| entry.connection == device.connection) > 0
    }

    /// Pushes to all devices of a user.
    pub(crate) fn push_all(&self, user: &UserId, push: &Push) {
        self.lock().push_where(user, push, |_| true);
    }

    /// Pushes to a user's devices of other sign-ins than this one, which made the change itself: Rainbow's SDK answers
    /// news of its own setting by setting the one before again.
    pub(crate) fn push_other_sign_ins(&self, user: &UserId, sign_in: &SignedInBy, push: &Push) {
        self.lock().push_where(user, push, |entry| entry.signed_in_by != *sign_in);
    }

    /// Pushes to a user and all who see the user's presence.
    pub(crate) fn push_network(&self, user: &UserId, push: &Push) {
        let mut state = self.lock();
        state.push_own(user, push);
        state.push_viewers(user, push);
    }

    /// The connected people in whose network somebody is (B6), connected or not.
    pub(crate) fn contacts(&self, of: &UserId) -> Vec<UserId> {
        let state = self.lock();
        let contacts = state.connected_contacts(of);
        let relations = relations::read(&state.relations);
        contacts.into_iter().filter(|contact| relations.in_network(contact, of)).collect()
    }

    /// From now on `of` is shown to `to`, or no longer: the relations have changed.
    pub(crate) fn show_presence(&self, of: &UserId, to: &UserId, on: bool) {
        let mut state = self.lock();
        let shown = state.shown_devices(of, on);
        if !shown.is_empty() {
            state.push_own(to, &Push::Presences(shown));
        }
    }

    /// Ends the streams of a session or of an application password.
    pub(crate) fn end_sign_in(&self, user: &UserId, sign_in: &SignedInBy) {
        self.lock().end_where(user, Ending::SignedOut, |entry| entry.signed_in_by == *sign_in);
    }

    /// Ends all streams of a user.
    pub(crate) fn end_user(&self, user: &UserId) {
        self.lock().end_where(user, Ending::SignedOut, |_| true);
    }

    /// Ends everything and lets nobody in any more.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.stopping = true;
        let users: Vec<UserId> = state.people.keys().cloned().collect();
        for user in users {
            state.end_where(&user, Ending::Shutdown, |_| true);
        }
    }

    /// Number of connected devices.
    #[must_use]
    pub fn device_count(&self) -> usize {
        self.lock().people.values().map(|person| person.devices.len()).sum()
    }

    /// Connected devices, and what waits for them.
    #[must_use]
    pub(crate) fn load(&self) -> LiveLoad {
        let state = self.lock();
        let queues = state.people.values().flat_map(|person| person.devices.values()).map(|entry| &entry.queue);
        let mut load = LiveLoad { too_slow: state.cut, refused: state.refused, ..LiveLoad::default() };
        for waiting in queues.map(Queue::length) {
            load.devices += 1;
            load.waiting += waiting;
            load.waiting_longest = load.waiting_longest.max(waiting);
        }
        load
    }

    /// How many devices a user has connected on each session and application password.
    pub(crate) fn devices_by_sign_in(&self, user: &UserId) -> HashMap<SignedInBy, usize> {
        let state = self.lock();
        let mut devices = HashMap::new();
        for entry in state.people.get(user).into_iter().flat_map(|person| person.devices.values()) {
            *devices.entry(entry.signed_in_by.clone()).or_default() += 1;
        }
        devices
    }

    /// What a user's devices announced, each with its name, and the one level that they add up to (C2).
    #[must_use]
    pub fn presences(&self, user: &UserId) -> (Level, Vec<(String, Level)>) {
        let state = self.lock();
        let devices = state.people.get(user).map(|person| &person.devices);
        let announced: Vec<(&String, Announced<'_>)> = devices
            .into_iter()
            .flatten()
            .filter_map(|(resource, entry)| entry.presence.as_ref().map(|p| (resource, p.announced())))
            .collect();
        let level = aggregate(announced.iter().map(|(_, device)| *device));
        (level, announced.into_iter().map(|(resource, device)| (resource.clone(), device.level())).collect())
    }
}

impl DevicePresence {
    fn announced(&self) -> Announced<'_> {
        Announced { show: &self.show, status: &self.status }
    }

    fn level(&self) -> Level {
        self.announced().level()
    }

    fn is_seen(&self) -> bool {
        self.level() != Level::Invisible
    }
}

impl State {
    fn entry_mut(&mut self, device: &Device) -> Option<&mut Entry> {
        let entry = self.people.get_mut(&device.user)?.devices.get_mut(&device.resource)?;
        (entry.connection == device.connection).then_some(entry)
    }

    /// Pushes to the devices that `wanted` picks. A device whose queue is full is cut off: it reads too slowly (E5).
    fn push_where(&mut self, user: &UserId, push: &Push, wanted: impl Fn(&Entry) -> bool) -> usize {
        let Some(person) = self.people.get(user) else { return 0 };
        let mut taken = 0;
        for (resource, entry) in person.devices.iter().filter(|(_, entry)| wanted(entry)) {
            if entry.queue.put(push) {
                taken += 1;
            } else {
                self.too_slow.push(entry.device(user, resource));
            }
        }
        taken
    }

    fn push_device(&mut self, device: &Device, push: Push) {
        self.push_where(&device.user, &push, |entry| entry.connection == device.connection);
    }

    fn push_own(&mut self, user: &UserId, push: &Push) {
        self.push_where(user, push, |entry| entry.presence.is_some());
    }

    /// The connected people who could see one another's presence with `user`, connected or not: colleagues and whoever
    /// accepted.
    fn connected_contacts(&self, user: &UserId) -> Vec<UserId> {
        let relations = relations::read(&self.relations);
        let mut contacts = relations.network(user);
        contacts.retain(|contact| self.people.contains_key(contact));
        let company = self.people.get(user).map(|person| &person.company);
        let company = company.or_else(|| relations.member(user).map(|member| &member.company));
        let kind = company.and_then(|company| relations.company(company)).map(|company| company.kind);
        if kind.is_some_and(|kind| colleagues(true, kind)) {
            let members = company.and_then(|company| self.by_company.get(company)).into_iter().flatten();
            contacts.extend(members.filter(|member| *member != user).cloned());
        }
        contacts.into_iter().collect()
    }

    /// The connected people who see the presence of `user` (B6).
    fn viewers(&self, user: &UserId) -> Vec<UserId> {
        let contacts = self.connected_contacts(user);
        let relations = relations::read(&self.relations);
        contacts.into_iter().filter(|contact| relations.shows_presence(user, contact)).collect()
    }

    /// The connected people whose presence `user` sees (B6).
    fn viewed(&self, user: &UserId) -> Vec<UserId> {
        let contacts = self.connected_contacts(user);
        let relations = relations::read(&self.relations);
        contacts.into_iter().filter(|contact| relations.shows_presence(contact, user)).collect()
    }

    fn push_viewers(&mut self, user: &UserId, push: &Push) {
        for viewer in self.viewers(user) {
            self.push_where(&viewer, push, |entry| entry.presence.is_some());
        }
    }

    /// What others see of a user's devices; as they go when `available` is false.
    fn shown_devices(&self, user: &UserId, available: bool) -> Vec<LivePresence> {
        let devices = self.people.get(user).map(|person| &person.devices).into_iter().flatten();
        let shown = devices.filter_map(|(resource, entry)| {
            let presence = entry.presence.as_ref().filter(|presence| presence.level() != Level::Invisible)?;
            let payload = if available { Arc::clone(&presence.payload) } else { Arc::from("") };
            Some(LivePresence { from: user.clone(), resource: resource.clone(), available, id: None, payload })
        });
        shown.collect()
    }

    /// The presences of all contacts and of the user's other devices, to a device that has just become available.
    fn push_contacts_presence(&mut self, device: &Device) {
        let mut known: Vec<LivePresence> =
            self.viewed(&device.user).iter().flat_map(|user| self.shown_devices(user, true)).collect();
        let own = self.people.get(&device.user).map(|person| &person.devices).into_iter().flatten();
        for (resource, entry) in own.filter(|(resource, _)| **resource != device.resource) {
            let Some(presence) = &entry.presence else { continue };
            known.push(LivePresence {
                from: device.user.clone(),
                resource: resource.clone(),
                available: true,
                id: None,
                payload: Arc::clone(&presence.payload),
            });
        }
        if !known.is_empty() {
            self.push_device(device, Push::Presences(known));
        }
    }

    fn tell_gone(&mut self, user: &UserId, resource: &str, was: &DevicePresence, payload: &Arc<str>) {
        let push = Push::Presence(Arc::new(LivePresence::gone(user, resource, Arc::clone(payload))));
        self.push_own(user, &push);
        if was.is_seen() {
            self.push_viewers(user, &push);
        }
    }

    /// Takes a device out, if it is still the same connection, and tells who saw it.
    fn end_device(&mut self, user: &UserId, resource: &str, connection: Option<u64>, ending: Option<Ending>) {
        let Some(person) = self.people.get_mut(user) else { return };
        let same = person
            .devices
            .get(resource)
            .is_some_and(|entry| connection.is_none_or(|connection| entry.connection == connection));
        if !same {
            return;
        }
        let Some(entry) = person.devices.remove(resource) else { return };
        if let Some(ending) = ending {
            // Whoever served the device may have gone.
            let _ = entry.ended.send(ending);
        }
        self.leave_rooms(user, resource, entry.rooms);
        self.tell_shown((user, resource), entry.presence.as_ref(), entry.shown_to, &Arc::from(""));
        if let Some(presence) = entry.presence {
            self.tell_gone(user, resource, &presence, &Arc::from(""));
        }
        let Some(person) = self.people.get(user).filter(|person| person.devices.is_empty()) else { return };
        let company = person.company.clone();
        self.people.remove(user);
        if let Some(members) = self.by_company.get_mut(&company) {
            members.remove(user);
            if members.is_empty() {
                self.by_company.remove(&company);
            }
        }
    }

    fn end_where(&mut self, user: &UserId, ending: Ending, wanted: impl Fn(&Entry) -> bool) {
        let Some(person) = self.people.get(user) else { return };
        let picked = person.devices.iter().filter(|(_, entry)| wanted(entry));
        let picked: Vec<(String, u64)> = picked.map(|(resource, entry)| (resource.clone(), entry.connection)).collect();
        for (resource, connection) in picked {
            self.end_device(user, &resource, Some(connection), Some(ending));
        }
    }
}
