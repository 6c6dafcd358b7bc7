//! Stored files beside the rows that tell of them.

use super::pages::in_words;
use super::{Check, Going, Kind, entries, ranges};
use crate::survey::{Subject, Survey};
use crate::{StoreError, file_bytes, stored_at};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vault::{Damage, FileExamination, FileKey, FileWrapping, VaultError, sealed_len};

/// Rows that are read at once: no transaction stays open while files are looked at.
const ROWS_AT_ONCE: usize = 500;
/// What is on its way in a running box has arrived by then.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

/// A sealed file that a row tells of.
pub(crate) struct StoredFile {
    /// The row's number.
    pub(crate) no: i64,
    pub(crate) id: String,
    /// Whether it holds the small pictures of the file.
    pub(crate) small: bool,
    pub(crate) plain: u64,
    pub(crate) wrapped_key: Vec<u8>,
}

impl StoredFile {
    pub(crate) fn path(&self, folder: &Path, company: &str) -> PathBuf {
        folder.join(stored_at(company, &self.id, self.small))
    }

    /// The file of that id, if it is there and was passed on.
    pub(crate) fn find(subject: &Subject, id: &str, small: bool) -> Result<Option<Self>, StoreError> {
        let connection = subject.reader()?;
        let no = connection.query_row("SELECT no FROM file WHERE id = ?1", [id], |row| row.get::<_, i64>(0)).optional();
        let found = no.and_then(|no| no.map_or(Ok(Vec::new()), |no| stored_after(&connection, no - 1, 2)));
        let found = found.map_err(|failure| subject.place.failed(failure))?;
        Ok(found.into_iter().find(|file| file.id == id && file.small == small))
    }

    /// Whether a row still tells of it.
    pub(crate) fn is_still_there(&self, subject: &Subject) -> bool {
        Self::find(subject, &self.id, self.small).is_ok_and(|found| found.is_some())
    }

    pub(crate) fn key(&self, wrapping: &FileWrapping) -> Result<FileKey, VaultError> {
        FileKey::unwrap(wrapping, &self.id, &self.wrapped_key)
    }
}

impl Survey<'_> {
    /// The key of a stored file. Who looks for long may come with keys that were turned meanwhile (D2): then all is asked for anew.
    pub(crate) fn key_of(&self, subject: &Subject, file: &StoredFile) -> Result<FileKey, VaultError> {
        file.key(&subject.file_wrapping).or_else(|problem| {
            let anew = self.subject(&subject.place.database).ok().and_then(|subject| {
                let file = StoredFile::find(&subject, &file.id, file.small).ok()??;
                file.key(&subject.file_wrapping).ok()
            });
            anew.ok_or(problem)
        })
    }
}

/// Files of a company after a row: both the file's and its small pictures'.
pub(crate) fn stored_after(connection: &Connection, after: i64, limit: usize) -> rusqlite::Result<Vec<StoredFile>> {
    let sql = "SELECT no, id, 0 AS small, size_bytes, wrapped_key FROM file
         WHERE no > ?1 AND state = 'clean' AND wrapped_key IS NOT NULL
         UNION ALL
         SELECT f.no, f.id, 1, t.small_bytes + t.large_bytes, t.wrapped_key FROM file f JOIN thumbnail t ON t.file_no = f.no
         WHERE f.no > ?1 AND f.state = 'clean' AND t.state = 'made' AND t.wrapped_key IS NOT NULL
         ORDER BY 1, 3 LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    // An even number, so that a file and its small pictures come together.
    let rows = statement.query_map(params![after, limit], |row| {
        let (no, id, small, plain, wrapped_key) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        Ok(StoredFile { no, id, small, plain, wrapped_key })
    })?;
    rows.collect()
}

