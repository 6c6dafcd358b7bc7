//! A vulnerability in a version that is shipped.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::Subject;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// The version is affected.
    Open,
    /// Nobody has found out whether it is.
    Undetermined,
    /// Debian's word for what does not affect its packages: code that is not built, examples, no issue in practice.
    Unimportant,
}

#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The CVE where there is one, else the database's own id.
    pub(crate) id: String,
    /// All other names of it.
    pub(crate) aliases: BTreeSet<String>,
    pub(crate) subject: Subject,
    pub(crate) fixed_in: Option<String>,
    pub(crate) urgency: String,
    pub(crate) state: State,
}

impl Finding {
    /// `names`: the id in the database and all others.
    pub(crate) fn new(names: BTreeSet<String>, subject: &Subject, state: State) -> Self {
        let first = names.iter().find(|name| name.starts_with("CVE-")).or(names.first());
        let id = first.cloned().unwrap_or_default();
        Self { id, aliases: names, subject: subject.clone(), fixed_in: None, urgency: String::new(), state }
    }

    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.id == name || self.aliases.contains(name)
    }
}

/// Sorted by id and package, each once: databases repeat one another. What one of them calls open is open.
pub(crate) fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut all: BTreeMap<(String, Subject), Finding> = BTreeMap::new();
    for finding in findings {
        match all.entry((finding.id.clone(), finding.subject.clone())) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(finding);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let known = place.get_mut();
                known.state = known.state.min(finding.state);
                known.fixed_in = known.fixed_in.take().or(finding.fixed_in);
                known.aliases.extend(finding.aliases);
                if known.urgency.is_empty() {
                    known.urgency = finding.urgency;
                }
            }
        }
    }
    all.into_values().collect()
}
