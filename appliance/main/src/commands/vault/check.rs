//! `vault check`: whether all of it is sound.

use super::{Stopped, in_bytes, must_hold_box, print_json};
use crate::admin;
use crate::cli::{Folder, VaultCheck as Options};
use crate::commands::bar::Bar;
use crate::error::CommandError;
use appliance_contract::{Answer, Request, VaultCheck, VaultChecking, VaultFinding};
use serde::Serialize;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use store::{Finding, Kind, Listener, Survey};

/// As fsck has it: something is wrong and was not mended.
const HURT: u8 = 4;
/// As fsck has it: something could not be looked at.
const NOT_LOOKED: u8 = 8;
/// How often a running box is asked how far it is.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// What was found, all together.
#[derive(Debug, Serialize)]
struct Report {
    sound: bool,
    /// Whether everything was looked at.
    complete: bool,
    running: bool,
    bytes: u64,
    findings: Vec<VaultFinding>,
    #[serde(skip)]
    took: Duration,
}

pub(super) fn execute(options: &Options) -> Result<ExitCode, CommandError> {
    must_hold_box(&options.folder)?;
    if options.stop {
        return stop(&options.folder);
    }
    let (company, files, quick) = (options.company.clone(), options.files, options.quick);
    let wish = VaultCheck { company, files, quick };
    let begun = Instant::now();
    let mut bar = Bar::new();
    let report = match ask(&options.folder, &Request::VaultCheck(wish.clone()))? {
        Some(first) => of_running(&options.folder, first, &mut bar),
        None => of_stopped(&options.folder, &wish, &mut bar),
    };
    bar.clear();
    let report = Report { took: begun.elapsed(), ..report? };
    if options.json {
        print_json(&report)?
    } else {
        print(&report)
    }
    Ok(match &report {
        _ if report.findings.iter().any(|finding| finding.hurts) => ExitCode::from(HURT),
        _ if !report.complete => ExitCode::from(NOT_LOOKED),
        _ => ExitCode::SUCCESS,
    })
}

/// Ends what a running box is at.
fn stop(on: &Folder) -> Result<ExitCode, CommandError> {
    let not_running = || CommandError::Usage(String::from("the box does not run, so it looks at nothing"));
    ask(on, &Request::VaultCheckStop)?.ok_or_else(not_running)?;
    println!("the look is ended");
    Ok(ExitCode::SUCCESS)
}

fn ask(on: &Folder, request: &Request) -> Result<Option<VaultChecking>, CommandError> {
    match admin::ask(&on.data, request)? {
        None => Ok(None),
        Some(Answer::VaultChecking(state)) => Ok(Some(*state)),
        Some(Answer::Refused(refusal)) => {
            Err(CommandError::Refused { message: refusal.message, what_to_do: refusal.what_to_do })
        }
        Some(_) => Err(CommandError::Usage(String::from("the box gave an answer to another question"))),
    }
}

/// Follows a check of the running box to its end.
fn of_running(on: &Folder, first: VaultChecking, bar: &mut Bar) -> Result<Report, CommandError> {
    let (mut state, mut findings) = (first, Vec::new());
    loop {
        bar.show(state.done_bytes, state.total_bytes, &format!("{} {}", state.database, state.what));
        let none_left = state.findings.is_empty();
        findings.append(&mut state.findings);
        match state.ended {
            Some(whole) if none_left => {
                let told = findings.len();
                let untold = usize::try_from(state.found).unwrap_or(usize::MAX).saturating_sub(told);
                return Ok(report(findings, whole && untold == 0, true, state.done_bytes));
            }
            Some(_) => {}
            None if none_left => std::thread::sleep(ASKED_EVERY),
            None => {}
        }
        let seen = u64::try_from(findings.len()).unwrap_or(u64::MAX);
        let stopped = || CommandError::Usage(String::from("the box was stopped meanwhile; check again"));
        state = ask(on, &Request::VaultChecking { seen })?.ok_or_else(stopped)?;
    }
}

fn of_stopped(on: &Folder, wish: &VaultCheck, bar: &mut Bar) -> Result<Report, CommandError> {
    let no_company = || CommandError::Usage(String::from("--company: expected an id, as `vault info` lists them"));
    let wish = admin::wish_of(wish).ok_or_else(no_company)?;
    let stopped = Stopped::open(on)?;
    let survey = Survey::new(&on.data, &stopped.vault);
    let mut alone = Alone { bar, total: survey.check_bytes(&wish), done: 0, at: String::new(), findings: Vec::new() };
    let outcome = survey.check(&wish, &mut alone);
    let (mut findings, done) = (alone.findings, alone.done);
    let whole = match outcome {
        Ok(whole) => whole,
        Err(failure) => {
            let told = format!("the companies could not be looked at: {failure}");
            findings.push(Finding { database: String::from("directory"), kind: Kind::NotLooked, text: told });
            false
        }
    };
    Ok(report(findings.into_iter().map(admin::finding_of).collect(), whole, false, done))
}

fn report(findings: Vec<VaultFinding>, whole: bool, running: bool, bytes: u64) -> Report {
    let complete = whole && findings.iter().all(|finding| finding.kind != Kind::NotLooked.name());
    let sound = complete && findings.iter().all(|finding| !finding.hurts);
    Report { sound, complete, running, bytes, findings, took: Duration::ZERO }
}

/// Hears of a check of a stopped box, which nobody else waits for.
struct Alone<'a> {
    bar: &'a mut Bar,
    total: u64,
    done: u64,
    at: String,
    findings: Vec<Finding>,
}

impl Listener for Alone<'_> {
    fn looked(&mut self, bytes: u64, _: u64) {
        self.done += bytes;
        self.bar.show(self.done, self.total, &self.at);
    }

    fn at(&mut self, database: &str, what: &'static str) {
        self.at = format!("{database} {what}");
    }

    fn found(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

fn print(report: &Report) {
    for finding in &report.findings {
        let word = match finding.hurts {
            true => "hurt",
            false if finding.kind == Kind::NotLooked.name() => "not looked at",
            false => "note",
        };
        println!("{word}: {}: {}", finding.database, finding.text);
    }
    let hurt = report.findings.iter().filter(|finding| finding.hurts).count();
    let looked = format!("{} in {:.1} s", in_bytes(report.bytes), report.took.as_secs_f64());
    match (hurt, report.complete) {
        (0, true) => println!("sound: {looked}"),
        (0, false) => println!("not everything could be looked at; what could be is sound: {looked}"),
        (_, true) => println!("hurt: {hurt} finding(s): {looked}"),
        (_, false) => println!("hurt: {hurt} finding(s), and not everything could be looked at: {looked}"),
    }
}
