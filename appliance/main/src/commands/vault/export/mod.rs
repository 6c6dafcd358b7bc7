//! `vault export`: companies in clear, for who takes their data along (D6, J7).

mod book;
mod company;
mod files;
mod interrupt;
mod names;
mod people;
mod place;
mod source;
mod talk;

use super::super::ask;
use super::{in_bytes, must_hold_box};
use crate::cli::VaultExport as Options;
use crate::commands::bar::Bar;
use crate::error::CommandError;
use appliance_contract::{Answer, ExportCompany, ExportOf, ExportPlan, Request};
use book::Book;
use company::Written;
use interrupt::Interrupt;
use names::Names;
use place::Place;
use source::Source;
use std::io::Write as _;
use std::process::ExitCode;

/// As `vault check` has it: something is hurt, here a file that could not be read.
const HURT: u8 = 4;
/// What is typed to export all companies.
const ALL: &str = "all";
/// What a message takes beside its text, a person, and a file beside its bytes, at most as a rule.
const BYTES_BESIDE_TEXT: u64 = 512;
const BYTES_OF_PERSON: u64 = 2048;
const BYTES_BESIDE_FILE: u64 = 8192;
/// Of each company: what tells of it.
const BYTES_OF_COMPANY: u64 = 1 << 20;

pub(super) fn execute(options: &Options) -> Result<ExitCode, CommandError> {
    must_hold_box(&options.folder)?;
    let place = Place::examine(&options.to, &options.folder.data)?;
    let of = ExportOf { company: options.company.clone() };
    let companies = plan(options, &of)?;
    tell(&companies);
    let needed = companies.iter().map(estimate).sum();
    place.has_room_for(needed)?;
    println!("About {} would be written in clear to {}.", in_bytes(needed), place.target().display());
    if options.dry_run {
        println!("Nothing was written.");
        return Ok(ExitCode::SUCCESS);
    }
    confirm(options, &companies)?;
    let source = Source::take(&options.folder, &of, place.target())?;
    let interrupt = Interrupt::watch()?;
    place.begin()?;
    let written = write(options, &companies, &source, &place, &interrupt);
    drop(source);
    match written.and_then(|written| place.finish().map(|()| written)) {
        Ok(written) => Ok(told(&written, &place)),
        Err(failure) => Err(place.abandon(failure)),
    }
}

/// What there is to export, by the running box or by the stopped one's data.
fn plan(options: &Options, of: &ExportOf) -> Result<Vec<ExportCompany>, CommandError> {
    let (mut companies, mut after) = (Vec::new(), None);
    loop {
        match ask::box_of(&options.folder, Request::ExportPlan { of: of.clone(), after })? {
            Answer::ExportPlan(ExportPlan { companies: some, next }) => {
                companies.extend(some);
                if next.is_none() {
                    return Ok(companies);
                }
                after = next;
            }
            answer => return Err(ask::other(answer)),
        }
    }
}

fn estimate(of: &ExportCompany) -> u64 {
    // The texts are in the database, and once more as lines.
    let lines = of.text_bytes.saturating_mul(2) + of.messages * BYTES_BESIDE_TEXT;
    let beside = of.people * BYTES_OF_PERSON + of.files * BYTES_BESIDE_FILE + BYTES_OF_COMPANY;
    of.database_bytes + of.file_bytes + lines + beside
}

fn tell(companies: &[ExportCompany]) {
    for of in companies {
        println!("company   {}, {}", of.id, of.name);
        println!("people    {}", of.people);
        println!("messages  {}, in {} bubbles and between people", of.messages, of.bubbles);
        println!("files     {} with {}", of.files, in_bytes(of.file_bytes));
        println!("database  {}", in_bytes(of.database_bytes));
    }
}

/// Asks whoever does it, unless he said it already.
fn confirm(options: &Options, companies: &[ExportCompany]) -> Result<(), CommandError> {
    if options.yes_in_clear {
        return Ok(());
    }
    let expected = match companies {
        [only] if !options.all => only.name.as_str(),
        _ => ALL,
    };
    println!("Whoever reads that folder reads all of it: no key is needed any more. The box notes that it was done.");
    match options.all {
        true => print!("Type {ALL} to write {} companies in clear: ", companies.len()),
        false => print!("Type the name of the company to write it in clear: "),
    }
    std::io::stdout().flush().map_err(CommandError::file("write to", "standard output"))?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).map_err(CommandError::file("read", "standard input"))?;
    if typed.trim_end_matches(['\r', '\n']) == expected {
        return Ok(());
    }
    Err(CommandError::Refused {
        message: String::from("what was typed is not it"),
        what_to_do: String::from("Type it exactly, or give --yes-in-clear; nothing was written"),
    })
}

fn write(
    options: &Options,
    companies: &[ExportCompany],
    source: &Source,
    place: &Place,
    interrupt: &Interrupt,
) -> Result<Vec<Written>, CommandError> {
    let total = companies.iter().map(|of| of.database_bytes + of.text_bytes + of.file_bytes).sum();
    let mut bar = Bar::new();
    let (mut folders, mut all, mut done) = (Names::default(), Vec::new(), 0);
    for of in companies {
        let root = match options.all {
            true => place.part().join(folders.choose(&of.name, &of.id)),
            false => place.part().to_owned(),
        };
        let mut book = Book::open(&root, &mut bar, (done, total), interrupt)?;
        all.push(company::write(source, of, &mut book)?);
        done = book.done();
    }
    bar.clear();
    Ok(all)
}

fn told(written: &[Written], place: &Place) -> ExitCode {
    for of in written {
        println!("{}: {} messages, {} files, {}", of.name, of.messages, of.files, in_bytes(of.bytes));
        for missing in &of.missing {
            println!("  missing: {}: {}", missing.name, missing.why);
        }
    }
    println!("It is in {}; README.txt there says what is what.", place.target().display());
    if written.iter().all(|of| of.missing.is_empty()) {
        return ExitCode::SUCCESS;
    }
    println!("Not all files could be read: `rainbow-edge vault check` tells what is damaged.");
    ExitCode::from(HURT)
}
