//! Debian's security tracker: source package → CVE → release → status.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::damaged;
use crate::Failure;
use crate::cve::finding::{Finding, State};
use crate::cve::subject::{Kind, Subject, Subjects};
use crate::cve::version;

/// What is fixed there is fixed in every later version.
const UNSTABLE: &str = "sid";
/// Of a release that never had the vulnerability.
const NEVER_AFFECTED: &str = "0";

pub(crate) struct Tracker {
    path: PathBuf,
    /// Of the packages that are shipped alone.
    issues: BTreeMap<String, BTreeMap<String, Issue>>,
}

#[derive(Deserialize)]
struct Issue {
    releases: BTreeMap<String, Release>,
}

#[derive(Deserialize)]
struct Release {
    status: Status,
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Open,
    Resolved,
    Undetermined,
}

impl Tracker {
    /// `packages`: the file's top, of which only what concerns `subjects` is read on.
    ///
    /// # Errors
    /// `Failed` with the package when it is something else or damaged.
    pub(super) fn read(
        path: &Path,
        packages: &BTreeMap<&str, &RawValue>,
        subjects: &Subjects,
    ) -> Result<Self, Failure> {
        if packages.is_empty() {
            return Err(damaged(path, "it is empty"));
        }
        let mut issues = BTreeMap::new();
        // The first is looked at in any case: whether this is the tracker at all must not depend on what is shipped.
        for (index, (package, text)) in packages.iter().enumerate() {
            if index > 0 && !subjects.has(Kind::Deb, package) {
                continue;
            }
            let read: BTreeMap<String, Issue> = serde_json::from_str(text.get()).map_err(|error| {
                damaged(path, &format!("`{package}` is not as in Debian's security tracker: {error} of it"))
            })?;
            issues.insert((*package).to_owned(), read);
        }
        Ok(Self { path: path.to_path_buf(), issues })
    }

    /// # Errors
    /// `Failed` with package, CVE and release when a version there is none.
    pub(super) fn findings(&self, subjects: &Subjects) -> Result<Vec<Finding>, Failure> {
        let mut all = Vec::new();
        for (package, issues) in &self.issues {
            for subject in subjects.named(Kind::Deb, package) {
                for (id, issue) in issues {
                    let found = finding(id, issue, subject);
                    all.extend(found.map_err(|why| damaged(&self.path, &format!("{package}, {id}: {why}")))?);
                }
            }
        }
        Ok(all)
    }
}

fn finding(id: &str, issue: &Issue, subject: &Subject) -> Result<Option<Finding>, String> {
    // A release without the package knows nothing of it: then it is a newer one that was taken from unstable.
    let release = issue.releases.get(&subject.release).or_else(|| issue.releases.get(UNSTABLE));
    let Some(release) = release else { return Ok(None) };
    let fixed_there = release.fixed_version.as_deref();
    let fixed_later = issue.releases.get(UNSTABLE).and_then(|unstable| unstable.fixed_version.as_deref());
    for fixed in [fixed_there, fixed_later].into_iter().flatten().filter(|fixed| *fixed != NEVER_AFFECTED) {
        if version::compare(Kind::Deb, &subject.version, fixed)?.is_ge() {
            return Ok(None);
        }
    }
    if release.status == Status::Resolved && fixed_there.is_none_or(|fixed| fixed == NEVER_AFFECTED) {
        return Ok(None);
    }
    let state = match (release.status, release.urgency.as_str()) {
        (_, "unimportant") => State::Unimportant,
        (Status::Undetermined, _) => State::Undetermined,
        (Status::Open | Status::Resolved, _) => State::Open,
    };
    let mut finding = Finding::new(BTreeSet::from([id.to_owned()]), subject, state);
    finding.fixed_in = match (fixed_there, fixed_later) {
        (Some(fixed), _) if fixed != NEVER_AFFECTED => Some(fixed.to_owned()),
        (_, Some(fixed)) if fixed != NEVER_AFFECTED => Some(format!("{UNSTABLE}: {fixed}")),
        _ => None,
    };
    finding.urgency = match state {
        State::Undetermined => "undetermined".to_owned(),
        State::Open | State::Unimportant => release.urgency.clone(),
    };
    Ok(Some(finding))
}
