//! Seals: of every page, and of the log.

use super::{Check, End, Kind, ranges};
use crate::survey::Subject;
use rusqlite::Connection;
use std::collections::BTreeMap;
use vault::{Damage, Examination, Owner, VaultError};

/// Blocks of 64 KiB that are looked at before anybody is asked whether to go on.
const BLOCKS_AT_ONCE: u32 = 16;

impl Check<'_> {
    /// Whether the database can be looked at further.
    pub(super) fn pages(&mut self, subject: &Subject) -> Result<bool, End> {
        let name = subject.place.database.as_str();
        self.listener.at(name, "pages");
        let (mut look, recovery) = match Examination::open(&subject.place.path, &subject.key) {
            Ok(opened) => opened,
            Err(problem) => {
                self.found(name, kind_of(&problem), problem.to_string());
                return Ok(false);
            }
        };
        if recovery.torn_bytes > 0 {
            let told = format!(
                "the log ended with {} bytes of a transaction that was never acknowledged, as after a power cut; they are dropped",
                recovery.torn_bytes
            );
            self.found(name, Kind::TornLog, told);
        }
        let (mut bad, mut next) = (Vec::new(), Some(1));
        while let Some(from) = next {
            match look.step(from, BLOCKS_AT_ONCE) {
                Ok(step) => {
                    next = step.next;
                    bad.extend(step.bad);
                    self.looked(step.bytes)?;
                }
                Err(problem) => {
                    self.found(name, Kind::NotLooked, problem.to_string());
                    next = None;
                }
            }
        }
        match look.bad_frames() {
            Ok(frames) if frames.is_empty() => {}
            Ok(frames) => {
                let frames: Vec<u64> = frames.into_iter().map(u64::from).collect();
                let told = format!(
                    "frames of the log that were changed: {}; restart the box, which reads it anew",
                    ranges(&frames)
                );
                self.found(name, Kind::Log, told);
            }
            Err(problem) => self.found(name, Kind::NotLooked, problem.to_string()),
        }
        if !bad.is_empty() {
            for told in hurt(subject, &mut look, &bad) {
                self.found(name, Kind::Pages, told);
            }
        }
        Ok(true)
    }
}

fn kind_of(problem: &VaultError) -> Kind {
    match problem {
        VaultError::WrongKey { .. } => Kind::WrongKey,
        VaultError::WrongDatabase { .. } | VaultError::NotAVaultFile { .. } | VaultError::UnsupportedFormat { .. } => {
            Kind::ForeignFile
        }
        VaultError::WalHeaderTampered { .. } | VaultError::WalFrameTampered { .. } => Kind::Log,
        VaultError::PageTampered { .. } | VaultError::Truncated { .. } => Kind::Pages,
        _ => Kind::NotLooked,
    }
}

/// Bad pages in words: what is wrong with them, and what they belong to.
pub(crate) fn hurt(subject: &Subject, look: &mut Examination, bad: &[(u32, Damage)]) -> Vec<String> {
    let trees = subject.reader().ok().and_then(|connection| trees(&connection).ok()).unwrap_or_default();
    let roots: Vec<u32> = trees.iter().map(|(_, root)| *root).collect();
    let numbers: Vec<u32> = bad.iter().map(|(number, _)| *number).collect();
    let mut groups: BTreeMap<(&'static str, Owner), Vec<u64>> = BTreeMap::new();
    for ((number, damage), owner) in bad.iter().zip(look.owners(&roots, &numbers)) {
        groups.entry((in_words(*damage), owner)).or_default().push(u64::from(*number));
    }
    let told = |((what, owner), pages): ((&str, Owner), Vec<u64>)| {
        let count = pages.len();
        let of = match owner {
            Owner::Tree(at) => format!("of {}", trees.get(at).map_or("a table", |(name, _)| name)),
            Owner::Free => String::from("that hold nothing (free pages)"),
            Owner::Unknown if trees.is_empty() => {
                String::from("of tables that cannot be told, because their list is damaged")
            }
            Owner::Unknown => String::from("that only other damaged pages lead to"),
        };
        format!("{count} page(s) {of} {what}: {}", ranges(&pages))
    };
    groups.into_iter().map(told).collect()
}

/// What is wrong with several.
pub(super) fn in_words(damage: Damage) -> &'static str {
    match damage {
        Damage::Changed => "do not open",
        Damage::Missing => "are cut off",
        Damage::Unreadable => "cannot be read from the disk",
    }
}

/// Tables and indexes with the first page of each.
fn trees(connection: &Connection) -> rusqlite::Result<Vec<(String, u32)>> {
    let mut trees = vec![(String::from("the list of tables"), 1)];
    let sql = "SELECT type, name, tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let [kind, name, table]: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        let told = if kind == "index" { format!("index {name} of table {table}") } else { format!("table {name}") };
        Ok((told, row.get(3)?))
    })?;
    for row in rows {
        trees.push(row?);
    }
    Ok(trees)
}
