//! What counts a person as a whole, over all threads: how many allocations, how much a second, and what was used in the end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::revocation::Revocations;
use crate::strangers::{Strangers, takes};
use crate::{Client, Now};

/// What may come at once, of the bandwidth: a key frame, or a screen.
const BURST: Duration = Duration::from_millis(500);
/// Of it, what may be lent or used where more is lent.
const LENT: Duration = Duration::from_millis(375);
/// Persons whose end nobody has asked for yet.
const ENDED_MAX: usize = 1_024;

/// Bounds on what one person, one source and all together may take (E5). `0` forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Allocations at once, of all.
    pub allocations_max: u32,
    /// Allocations at once of one person.
    pub allocations_per_person_max: u32,
    /// Relayed payload of one person, both ways together.
    pub bytes_per_s_per_person_max: u64,
    /// Permissions of one allocation at once.
    pub permissions_max: u16,
    /// Channels of one allocation at once.
    pub channels_max: u16,
    /// Longest lifetime that is granted at once.
    pub lifetime_max: Duration,
    /// Longest life of one allocation, refreshed as it may be.
    pub allocation_life_max: Duration,
    /// Answers a second to one source before anybody proved there who they are.
    pub unproven_per_source_per_s: u32,
    /// Such answers a second to all.
    pub unproven_per_s: u32,
}

/// Data relayed one way and the other, in packets and bytes of payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// From clients.
    pub packets_to_peers: u64,
    /// Their payload.
    pub bytes_to_peers: u64,
    /// To clients.
    pub packets_to_clients: u64,
    /// Their payload.
    pub bytes_to_clients: u64,
}

impl Traffic {
    pub(crate) fn add(&mut self, more: Self) {
        self.packets_to_peers += more.packets_to_peers;
        self.bytes_to_peers += more.bytes_to_peers;
        self.packets_to_clients += more.packets_to_clients;
        self.bytes_to_clients += more.bytes_to_clients;
    }
}

/// Who has allocations now.
#[derive(Debug)]
pub struct Person {
    name: String,
    paid_until: AtomicU64,
    /// Bytes that may be relayed without being asked about, and were not yet as far as is known.
    lent: AtomicU64,
    used: Mutex<Used>,
}

#[derive(Debug, Clone, Copy)]
struct Used {
    allocations: u32,
    made: u32,
    since: Duration,
    traffic: Traffic,
}

/// What a person used, from the first allocation to the end of the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Who, as in the credentials.
    pub person: String,
    /// Whether the last one came by stream.
    pub by_stream: bool,
    /// Allocations made.
    pub allocations: u32,
    /// For so long.
    pub lasted: Duration,
    /// What was relayed.
    pub traffic: Traffic,
}

/// Everybody who has an allocation, and those who lost their right to one. Shared by the servers of all threads.
#[derive(Debug, Default)]
pub struct People {
    known: Mutex<Known>,
    revocations: Mutex<Revocations>,
    pub(crate) strangers: Strangers,
}

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<String, Arc<Person>>,
    allocations: u32,
    ended: Vec<Ended>,
    ended_lost: u64,
}

/// Why somebody gets no allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Person,
    All,
}

impl People {
    /// Counts one more allocation.
    pub(crate) fn enter(&self, name: &str, limits: &Limits, now: Now) -> Result<Arc<Person>, Full> {
        let mut known = lock(&self.known);
        if known.allocations >= limits.allocations_max {
            return Err(Full::All);
        }
        let person = known.by_name.get(name).map(Arc::clone);
        let person = person.unwrap_or_else(|| Arc::new(Person::new(name, now)));
        {
            let mut used = lock(&person.used);
            if used.allocations >= limits.allocations_per_person_max {
                return Err(Full::Person);
            }
            used.allocations += 1;
            used.made = used.made.saturating_add(1);
        }
        known.allocations += 1;
        known.by_name.entry(name.to_owned()).or_insert_with(|| Arc::clone(&person));
        Ok(person)
    }

