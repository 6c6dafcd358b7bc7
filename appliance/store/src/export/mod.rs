//! A company as others can read it (D6): what its people wrote, shared and are called, without what is deleted or cleared, and
//! without any secret. Everything here waits for the disk: off the async threads.

mod files;
mod notes;
mod people;
mod snapshot;
mod tables;
mod talk;

pub use files::ExportedFile;
pub use notes::{ExportNote, latest, note};
pub use people::{ExportedPerson, Outsider};
pub use tables::{LEFT_OUT, LeftOut};
pub use talk::{ExportedBubble, ExportedMember, ExportedMessage, Pair, Reaction, Talk};

use crate::company::{self, Company};
use crate::survey::{Subject, Survey};
use crate::{StoreError, migrate};
use domain::ids::CompanyId;
use rusqlite::{Connection, ToSql};

/// One company that is read for an export.
pub struct Export<'a> {
    survey: &'a Survey<'a>,
    subject: Subject,
    content: Connection,
    directory: Connection,
    /// Bubbles and files that are deleted for everybody, and whose content goes next.
    gone_bubbles: Vec<String>,
    gone_files: Vec<String>,
}

/// How much an export holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Accounts.
    pub people: u64,
    /// Messages, in bubbles and between people.
    pub messages: u64,
    /// Bubbles of the company.
    pub bubbles: u64,
    /// Files.
    pub files: u64,
    /// Bytes of the files.
    pub file_bytes: u64,
    /// Bytes of the database's pages.
    pub database_bytes: u64,
    /// Bytes of the messages' texts.
    pub text_bytes: u64,
}

impl Survey<'_> {
    /// Reads a company for an export.
    ///
    /// # Errors
    /// [`StoreError::NoCompany`]; what does not open; a schema of another version.
    pub fn export<'a>(&'a self, id: &CompanyId) -> Result<Export<'a>, StoreError> {
        let directory = self.directory();
        let connection = directory.reader()?;
        let subject = self.company(&directory, &connection, id)??;
        let content = subject.reader()?;
        let name_in = |error| subject.place.name_in(error);
        needs_newest(id.as_str(), &content).map_err(name_in)?;
        let gone = |sql| texts(&connection, sql, &[&id.as_str()]).map_err(|error| directory.place.name_in(error));
        let gone_bubbles = gone("SELECT id FROM bubble WHERE company_id = ?1 AND deleted = 1")?;
        let gone_files = gone("SELECT id FROM file_gone WHERE company_id = ?1")?;
        Ok(Export { survey: self, subject, content, directory: connection, gone_bubbles, gone_files })
    }
}

/// What is read is what this version knows: an older file is brought up to date by starting the box.
fn needs_newest(database: &str, content: &Connection) -> Result<(), StoreError> {
    let known = i64::try_from(migrate::COMPANY.len()).unwrap_or(i64::MAX);
    let found: i64 = content.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { database: database.to_owned(), found, known }),
        std::cmp::Ordering::Less => Err(StoreError::OlderSchema { database: database.to_owned(), found, known }),
    }
}

impl Export<'_> {
    /// The company.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn company(&self) -> Result<Company, StoreError> {
        self.named(company::read(&self.content))
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn size(&self) -> Result<Size, StoreError> {
        let (talk, said) = (self.visible_between("m"), self.visible_in_bubbles("m"));
        let (bubbles, files) = (self.live_bubbles("b"), self.live_files("f"));
        let sql = format!(
            "SELECT (SELECT count(*) FROM user),
                    (SELECT count(*) FROM message m WHERE {talk} AND m.about IS NULL)
                        + (SELECT count(*) FROM bubble_message m WHERE {said} AND m.about IS NULL),
                    (SELECT count(*) FROM bubble b WHERE {bubbles}),
                    (SELECT count(*) FROM file f WHERE {files}),
                    (SELECT coalesce(sum(f.size_bytes), 0) FROM file f WHERE {files}),
                    (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size),
                    (SELECT coalesce(sum(octet_length(m.body)), 0) FROM message m WHERE {talk} AND m.about IS NULL)
                        + (SELECT coalesce(sum(octet_length(m.body)), 0) FROM bubble_message m WHERE {said} AND m.about IS NULL)"
        );
        let read = self.content.query_row(&sql, [], |r| {
            let (people, messages, bubbles, files) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
            let (file_bytes, database_bytes, text_bytes) = (r.get(4)?, r.get(5)?, r.get(6)?);
            Ok(Size { people, messages, bubbles, files, file_bytes, database_bytes, text_bytes })
        });
        self.named(read.map_err(StoreError::from))
    }

    /// Names the database in an error of SQLite.
    fn named<T>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        read.map_err(|error| self.subject.place.name_in(error))
    }

    fn id(&self) -> &str {
        &self.subject.place.database
    }
}

/// The first column of all rows.
fn texts(connection: &Connection, sql: &str, asked: &[&dyn ToSql]) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(asked, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Ids as a list of SQL. They come from the box's own rows, and what is no id by its letters is left out.
fn listed(ids: &[String]) -> String {
    let is_id = |id: &&String| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let quoted: Vec<String> = ids.iter().filter(is_id).map(|id| format!("'{id}'")).collect();
    quoted.join(", ")
}
