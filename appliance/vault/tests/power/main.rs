//! What the power takes and what it leaves (D3, D7): simulated crashes of a disk in memory at every moment, sectors lost, torn
//! and out of order; calls that fail and disks that are full, at every call; and disks that lie. After each the database
//! opens, is sound, has what was acknowledged and nothing by halves.
//!
//! `RAINBOW_EDGE_FULL=1` crashes thirty times as often; `RAINBOW_EDGE_SEED=N` repeats a run.

mod disk;
mod life;
mod lower;
#[path = "../support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use disk::{Disk, Fault, Image, Replay};
use life::{Found, Life, NAME, Rows, look, newborn};
use lower::Plugged;
use support::Seeded;
use vault::VaultError;

const CRASHES: u64 = 100_000;
/// Crashes of one life, at moments of it.
const CRASHES_OF_A_LIFE: usize = 48;
const ACTS: usize = 16;

fn full() -> bool {
    std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1")
}

fn seed() -> u64 {
    let given = std::env::var("RAINBOW_EDGE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or(20_261_130);
    println!("seed: RAINBOW_EDGE_SEED={seed}");
    seed
}

/// How a database keeps what it may have to take back: as the product does, or in a journal.
type Way = (vault::Disk, Option<&'static str>);

fn log() -> Way {
    lower::register();
    (vault::Disk::over(lower::NAME).expect("the disk in memory is a VFS"), None)
}

fn journal(mode: &'static str) -> Way {
    lower::register();
    (vault::Disk::with_journals(lower::NAME).expect("the disk in memory is a VFS"), Some(mode))
}

/// Where a state may stand: acknowledged, or begun after it.
struct Moment {
    step: usize,
    acknowledged: i64,
}

/// Lives a life on `image` and says after which step what was acknowledged.
fn live(
    way: Way,
    name: &str,
    image: Image,
    (last, rows): (i64, Rows),
    seeded: &mut Seeded,
) -> (Plugged, Life, Vec<Moment>) {
    let plugged = Plugged::new(name, Disk::with(image));
    let mut life = Life::begin(way, plugged.path(NAME), (last, rows));
    let mut moments = vec![Moment { step: 0, acknowledged: last }];
    for _ in 0..ACTS {
        life.act(seeded).expect("nothing is wrong with the disk");
        moments.push(Moment { step: plugged.disk(|disk| disk.now()), acknowledged: life.acknowledged });
    }
    if seeded.below(2) == 0 {
        life.end();
    }
    (plugged, life, moments)
}

/// The states that may be found when the power goes after `step` steps.
fn allowed(moments: &[Moment], step: usize) -> (i64, i64) {
    let reached = moments.partition_point(|moment| moment.step <= step);
    let before = moments[reached - 1].acknowledged;
    let next = moments.get(reached).map_or(before, |moment| moment.acknowledged);
    (before, next)
}

fn check(
    found: Found,
    states: &std::collections::BTreeMap<i64, Rows>,
    (low, high): (i64, i64),
) -> Result<(i64, Rows), String> {
    match found {
        Found::Whole(last, rows) if !(low..=high).contains(&last) => Err(format!(
            "transaction {last} is the last, {low} was acknowledged and {high} was under way: {} rows",
            rows.len()
        )),
        Found::Whole(last, rows) if states.get(&last) != Some(&rows) => Err(format!("transaction {last} is not whole")),
        Found::Whole(last, rows) => Ok((last, rows)),
        Found::Refused(error) => Err(format!("refused: {error}")),
        Found::Broken(text) => Err(format!("broken: {text}")),
    }
}

/// Crashes one life at many moments; the database of one of the crashes, for the next life.
fn crash_one_life(
    way: Way,
    thread: usize,
    start: (Image, i64, Rows),
    seeded: &mut Seeded,
) -> Result<(Image, i64, Rows), String> {
    let (image, last, rows) = start;
    let (plugged, mut life, moments) = live(way, &format!("life-{thread}"), image, (last, rows), seeded);
    let steps = plugged.disk(|disk| disk.now());
    let mut at: Vec<usize> = (0..CRASHES_OF_A_LIFE).map(|_| seeded.below(steps + 1)).collect();
    at.sort_unstable();
    let goes_on = seeded.below(at.len());
    let mut crashed = Vec::with_capacity(at.len());
    plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        for step in at {
            replay.advance(step);
            crashed.push((step, replay.crash(seeded)));
        }
    });
    let mut next = None;
    for (number, (step, (image, fate))) in crashed.into_iter().enumerate() {
        let range = allowed(&moments, step);
        let kept = (number == goes_on).then(|| image.clone());
        let found = look_and_crash_again(way.0, thread, image, seeded);
        let (last, rows) = check(found, &life.states, range)
            .map_err(|text| format!("power gone after step {step} of {steps}, {fate:?}: {text}"))?;
        if let Some(image) = kept {
            next = Some((image, last, rows));
        }
    }
    life.end();
    Ok(next.expect("one of them goes on"))
}

