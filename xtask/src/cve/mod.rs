//! `cargo xtask cve`: which known vulnerabilities are open in what is shipped.

mod arguments;
mod database;
mod finding;
mod ignored;
mod report;
mod subject;
mod version;

use std::path::PathBuf;

use crate::{Failure, Outcome, process, sbom};
use arguments::Arguments;
use database::Database;
use finding::Finding;

/// Checks the list of what is shipped against databases given as arguments. Nothing is fetched.
///
/// # Errors
/// `NeedsPerson` for arguments that it does not know; `Failed` when a file is damaged, when something is open that the
/// list of ignored ones does not name, and when an entry of that list is expired or ignores nothing.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let arguments = Arguments::parse(arguments)?;
    let ignored = ignored::read(&arguments.ignored, arguments.day)?;
    let subjects = subject::read(&list(&arguments)?)?;
    let mut databases = Vec::new();
    for path in &arguments.databases {
        databases.push(Database::read(path, &subjects)?);
    }
    let mut findings: Vec<Finding> = Vec::new();
    for database in &databases {
        findings.extend(database.findings(&subjects)?);
    }
    let covered = databases.iter().flat_map(Database::covers).collect();
    let verdict = report::verdict(finding::merged(findings), ignored, &subjects, &covered)?;
    print!("{}", verdict.text);
    if verdict.errors.is_empty() { Ok(()) } else { Err(Failure::Failed(verdict.errors.join("\nerror: "))) }
}

/// The list to check: the one that is named, else a new one of the workspace.
fn list(arguments: &Arguments) -> Result<PathBuf, Failure> {
    if let Some(path) = &arguments.sbom {
        return Ok(path.clone());
    }
    let path = process::target_dir().join("sbom.cdx.json");
    sbom::of_checkout(&[], &path)?;
    println!("no --sbom given: checking the workspace alone, as listed in {}", path.display());
    Ok(path)
}
