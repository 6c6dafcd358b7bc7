//! What SQLite finds, and what rows say of one another.

use super::{Check, Going, Kind};
use crate::StoreError;
use crate::survey::Subject;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Lines of SQLite's report that are told.
const LINES_MAX: usize = 100;
/// Steps of SQLite's machine between two looks whether to go on.
const STEPS: i32 = 100_000;

impl Check<'_> {
    pub(super) fn rows(&mut self, subject: &Subject) -> Going {
        let name = subject.place.database.as_str();
        self.listener.at(name, "tables");
        let mut connection = match subject.reader() {
            Ok(connection) => connection,
            Err(problem) => {
                self.found(name, Kind::NotLooked, problem.to_string());
                return Ok(());
            }
        };
        let stop = Arc::clone(&self.wish.stop);
        // Without it a great table would be looked at to its end although nobody wants to know any more.
        let _ = connection.progress_handler(STEPS, Some(move || stop.load(Ordering::Relaxed)));
        for scope in scopes(&connection, self.wish.running) {
            let lines = integrity(&connection, &scope);
            self.looked(0)?;
            self.tell(subject, Kind::Integrity, lines);
        }
        let lines = references(&connection);
        self.looked(0)?;
        self.tell(subject, Kind::References, lines);
        if subject.company.is_some() {
            let lines = self.queues.read(name, &connection);
            self.tell(subject, Kind::Queues, lines);
        }
        self.looked(0)
    }

    fn tell(&mut self, subject: &Subject, kind: Kind, lines: rusqlite::Result<Vec<String>>) {
        let name = subject.place.database.as_str();
        match lines {
            Ok(lines) => lines.into_iter().for_each(|line| self.found(name, kind, line)),
            Err(failure) => {
                let problem = subject.place.name_in(StoreError::Statement(failure));
                self.found(name, Kind::NotLooked, problem.to_string());
            }
        }
    }
}

/// What is looked at in one reading transaction: all of it, or where others write meanwhile, one table after another, so that
/// the log can be begun anew between them.
fn scopes(connection: &Connection, running: bool) -> Vec<String> {
    if !running {
        return vec![LINES_MAX.to_string()];
    }
    let list = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        names.map(|name| name.map(|name| format!("'{}'", name.replace('\'', "''")))).collect()
    };
    list().unwrap_or_else(|_| vec![LINES_MAX.to_string()])
}

fn integrity(connection: &Connection, scope: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({scope})"))?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let wrong = lines.filter(|line| line.as_ref().map_or(true, |line| line != "ok"));
    wrong.map(|line| line.map(|line| line.replace('\n', " "))).take(LINES_MAX).collect()
}

fn references(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| {
        let (table, row_id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let which = row_id.map_or_else(|| String::from("a row"), |id| format!("row {id}"));
        Ok(format!("{which} of table {table} refers to one of table {parent} that is not there"))
    })?;
    rows.take(LINES_MAX).collect()
}
