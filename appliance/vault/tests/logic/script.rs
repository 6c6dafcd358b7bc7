//! Scripts of SQLite's `sqllogictest`: statements that must succeed or fail, and queries with the values that they must give, in
//! full or by their MD5. <https://sqlite.org/sqllogictest/doc/trunk/about.wiki>

use std::fmt::{self, Write as _};

use md5::{Digest as _, Md5};

/// The engine that a script's conditions ask about.
const ENGINE: &str = "sqlite";

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it begins in its file, from 1.
    pub(crate) line: usize,
    pub(crate) sql: String,
    pub(crate) wanted: Wanted,
}

/// What it must come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A statement that succeeds, or fails.
    Success(bool),
    Values {
        /// A letter for each column: `T`ext, `I`nteger or `R`eal.
        types: String,
        sort: Sort,
        values: Values,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    No,
    Rows,
    Values,
}

/// Values of a query, one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Values {
    All(Vec<String>),
    Hashed { count: usize, md5: String },
}

impl Values {
    /// Whether these are the values.
    pub(crate) fn are(&self, given: &[String]) -> bool {
        match self {
            Self::All(values) => values == given,
            Self::Hashed { count, md5 } => *count == given.len() && *md5 == hash(given),
        }
    }
}

/// MD5 of the values, each with the end of its line.
pub(crate) fn hash(values: &[String]) -> String {
    let mut md5 = Md5::new();
    for value in values {
        md5.update(value.as_bytes());
        md5.update(b"\n");
    }
    md5.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wanted {
            Wanted::Success(true) => writeln!(f, "statement ok\n{}\n", self.sql),
            Wanted::Success(false) => writeln!(f, "statement error\n{}\n", self.sql),
            Wanted::Values { types, sort, values } => {
                let sort = match sort {
                    Sort::No => "nosort",
                    Sort::Rows => "rowsort",
                    Sort::Values => "valuesort",
                };
                writeln!(f, "query {types} {sort}\n{}\n----", self.sql)?;
                match values {
                    Values::All(values) => values.iter().try_for_each(|value| writeln!(f, "{value}"))?,
                    Values::Hashed { count, md5 } => writeln!(f, "{count} values hashing to {md5}")?,
                }
                writeln!(f)
            }
        }
    }
}

/// The records of a script that concern SQLite, up to its end or `halt`.
///
/// # Errors
/// The line that is not understood, in words.
pub(crate) fn read(text: &str) -> Result<Vec<Record>, String> {
    let mut lines = text.lines().map(str::trim_end).enumerate().map(|(at, line)| (at + 1, line)).peekable();
    let (mut records, mut applies) = (Vec::new(), true);
    while let Some((at, line)) = lines.next() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] | ["hash-threshold", _] => {}
            [word, ..] if word.starts_with('#') => {}
            ["onlyif", engine, ..] => applies &= *engine == ENGINE,
            ["skipif", engine, ..] => applies &= *engine != ENGINE,
            ["halt"] if applies => break,
            ["halt"] => applies = true,
            [kind @ ("statement" | "query"), rest @ ..] => {
                let mut paragraph = Vec::new();
                while let Some((_, line)) = lines.next_if(|(_, line)| !line.is_empty()) {
                    paragraph.push(line);
                }
                let record = record(kind, rest, &paragraph).ok_or_else(|| format!("line {at}: `{line}`"))?;
                if std::mem::replace(&mut applies, true) {
                    records.push(Record { line: at, ..record });
                }
            }
            _ => return Err(format!("line {at}: `{line}`")),
        }
    }
    Ok(records)
}

fn record(kind: &str, words: &[&str], paragraph: &[&str]) -> Option<Record> {
    let end = paragraph.iter().position(|line| *line == "----").unwrap_or(paragraph.len());
    let sql = paragraph[..end].join("\n");
    let wanted = match (kind, words) {
        ("statement", ["ok"]) => Wanted::Success(true),
        ("statement", ["error"]) => Wanted::Success(false),
        ("query", [types, rest @ ..]) => {
            let sort = match rest {
                [] | ["nosort", ..] => Sort::No,
                ["rowsort", ..] => Sort::Rows,
                ["valuesort", ..] => Sort::Values,
                _ => return None,
            };
            let values: Vec<String> = paragraph.iter().skip(end + 1).map(|line| (*line).to_owned()).collect();
            let hashed = match values.as_slice() {
                [one] => one.split_once(" values hashing to "),
                _ => None,
            };
            let values = match hashed {
                Some((count, md5)) => Values::Hashed { count: count.parse().ok()?, md5: md5.to_owned() },
                None => Values::All(values),
            };
            Wanted::Values { types: (*types).to_owned(), sort, values }
        }
        _ => return None,
    };
    Some(Record { line: 0, sql, wanted })
}
