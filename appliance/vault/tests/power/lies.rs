//! Disks that say that they wrote and did not.

use vault::VaultError;

use super::course::{Tally, full, run};
use super::disk::{Disk, Image, Replay};
use super::life::{Found, Life, NAME, Rows, look, newborn};
use super::lower::Plugged;
use super::support::Seeded;
use super::{check, log};

#[derive(Default)]
struct Lies {
    told: u64,
    whole: u64,
}

impl Tally for Lies {
    fn add(&mut self, other: Self) {
        self.told += other.told;
        self.whole += other.whole;
    }

    fn count(&self) -> u64 {
        self.told + self.whole
    }
}

fn lie(start: &[u8], seeded: &mut Seeded) -> Result<Lies, String> {
    let way = log();
    let plugged = Plugged::new(Disk::with(Image::from([(NAME.to_owned(), start.to_vec())])));
    let mut life = Life::begin(way, plugged.path(NAME), (0, Rows::new()));
    (0..8).for_each(|_| life.append(seeded).expect("the disk says that all is well"));
    let image = plugged.disk(|disk| {
        let mut replay = Replay::new(disk);
        // The log's folder entry and header were honest: the disk began to lie later.
        replay.lies_from = 4 + seeded.below(disk.now());
        replay.advance(disk.now());
        replay.crash(seeded).0
    });
    let crashed = Plugged::new(Disk::with(image));
    match look(way.0, &crashed.path(NAME)) {
        Found::Refused(VaultError::WalFrameTampered { .. } | VaultError::WalHeaderTampered { .. }) => {
            Ok(Lies { told: 1, whole: 0 })
        }
        found => check(found, &life.states, (0, life.acknowledged)).map(|_| Lies { told: 0, whole: 1 }),
    }
}

/// A disk that says that it wrote and did not cannot be found out while it runs. What it destroyed of the log is told at the
/// next opening, where anything after it has arrived; else the database is as it was some transactions ago, whole.
#[test]
fn a_disk_that_lies_is_told_of_or_costs_the_last_transactions_never_half_of_one_d3() {
    let (start, rounds) = (newborn(), if full() { 20_000 } else { 2_000 });
    let Some(Lies { told, whole }) = run(("lies", "crashes"), rounds, |_, seeded| lie(&start, seeded)) else { return };
    println!("a lying disk: {told} times told, {whole} times an earlier state");
    assert!(told > rounds as u64 / 20 && whole > rounds as u64 / 20, "{told} told, {whole} whole: this shows nothing");
}
