//! Calls that go on, in memory: they end with the devices, and what became of them is written then.

use super::end::Called;
use crate::AppError;
use crate::live::LiveMessage;
use crate::pace::{Paces, Rate};
use domain::call::{Course, Medium, Side};
use domain::ids::{CallId, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Calls that somebody begins: each rings on every device of somebody, and these are more than anybody dials.
const CALLS: Rate = Rate { at_once: 10, every_ms: 6_000 };
/// Steps of calls: one of a browser with many addresses tells each of them by itself (XEP-0176, 5.5).
const STEPS: Rate = Rate { at_once: 300, every_ms: 50 };
/// Calls that one person has begun and that go on.
const OF_ONE_MAX: usize = 16;
/// Longest name of a call.
pub(super) const SID_LENGTH_MAX: usize = 128;
/// Nobody lets it ring for longer: whoever called has gone without a word.
const RINGS_MS: i64 = 180_000;
/// A device that is not connected for so long has gone out of its calls; until then it may come back.
const GONE_MS: i64 = 45_000;

/// Two people and the name that the caller gave the call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(super) caller: UserId,
    pub(super) sid: String,
}

#[derive(Debug)]
struct Ongoing {
    id: CallId,
    callee: UserId,
    medium: Medium,
    course: Course,
    /// By what it rings: also on devices that come while it does.
    proposal: Option<Arc<LiveMessage>>,
    /// The devices that talk, as far as they are known; the caller's is.
    caller_device: String,
    callee_device: Option<String>,
    /// When both of them were last known to be there.
    seen_ms: i64,
}

#[derive(Default)]
struct Table {
    ongoing: HashMap<Key, Ongoing>,
    calls: Paces,
    steps: Paces,
}

/// The calls of the box.
#[derive(Default)]
pub(crate) struct Calls(Mutex<Table>);

/// A call that begins.
pub(super) struct New<'a> {
    pub(super) id: CallId,
    pub(super) caller: &'a UserId,
    pub(super) device: &'a str,
    pub(super) callee: &'a UserId,
    /// The one device that is called, if one is.
    pub(super) callee_device: Option<&'a str>,
    pub(super) sid: &'a str,
    pub(super) medium: Medium,
    pub(super) proposal: Option<Arc<LiveMessage>>,
}

impl Ongoing {
    fn ended(&self, key: &Key, by: Option<Side>, at_ms: i64) -> Called {
        let (outcome, duration_ms) = self.course.end(by, at_ms);
        Called {
            id: self.id.clone(),
            caller: key.caller.clone(),
            callee: self.callee.clone(),
            medium: self.medium,
            began_ms: self.course.began_ms(),
            outcome,
            duration_ms,
        }
    }
}

impl Table {
    /// The call of this name between two people, whoever of them began it; which side `one` is.
    fn key(&self, one: &UserId, other: &UserId, sid: &str) -> Option<(Key, Side)> {
        let of = |caller: &UserId| Key { caller: caller.clone(), sid: sid.to_owned() };
        let own = self.ongoing.get(&of(one)).filter(|call| call.callee == *other);
        let theirs = self.ongoing.get(&of(other)).filter(|call| call.callee == *one);
        own.map(|_| (of(one), Side::Caller)).or(theirs.map(|_| (of(other), Side::Callee)))
    }
}