/// Looks at what a crash left; now and then the power goes again while that is being recovered.
fn look_and_crash_again(disk: vault::Disk, thread: usize, image: Image, seeded: &mut Seeded) -> Found {
    let plugged = Plugged::new(&format!("look-{thread}"), Disk::with(image));
    let found = look(disk, &plugged.path(NAME));
    if seeded.below(8) > 0 || !matches!(found, Found::Whole(..)) {
        return found;
    }
    let again = plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        replay.advance(seeded.below(disk.now() + 1));
        replay.crash(seeded).0
    });
    let again = Plugged::new(&format!("again-{thread}"), Disk::with(again));
    look(disk, &again.path(NAME))
}

/// Crashes lives of two threads or more until there were so many crashes.
fn crash(way: Way, crashes: u64) {
    let crashes = if full() { 30 * crashes } else { crashes };
    let (seed, begun, start) = (seed(), Instant::now(), newborn());
    let done = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let name = way.1.unwrap_or("log");
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (done, start) = (&done, &start);
            scope.spawn(move || {
                let mut state = (Image::from([(NAME.to_owned(), start.clone())]), 0, Rows::new());
                let mut life = 0_u64;
                while done.fetch_add(CRASHES_OF_A_LIFE as u64, Ordering::Relaxed) < crashes {
                    let own = seed.wrapping_add((life << 8) + thread as u64);
                    state = crash_one_life(way, thread, state, &mut Seeded(own))
                        .unwrap_or_else(|text| panic!("{name}, seed {seed}, thread {thread}, life {life}: {text}"));
                    life += 1;
                }
            });
        }
    });
    let (crashes, took) = (done.into_inner(), begun.elapsed().as_secs_f64());
    println!("{name}: {crashes} crashes in {took:.1} s, {:.0} a second on {threads} threads", crashes as f64 / took);
}

#[test]
fn whatever_the_power_takes_the_database_has_what_was_acknowledged_and_nothing_by_halves_d3() {
    crash(log(), CRASHES);
}

#[test]
fn whatever_the_power_takes_a_sealed_journal_brings_back_what_was_acknowledged_d3() {
    for mode in ["DELETE", "TRUNCATE", "PERSIST"] {
        crash(journal(mode), CRASHES / 10);
    }
}

/// A life on a disk that fails as planned, and goes on as long as it is let; then the disk is mended.
fn live_with(way: Way, fault: Option<(usize, Fault)>, name: &str, start: &[u8], seed: u64) -> (Plugged, Life, usize) {
    let plugged = Plugged::new(name, Disk::with(Image::from([(NAME.to_owned(), start.to_vec())])));
    let mut life = Life::begin(way, plugged.path(NAME), (0, Rows::new()));
    let mut seeded = Seeded(seed);
    if let Some((at, fault)) = fault {
        plugged.disk(|disk| disk.plan(at, fault));
    }
    let mut refused = 0;
    for _ in 0..ACTS {
        // Whoever is refused goes on: what is acknowledged after a refusal counts as well.
        refused += usize::from(life.act(&mut seeded).is_err());
    }
    (plugged, life, refused)
}

/// What may be found: the last acknowledged, or one that was tried after it and refused, whole.
fn after(life: &Life) -> (i64, i64) {
    (life.acknowledged, life.states.keys().last().copied().unwrap_or(life.acknowledged))
}

