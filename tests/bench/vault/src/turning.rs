//! The workload of a chat while the key of its database is turned, as the product turns it: pages of the old key are sealed anew by
//! the writer, in small changes among those of everybody else, and it is left alone for sixteen times as long as each took.

use crate::workload::{Seeded, cpu, insert, last_fifty, points, set_up};
use nix::sys::resource::UsageWho;
use rusqlite::Connection;
use std::path::Path;
use vault::{DatabaseKey, Role, SecretKey};
use zeroize::Zeroizing;

pub(crate) const ID: [u8; 8] = *b"benching";
pub(crate) const AT_REST: &str = "a chat while no key is turned";
pub(crate) const TURNING: &str = "a chat while its key is turned";
/// As `app::vault` does it.
const PAGES_AT_ONCE: usize = 64;
const REST_FACTOR: f64 = 16.0;
const LOOKED_AT_MAX: u32 = 4096;
/// Steps of the chat that are measured together.
const STEPS: u32 = 200;
/// A turn is measured over so many steps at least: a small one is repeated with another key.
const STEPS_MIN: u32 = 200;

fn key(epochs: &[u32]) -> DatabaseKey {
    let secret = |epoch: u32| SecretKey::new(Zeroizing::new([0x5a ^ u8::try_from(epoch).unwrap_or(0xff); 32]));
    DatabaseKey::new(ID, epochs.iter().map(|epoch| (*epoch, secret(*epoch))).collect())
}

/// The database's first key.
pub(crate) fn first() -> DatabaseKey {
    key(&[0])
}

/// What a chat does again and again: ten people write, and forty look into a conversation or at a message.
fn chat(connection: &Connection, seeded: &mut Seeded, next: &mut u64) -> rusqlite::Result<()> {
    for _ in 0..10 {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        insert(connection, seeded, *next, true)?;
        connection.execute_batch("COMMIT")?;
        *next += 1;
    }
    let written = *next;
    last_fifty(connection, seeded, 10)?;
    points(connection, seeded, written, 30)
}

/// Processor seconds of a thousand steps, without a turn and during turns.
pub(crate) fn run(path: &Path, messages: u64) -> Result<(), crate::Failed> {
    let (connection, _) = vault::open(path, &first(), Role::Writer)?;
    set_up(&connection, 2048)?;
    let (mut next, mut seeded) = (messages, Seeded(7));
    let mut step = |connection: &Connection| chat(connection, &mut seeded, &mut next);
    for _ in 0..STEPS / 4 {
        step(&connection)?;
    }
    let before = cpu(UsageWho::RUSAGE_SELF);
    for _ in 0..STEPS {
        step(&connection)?;
    }
    let at_rest = (cpu(UsageWho::RUSAGE_SELF) - before) / f64::from(STEPS);
    println!("{AT_REST}\t{:.6}", at_rest * 1000.0);
    let (mut steps, mut epoch, before) = (0, 0, cpu(UsageWho::RUSAGE_SELF));
    while steps < STEPS_MIN {
        steps += turn(path, &connection, epoch, &mut step)?;
        epoch += 1;
    }
    println!("{TURNING}\t{:.6}", (cpu(UsageWho::RUSAGE_SELF) - before) / f64::from(steps) * 1000.0);
    Ok(())
}

/// Turns the key once, to its end; how many steps of the chat were done meanwhile.
fn turn(
    path: &Path,
    connection: &Connection,
    epoch: u32,
    step: &mut impl FnMut(&Connection) -> rusqlite::Result<()>,
) -> Result<u32, crate::Failed> {
    let both = key(&[epoch, epoch + 1]);
    vault::turn(path, &both)?;
    let mut steps = 0;
    loop {
        let mut from = Some(1);
        while let Some(at) = from {
            let found = vault::stale_pages(path, &both, at, LOOKED_AT_MAX)?;
            from = found.next;
            for some in found.pages.chunks(PAGES_AT_ONCE) {
                let begun = cpu(UsageWho::RUSAGE_SELF);
                connection.execute_batch("BEGIN IMMEDIATE")?;
                vault::reseal(connection, some)?;
                connection.execute_batch("COMMIT")?;
                let (took, rest) = (cpu(UsageWho::RUSAGE_SELF) - begun, cpu(UsageWho::RUSAGE_SELF));
                while cpu(UsageWho::RUSAGE_SELF) - rest < REST_FACTOR * took {
                    step(connection)?;
                    steps += 1;
                }
            }
        }
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let left = vault::stale_pages(path, &both, 1, u32::MAX)?;
        if left.pages.is_empty() && !vault::has_stale_frames(path, &both)? {
            vault::turn(path, &key(&[epoch + 1]))?;
            return Ok(steps);
        }
    }
}
