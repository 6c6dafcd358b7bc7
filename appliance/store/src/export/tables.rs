//! The database of an export: a plain SQLite file with the company's rows, without those that open anything or say what is deleted.

use super::{Export, listed};
use crate::StoreError;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// A table that an export does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub table: &'static str,
    /// Why, for who looks for it.
    pub why: &'static str,
}

const fn out(table: &'static str, why: &'static str) -> LeftOut {
    LeftOut { table, why }
}

/// What is not in the database of an export. Every table is either here or among those that are copied: a test sees to it.
pub const LEFT_OUT: [LeftOut; 13] = [
    out("password", "hashes of passwords"),
    out("application_password", "what checks application passwords"),
    out("fast_token", "tokens of standard clients"),
    out("session", "sign-ins of devices"),
    out("known_source", "keyed hashes of where people signed in"),
    out("push_subscription", "keys of browsers that are pushed to"),
    out("outbox", "what other companies of the box are still to be told"),
    out("lane", "how far other companies were told"),
    out("inbox", "what other companies told already"),
    out("message_word", "an index over messages, which the box makes anew"),
    out("bubble_word", "an index over what is said in bubbles, likewise"),
    out("indexed_up_to", "how far these indexes are"),
    out("ownerless_files", "when files of deleted accounts go"),
];

/// A table that is copied.
struct Kept {
    table: &'static str,
    /// Which rows, where not all; `{...}` stands for what only the directory knows.
    rows: &'static str,
    /// Columns that are secret, and what stands there instead.
    instead: &'static [(&'static str, &'static str)],
}

const fn all(table: &'static str) -> Kept {
    Kept { table, rows: "1", instead: &[] }
}

const fn some(table: &'static str, rows: &'static str) -> Kept {
    Kept { table, rows, instead: &[] }
}

const IN_LIVE_BUBBLE: &str = "t.bubble_no IN ({live_bubbles})";
/// The owner's own: bookmarks with passwords of rooms, keys of encryption that clients lay down.
const OTHERS_MAY_READ: &str = "t.access <> 'whitelist'";
const OF_READABLE_NODE: &str =
    "EXISTS (SELECT 1 FROM node n WHERE n.owner_no = t.owner_no AND n.name = t.node AND n.access <> 'whitelist')";

const KEPT: [Kept; 27] = [
    all("company"),
    all("person"),
    all("user"),
    some("message", "{visible_between}"),
    all("conversation"),
    all("favorite"),
    all("contact_group"),
    all("contact_group_member"),
    all("roster_item"),
    some("node", OTHERS_MAY_READ),
    some("node_item", OF_READABLE_NODE),
    some("bubble", "t.id NOT IN ({gone_bubbles})"),
    some("bubble_message", "{visible_in_bubbles}"),
    some("bubble_reader", IN_LIVE_BUBBLE),
    Kept { table: "file", rows: "t.id NOT IN ({gone_files})", instead: &[("wrapped_key", "NULL")] },
    Kept {
        table: "thumbnail",
        rows: "t.file_no IN (SELECT f.no FROM file f WHERE f.id NOT IN ({gone_files}))",
        instead: &[("wrapped_key", "NULL")],
    },
    some("bubble_conversation", "t.bubble_id NOT IN ({gone_bubbles})"),
    all("pin"),
    all("bubble_container"),
    some("contained_bubble", "t.bubble_id NOT IN ({gone_bubbles})"),
    all("custom_status"),
    all("call_record"),
    some("poll", IN_LIVE_BUBBLE),
    Kept {
        table: "poll_vote",
        rows: "t.poll_no IN (SELECT p.no FROM poll p WHERE p.bubble_no IN ({live_bubbles}))",
        instead: &[("ballot", "iif((SELECT p.anonymous FROM poll p WHERE p.no = t.poll_no), NULL, t.ballot)")],
    },
    some("favorite_bubble", "t.bubble_id NOT IN ({gone_bubbles})"),
    // SQLite's own tables are named so that the test below can tell them from forgotten ones.
    some("sqlite_sequence", "0"),
    some("sqlite_stat1", "0"),
];

