//! `vault info`: what is there.

use super::{Stopped, in_bytes, must_hold_box, print_json};
use crate::admin;
use crate::cli::{Folder, VaultInfo as Options};
use crate::commands::ask::other;
use crate::error::CommandError;
use crate::folder;
use appliance_contract::{Answer, DATABASES_PER_ANSWER, DatabaseInfo, Request, VaultInfo};
use std::process::ExitCode;
use store::Survey;
use store::anchor::Anchor;

pub(super) fn execute(options: &Options) -> Result<ExitCode, CommandError> {
    must_hold_box(&options.folder)?;
    let info = match of_running(&options.folder)? {
        Some(info) => info,
        None => of_stopped(&options.folder)?,
    };
    if options.json {
        print_json(&info)?;
    } else {
        print(&info);
    }
    Ok(ExitCode::SUCCESS)
}

/// All that the running box tells; `None` when it does not run.
fn of_running(on: &Folder) -> Result<Option<VaultInfo>, CommandError> {
    let Some(mut all) = ask(on, None)? else { return Ok(None) };
    while let Some(after) = all.next.take() {
        let Some(more) = ask(on, Some(after))? else {
            return Err(CommandError::Usage(String::from("the box was stopped meanwhile; ask again")));
        };
        all.databases.extend(more.databases);
        all.next = more.next;
    }
    Ok(Some(all))
}

fn ask(on: &Folder, after: Option<String>) -> Result<Option<VaultInfo>, CommandError> {
    match admin::ask(&on.data, &Request::VaultInfo { after })? {
        None => Ok(None),
        Some(Answer::VaultInfo(info)) => Ok(Some(*info)),
        Some(answer) => Err(other(answer)),
    }
}

fn of_stopped(on: &Folder) -> Result<VaultInfo, CommandError> {
    let stopped = Stopped::open(on)?;
    let survey = Survey::new(&on.data, &stopped.vault);
    let anchor = Anchor::read(&on.data, &stopped.vault)?.unwrap_or_default();
    let is_counted = anchor.counter.as_ref().is_some_and(|counted| counted.value > 0);
    let noted = (&anchor, is_counted && folder::configuration(on)?.store.tpm_device.is_some());
    let mut all = admin::info_of(survey.facts(None, DATABASES_PER_ANSWER)?, noted, false);
    all.exports = survey.exports(admin::EXPORTS_TOLD)?.into_iter().map(admin::export_of).collect();
    while let Some(after) = all.next.take() {
        let more = admin::info_of(survey.facts(Some(&after), DATABASES_PER_ANSWER)?, noted, false);
        all.databases.extend(more.databases);
        all.next = more.next;
    }
    Ok(all)
}

fn print(info: &VaultInfo) {
    let state = if info.running { "running" } else { "stopped" };
    println!("cipher    {} (the processor helps with {})", info.cipher, info.acceleration);
    println!("box       {state}, {} databases", info.databases.len());
    if let Some(anchor) = &info.anchor {
        let counter = anchor.counter.map_or_else(|| String::from("none"), |value| value.to_string());
        println!("noted     {}, counter in the TPM: {counter}", at(anchor.noted_at_ms));
        println!("older     {}", older_states(anchor.counted));
        for accepted in &anchor.accepted {
            println!("accepted  {}: an older state: {}", at(accepted.at_ms), accepted.why);
        }
    }
    for export in &info.exports {
        println!("exported  {}: company {} in clear, to {}", at(export.at_ms), export.company, export.to);
    }
    println!();
    println!(
        "{:<26} {:>11} {:>9} {:>11} {:>6} {:>7} {:>8} {:>11}  last written",
        "database", "size", "pages", "log", "keys", "schema", "files", "their size"
    );
    for database in &info.databases {
        print_row(database);
    }
    let unclean = info.databases.iter().filter(|database| database.ended_cleanly == Some(false)).count();
    if unclean > 0 {
        println!(
            "\n{unclean} of them did not end cleanly: the next start brings back what their logs hold, and says so"
        );
    }
    for database in &info.databases {
        if let Some(problem) = &database.problem {
            println!("\n{} does not open: {problem}", database.database);
        }
    }
}

/// Which older states a start notices.
fn older_states(counted: bool) -> &'static str {
    if counted {
        "a database or the whole folder that is put back to before the note is not served"
    } else {
        "a database that is put back to before the note is not served; the whole folder is not noticed: no TPM counts"
    }
}

fn at(ms: u64) -> String {
    domain::clock::iso8601(i64::try_from(ms).unwrap_or(i64::MAX))
}

fn print_row(database: &DatabaseInfo) {
    let inside = database.inside.as_ref();
    let or_dash = |told: Option<String>| told.unwrap_or_else(|| String::from("-"));
    let keys = inside.map(|inside| match inside.key_epochs.as_slice() {
        [only] => only.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    let written = database.written_at_ms.map(at);
    println!(
        "{:<26} {:>11} {:>9} {:>11} {:>6} {:>7} {:>8} {:>11}  {}",
        database.database,
        in_bytes(database.bytes),
        or_dash(inside.map(|inside| inside.pages.to_string())),
        in_bytes(database.log_bytes),
        or_dash(keys),
        or_dash(inside.map(|inside| format!("{}/{}", inside.schema, inside.schema_known))),
        or_dash(inside.map(|inside| inside.files.to_string())),
        or_dash(inside.map(|inside| in_bytes(inside.file_bytes))),
        or_dash(written),
    );
}
