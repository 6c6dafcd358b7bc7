//! Plays scripts on connections, and tells where what comes is not what was wanted.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::script::{Record, Sort, Values, Wanted, hash};

/// From so many values on, a script holds their MD5.
const HASHED_FROM: usize = 24;

/// What a record came to: a query's values, or the refusal in SQLite's words.
pub(crate) fn outcome(connection: &Connection, record: &Record) -> Result<Vec<String>, String> {
    let (types, sort) = match &record.wanted {
        Wanted::Success(_) => ("", Sort::No),
        Wanted::Values { types, sort, .. } => (types.as_str(), *sort),
    };
    rows(connection, &record.sql, types.as_bytes()).map(|rows| sorted(rows, sort)).map_err(|error| error.to_string())
}

fn rows(connection: &Connection, sql: &str, types: &[u8]) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let value = |column| Ok(shown(row.get_ref(column)?, types.get(column).copied().unwrap_or(b'T')));
        all.push((0..columns).map(value).collect::<rusqlite::Result<_>>()?);
    }
    Ok(all)
}

/// A value as `sqllogictest` writes it; SQLite makes an integer, or a real number, of what is none by its first digits.
fn shown(value: ValueRef<'_>, kind: u8) -> String {
    match (value, kind) {
        (ValueRef::Null, _) => "NULL".to_owned(),
        (ValueRef::Integer(number), b'I') => number.to_string(),
        (ValueRef::Real(number), b'I') => whole(number),
        (ValueRef::Text(text) | ValueRef::Blob(text), b'I') => whole(leading_number(text)),
        (ValueRef::Integer(number), b'R') => format!("{:.3}", number as f64),
        (ValueRef::Real(number), b'R') => format!("{number:.3}"),
        (ValueRef::Text(text) | ValueRef::Blob(text), b'R') => format!("{:.3}", leading_number(text)),
        (ValueRef::Integer(number), _) => number.to_string(),
        (ValueRef::Real(number), _) => format!("{number:?}"),
        (ValueRef::Text([]) | ValueRef::Blob([]), _) => "(empty)".to_owned(),
        (ValueRef::Text(text) | ValueRef::Blob(text), _) => {
            let visible = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '@' };
            text.iter().map(visible).collect()
        }
    }
}

fn whole(number: f64) -> String {
    // Not `-0`.
    format!("{:.0}", number.trunc() + 0.0)
}

fn leading_number(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))).unwrap_or(text.len());
    text[..end].parse().unwrap_or(0.0)
}

fn sorted(mut rows: Vec<Vec<String>>, sort: Sort) -> Vec<String> {
    if sort == Sort::Rows {
        rows.sort();
    }
    let mut values: Vec<String> = rows.into_iter().flatten().collect();
    if sort == Sort::Values {
        values.sort();
    }
    values
}

/// Writes into the record what it comes to on `connection`, which is believed.
pub(crate) fn complete(connection: &Connection, record: &mut Record) {
    let outcome = outcome(connection, record);
    match (&mut record.wanted, outcome) {
        (Wanted::Values { values, .. }, Ok(given)) => {
            *values = if given.len() < HASHED_FROM {
                Values::All(given)
            } else {
                Values::Hashed { count: given.len(), md5: hash(&given) }
            };
        }
        (wanted, outcome) => *wanted = Wanted::Success(outcome.is_ok()),
    }
}

/// Plays a record.
///
/// # Errors
/// What came instead of what was wanted.
pub(crate) fn play(connection: &Connection, record: &Record) -> Result<(), String> {
    let came = outcome(connection, record);
    let as_wanted = match (&record.wanted, &came) {
        (Wanted::Success(wanted), came) => *wanted == came.is_ok(),
        (Wanted::Values { values, .. }, Ok(given)) => values.are(given),
        (Wanted::Values { .. }, Err(_)) => false,
    };
    if as_wanted {
        return Ok(());
    }
    Err(format!("line {}: {}\nwanted {:?}\ncame {came:?}", record.line, record.sql, record.wanted))
}
