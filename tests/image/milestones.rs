//! How far a boot has come, and when: told as it happens, and kept beside the logs.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// What the serial port says, any of the words, and what that means. In the order of a boot.
const SIGNS: &[(&str, &[&str])] = &[
    ("firmware starts the boot loader", &["BdsDxe: starting"]),
    ("kernel", &["EFI stub", "Linux version"]),
    ("status page with an address", &["SHA-256"]),
];

pub(crate) struct Milestones {
    start: Instant,
    record: Record,
    /// The first of `SIGNS` that has not been seen.
    next: Vec<usize>,
}

/// Where milestones are noted: `target/image/reports/milestones.tsv`, for the table in the documents.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) scenario: String,
    pub(crate) file: PathBuf,
}

impl Record {
    pub(crate) fn note(&self, start: Instant, name: &str) {
        let seconds = start.elapsed().as_secs_f64();
        println!("  [{seconds:7.1} s] {}: {name}", self.scenario);
        let line = format!("{}\t{name}\t{seconds:.1}\n", self.scenario);
        let file = OpenOptions::new().create(true).append(true).open(&self.file);
        // A table that cannot be written fails no boot.
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

impl Milestones {
    pub(crate) fn from(start: Instant, record: Record) -> Self {
        Self { start, record, next: (0..SIGNS.len()).collect() }
    }

    /// `text`: everything that was said up to now.
    pub(crate) fn look(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let (start, record) = (self.start, &self.record);
        self.next.retain(|number| {
            let (name, words) = SIGNS[*number];
            let is_seen = words.iter().any(|word| text.contains(word));
            if is_seen {
                record.note(start, name);
            }
            !is_seen
        });
    }
}