/// Fails every call of a few lives, in three ways.
fn fail(way: Way, lives: u64) {
    let (start, name) = (newborn(), way.1.unwrap_or("log"));
    let lives = if full() { 10 * lives } else { lives };
    let (mut calls_in_all, mut refusals) = (0, 0);
    for seed in 1..=lives {
        let calls = live_with(way, None, "calls", &start, seed).0.disk(|disk| disk.calls());
        calls_in_all += calls;
        let faults = |at| [Fault::Once, Fault::FromHere, Fault::Full].map(|fault| (at, fault));
        for (at, fault) in (0..calls).flat_map(faults) {
            refusals += fail_at(way, (at, fault), &start, seed)
                .unwrap_or_else(|text| panic!("{name}, seed {seed}, {fault:?} at call {at}: {text}"));
        }
    }
    println!("{name}: {calls_in_all} calls, each failed in 3 ways; {refusals} refusals");
    assert!(refusals > calls_in_all, "the faults did not reach the program");
}

/// How often the program was refused.
fn fail_at(way: Way, fault: (usize, Fault), start: &[u8], seed: u64) -> Result<usize, String> {
    let (plugged, mut life, refused) = live_with(way, Some(fault), "fault", start, seed);
    let range = after(&life);
    // The power may go now: what a failed sync left in between is anybody's guess.
    let crashed = plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        replay.advance(disk.now());
        replay.crash(&mut Seeded(seed + fault.0 as u64)).0
    });
    let crashed = Plugged::new("fault-crashed", Disk::with(crashed));
    check(look(way.0, &crashed.path(NAME)), &life.states, range)?;
    // Or the program ends, and what it wrote is there. Whoever has seen it will not see less after a power cut.
    life.end();
    plugged.disk(Disk::mend);
    let (seen, step) = see(way, &plugged)?;
    let crashed = plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        replay.advance(step);
        replay.crash(&mut Seeded(seed + fault.0 as u64 + 1)).0
    });
    // The end of a journal that could not be synced may be taken back, by SQLite's own way with journals.
    let low = if way.1.is_none() { seen.max(range.0) } else { range.0 };
    let crashed = Plugged::new("seen-crashed", Disk::with(crashed));
    check(look(way.0, &crashed.path(NAME)), &life.states, (low, range.1))?;
    check(look(way.0, &plugged.path(NAME)), &life.states, range).map(|_| refused)
}

/// The last transaction that who opens the database sees, and when that was.
fn see(way: Way, plugged: &Plugged) -> Result<(i64, usize), String> {
    let opened = way.0.open(plugged.path(NAME).as_ref(), &life::the_key(), vault::Role::Writer);
    let (connection, _) = opened.map_err(|error| error.to_string())?;
    let last =
        connection.query_row("SELECT last FROM ledger", [], |row| row.get(0)).map_err(|error| error.to_string())?;
    Ok((last, plugged.disk(|disk| disk.now())))
}

#[test]
fn whatever_call_fails_nothing_acknowledged_is_lost_and_nothing_is_there_by_halves_d3_d7() {
    fail(log(), 4);
    for mode in ["DELETE", "TRUNCATE", "PERSIST"] {
        fail(journal(mode), 3);
    }
}

/// A disk that says that it wrote and did not cannot be found out while it runs. What it destroyed of the log is told at the
/// next opening, where anything after it has arrived; else the database is as it was some transactions ago, whole.
#[test]
fn a_disk_that_lies_is_told_of_or_costs_the_last_transactions_never_half_of_one_d3() {
    let (start, way) = (newborn(), log());
    let rounds = if full() { 20_000 } else { 2_000 };
    let (mut whole, mut told) = (0, 0);
    for seed in 0..rounds {
        let mut seeded = Seeded(seed);
        let plugged = Plugged::new("liar", Disk::with(Image::from([(NAME.to_owned(), start.clone())])));
        let mut life = Life::begin(way, plugged.path(NAME), (0, Rows::new()));
        (0..8).for_each(|_| life.append(&mut seeded).expect("the disk says that all is well"));
        let image = plugged.disk(|disk| {
            let mut replay = Replay::new(disk);
            // The log's folder entry and header were honest: the disk began to lie later.
            replay.lies_from = 4 + seeded.below(disk.now());
            replay.advance(disk.now());
            replay.crash(&mut seeded).0
        });
        let crashed = Plugged::new("liar-crashed", Disk::with(image));
        match look(way.0, &crashed.path(NAME)) {
            Found::Refused(VaultError::WalFrameTampered { .. } | VaultError::WalHeaderTampered { .. }) => told += 1,
            found => {
                check(found, &life.states, (0, life.acknowledged)).unwrap_or_else(|text| panic!("seed {seed}: {text}"));
                whole += 1;
            }
        }
    }
    println!("a lying disk: {told} times told, {whole} times an earlier state");
    assert!(told > rounds / 20 && whole > rounds / 20, "{told} told, {whole} whole: this shows nothing");
}

