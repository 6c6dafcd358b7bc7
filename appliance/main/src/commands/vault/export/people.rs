//! Who is who.

use super::book::Book;
use crate::error::CommandError;
use domain::clock::iso8601;
use serde::Serialize;
use std::collections::HashMap;
use store::export::{Export, ExportedPerson};

/// Names by id, of all whom something names.
pub(super) struct People {
    names: HashMap<String, String>,
    /// How many are the company's own.
    pub(super) own: usize,
}

impl People {
    /// What somebody is called; the id where nobody knows.
    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    title: &'a str,
    job_title: &'a str,
    nick_name: &'a str,
    country: &'a str,
    language: &'a str,
    timezone: &'a str,
    roles: &'a [&'static str],
    active: bool,
    created_at: String,
    last_used_at: Option<String>,
    /// Ids of the person's network.
    contacts: &'a [String],
}

#[derive(Serialize)]
struct Outsider {
    id: String,
    name: String,
    company_id: String,
}

const HEAD: [&str; 15] = [
    "id",
    "name",
    "email",
    "first_name",
    "last_name",
    "title",
    "job_title",
    "nick_name",
    "country",
    "language",
    "timezone",
    "roles",
    "active",
    "created_at",
    "last_used_at",
];

pub(super) fn write(export: &Export<'_>, book: &mut Book<'_>) -> Result<People, CommandError> {
    let (own, outsiders) = (export.people()?, export.outsiders()?);
    let mut names: HashMap<String, String> = own.iter().map(|one| (one.id.clone(), full_name(one))).collect();
    names.extend(outsiders.iter().map(|one| (one.id.clone(), one.name.clone())));
    let people = People { names, own: own.len() };
    let told: Vec<Person<'_>> = own.iter().map(|one| person(one, people.name(&one.id))).collect();
    book.json("people.json", &told)?;
    let mut page = book.page("people.csv")?;
    page.put(row(HEAD).as_bytes())?;
    for one in &told {
        page.put(cells(one).as_bytes())?;
    }
    book.keep(page)?;
    let outsiders = outsiders.into_iter().map(|one| Outsider { id: one.id, name: one.name, company_id: one.company });
    book.json("outsiders.json", &outsiders.collect::<Vec<_>>())?;
    Ok(people)
}

/// The address where somebody gave no name (A3).
fn full_name(one: &ExportedPerson) -> String {
    let name = one.profile.full_name();
    if name.is_empty() { one.email.clone() } else { name }
}

fn person<'a>(one: &'a ExportedPerson, name: &'a str) -> Person<'a> {
    Person {
        id: &one.id,
        name,
        email: &one.email,
        first_name: &one.profile.first_name,
        last_name: &one.profile.last_name,
        title: &one.profile.title,
        job_title: &one.profile.job_title,
        nick_name: &one.profile.nick_name,
        country: &one.profile.country,
        language: &one.profile.language,
        timezone: &one.profile.timezone,
        roles: &one.roles,
        active: one.active,
        created_at: iso8601(one.created_ms),
        last_used_at: one.last_used_ms.map(iso8601),
        contacts: &one.contacts,
    }
}

fn cells(one: &Person<'_>) -> String {
    let (roles, active) = (one.roles.join(" "), if one.active { "yes" } else { "no" });
    let last_used_at = one.last_used_at.as_deref().unwrap_or_default();
    row([
        one.id,
        one.name,
        one.email,
        one.first_name,
        one.last_name,
        one.title,
        one.job_title,
        one.nick_name,
        one.country,
        one.language,
        one.timezone,
        roles.as_str(),
        active,
        one.created_at.as_str(),
        last_used_at,
    ])
}

fn row(cells: [&str; 15]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell (RFC 4180, 2). What a spreadsheet would compute is made a text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{cell}") } else { cell.to_owned() };
    match text.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_read_as_it_was_written_and_computes_nothing_d6() {
        for (cell, written) in [
            ("Ada", "Ada"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+49 30", "'+49 30"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
