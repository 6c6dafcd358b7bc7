//! `backup now`, `list`, `verify`: through the running box, or on the data itself while it is stopped.

use super::bar::Bar;
use super::vault::{in_bytes, print_json};
use super::{ask, must_hold_box};
use crate::cli::{BackupCommand, Folder};
use crate::error::CommandError;
use crate::{admin, backup};
use appliance_contract::{
    Answer, BackupBegin, BackupDoing, BackupJob, BackupOutcome, BackupStanding, BackupWish, Request,
};
use domain::clock::iso8601;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn execute(command: &BackupCommand) -> Result<ExitCode, CommandError> {
    let (folder, target, json, wish) = match command {
        BackupCommand::Now(now) => (&now.folder, &now.target, now.json, BackupWish::Now { full: now.full }),
        BackupCommand::List(list) => (&list.folder, &list.target, list.json, BackupWish::List),
        BackupCommand::Verify(verify) => {
            (&verify.folder, &verify.target, verify.json, BackupWish::Verify { snapshot: verify.snapshot })
        }
    };
    must_hold_box(folder)?;
    let wanted = BackupBegin { wish, target: target.clone() };
    let outcomes = match of_running(folder, &wanted)? {
        Some(outcomes) => outcomes,
        None => of_stopped(folder, wanted)?,
    };
    if json {
        print_json(&outcomes)?;
    } else {
        outcomes.iter().for_each(print);
    }
    let failures: Vec<String> = outcomes.iter().filter_map(failure_in_words).collect();
    if failures.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(CommandError::BackupFailed(failures)) }
}

/// `None`: no box runs.
fn of_running(on: &Folder, wanted: &BackupBegin) -> Result<Option<Vec<BackupOutcome>>, CommandError> {
    let job = match admin::ask(&on.data, &Request::BackupBegin(wanted.clone()))? {
        None => return Ok(None),
        Some(Answer::BackupBegun { job }) => job,
        Some(answer) => return Err(other(answer)),
    };
    let mut bar = Bar::new();
    loop {
        std::thread::sleep(LOOK_EVERY);
        match admin::ask(&on.data, &Request::BackupJob { job })? {
            None => {
                return Err(CommandError::Usage(String::from("the box was stopped meanwhile; the next run goes on")));
            }
            Some(Answer::BackupJob(far)) => {
                let BackupJob { doing, outcomes } = *far;
                show(&mut bar, &doing);
                if let Some(outcomes) = outcomes {
                    bar.clear();
                    return Ok(Some(outcomes));
                }
            }
            Some(answer) => return Err(other(answer)),
        }
    }
}

fn of_stopped(on: &Folder, wanted: BackupBegin) -> Result<Vec<BackupOutcome>, CommandError> {
    ask::on_stopped(on, async |app, config| {
        app::backup::begin(app, backup::targets(config, &on.data));
        let (mut bar, working) = (Bar::new(), Arc::clone(app));
        let work = backup::perform(&working, wanted);
        let mut work = std::pin::pin!(work);
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                outcomes = &mut work => {
                    bar.clear();
                    return Ok(outcomes);
                }
                _ = ticks.tick() => show(&mut bar, &backup::doing(app)),
            }
        }
    })
}

/// Several targets are worked on at once: the line tells of the one that has most before it.
fn show(bar: &mut Bar, doing: &[BackupDoing]) {
    let left = |of: &&BackupDoing| of.total_bytes.saturating_sub(of.done_bytes);
    if let Some(of) = doing.iter().max_by_key(left) {
        bar.show(of.done_bytes, of.total_bytes, &format!("{} {}", of.stage, of.target));
    }
}

fn other(answer: Answer) -> CommandError {
    match answer {
        Answer::Refused(refusal) => CommandError::Refused { message: refusal.message, what_to_do: refusal.what_to_do },
        _ => CommandError::Usage(String::from("the box gave an answer to another question")),
    }
}

fn failure_in_words(of: &BackupOutcome) -> Option<String> {
    let failure = of.failure.as_ref()?;
    Some(if of.target.is_empty() { failure.clone() } else { format!("{}: {failure}", of.target) })
}

fn at(ms: Option<u64>) -> String {
    ms.and_then(|ms| i64::try_from(ms).ok()).map_or_else(|| String::from("never"), iso8601)
}

fn print(of: &BackupOutcome) {
    if of.failure.is_some() {
        return;
    }
    let sequence = of.snapshot.map_or(0, |snapshot| snapshot.sequence);
    if let Some((databases, files)) = of.verified {
        let bytes = in_bytes(of.bytes.unwrap_or(0));
        let taken = at(of.snapshot.and_then(|snapshot| snapshot.taken_at_ms));
        println!(
            "{}: snapshot {sequence} of {taken} was restored and is right: {databases} databases, {files} files, {bytes}",
            of.target
        );
    } else if let Some(sent) = of.sent_bytes {
        let bytes = in_bytes(of.bytes.unwrap_or(0));
        println!("{}: snapshot {sequence}, {bytes}, of which {} had to be sent", of.target, in_bytes(sent));
    } else {
        println!("{}: {} snapshots", of.target, of.older + of.snapshots.len() as u64);
        if of.older > 0 {
            println!("  {} older ones", of.older);
        }
        for snapshot in &of.snapshots {
            println!("  {:>8}  {}", snapshot.sequence, at(snapshot.taken_at_ms));
        }
    }
}

/// How the targets stand, for `status`.
pub(super) fn print_standing(standing: &[BackupStanding]) {
    if standing.is_empty() {
        println!("backup      none: no target is configured (docs/backup.md)");
    }
    for of in standing {
        let doing = of.doing.as_ref().map(|doing| format!(", {} now", doing.stage)).unwrap_or_default();
        let (taken, verified) = (at(of.taken_at_ms), at(of.verified_at_ms));
        println!("backup      {} ({}): last {taken}, last verified {verified}{doing}", of.target, of.address);
    }
}