const PAIR: &str = "CREATE TABLE word(last INTEGER, bytes BLOB); INSERT INTO word VALUES(0, NULL)";

/// A connection to two files.
fn pair(way: Way, plugged: &Plugged) -> Result<rusqlite::Connection, String> {
    let (first, second) = (plugged.path("a.db"), plugged.path("b.db"));
    // Each is opened once by itself: a transaction of both that was cut short is judged by both.
    way.0.open(second.as_ref(), &life::the_key(), vault::Role::Writer).map_err(|error| error.to_string())?;
    let admitted = way.0.admit(second.as_ref(), &life::the_key()).map_err(|error| error.to_string())?;
    let (connection, _) =
        way.0.open(first.as_ref(), &life::the_key(), vault::Role::Writer).map_err(|error| error.to_string())?;
    let attach = format!(
        "ATTACH '{second}' AS other; PRAGMA main.journal_mode = DELETE; PRAGMA other.journal_mode = DELETE;
        PRAGMA main.synchronous = EXTRA; PRAGMA other.synchronous = EXTRA"
    );
    connection.execute_batch(&attach).map_err(|error| error.to_string())?;
    drop(admitted);
    Ok(connection)
}

#[test]
fn two_files_that_one_transaction_changes_change_both_or_neither_d3() {
    let folder = support::Folder::new("power-pair");
    let image: Image = ["a.db", "b.db"]
        .map(|name| {
            let path = folder.file(name);
            vault::create(&path, &life::the_key(), |connection| connection.execute_batch(PAIR))
                .expect("a new database");
            (name.to_owned(), std::fs::read(path).expect("reads"))
        })
        .into();
    let way = journal("DELETE");
    let (mut crashes, mut cut_short) = (0, 0);
    for seed in 0..if full() { 2_000 } else { 50 } {
        let mut seeded = Seeded(seed);
        let plugged = Plugged::new("pair", Disk::with(image.clone()));
        let connection = pair(way, &plugged).expect("opens both");
        let mut moments = vec![Moment { step: plugged.disk(|disk| disk.now()), acknowledged: 0 }];
        for last in 1..=4_i64 {
            let change = format!(
                "BEGIN; UPDATE main.word SET last = {last}, bytes = randomblob({0});
                 UPDATE other.word SET last = {last}, bytes = randomblob({0}); COMMIT",
                seeded.below(9_000)
            );
            connection.execute_batch(&change).expect("changes both");
            moments.push(Moment { step: plugged.disk(|disk| disk.now()), acknowledged: last });
        }
        let images: Vec<(usize, Image)> = plugged.disk(|disk| {
            let first = moments[0].step;
            let crash = |at: usize| {
                let mut replay = Replay::new(disk);
                replay.advance(at);
                (at, replay.crash(&mut Seeded(seed << 16 | at as u64)).0)
            };
            (0..20).map(|_| crash(first + seeded.below(disk.now() - first + 1))).collect()
        });
        drop((connection, plugged));
        for (at, image) in images {
            // Under the same name: a journal says by its path to which transaction of several files it belongs.
            let plugged = Plugged::new("pair", Disk::with(image));
            let connection = pair(way, &plugged).unwrap_or_else(|text| panic!("seed {seed}, step {at}: {text}"));
            let both = "SELECT (SELECT last FROM main.word), (SELECT last FROM other.word)";
            let (one, other): (i64, i64) =
                connection.query_row(both, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("reads both");
            let (low, high) = allowed(&moments, at);
            assert_eq!(one, other, "seed {seed}, step {at}: one of two files was changed");
            assert!((low..=high).contains(&one), "seed {seed}, step {at}: {one} is not in {low}..={high}");
            crashes += 1;
            cut_short += usize::from(one == low && low < high);
        }
    }
    println!("two files: {crashes} crashes, {cut_short} of them inside of a transaction that did not happen");
    assert!(cut_short > crashes / 4, "too few transactions were cut short: this shows nothing");
}
