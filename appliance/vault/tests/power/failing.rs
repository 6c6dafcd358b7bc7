//! Calls that fail, and disks that are full, at every call of a program's life.

use std::collections::BTreeMap;

use super::course::{Tally, full, run};
use super::crashes::merge;
use super::disk::{Call, Disk, Fault, Image, Part, Replay};
use super::life::{Act, Life, NAME, Rows, look, newborn, the_key};
use super::lower::Plugged;
use super::support::Seeded;
use super::{Way, check, journal, log};

const ACTS: usize = 16;
const FAULTS: [Fault; 4] = [Fault::Once, Fault::FromHere, Fault::Full, Fault::FullForAWhile];

/// What failed.
#[derive(Default)]
struct Failures {
    calls: u64,
    refusals: u64,
    /// Which calls the first fault met: no room, or an error.
    full: BTreeMap<(Call, Part), u64>,
    broken: BTreeMap<(Call, Part), u64>,
}

impl Tally for Failures {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.refusals += other.refusals;
        merge(&mut self.full, other.full);
        merge(&mut self.broken, other.broken);
    }

    fn count(&self) -> u64 {
        self.calls
    }
}

/// A life on a disk that fails as planned, and goes on as long as it is let.
fn live_with(way: Way, fault: Option<(usize, Fault)>, start: &[u8], seed: u64) -> (Plugged, Life, u64) {
    let plugged = Plugged::new(Disk::with(Image::from([(NAME.to_owned(), start.to_vec())])));
    let mut life = Life::begin(way, plugged.path(NAME), (0, Rows::new()));
    let mut seeded = Seeded(seed);
    if let Some((at, fault)) = fault {
        plugged.disk(|disk| disk.plan(at, fault));
    }
    let mut refused = 0;
    for number in 0..ACTS {
        // Whoever is refused goes on: what is acknowledged after a refusal counts as well.
        let act = match number {
            5 => Act::Spill(false),
            10 => Act::Vacuum,
            _ => life.choose(&mut seeded),
        };
        refused += u64::from(life.act(act, &mut seeded).is_err());
    }
    (plugged, life, refused)
}

/// What may be found: the last acknowledged, or one that was tried after it and refused, whole.
fn after(life: &Life) -> (i64, i64) {
    (life.acknowledged, life.states.keys().last().copied().unwrap_or(life.acknowledged))
}

fn crash(plugged: &Plugged, step: usize, seed: u64) -> Plugged {
    let image = plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        replay.advance(step);
        replay.crash(&mut Seeded(seed)).0
    });
    Plugged::new(Disk::with(image))
}

/// How often the program was refused, and which call was the first.
fn fail_at(
    way: Way,
    (at, fault): (usize, Fault),
    start: &[u8],
    seed: u64,
) -> Result<(u64, Option<(Call, Part)>), String> {
    let (plugged, mut life, refused) = live_with(way, Some((at, fault)), start, seed);
    let (range, now) = (after(&life), plugged.disk(|disk| disk.now()));
    // The power may go now: what a failed sync left in between is anybody's guess.
    let crashed = crash(&plugged, now, seed + at as u64);
    check(look(way.0, &crashed.path(NAME)), &life.states, range).map_err(|text| format!("the power went: {text}"))?;
    let struck = plugged.disk(|disk| disk.struck());
    if matches!(fault, Fault::Full | Fault::FullForAWhile) {
        go_on(way, &plugged, &mut life, seed + at as u64)?;
    } else {
        begin_again(way, &plugged, &mut life, seed + at as u64)?;
    }
    Ok((refused, struck))
}

/// There is room again: the program goes on as it is.
fn go_on(way: Way, plugged: &Plugged, life: &mut Life, seed: u64) -> Result<(), String> {
    plugged.disk(Disk::mend);
    let openings = life.openings + usize::from(!life.is_open());
    for number in 0..3 {
        let done = life.act(if number == 1 { Act::Spill(true) } else { Act::Change }, &mut Seeded(seed + number));
        done.map_err(|error| format!("refused although there is room again: {error}"))?;
    }
    if life.openings > openings {
        return Err("the program had to open the database anew".to_owned());
    }
    let crashed = crash(plugged, plugged.disk(|disk| disk.now()), seed);
    let acknowledged = (life.acknowledged, life.acknowledged);
    check(look(way.0, &crashed.path(NAME)), &life.states, acknowledged)
        .map_err(|text| format!("room again: {text}"))?;
    Ok(())
}

