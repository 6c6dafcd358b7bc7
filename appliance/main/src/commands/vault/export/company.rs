//! One company's folder, from its database to the sums of all of it.

use super::book::{Book, Entry, pretty};
use super::source::Source;
use super::{files, people, talk};
use crate::clock::SystemClock;
use crate::error::CommandError;
use appliance_contract::ExportCompany;
use domain::clock::{Clock as _, iso8601};
use domain::ids::CompanyId;
use serde::Serialize;
use store::Survey;
use store::export::{Export, LEFT_OUT};

pub(super) const DATABASE: &str = "database.sqlite";
const MANIFEST: &str = "manifest.json";
const SUMS: &str = "SHA256SUMS";
const ABOUT: &str = include_str!("about.txt");

/// What was written of a company.
pub(super) struct Written {
    pub(super) name: String,
    pub(super) messages: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) missing: Vec<files::Missing>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: &'static str,
    version: u32,
    company: Named<'a>,
    written_at: String,
    written_by: String,
    people: usize,
    messages: u64,
    files: u64,
    /// Files whose bytes could not be read.
    missing: &'a [files::Missing],
    /// Tables that are not in the database.
    left_out: Vec<Omitted>,
    entries: &'a [Entry],
}

#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
    name: &'a str,
    created_at: String,
}

#[derive(Serialize)]
struct Omitted {
    table: &'static str,
    why: &'static str,
}

/// Writes it.
pub(super) fn write(source: &Source, of: &ExportCompany, book: &mut Book<'_>) -> Result<Written, CommandError> {
    let id =
        CompanyId::parse(&of.id).map_err(|_| CommandError::Usage(format!("{}: this is no company's id", of.id)))?;
    let survey = Survey::new(source.folder(), source.vault());
    let export = survey.export(&id)?;
    let company = export.company()?;
    book.begin(&format!("{}: database", company.name));
    database(&export, book)?;
    let people = people::write(&export, book)?;
    book.begin(&format!("{}: files", company.name));
    let files = files::write(&export, &people, book)?;
    book.begin(&format!("{}: messages", company.name));
    let messages = talk::write(&export, &people, &files, book)?;
    book.text("README.txt", &ABOUT.replace("{company}", &company.name))?;
    let left_out = LEFT_OUT.iter().map(|out| Omitted { table: out.table, why: out.why }).collect();
    let manifest = pretty(&Manifest {
        format: "rainbow-edge export",
        version: 1,
        company: Named { id: &of.id, name: &company.name, created_at: iso8601(company.created_ms) },
        written_at: iso8601(SystemClock.now_ms()),
        written_by: format!("rainbow-edge {}", env!("CARGO_PKG_VERSION")),
        people: people.own,
        messages,
        files: files.written,
        missing: &files.missing,
        left_out,
        entries: book.entries(),
    })?;
    book.text(MANIFEST, &manifest)?;
    let sums: String = book.entries().iter().map(|entry| format!("{}  {}\n", entry.sha256, entry.path)).collect();
    book.text(SUMS, &sums)?;
    let bytes = book.entries().iter().map(|entry| entry.bytes).sum();
    Ok(Written { name: company.name, messages, files: files.written, bytes, missing: files.missing })
}

fn database(export: &Export<'_>, book: &mut Book<'_>) -> Result<(), CommandError> {
    let (path, mut unwanted) = (book.at(DATABASE), None);
    export.write_database(&path, &mut |bytes| match book.more(bytes) {
        Ok(()) => true,
        Err(stopped) => {
            unwanted = Some(stopped);
            false
        }
    })?;
    match unwanted {
        Some(stopped) => Err(stopped),
        None => book.enter(DATABASE),
    }
}