    /// One less: it was counted and not made.
    pub(crate) fn turn_back(&self, person: &Person) {
        let mut known = lock(&self.known);
        known.allocations = known.allocations.saturating_sub(1);
        let mut used = lock(&person.used);
        used.allocations = used.allocations.saturating_sub(1);
        used.made = used.made.saturating_sub(1);
        if used.made == 0 {
            known.by_name.remove(&person.name);
        }
    }

    /// One less, with what it relayed.
    pub(crate) fn leave(&self, person: &Person, client: &Client, traffic: Traffic, now: Now) {
        let mut known = lock(&self.known);
        known.allocations = known.allocations.saturating_sub(1);
        let used = {
            let mut used = lock(&person.used);
            used.allocations = used.allocations.saturating_sub(1);
            used.traffic.add(traffic);
            *used
        };
        if used.allocations > 0 {
            return;
        }
        known.by_name.remove(&person.name);
        if known.ended.len() >= ENDED_MAX {
            known.ended_lost += 1;
            return;
        }
        known.ended.push(Ended {
            person: person.name.clone(),
            by_stream: !client.is_datagrams(),
            allocations: used.made,
            lasted: now.since_start.saturating_sub(used.since),
            traffic: used.traffic,
        });
    }

    /// Persons who have allocations.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.known).by_name.len()
    }

    /// Whose last allocation ended since this was asked, and of how many that was forgotten.
    #[must_use]
    pub fn take_ended(&self) -> (Vec<Ended>, u64) {
        let mut known = lock(&self.known);
        (std::mem::take(&mut known.ended), std::mem::take(&mut known.ended_lost))
    }

    /// From now on credentials of this person that expire then or before are refused.
    pub fn revoke(&self, person: &str, expiry_s_max: u64, now: Now) {
        lock(&self.revocations).add(person, expiry_s_max, now.unix_s);
    }

    pub(crate) fn is_revoked(&self, person: &str, expires_unix_s: u64) -> bool {
        lock(&self.revocations).holds(person, expires_unix_s)
    }
}

impl Person {
    fn new(name: &str, now: Now) -> Self {
        let used = Used { allocations: 0, made: 0, since: now.since_start, traffic: Traffic::default() };
        Self {
            name: name.to_owned(),
            paid_until: AtomicU64::default(),
            lent: AtomicU64::default(),
            used: Mutex::new(used),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether so much may be relayed now, and counts it. What is lent is kept free.
    pub(crate) fn may_relay(&self, bytes: u64, limits: &Limits, now: Now) -> bool {
        let rate = limits.bytes_per_s_per_person_max;
        let room = nanoseconds(BURST).saturating_sub(cost(self.lent.load(Ordering::Relaxed), rate));
        takes(&self.paid_until, bytes, rate, room, now)
    }

    /// Whether so much may be relayed later without being asked about, and keeps it free: only far from the limit, so that what is
    /// asked about has room.
    pub(crate) fn may_lend(&self, bytes: u64, limits: &Limits, now: Now) -> bool {
        let rate = limits.bytes_per_s_per_person_max;
        let used = self.paid_until.load(Ordering::Relaxed).saturating_sub(nanoseconds(now.since_start));
        let fits = |lent: u64| {
            let lent = lent.saturating_add(bytes);
            (rate > 0 && used.saturating_add(cost(lent, rate)) <= nanoseconds(LENT)).then_some(lent)
        };
        self.lent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// So much of what was lent was relayed: it is counted now.
    pub(crate) fn has_relayed(&self, bytes: u64, limits: &Limits, now: Now) {
        self.give_back(bytes);
        let (cost, now) = (cost(bytes, limits.bytes_per_s_per_person_max), nanoseconds(now.since_start));
        let more = |until: u64| Some(until.max(now).saturating_add(cost));
        let _ = self.paid_until.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// So much of what was lent will not be.
    pub(crate) fn give_back(&self, bytes: u64) {
        let less = |lent: u64| Some(lent.saturating_sub(bytes));
        let _ = self.lent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How long so much takes at a rate.
fn cost(bytes: u64, per_s: u64) -> u64 {
    let cost = (u128::from(bytes) * 1_000_000_000).checked_div(u128::from(per_s)).unwrap_or(0);
    u64::try_from(cost).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