impl Calls {
    fn with<T>(&self, act: impl FnOnce(&mut Table) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One step of a call may be passed on for this person.
    pub(super) fn take_step(&self, of: &UserId, now_ms: i64) -> Result<(), AppError> {
        self.with(|table| table.steps.take(of, STEPS, now_ms)).then_some(()).ok_or(AppError::Busy)
    }

    /// It rings. A call that is known rings on.
    pub(super) fn begin(&self, new: New<'_>, now_ms: i64) -> Result<(), AppError> {
        let key = Key { caller: new.caller.clone(), sid: new.sid.to_owned() };
        self.with(|table| {
            if let Some(known) = table.ongoing.get_mut(&key).filter(|known| known.callee == *new.callee) {
                known.callee_device = new.callee_device.map(str::to_owned).or(known.callee_device.take());
                return Ok(());
            }
            let own = table.ongoing.keys().filter(|key| key.caller == *new.caller).count();
            if own >= OF_ONE_MAX || table.ongoing.contains_key(&key) || !table.calls.take(new.caller, CALLS, now_ms) {
                return Err(AppError::Busy);
            }
            let ongoing = Ongoing {
                id: new.id,
                callee: new.callee.clone(),
                medium: new.medium,
                course: Course::begin(now_ms),
                proposal: new.proposal,
                caller_device: new.device.to_owned(),
                callee_device: new.callee_device.map(str::to_owned),
                seen_ms: now_ms,
            };
            table.ongoing.insert(key, ongoing);
            Ok(())
        })
    }

    /// A device of `by` takes a call of `other`.
    pub(super) fn answer(&self, by: &UserId, device: &str, other: &UserId, sid: &str, now_ms: i64) {
        self.with(|table| {
            let key = Key { caller: other.clone(), sid: sid.to_owned() };
            if let Some(call) = table.ongoing.get_mut(&key).filter(|call| call.callee == *by) {
                call.course.answer(now_ms);
                call.callee_device = Some(device.to_owned());
            }
        });
    }

    /// By what it rings for somebody now.
    pub(super) fn ringing(&self, callee: &UserId) -> Vec<Arc<LiveMessage>> {
        self.with(|table| {
            let of = table.ongoing.values().filter(|call| call.callee == *callee && !call.course.is_answered());
            of.filter_map(|call| call.proposal.clone()).collect()
        })
    }

    /// One of the two ends a call.
    pub(super) fn end(&self, by: &UserId, other: &UserId, sid: &str, now_ms: i64) -> Option<Called> {
        self.with(|table| {
            let (key, side) = table.key(by, other, sid)?;
            let call = table.ongoing.remove(&key)?;
            Some(call.ended(&key, Some(side), now_ms))
        })
    }

    /// Who called somebody under this name: what one tells one's own devices does not say.
    pub(super) fn caller(&self, callee: &UserId, sid: &str) -> Option<UserId> {
        self.with(|table| {
            let mut of = table.ongoing.iter().filter(|(key, call)| key.sid == sid && call.callee == *callee);
            of.next().map(|(key, _)| key.caller.clone())
        })
    }

    /// Takes out the calls that nobody ended and that are over nevertheless.
    pub(super) fn lost(&self, is_there: impl Fn(&UserId, &str) -> bool, now_ms: i64) -> Vec<Called> {
        self.with(|table| {
            let mut lost = Vec::new();
            table.ongoing.retain(|key, call| {
                let callee_there = call.callee_device.as_ref().is_none_or(|device| is_there(&call.callee, device));
                if callee_there && is_there(&key.caller, &call.caller_device) {
                    call.seen_ms = now_ms;
                }
                let rings_no_longer = !call.course.is_answered() && now_ms - call.course.began_ms() > RINGS_MS;
                let over = rings_no_longer || now_ms - call.seen_ms > GONE_MS;
                if over {
                    lost.push(call.ended(key, None, call.seen_ms));
                }
                !over
            });
            lost
        })
    }

    /// Takes out all of them.
    pub(super) fn all(&self, now_ms: i64) -> Vec<Called> {
        self.with(|table| table.ongoing.drain().map(|(key, call)| call.ended(&key, None, now_ms)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::call::Outcome;

    fn person(number: u32) -> UserId {
        UserId::parse(&format!("a{number:023}")).expect("an id")
    }

    fn call(calls: &Calls, number: u32, sid: &str, now_ms: i64) -> Result<(), AppError> {
        let id = CallId::parse(&format!("c{number:023}")).expect("an id");
        let (caller, callee) = (person(1), person(2));
        let new = New {
            id,
            caller: &caller,
            device: "phone",
            callee: &callee,
            callee_device: None,
            sid,
            medium: Medium::Audio,
            proposal: None,
        };
        calls.begin(new, now_ms)
    }

    #[test]
    fn only_the_two_end_their_call_and_only_once_j6() {
        let calls = Calls::default();
        call(&calls, 1, "s", 0).expect("it rings");
        let (one, two, stranger) = (person(1), person(2), person(3));
        assert_eq!(calls.end(&stranger, &one, "s", 5), None);
        assert_eq!(calls.end(&stranger, &two, "s", 5), None);
        calls.answer(&one, "phone", &two, "s", 4);
        let ended = calls.end(&two, &one, "s", 5).expect("it went on");
        assert_eq!(ended.outcome, Outcome::Declined, "the caller cannot take his own call");
        assert_eq!(calls.end(&one, &two, "s", 6), None);
    }

    #[test]
    fn a_call_whose_device_has_gone_ends_when_it_went_and_one_that_comes_back_goes_on_j6() {
        let calls = Calls::default();
        call(&calls, 1, "s", 0).expect("it rings");
        calls.answer(&person(2), "laptop", &person(1), "s", 10_000);
        assert_eq!(calls.lost(|_, _| true, 70_000), []);
        let laptop_gone = |_: &UserId, device: &str| device != "laptop";
        assert_eq!(calls.lost(laptop_gone, 110_000), []);
        assert_eq!(calls.lost(|_, _| true, 114_000), [], "it was away for less than it may");
        assert_eq!(calls.lost(laptop_gone, 150_000), []);
        let [lost] = calls.lost(laptop_gone, 160_000).try_into().expect("one");
        assert_eq!((lost.outcome, lost.duration_ms), (Outcome::Answered, 104_000));
    }

    #[test]
    fn a_call_that_rings_for_ever_is_a_missed_one_j6_e5() {
        let calls = Calls::default();
        call(&calls, 1, "s", 0).expect("it rings");
        assert_eq!(calls.lost(|_, _| true, 179_000), []);
        let lost = calls.lost(|_, _| true, 181_000);
        assert_eq!(lost.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Outcome::Missed]);
    }

    #[test]
    fn who_calls_without_end_rings_ten_times_and_then_ten_times_a_minute_e5() {
        let calls = Calls::default();
        let rung = (0..60_000_u32).filter(|ms| {
            let rung = call(&calls, *ms, "s", i64::from(*ms)).is_ok();
            rung && calls.end(&person(1), &person(2), "s", i64::from(*ms)).is_some()
        });
        assert_eq!(rung.count(), 10 + 9);
    }

    #[test]
    fn one_person_keeps_only_so_many_calls_going_e5() {
        let calls = Calls::default();
        let begun = (0..100).filter(|number| call(&calls, *number, &number.to_string(), 0).is_ok()).count();
        assert_eq!(begun, 10, "at once");
        let later = |number: u32| call(&calls, number, &number.to_string(), i64::from(number) * 6_000).is_ok();
        assert_eq!((100..200).filter(|number| later(*number)).count(), OF_ONE_MAX - 10);
    }
}
