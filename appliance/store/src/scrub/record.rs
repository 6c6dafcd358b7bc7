use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Where a round is, in the data folder. In clear: names of files and numbers. Who changes it makes a round begin anew, and what it
/// said to be damaged is found again.
const SCRUB_FILE: &str = "scrub.json";
/// Damaged parts that are remembered; of more only the first are.
const FOUND_MAX: usize = 10_000;

/// Where scrubbing is, and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scrub {
    /// When this round began, in milliseconds since 1970; 0: none has.
    pub begun_ms: i64,
    /// Bytes of all that it reads, about.
    pub total_bytes: u64,
    /// Bytes that were read.
    pub done_bytes: u64,
    /// Whether it came to its end; then the next one is waited for.
    pub ended: bool,
    /// When the last whole round ended; 0: none has.
    pub last_ended_ms: i64,
    pub(crate) at: Position,
    /// What is damaged and was not mended.
    pub found: Vec<Found>,
}

/// What is read next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Position {
    /// `directory` or a company's id; empty: the first.
    pub(crate) database: String,
    /// The next page; 0: pages are done, files follow.
    pub(crate) page: u32,
    /// Files up to the one with this number are done.
    pub(crate) after: i64,
    /// Of the next file, its small pictures.
    pub(crate) small: bool,
    /// The next segment of it.
    pub(crate) segment: u64,
}

/// Something damaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// `directory` or the company's id.
    pub database: String,
    /// Which part.
    pub item: Item,
    /// Since when it is known, in milliseconds since 1970.
    pub since_ms: i64,
    /// What is wrong, in words.
    pub text: String,
}

/// A part that can be damaged by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// The whole database does not open.
    Database,
    /// Its log.
    Log,
    /// A page.
    Page(u32),
    /// A whole stored file: it is missing, or its key does not open.
    File {
        /// Its id.
        file: String,
        /// Its small pictures.
        small: bool,
    },
    /// A segment of a stored file.
    Segment {
        /// Its id.
        file: String,
        /// Of its small pictures.
        small: bool,
        /// Number, from 0.
        number: u64,
    },
}

impl Scrub {
    /// Reads where a round is. What cannot be read is begun anew.
    #[must_use]
    pub fn read(data: &Path) -> Self {
        let text = std::fs::read(data.join(SCRUB_FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Keeps it. What a crash loses of it is read again.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, data: &Path) -> std::io::Result<()> {
        let (path, fresh) = (data.join(SCRUB_FILE), data.join("scrub.fresh"));
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        std::fs::rename(fresh, path)
    }

    /// When the next step is due: as much of a round's time is over as of its bytes is read.
    #[must_use]
    pub fn due_ms(&self, round_ms: i64) -> i64 {
        if self.ended {
            return self.begun_ms.saturating_add(round_ms);
        }
        let (done, total) = (i128::from(self.done_bytes), i128::from(self.total_bytes.max(1)));
        let share = i128::from(round_ms) * done.min(total) / total;
        self.begun_ms.saturating_add(i64::try_from(share).unwrap_or(i64::MAX))
    }

    /// What is known of parts that were looked at: those that are damaged, and of the others that they are whole. Gives what is new,
    /// and what is whole again.
    pub(crate) fn note(&mut self, looked: impl Fn(&Found) -> bool, damaged: Vec<Found>) -> (Vec<Found>, Vec<Found>) {
        let is_in = |list: &[Found], one: &Found| list.iter().any(|f| f.database == one.database && f.item == one.item);
        let (whole, kept): (Vec<Found>, Vec<Found>) =
            self.found.drain(..).partition(|known| looked(known) && !is_in(&damaged, known));
        self.found = kept;
        let fresh: Vec<Found> = damaged.into_iter().filter(|one| !is_in(&self.found, one)).collect();
        let room = FOUND_MAX.saturating_sub(self.found.len());
        self.found.extend(fresh.iter().take(room).cloned());
        (fresh, whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_takes_its_time_and_catches_up_after_a_pause_d3() {
        let round = 1_000_000;
        let mut scrub = Scrub { begun_ms: 5_000, total_bytes: 100, ..Scrub::default() };
        assert_eq!(scrub.due_ms(round), 5_000);
        scrub.done_bytes = 50;
        assert_eq!(scrub.due_ms(round), 505_000);
        scrub.done_bytes = 300;
        assert_eq!(scrub.due_ms(round), 1_005_000, "there was more than was thought");
        scrub.ended = true;
        assert_eq!(scrub.due_ms(round), 1_005_000);
    }

    #[test]
    fn what_was_found_is_kept_until_it_is_looked_at_and_whole_d3() {
        let found = |page| Found {
            database: String::from("directory"),
            item: Item::Page(page),
            since_ms: 1,
            text: String::new(),
        };
        let mut scrub = Scrub::default();
        let up_to = |last: u32| move |f: &Found| matches!(f.item, Item::Page(page) if page <= last);
        assert_eq!(scrub.note(up_to(9), vec![found(3), found(5)]).0.len(), 2);
        assert_eq!(scrub.note(up_to(4), vec![found(3)]), (vec![], vec![]), "it is known, and told once");
        assert_eq!(scrub.note(up_to(4), vec![]).1, [found(3)]);
        assert_eq!(scrub.found, [found(5)], "nobody looked at it again");
    }
}
