//! The command line of `cargo xtask cve`.

use std::path::PathBuf;

use crate::day::Day;
use crate::{Failure, process};

const USAGE: &str =
    "usage: cargo xtask cve --database FILE|FOLDER [--database ...] [--sbom FILE] [--ignored FILE] [--date YYYY-MM-DD]";

pub(super) struct Arguments {
    pub(super) databases: Vec<PathBuf>,
    pub(super) sbom: Option<PathBuf>,
    pub(super) ignored: PathBuf,
    /// On which day an entry of the ignored ones must not have expired.
    pub(super) day: Day,
}

impl Arguments {
    /// # Errors
    /// `NeedsPerson` with the usage.
    pub(super) fn parse(words: &[String]) -> Result<Self, Failure> {
        let refused = |why: String| Failure::NeedsPerson(format!("{why}; {USAGE}"));
        let mut made = Self {
            databases: Vec::new(),
            sbom: None,
            ignored: process::root().join("image/sbom/ignored.toml"),
            day: Day::today(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match (word.as_str(), words.next()) {
                ("--database", Some(path)) => made.databases.push(path.into()),
                ("--sbom", Some(path)) => made.sbom = Some(path.into()),
                ("--ignored", Some(path)) => made.ignored = path.into(),
                ("--date", Some(day)) => {
                    made.day = Day::parse(day).ok_or_else(|| refused(format!("`{day}` is no day")))?;
                }
                _ => return Err(refused(format!("cve cannot do anything with `{word}`"))),
            }
        }
        if made.databases.is_empty() {
            return Err(refused(
                "cve needs a database, which it does not fetch by itself (image/sbom/README.md says where they are)"
                    .into(),
            ));
        }
        Ok(made)
    }
}
