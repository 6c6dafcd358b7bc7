//! Schema versions: each step only adds what the version before can live with (decision 14).

use crate::{StoreError, word};
use rusqlite::Connection;

/// The directory's steps, in order; step N leads to `user_version` N.
pub(crate) const DIRECTORY: &[&str] = &[
    include_str!("../migrations/directory-1.sql"),
    include_str!("../migrations/directory-2.sql"),
    include_str!("../migrations/directory-3.sql"),
    include_str!("../migrations/directory-4.sql"),
    include_str!("../migrations/directory-5.sql"),
    include_str!("../migrations/directory-6.sql"),
    include_str!("../migrations/directory-7.sql"),
    include_str!("../migrations/directory-8.sql"),
    include_str!("../migrations/directory-9.sql"),
    include_str!("../migrations/directory-10.sql"),
    include_str!("../migrations/directory-11.sql"),
    include_str!("../migrations/directory-12.sql"),
];
/// A company's steps, in order.
pub(crate) const COMPANY: &[&str] = &[
    include_str!("../migrations/company-1.sql"),
    include_str!("../migrations/company-2.sql"),
    include_str!("../migrations/company-3.sql"),
    include_str!("../migrations/company-4.sql"),
    include_str!("../migrations/company-5.sql"),
    include_str!("../migrations/company-6.sql"),
    include_str!("../migrations/company-7.sql"),
    include_str!("../migrations/company-8.sql"),
    include_str!("../migrations/company-9.sql"),
    include_str!("../migrations/company-10.sql"),
    include_str!("../migrations/company-11.sql"),
    include_str!("../migrations/company-12.sql"),
    include_str!("../migrations/company-13.sql"),
    include_str!("../migrations/company-14.sql"),
    include_str!("../migrations/company-15.sql"),
    include_str!("../migrations/company-16.sql"),
    include_str!("../migrations/company-17.sql"),
    include_str!("../migrations/company-18.sql"),
];

/// What a writer does with its connection when it has nothing else to do, in a transaction of its own; `true`: there may be more.
pub(crate) type Idle = fn(&Connection) -> Result<bool, StoreError>;

/// How a kind of file is brought up to date.
#[derive(Clone, Copy)]
pub(crate) struct Schema<'a> {
    pub(crate) steps: &'a [&'a str],
    pub(crate) idle: Option<Idle>,
}

impl Schema<'static> {
    pub(crate) const DIRECTORY: Self = Self { steps: DIRECTORY, idle: None };
    pub(crate) const COMPANY: Self = Self { steps: COMPANY, idle: Some(word::follow) };
}

/// Brings a database to the newest version, each step in a transaction of its own.
pub(crate) fn migrate(database: &str, connection: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::NewerSchema { database: database.to_owned(), found, known });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for (index, step) in steps.iter().enumerate().skip(done) {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {};\nCOMMIT;", index + 1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::PersonNo;
    use crate::user;

    #[test]
    fn accounts_of_an_older_version_were_last_used_when_their_sessions_were_a5() {
        let content = Connection::open_in_memory().expect("memory");
        migrate("company", &content, &COMPANY[..1]).expect("the first version");
        let rows = "INSERT INTO person VALUES (1, 'a', 'c'), (2, 'b', 'c');
             INSERT INTO user (no, email, first_name, last_name, roles, active, created_ms, changed_ms)
             VALUES (1, 'a@b.test', '', '', 2, 1, 10, 20), (2, 'b@b.test', '', '', 2, 1, 10, 20);
             INSERT INTO session VALUES ('s', 1, NULL, '', 30, 40), ('t', 1, NULL, '', 30, 35);";
        content.execute_batch(rows).expect("rows of the first version");
        migrate("company", &content, COMPANY).expect("the newest version");
        let last_used_ms = |no| user::last_used_ms(&content, PersonNo(no)).expect("a user");
        assert_eq!((last_used_ms(1), last_used_ms(2)), (40, 20));
    }
}