impl Export<'_> {
    /// Writes the database at `to`, which must not be there, readable by its owner alone. `goes_on` hears of
    /// rows' bytes, and whether more is wanted.
    ///
    /// # Errors
    /// When the database cannot be read, or the file not be written.
    pub fn write_database(&self, to: &Path, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { path: to.to_owned(), source };
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
        let plain = open(to)?;
        for kept in &KEPT {
            if !self.copy(kept, &plain, goes_on)? {
                return Ok(());
            }
        }
        for sql in self.named(indexes(&self.content))? {
            plain.execute_batch(&sql)?;
        }
        plain.execute_batch("COMMIT")?;
        let sound: String = plain.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(StoreError::Fault(format!("the database of an export: {sound}")));
        }
        plain.close().map_err(|(_, failure)| StoreError::from(failure))
    }

    fn copy(&self, kept: &Kept, plain: &Connection, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<bool, StoreError> {
        let Some((schema, columns)) = self.named(described(&self.content, kept.table))? else { return Ok(true) };
        plain.execute_batch(&schema)?;
        let shown = |column: &String| match kept.instead.iter().find(|(secret, _)| secret == column) {
            Some((_, instead)) => (*instead).to_owned(),
            None => format!("t.\"{column}\""),
        };
        let select: Vec<String> = columns.iter().map(shown).collect();
        let from = format!("SELECT {} FROM \"{}\" t WHERE {}", select.join(", "), kept.table, self.rows_of(kept));
        let places = vec!["?"; columns.len()].join(", ");
        let mut insert = plain.prepare(&format!("INSERT INTO \"{}\" VALUES ({places})", kept.table))?;
        let failed = |failure: rusqlite::Error| self.subject.place.failed(failure);
        let mut statement = self.content.prepare(&from).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let values = (0..columns.len()).map(|at| row.get_ref(at)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
            let bytes: usize = values.iter().map(bytes_of).sum();
            insert.execute(params_from_iter(values.into_iter().map(ToSqlOutput::Borrowed)))?;
            if !goes_on(u64::try_from(bytes).unwrap_or(0)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn rows_of(&self, kept: &Kept) -> String {
        kept.rows
            .replace("{gone_bubbles}", &listed(&self.gone_bubbles))
            .replace("{gone_files}", &listed(&self.gone_files))
            .replace("{live_bubbles}", &self.live_bubble_numbers())
            .replace("{visible_between}", &self.visible_between("t"))
            .replace("{visible_in_bubbles}", &self.visible_in_bubbles("t"))
    }
}

/// A file that only this process writes, and that is thrown away where it is not finished: so without a journal.
fn open(to: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let plain = Connection::open_with_flags_and_vfs(to, flags, c"unix")?;
    plain.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN",
    )?;
    Ok(plain)
}

/// How a table was made, and its columns; `None`: it is not there.
fn described(content: &Connection, table: &str) -> Result<Option<(String, Vec<String>)>, StoreError> {
    let schema = super::texts(
        content,
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 AND name NOT LIKE 'sqlite@_%' ESCAPE '@'",
        &[&table],
    )?;
    let columns = super::texts(content, "SELECT name FROM pragma_table_info(?1)", &[&table])?;
    Ok(schema.into_iter().next().map(|schema| (schema, columns)))
}

/// How the indexes of copied tables were made. Those that come with a table by themselves have no text.
fn indexes(content: &Connection) -> Result<Vec<String>, StoreError> {
    let names: Vec<String> = KEPT.iter().map(|kept| format!("'{}'", kept.table)).collect();
    let sql = format!(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})",
        names.join(", ")
    );
    super::texts(content, &sql, &[])
}

fn bytes_of(value: &ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => size_of::<i64>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::{self, COMPANY};

    /// Whoever adds a table decides whether it may leave the box in clear.
    #[test]
    fn every_table_of_a_company_is_copied_or_left_out_for_a_reason_d6() {
        let content = Connection::open_in_memory().expect("memory");
        migrate::migrate("company", &content, COMPANY).expect("the newest version");
        let is_shadow = |name: &&String| LEFT_OUT.iter().any(|out| name.starts_with(&format!("{}_", out.table)));
        let tables = crate::export::texts(&content, "SELECT name FROM sqlite_schema WHERE type = 'table'", &[]);
        for table in tables.expect("tables").iter().filter(|name| !is_shadow(name)) {
            let kept = KEPT.iter().filter(|kept| kept.table == table).count();
            let left_out = LEFT_OUT.iter().filter(|out| out.table == table).count();
            assert_eq!(kept + left_out, 1, "{table}: is it content, or does it open something?");
        }
        for out in LEFT_OUT {
            assert!(content.table_exists(None, out.table).expect("looks"), "{} is no table any more", out.table);
        }
    }

    /// What is called so opens something, wherever somebody adds it.
    #[test]
    fn no_column_that_is_named_like_a_secret_is_copied_as_it_is_a2_d6() {
        let content = Connection::open_in_memory().expect("memory");
        migrate::migrate("company", &content, COMPANY).expect("the newest version");
        for kept in &KEPT {
            let Some((_, columns)) = described(&content, kept.table).expect("looks") else { continue };
            for column in columns.iter().filter(|name| {
                ["key", "secret", "salt", "hash", "token", "password"].iter().any(|word| name.contains(word))
            }) {
                assert!(kept.instead.iter().any(|(secret, _)| secret == column), "{}.{column}", kept.table);
            }
        }
    }
}
