//! What is told at the end: the table, what it means, and what to do.

use std::collections::BTreeSet;

use super::finding::{Finding, State};
use super::ignored::Entry;
use super::subject::{Kind, Subjects};
use crate::Failure;

/// The report, and what is wrong in the end.
pub(super) struct Verdict {
    pub(super) text: String,
    pub(super) errors: Vec<String>,
}

/// `findings` sorted; `covered`: the kinds that the databases know about.
///
/// # Errors
/// `Failed` when the databases know about nothing that is shipped: then nothing was checked.
pub(super) fn verdict(
    findings: Vec<Finding>,
    ignored: Vec<Entry>,
    subjects: &Subjects,
    covered: &BTreeSet<Kind>,
) -> Result<Verdict, Failure> {
    let checked: Vec<Kind> = covered.iter().copied().filter(|kind| subjects.of_kind(*kind) > 0).collect();
    if checked.is_empty() {
        return Err(Failure::Failed(
            "the databases know about no kind of package that is shipped, so nothing was checked; give the one for it"
                .into(),
        ));
    }
    let is_ignored = |finding: &&Finding| ignored.iter().any(|entry| names(entry, finding));
    let open: Vec<&Finding> = of_state(&findings, State::Open).filter(|finding| !is_ignored(finding)).collect();
    let mut rows = open.clone();
    rows.extend(of_state(&findings, State::Undetermined));
    let mut text = if rows.is_empty() { String::new() } else { table(&rows) };
    text.push_str(&scope(subjects, &checked));
    text.push_str(&counts(&findings, &open, &ignored, &checked));
    let mut errors = list_errors(&ignored, &findings, &checked);
    if !open.is_empty() {
        errors.push(what_to_do(&open));
    }
    Ok(Verdict { text, errors })
}

fn names(entry: &Entry, finding: &Finding) -> bool {
    finding.is_called(&entry.id) && finding.subject.label() == entry.package
}

fn of_state(findings: &[Finding], state: State) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(move |finding| finding.state == state)
}

fn table(findings: &[&Finding]) -> String {
    let head = ["CVE", "package", "version", "fixed in", "urgency"].map(str::to_owned);
    let row = |finding: &&Finding| {
        let subject = &finding.subject;
        let fixed = finding.fixed_in.clone().unwrap_or_else(|| "-".to_owned());
        [finding.id.clone(), subject.label(), subject.version.clone(), fixed, finding.urgency.clone()]
    };
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(findings.iter().map(row)).collect();
    let widths: [usize; 5] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    format!("{}\n", rows.iter().map(line).collect::<String>())
}

/// What was looked at, and what was not: silence about it would look like a good result.
fn scope(subjects: &Subjects, checked: &[Kind]) -> String {
    let count = |kind: &Kind| format!("{} {}", subjects.of_kind(*kind), kind.word());
    let of = |kinds: Vec<String>| if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
    let left = Kind::ALL.iter().filter(|kind| !checked.contains(kind) && subjects.of_kind(**kind) > 0);
    let mut unchecked: Vec<String> = left.map(count).collect();
    unchecked.extend(subjects.others.iter().map(|(kind, count)| format!("{count} {kind}")));
    format!("checked: {}; no database given or known for: {}\n", of(checked.iter().map(count).collect()), of(unchecked))
}

fn counts(findings: &[Finding], open: &[&Finding], ignored: &[Entry], checked: &[Kind]) -> String {
    let all_open = of_state(findings, State::Open).count();
    let undetermined = of_state(findings, State::Undetermined).count();
    let unimportant = of_state(findings, State::Unimportant).count();
    let elsewhere = ignored.iter().filter(|entry| !checked.contains(&entry.kind)).count();
    let elsewhere = match elsewhere {
        0 => String::new(),
        count => format!("; {count} entries are for kinds that were not checked"),
    };
    format!(
        "{} open, {} ignored, {undetermined} undetermined, {unimportant} that Debian calls unimportant{elsewhere}\n",
        open.len(),
        all_open - open.len()
    )
}

/// An entry that does nothing hides the next vulnerability of that name.
fn list_errors(ignored: &[Entry], findings: &[Finding], checked: &[Kind]) -> Vec<String> {
    let mut errors = Vec::new();
    for entry in ignored {
        let Entry { place, id, package, expires, .. } = entry;
        if entry.expired {
            errors.push(format!(
                "{place}: {id} for {package} expired on {expires}; look at it again, then renew or remove it"
            ));
        }
        let used = of_state(findings, State::Open).any(|finding| names(entry, finding));
        if !used && checked.contains(&entry.kind) {
            errors.push(format!("{place}: {id} for {package} ignores nothing that is open; remove it"));
        }
    }
    errors
}

fn what_to_do(open: &[&Finding]) -> String {
    let mut text = format!("{} open and not named in the list of ignored ones. What to do:", open.len());
    let advice = [
        (Kind::Deb, "deb: build the image again once the release has the version; without one, leave the package out"),
        (Kind::Cargo, "cargo: `cargo update --package NAME`, or raise it in Cargo.toml"),
        (Kind::Npm, "npm: raise it in appliance/web/app/package.json and run `npm install` there"),
    ];
    for (kind, line) in advice {
        if open.iter().any(|finding| finding.subject.kind == kind) {
            text.push_str(&format!("\n  {line}"));
        }
    }
    text.push_str("\n  if it does not matter here: name it in image/sbom/ignored.toml, with the reason and an end");
    text
}