/// The program ends, and what it wrote is there. Whoever has seen it will not see less after a power cut, and goes on from it.
fn begin_again(way: Way, plugged: &Plugged, life: &mut Life, seed: u64) -> Result<(), String> {
    let range = after(life);
    life.end();
    plugged.disk(Disk::mend);
    let (seen, step) = see(way, plugged)?;
    let crashed = crash(plugged, step, seed + 1);
    // The end of a journal that could not be synced may be taken back, by SQLite's own way with journals.
    let low = if way.1.is_none() { seen.max(range.0) } else { range.0 };
    let (found, name) = (look(way.0, &crashed.path(NAME)), "once seen");
    check(found, &life.states, (low, range.1)).map_err(|text| format!("{name}: {text}"))?;
    check(look(way.0, &plugged.path(NAME)), &life.states, range).map_err(|text| format!("opened anew: {text}"))?;
    life.act(Act::Change, &mut Seeded(seed)).map_err(|error| format!("refused by a disk that is mended: {error}"))?;
    let now = (life.acknowledged, life.acknowledged);
    check(look(way.0, &plugged.path(NAME)), &life.states, now).map_err(|text| format!("mended: {text}")).map(|_| ())
}

/// The last transaction that who opens the database sees, and when that was.
fn see(way: Way, plugged: &Plugged) -> Result<(i64, usize), String> {
    let opened = way.0.open(plugged.path(NAME).as_ref(), &the_key(), vault::Role::Writer);
    let (connection, _) = opened.map_err(|error| error.to_string())?;
    let last =
        connection.query_row("SELECT last FROM ledger", [], |row| row.get(0)).map_err(|error| error.to_string())?;
    Ok((last, plugged.disk(|disk| disk.now())))
}

/// Fails every call of a life, in each way.
fn fail_everywhere(way: Way, start: &[u8], seed: u64) -> Result<Failures, String> {
    let calls = live_with(way, None, start, seed).0.disk(|disk| disk.calls());
    let mut failures = Failures { calls: calls as u64, ..Failures::default() };
    for (at, fault) in (0..calls).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        let (refused, struck) =
            fail_at(way, (at, fault), start, seed).map_err(|text| format!("{fault:?} at call {at}: {text}"))?;
        failures.refusals += refused;
        let met =
            if matches!(fault, Fault::Full | Fault::FullForAWhile) { &mut failures.full } else { &mut failures.broken };
        if let Some(struck) = struck {
            *met.entry(struck).or_default() += 1;
        }
    }
    Ok(failures)
}

/// Every call there is, with every file that a way has.
fn broken_at_least(way: Way) -> Vec<(Call, Part)> {
    use Call::{
        Control, Delete, Has, Index, IndexLock, Lock, Map, Name, Open, Read, Size, Sync, Truncate, Write, WriteAhead,
    };
    let main = [Open, Read, Write, Truncate, Sync, Size, Name, Lock, Map, Control];
    let beside: &[Call] = match way.1 {
        None => &[Open, Read, Write, WriteAhead, Truncate, Sync, Size, Has, Delete],
        Some("DELETE") => &[Open, Read, Write, Sync, Size, Has, Delete],
        Some(_) => &[Open, Read, Write, Sync, Size, Has],
    };
    let part = if way.1.is_none() { Part::Log } else { Part::Journal };
    let mut all: Vec<_> = main.map(|call| (call, Part::Main)).into();
    all.extend(beside.iter().map(|call| (*call, part)));
    all.extend((way.1.is_none()).then_some([Index, IndexLock].map(|call| (call, Part::Main))).into_iter().flatten());
    all
}

fn full_at_least(way: Way) -> Vec<(Call, Part)> {
    let all =
        [(Call::Open, Part::Log), (Call::Write, Part::Log), (Call::WriteAhead, Part::Log), (Call::Write, Part::Main)];
    if way.1.is_none() { all.into() } else { vec![(Call::Write, Part::Journal), (Call::Write, Part::Main)] }
}

fn fail(way: Way, lives: usize) {
    let (start, name) = (newborn(), format!("fail-{}", super::name(way)));
    let lives = if full() { 20 * lives } else { lives };
    let part = |number: usize, _: &mut Seeded| fail_everywhere(way, &start, 1 + number as u64);
    let Some(failures) = run((&name, "calls failed in 4 ways"), lives, part) else { return };
    println!("{name}: {} refusals; errors {:?}", failures.refusals, failures.broken);
    println!("{name}: no room {:?}", failures.full);
    assert!(failures.refusals > failures.calls, "the faults did not reach the program");
    let missed: Vec<_> = broken_at_least(way).into_iter().filter(|call| !failures.broken.contains_key(call)).collect();
    assert!(missed.is_empty(), "{name}: never failed: {missed:?}");
    let missed: Vec<_> = full_at_least(way).into_iter().filter(|call| !failures.full.contains_key(call)).collect();
    assert!(missed.is_empty(), "{name}: always had room: {missed:?}");
}

#[test]
fn whatever_call_fails_nothing_acknowledged_is_lost_and_nothing_is_there_by_halves_d3_d7() {
    fail(log(), 3);
    for mode in ["DELETE", "TRUNCATE", "PERSIST"] {
        fail(journal(mode), 1);
    }
}
