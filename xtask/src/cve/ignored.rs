//! `image/sbom/ignored.toml`: vulnerabilities that are known and do not matter here, each with the reason and an end.

use std::path::Path;

use super::subject::Kind;
use crate::day::Day;
use crate::{Failure, sbom};

/// Whoever ignores something looks at it again within a year.
const DAYS_MAX: i64 = 366;
const REASON_LETTERS_MIN: usize = 20;
const FIELDS: [&str; 4] = ["id", "package", "reason", "expires"];

#[derive(Debug)]
pub(super) struct Entry {
    /// Where it stands.
    pub(super) place: String,
    pub(super) id: String,
    pub(super) kind: Kind,
    /// `deb:NAME`, `cargo:NAME` or `npm:NAME`, as in the table.
    pub(super) package: String,
    pub(super) expires: Day,
    pub(super) expired: bool,
}

/// # Errors
/// `Failed` with every entry that is wrong, and what is.
pub(super) fn read(path: &Path, today: Day) -> Result<Vec<Entry>, Failure> {
    let text = sbom::read(path, "the ignored vulnerabilities")?;
    let failed = |why: String| Failure::Failed(format!("{}: {why}", path.display()));
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| failed(error.to_string()))?;
    if let Some(unknown) = table.keys().find(|name| *name != "ignored") {
        return Err(failed(format!("`{unknown}` is not known; only [[ignored]] may stand here")));
    }
    let Some(list) = table.get("ignored") else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| failed("write [[ignored]], once for each entry".to_owned()))?;
    let (mut entries, mut wrong): (Vec<Entry>, Vec<String>) = (Vec::new(), Vec::new());
    for (index, value) in list.iter().enumerate() {
        let place = format!("{}: entry {}", path.display(), index + 1);
        match entry(value, &place, today) {
            Err(why) => wrong.push(format!("{place}: {why}")),
            Ok(entry) if entries.iter().any(|known| (&known.id, &known.package) == (&entry.id, &entry.package)) => {
                wrong.push(format!("{place}: {} for {} stands there twice", entry.id, entry.package));
            }
            Ok(entry) => entries.push(entry),
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(Failure::Failed(wrong.join("\nerror: "))) }
}

fn entry(value: &toml::Value, place: &str, today: Day) -> Result<Entry, String> {
    let table = value.as_table().ok_or("write it as a table [[ignored]]")?;
    if let Some(unknown) = table.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is not known; an entry has {}", FIELDS.join(", ")));
    }
    let text = |name: &str| {
        let value = table.get(name).and_then(toml::Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        value.map(str::to_owned).ok_or_else(|| format!("`{name}` is missing or no text"))
    };
    let (id, package, reason) = (text("id")?, text("package")?, text("reason")?);
    let kind = package.split_once(':').filter(|(_, name)| !name.is_empty());
    let kind = kind.and_then(|(word, _)| Kind::ALL.into_iter().find(|kind| kind.word() == word));
    let kind = kind.ok_or_else(|| format!("package `{package}` is not written as deb:NAME, cargo:NAME or npm:NAME"))?;
    if reason.chars().count() < REASON_LETTERS_MIN {
        return Err(format!("`reason` says too little: why does {id} not matter here?"));
    }
    let expires = table.get("expires").and_then(day);
    let expires = expires.ok_or("`expires` is missing or no day, such as 2027-03-31 without quotes")?;
    if expires.number() - today.number() > DAYS_MAX {
        return Err(format!("`expires` is {expires}, more than a year away; look at {id} again before"));
    }
    Ok(Entry { place: place.to_owned(), id, kind, package, expires, expired: expires < today })
}

fn day(value: &toml::Value) -> Option<Day> {
    let whole = value.as_datetime().filter(|moment| moment.time.is_none() && moment.offset.is_none())?;
    let date = whole.date?;
    Day::new(date.year.into(), date.month.into(), date.day.into())
}
