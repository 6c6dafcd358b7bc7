//! Transactions of two files.

use super::course::{Tally, full, run};
use super::crashes::{Moment, allowed};
use super::disk::{Disk, Image, Replay};
use super::life::the_key;
use super::lower::Plugged;
use super::support::{Folder, Seeded};
use super::{Way, journal};

const PAIR: &str = "CREATE TABLE word(last INTEGER, bytes BLOB); INSERT INTO word VALUES(0, NULL)";
const CRASHES: usize = 20;

#[derive(Default)]
struct Pairs {
    crashes: u64,
    cut_short: u64,
}

impl Tally for Pairs {
    fn add(&mut self, other: Self) {
        self.crashes += other.crashes;
        self.cut_short += other.cut_short;
    }

    fn count(&self) -> u64 {
        self.crashes
    }
}

/// A connection to two files.
fn pair(way: Way, plugged: &Plugged) -> Result<rusqlite::Connection, String> {
    let (first, second) = (plugged.path("a.db"), plugged.path("b.db"));
    // Each is opened once by itself: a transaction of both that was cut short is judged by both.
    way.0.open(second.as_ref(), &the_key(), vault::Role::Writer).map_err(|error| error.to_string())?;
    let admitted = way.0.admit(second.as_ref(), &the_key()).map_err(|error| error.to_string())?;
    let (connection, _) =
        way.0.open(first.as_ref(), &the_key(), vault::Role::Writer).map_err(|error| error.to_string())?;
    let attach = format!(
        "ATTACH '{second}' AS other; PRAGMA main.journal_mode = DELETE; PRAGMA other.journal_mode = DELETE;
        PRAGMA main.synchronous = EXTRA; PRAGMA other.synchronous = EXTRA"
    );
    connection.execute_batch(&attach).map_err(|error| error.to_string())?;
    drop(admitted);
    Ok(connection)
}

fn newborns() -> Image {
    let folder = Folder::new("power-pair");
    let made = |name: &str| {
        let path = folder.file(name);
        vault::create(&path, &the_key(), |connection| connection.execute_batch(PAIR)).expect("a new database");
        (name.to_owned(), std::fs::read(path).expect("reads"))
    };
    ["a.db", "b.db"].map(made).into()
}

/// Crashes a few transactions of both files.
fn crash(way: Way, image: &Image, number: usize, seeded: &mut Seeded) -> Result<Pairs, String> {
    // Under one name all the time: a journal says by its path to which transaction of several files it belongs.
    let name = format!("pair-{number}");
    let plugged = Plugged::at(&name, Disk::with(image.clone()));
    let connection = pair(way, &plugged)?;
    let moment = |acknowledged| Moment { act: None, step: plugged.disk(|disk| disk.now()), acknowledged };
    let mut moments = vec![moment(0)];
    for last in 1..=4_i64 {
        let change = format!(
            "BEGIN; UPDATE main.word SET last = {last}, bytes = randomblob({0});
             UPDATE other.word SET last = {last}, bytes = randomblob({0}); COMMIT",
            seeded.below(9_000)
        );
        connection.execute_batch(&change).expect("changes both");
        moments.push(moment(last));
    }
    let first = moments[0].step;
    let images: Vec<(usize, Image)> = plugged.disk(|disk| {
        let mut crash = || {
            let at = first + seeded.below(disk.now() - first + 1);
            let mut replay = Replay::new(disk);
            replay.advance(at);
            (at, replay.crash(seeded).0)
        };
        (0..CRASHES).map(|_| crash()).collect()
    });
    drop((connection, plugged));
    let mut pairs = Pairs::default();
    for (at, image) in images {
        let plugged = Plugged::at(&name, Disk::with(image));
        let connection = pair(way, &plugged).map_err(|text| format!("step {at}: {text}"))?;
        let both = "SELECT (SELECT last FROM main.word), (SELECT last FROM other.word)";
        let read = connection.query_row(both, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let (one, other): (i64, i64) = read.map_err(|error| format!("step {at}: {error}"))?;
        let (low, high) = allowed(&moments, at);
        if one != other || !(low..=high).contains(&one) {
            return Err(format!("step {at}: {one} and {other} are not one of {low}..={high}"));
        }
        pairs.crashes += 1;
        pairs.cut_short += u64::from(one == low && low < high);
    }
    Ok(pairs)
}

#[test]
fn two_files_that_one_transaction_changes_change_both_or_neither_d3() {
    let (image, way) = (newborns(), journal("DELETE"));
    let parts = if full() { 2_000 } else { 50 };
    let part = |number: usize, seeded: &mut Seeded| crash(way, &image, number, seeded);
    let Some(Pairs { crashes, cut_short }) = run(("two-files", "crashes"), parts, part) else { return };
    println!("two files: {cut_short} of {crashes} inside of a transaction that did not happen");
    assert!(cut_short > crashes / 4, "too few transactions were cut short: this shows nothing");
}
