//! Lives that the power ends, at moments at which it can take something: after each the database is sound and has what was
//! acknowledged.

use std::collections::BTreeMap;

use super::course::{Tally, run};
use super::disk::{Call, Disk, Fate, Image, Mutant, Part, Replay};
use super::life::{Act, Found, Life, NAME, Rows, look, newborn};
use super::lower::Plugged;
use super::support::Seeded;
use super::{Way, check, journal, log};

/// Crashes of one life, at moments of it.
const CRASHES_OF_A_LIFE: usize = 48;
/// Lives that follow one another, each from what a crash left of the last.
const LIVES_OF_A_PART: usize = 20;
const ACTS: usize = 16;

/// A state of the database: the files, the last transaction, and its rows.
type State = (Image, i64, Rows);

/// Where an act ended.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// What was done until here.
    pub(crate) act: Option<Act>,
    pub(crate) step: usize,
    pub(crate) acknowledged: i64,
}

/// What was crashed.
#[derive(Default)]
pub(crate) struct Crashes {
    crashes: u64,
    lives: u64,
    /// By what the program was doing.
    during: BTreeMap<Act, u64>,
    /// By what the disk had done last.
    after: BTreeMap<(Call, Part), u64>,
    fates: BTreeMap<Fate, u64>,
    /// In the midst of a numbered transaction: of them it came to nothing, or to all.
    undone: u64,
    kept: u64,
    /// A second time, in recovery.
    again: u64,
}

impl Tally for Crashes {
    fn add(&mut self, other: Self) {
        self.crashes += other.crashes;
        self.lives += other.lives;
        self.undone += other.undone;
        self.kept += other.kept;
        self.again += other.again;
        merge(&mut self.during, other.during);
        merge(&mut self.after, other.after);
        merge(&mut self.fates, other.fates);
    }

    fn count(&self) -> u64 {
        self.crashes
    }
}

pub(crate) fn merge<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key).or_default() += count;
    }
}

impl Crashes {
    fn say(&self, name: &str) {
        println!("{name}: {} lives; crashes while it did {:?}", self.lives, self.during);
        println!("{name}: last the disk had done {:?}", self.after);
        println!(
            "{name}: fates {:?}; in a transaction {}, of which {} came to nothing; {} crashed again in recovery",
            self.fates,
            self.undone + self.kept,
            self.undone,
            self.again
        );
    }

    /// That they are what they are counted for.
    fn hold_to(&self, name: &str, way: Way) {
        let least = |what: &str, count: u64, one_of: u64| {
            assert!(count * one_of >= self.crashes, "{name}: {count} of {} crashes {what}", self.crashes);
        };
        least("are in a transaction", self.undone + self.kept, 4);
        least("took a transaction back", self.undone, 8);
        least("left a transaction that nobody knew of", self.kept, 100);
        least("came again in recovery", self.again, 20);
        for act in [Act::Change, Act::Spill(true), Act::Spill(false), Act::Vacuum] {
            least("are in one of the acts", self.during.get(&act).copied().unwrap_or(0), 100);
        }
        for done in places(way) {
            least(&format!("are after {done:?}"), self.after.get(&done).copied().unwrap_or(0), 1_000);
        }
    }
}

/// What a way does to a disk.
fn places(way: Way) -> Vec<(Call, Part)> {
    let mut places = vec![(Call::Write, Part::Main), (Call::Sync, Part::Main)];
    let beside = if way.1.is_none() { Part::Log } else { Part::Journal };
    places.extend([(Call::Open, beside), (Call::Write, beside), (Call::Sync, beside)]);
    match way.1 {
        Some("DELETE") => places.extend([(Call::Delete, beside), (Call::Sync, Part::Folder)]),
        Some("TRUNCATE") | None => places.push((Call::Truncate, beside)),
        _ => {}
    }
    places
}

/// Lives a life on `disk` and says after which step what was acknowledged.
fn live(way: Way, disk: Disk, (last, rows): (i64, Rows), seeded: &mut Seeded) -> (Plugged, Life, Vec<Moment>) {
    let plugged = Plugged::new(disk);
    let mut life = Life::begin(way, plugged.path(NAME), (last, rows));
    let mut moments = vec![Moment { act: None, step: 0, acknowledged: last }];
    let ends = seeded.below(2) == 0;
    for number in 0..=ACTS {
        let act = if number < ACTS { life.choose(seeded) } else { Act::End };
        if number == ACTS && !ends {
            break;
        }
        life.act(act, seeded).expect("nothing is wrong with the disk");
        let step = plugged.disk(|disk| disk.now());
        moments.push(Moment { act: Some(act), step, acknowledged: life.acknowledged });
    }
    (plugged, life, moments)
}

/// The states that may be found when the power goes after `step` steps.
pub(crate) fn allowed(moments: &[Moment], step: usize) -> (i64, i64) {
    let reached = moments.partition_point(|moment| moment.step <= step);
    let before = moments[reached - 1].acknowledged;
    let next = moments.get(reached).map_or(before, |moment| moment.acknowledged);
    (before, next)
}

/// Moments at which the power can take something: within an act, or while something is under way to the platter.
fn in_danger(disk: &Disk, moments: &[Moment]) -> Vec<usize> {
    let mut replay = Replay::new(disk);
    let counts = |step: &usize| {
        replay.advance(*step);
        replay.at_risk() || moments.binary_search_by_key(step, |moment| moment.step).is_err()
    };
    (1..=disk.now()).filter(counts).collect()
}

/// One crash: when, what lies on the platter then, and how that came.
struct Crash {
    step: usize,
    image: Image,
    fate: Fate,
}

