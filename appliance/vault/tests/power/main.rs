//! What the power takes and what it leaves (D3, D7): simulated crashes of a disk in memory at every moment, sectors lost, torn
//! and out of order; calls that fail and disks that are full, at every call; and disks that lie. After each the database
//! opens, is sound, has what was acknowledged and nothing by halves.
//!
//! `RAINBOW_EDGE_FULL=1` crashes thirty times as often, and says every half minute how far it is; `RAINBOW_EDGE_SEED=N` is
//! another run, `RAINBOW_EDGE_POWER=NAME:PART` the rest of one from a part on.

mod course;
mod crashes;
mod disk;
mod failing;
mod lies;
mod life;
mod lower;
mod pair;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use life::{Found, Rows};

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

fn name(way: Way) -> &'static str {
    way.1.unwrap_or("log")
}

/// Whether what was found is one of the states that may be.
fn check(found: Found, states: &BTreeMap<i64, Rows>, (low, high): (i64, i64)) -> Result<(i64, Rows), String> {
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
