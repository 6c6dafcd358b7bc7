//! OSV (<https://ossf.github.io/osv-schema/>): one record a vulnerability, with ranges of versions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::damaged;
use crate::Failure;
use crate::cve::finding::{Finding, State};
use crate::cve::subject::{Kind, Subject, Subjects};
use crate::cve::version;

/// OSV numbers Debian's releases.
const RELEASES: &[(&str, &str)] = &[("bookworm", "12"), ("trixie", "13"), ("forky", "14")];

pub(crate) struct Records {
    path: PathBuf,
    read: usize,
    covered: BTreeSet<Kind>,
    /// Those that concern what is shipped.
    kept: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    aliases: BTreeSet<String>,
    /// Taken back by who wrote it.
    withdrawn: Option<String>,
    #[serde(default)]
    affected: Vec<Affected>,
    #[serde(default)]
    database_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: BTreeSet<String>,
    #[serde(default)]
    database_specific: Option<Specific>,
    #[serde(default)]
    ecosystem_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

/// What is beyond the standard and says how bad it is, in whatever form.
#[derive(Deserialize)]
struct Specific {
    /// GitHub's word.
    severity: Option<Value>,
    /// RustSec's: `unmaintained`, `unsound`, `notice`.
    informational: Option<Value>,
    /// Debian's.
    urgency: Option<Value>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

impl Records {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), read: 0, covered: BTreeSet::new(), kept: Vec::new() }
    }

    /// Reads one record and keeps it when it concerns `subjects`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(super) fn add(&mut self, text: &[u8], subjects: &Subjects) -> Result<(), String> {
        let record: Record = serde_json::from_slice(text).map_err(|error| format!("no record of OSV: {error}"))?;
        self.read += 1;
        let packages = record.affected.iter().filter_map(|affected| affected.package.as_ref());
        let known: Vec<(Kind, &str)> =
            packages.filter_map(|package| Some((kind(&package.ecosystem)?, package.name.as_str()))).collect();
        self.covered.extend(known.iter().map(|(kind, _)| *kind));
        let concerns = known.iter().any(|(kind, name)| subjects.has(*kind, name));
        if concerns && record.withdrawn.is_none() {
            self.kept.push(record);
        }
        Ok(())
    }

    /// # Errors
    /// `Failed` when nothing was read, or nothing of a kind that is shipped: such a database would let everything pass.
    pub(super) fn checked(self) -> Result<Self, Failure> {
        if self.read == 0 {
            return Err(damaged(&self.path, "there is no record in it"));
        }
        if self.covered.is_empty() {
            let why = "it has records, but none of Debian, crates.io or npm";
            return Err(damaged(&self.path, why));
        }
        Ok(self)
    }

    pub(super) fn covers(&self) -> BTreeSet<Kind> {
        self.covered.clone()
    }

    /// # Errors
    /// `Failed` with the record when a version in it is none.
    pub(super) fn findings(&self, subjects: &Subjects) -> Result<Vec<Finding>, Failure> {
        let mut all = Vec::new();
        for record in &self.kept {
            let found = findings(record, subjects);
            all.extend(found.map_err(|why| damaged(&self.path, &format!("{}: {why}", record.id)))?);
        }
        Ok(all)
    }
}

fn kind(ecosystem: &str) -> Option<Kind> {
    match ecosystem.split(':').next() {
        Some("Debian") => Some(Kind::Deb),
        Some("crates.io") => Some(Kind::Cargo),
        Some("npm") => Some(Kind::Npm),
        _ => None,
    }
}

fn findings(record: &Record, subjects: &Subjects) -> Result<Vec<Finding>, String> {
    let mut all = Vec::new();
    for affected in &record.affected {
        let Some(package) = &affected.package else { continue };
        let Some(kind) = kind(&package.ecosystem) else { continue };
        for subject in subjects.named(kind, &package.name).filter(|subject| of_release(&package.ecosystem, subject)) {
            let Some(fixed_in) = affects(affected, subject)? else { continue };
            let urgency = urgency(record, affected);
            let state = if urgency == "unimportant" { State::Unimportant } else { State::Open };
            let mut names = record.aliases.clone();
            names.insert(record.id.clone());
            // Debian's own records are named after the CVE.
            names.extend(record.id.strip_prefix("DEBIAN-").map(str::to_owned));
            let mut finding = Finding::new(names, subject, state);
            finding.fixed_in = fixed_in;
            finding.urgency = urgency;
            all.push(finding);
        }
    }
    Ok(all)
}

/// `Debian:13` speaks of trixie alone.
fn of_release(ecosystem: &str, subject: &Subject) -> bool {
    let Some((_, number)) = ecosystem.split_once(':').filter(|_| subject.kind == Kind::Deb) else { return true };
    number == subject.release || RELEASES.contains(&(subject.release.as_str(), number))
}

/// `None`: not affected. Else in which version it is fixed, if in any.
fn affects(affected: &Affected, subject: &Subject) -> Result<Option<Option<String>>, String> {
    for range in affected.ranges.iter().filter(|range| range.kind != "GIT") {
        if let Some(fixed) = within(range, subject)? {
            return Ok(Some(fixed));
        }
    }
    Ok(affected.versions.contains(&subject.version).then_some(None))
}

/// The events before the version, in order, end with it affected or not; the next repair after it is the one to take.
fn within(range: &Range, subject: &Subject) -> Result<Option<Option<String>>, String> {
    let (mut begun, mut ended): (Option<&str>, bool) = (None, false);
    for event in &range.events {
        if let Some(start) = &event.introduced
            && at_least(subject, start)?
            && begun.map_or(Ok(true), |known| not_before(subject, start, known))?
        {
            begun = Some(start);
        }
    }
    let Some(begun) = begun else { return Ok(None) };
    let mut repair: Option<&str> = None;
    for event in &range.events {
        if let Some(fixed) = &event.fixed {
            // A repair before the last introduction was lost by it.
            let lost = not_before(subject, begun, fixed)?;
            ended |= at_least(subject, fixed)? && !lost;
            if !at_least(subject, fixed)? && repair.map_or(Ok(true), |known| not_before(subject, known, fixed))? {
                repair = Some(fixed);
            }
        }
        if let Some(last) = &event.last_affected {
            ended |= !not_before(subject, last, &subject.version)? && not_before(subject, last, begun)?;
        }
    }
    Ok((!ended).then(|| repair.map(str::to_owned)))
}

fn at_least(subject: &Subject, version: &str) -> Result<bool, String> {
    not_before(subject, &subject.version, version)
}

/// `left` is `right` or newer. `0` is before everything.
fn not_before(subject: &Subject, left: &str, right: &str) -> Result<bool, String> {
    match (left, right) {
        (_, "0") => Ok(true),
        ("0", _) => Ok(false),
        _ => Ok(version::compare(subject.kind, left, right)?.is_ge()),
    }
}

fn urgency(record: &Record, affected: &Affected) -> String {
    let all = [&affected.ecosystem_specific, &affected.database_specific, &record.database_specific];
    let words = all.into_iter().flatten().flat_map(|one| [&one.urgency, &one.informational, &one.severity]);
    let mut words = words.flatten().filter_map(Value::as_str);
    words.next().unwrap_or("not rated").to_lowercase()
}