fn crash(disk: &Disk, moments: &[Moment], seeded: &mut Seeded) -> Vec<Crash> {
    let dangers = in_danger(disk, moments);
    if dangers.is_empty() {
        return Vec::new();
    }
    let mut at: Vec<usize> = (0..CRASHES_OF_A_LIFE).map(|_| dangers[seeded.below(dangers.len())]).collect();
    at.sort_unstable();
    let mut replay = Replay::new(disk);
    let crash = |step| {
        replay.advance(step);
        let (image, fate) = replay.crash(seeded);
        Crash { step, image, fate }
    };
    at.into_iter().map(crash).collect()
}

/// Crashes one life at many moments; the database of one of the crashes, for the next life.
fn one_life(way: Way, disk: Disk, start: (i64, Rows), seeded: &mut Seeded) -> Result<(Option<State>, Crashes), String> {
    let (plugged, mut life, moments) = live(way, disk, start, seeded);
    let (steps, crashes) = plugged.disk(|disk| (disk.now(), crash(disk, &moments, seeded)));
    let goes_on = seeded.below(crashes.len().max(1));
    let (mut tally, mut next) = (Crashes { lives: 1, ..Crashes::default() }, None);
    for (number, Crash { step, image, fate }) in crashes.into_iter().enumerate() {
        let (low, high) = allowed(&moments, step);
        let kept = (number == goes_on).then(|| image.clone());
        let (found, again) = look_and_crash_again(way.0, image, seeded);
        let (last, rows) = check(found, &life.states, (low, high))
            .map_err(|text| format!("power gone after step {step} of {steps}, {fate:?}: {text}"))?;
        if let Some(image) = kept {
            next = Some((image, last, rows));
        }
        tally.crashes += 1;
        tally.again += u64::from(again);
        tally.undone += u64::from(low < high && last == low);
        tally.kept += u64::from(low < high && last == high);
        *tally.fates.entry(fate).or_default() += 1;
        let reached = moments.partition_point(|moment| moment.step <= step);
        if let Some(act) = moments.get(reached).or(moments.last()).and_then(|moment| moment.act) {
            *tally.during.entry(act).or_default() += 1;
        }
        if let Some(done) = plugged.disk(|disk| disk.done_before(step)) {
            *tally.after.entry(done).or_default() += 1;
        }
    }
    life.end();
    Ok((next, tally))
}

/// Looks at what a crash left; now and then the power goes again while that is being recovered.
fn look_and_crash_again(disk: vault::Disk, image: Image, seeded: &mut Seeded) -> (Found, bool) {
    let plugged = Plugged::new(Disk::with(image));
    let found = look(disk, &plugged.path(NAME));
    if seeded.below(8) > 0 || !matches!(found, Found::Whole(..)) {
        return (found, false);
    }
    let again = plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        replay.advance(seeded.below(disk.now() + 1));
        replay.crash(seeded).0
    });
    let again = Plugged::new(Disk::with(again));
    (look(disk, &again.path(NAME)), true)
}

/// Lives that follow one another, the first on a database as it is made.
fn lives(way: Way, mutant: Option<Mutant>, seeded: &mut Seeded) -> Result<Crashes, String> {
    let mut tally = Crashes::default();
    let mut state: State = (Image::from([(NAME.to_owned(), newborn())]), 0, Rows::new());
    for life in 0..LIVES_OF_A_PART {
        let (image, last, rows) = state.clone();
        let disk = match mutant {
            Some(mutant) => Disk::mutated(image, mutant),
            None => Disk::with(image),
        };
        let (next, found) = one_life(way, disk, (last, rows), seeded).map_err(|text| format!("life {life}: {text}"))?;
        tally.add(found);
        // Of a life in which nothing was written there is nothing to go on from.
        state = next.unwrap_or(state);
    }
    Ok(tally)
}

/// Crashes a way so often, thirty times as often where there is time.
fn crash_often(way: Way, crashes: usize) {
    let name = format!("crash-{}", super::name(way));
    let parts = crashes.div_ceil(CRASHES_OF_A_LIFE * LIVES_OF_A_PART);
    let parts = if super::course::full() { 30 * parts } else { parts };
    let Some(tally) = run((&name, "crashes"), parts, |_, seeded| lives(way, None, seeded)) else { return };
    tally.say(&name);
    tally.hold_to(&name, way);
}

#[test]
fn whatever_the_power_takes_the_database_has_what_was_acknowledged_and_nothing_by_halves_d3() {
    crash_often(log(), 100_000);
}

#[test]
fn whatever_the_power_takes_a_sealed_journal_brings_back_what_was_acknowledged_d3() {
    for mode in ["DELETE", "TRUNCATE", "PERSIST"] {
        crash_often(journal(mode), 10_000);
    }
}

/// What a disk must not do to each way without being found out.
fn mutants(way: Way) -> Vec<Mutant> {
    let beside = if way.1.is_none() { Part::Log } else { Part::Journal };
    let of = |part| [Mutant::Unsynced(part), Mutant::Lost(part), Mutant::Torn(part)];
    let mut mutants = [of(Part::Main), of(beside)].concat();
    mutants.extend((way.1 == Some("DELETE")).then_some(Mutant::Unremoved));
    mutants
}

/// A simulation that cannot fail shows nothing.
#[test]
fn a_disk_that_does_not_do_what_the_database_relies_on_is_found_out_in_each_mode_d3() {
    const PARTS: u64 = 20;
    for way in [log(), journal("DELETE"), journal("TRUNCATE"), journal("PERSIST")] {
        for mutant in mutants(way) {
            let found = (0..PARTS).find_map(|part| lives(way, Some(mutant), &mut Seeded(part)).err());
            let name = super::name(way);
            println!("{name}, {mutant:?}: {}", found.as_deref().unwrap_or("nothing was found"));
            assert!(found.is_some(), "{name}: a disk that is {mutant:?} was not found out");
        }
    }
}