impl Check<'_> {
    pub(super) fn stored_files(&mut self, subject: &Subject) -> Going {
        let name = subject.place.database.clone();
        self.listener.at(&name, "files");
        let Ok(connection) = subject.reader() else { return Ok(()) };
        if !connection.table_exists(None, "thumbnail").unwrap_or(false) {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let files = match stored_after(&connection, after, ROWS_AT_ONCE) {
                Ok(files) => files,
                Err(failure) => {
                    let problem = subject.place.failed(failure);
                    self.found(&name, Kind::NotLooked, problem.to_string());
                    return Ok(());
                }
            };
            let Some(last) = files.last() else { break };
            // The last one may go on behind the limit; it is then looked at whole with the next lot.
            let whole = files.len() < ROWS_AT_ONCE;
            after = if whole { last.no } else { last.no - 1 };
            for file in files.iter().filter(|file| file.no <= after) {
                self.stored_file(subject, &connection, file)?;
            }
        }
        self.orphans(subject, &connection);
        Ok(())
    }

    fn stored_file(&mut self, subject: &Subject, connection: &Connection, file: &StoredFile) -> Going {
        let name = subject.place.database.clone();
        let path = file.path(self.survey.folder, &name);
        let what = if file.small { "the small pictures of file" } else { "file" };
        let key = match self.survey.key_of(subject, file) {
            Ok(key) => key,
            Err(problem) => {
                self.found(&name, Kind::Key, problem.to_string());
                return self.looked(0);
            }
        };
        let Ok(found) = path.metadata() else {
            if !self.is_gone(connection, &file.id) {
                let told = format!("{what} {}: {} is missing; restore it from a backup", file.id, path.display());
                self.found(&name, Kind::MissingFile, told);
            }
            return self.looked(0);
        };
        if !self.wish.files {
            if found.len() != sealed_len(file.plain) {
                let (is, should) = (found.len(), sealed_len(file.plain));
                let told = format!(
                    "{what} {}: {} has {is} bytes and not {should}; restore it from a backup",
                    file.id,
                    path.display()
                );
                self.found(&name, Kind::File, told);
            }
            return self.looked(0);
        }
        match FileExamination::open(&path, &key, file.plain) {
            Ok(mut look) => self.segments(&name, &format!("{what} {}", file.id), &path, &mut look),
            Err(problem) => {
                self.found(&name, Kind::File, format!("{what} {}: {problem}", file.id));
                self.looked(0)
            }
        }
    }

    fn segments(&mut self, name: &str, what: &str, path: &Path, look: &mut FileExamination) -> Going {
        let mut bad = [Damage::Changed, Damage::Missing, Damage::Unreadable].map(|kind| (kind, Vec::new()));
        for number in 0..look.segments() {
            let (bytes, damage) = look.look(number);
            bad.iter_mut().filter(|(kind, _)| Some(*kind) == damage).for_each(|(_, numbers)| numbers.push(number));
            self.looked(bytes)?;
        }
        for (kind, numbers) in bad.iter().filter(|(_, numbers)| !numbers.is_empty()) {
            let (count, words, list) = (numbers.len(), in_words(*kind), ranges(numbers));
            let told =
                format!("{what}: {count} segment(s) of {} {words}: {list}; restore it from a backup", path.display());
            self.found(name, Kind::File, told);
        }
        if look.surplus_bytes() > 0 {
            let told = format!(
                "{what}: {} has {} bytes too many; restore it from a backup",
                path.display(),
                look.surplus_bytes()
            );
            self.found(name, Kind::File, told);
        }
        Ok(())
    }

    /// Whether a file was taken away by a running box while it was looked for.
    fn is_gone(&self, connection: &Connection, id: &str) -> bool {
        if self.wish.running {
            std::thread::sleep(ON_ITS_WAY);
        }
        self.wish.running && !is_stored(connection, id)
    }

    /// Files of the company's folder that no row tells of.
    fn orphans(&mut self, subject: &Subject, connection: &Connection) {
        let name = subject.place.database.clone();
        let root = file_bytes::root(self.survey.folder).join(&name);
        for path in entries(&root).iter().flat_map(|folder| entries(folder)) {
            let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if is_stored(connection, &id) {
                continue;
            }
            if self.wish.running {
                std::thread::sleep(ON_ITS_WAY);
                if is_stored(connection, &id) || !path.exists() {
                    continue;
                }
            }
            let told = format!("{} belongs to no file that anybody knows: it can be removed", path.display());
            self.found(&name, Kind::Orphan, told);
        }
    }
}

fn is_stored(connection: &Connection, id: &str) -> bool {
    let sql = "SELECT 1 FROM file WHERE id = ?1 AND state = 'clean'";
    let found = connection.prepare_cached(sql).and_then(|mut found| found.query_row([id], |_| Ok(())).optional());
    // What cannot be read is no reason to call a file nobody's.
    found.map_or(true, |found| found.is_some())
}
