//! What is known of files, in the file of their owner's company. Who may see them stands in the directory.

use crate::StoreError;
use crate::person::PersonNo;
use crate::thumbnail::{self, Thumbnails};
use domain::file::State;
use domain::ids::{FileId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// Whose it is.
    pub owner: UserId,
    /// What it is called.
    pub name: String,
    /// The end of its name, as its sender says.
    pub extension: String,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// How far it is.
    pub state: State,
    /// Its media type, as its bytes say; of one whose bytes are not here, a guess that promises nothing.
    pub kind: String,
    /// Why it was refused.
    pub finding: Option<String>,
    /// When it was announced, in milliseconds since 1970.
    pub announced_ms: i64,
    /// When its last byte came, in milliseconds since 1970.
    pub uploaded_ms: Option<i64>,
    /// MD5 of its bytes in hexadecimal digits, once they are here. Clients of Rainbow know it; nothing here relies on it.
    pub md5: Option<String>,
    /// Small pictures of it, where it is a picture that was passed on.
    pub thumbnails: Option<Thumbnails>,
}

const SELECT: &str = "SELECT f.id, p.id, f.name, f.extension, f.size_bytes, f.state, f.kind, f.finding, f.announced_ms,
     f.uploaded_ms, f.md5, t.wanted_ms, t.state, t.kind, t.width, t.height, t.small_bytes, t.small_md5, t.large_bytes, t.large_md5
     FROM file f JOIN person p ON p.no = f.owner_no LEFT JOIN thumbnail t ON t.file_no = f.no";
/// Of [`SELECT`], where what is known of thumbnails begins.
const THUMBNAIL_AT: usize = 11;

fn unreadable(e: &dyn std::fmt::Display) -> StoreError {
    StoreError::Row { table: "file", what: e.to_string() }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<File, StoreError>> {
    let [id, owner, state]: [String; 3] = [row.get(0)?, row.get(1)?, row.get(5)?];
    let (name, extension, size_bytes) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let (kind, finding, announced_ms, uploaded_ms) = (row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?);
    let (md5, thumbnails) = (row.get(10)?, thumbnail::read(row, THUMBNAIL_AT)?);
    Ok((|| {
        Ok(File {
            id: FileId::parse(&id).map_err(|e| unreadable(&e))?,
            owner: UserId::parse(&owner).map_err(|e| unreadable(&e))?,
            state: State::parse(&state).ok_or_else(|| unreadable(&"no such state"))?,
            name,
            extension,
            size_bytes,
            kind,
            finding,
            announced_ms,
            uploaded_ms,
            md5,
            thumbnails,
        })
    })())
}

/// Enters a file that is announced.
///
/// # Errors
/// When the file cannot be written.
pub fn insert(content: &Connection, owner: PersonNo, new: &File) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO file (id, owner_no, name, extension, size_bytes, state, kind, announced_ms, uploaded_ms, md5)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            new.id.as_str(),
            owner.0,
            new.name,
            new.extension,
            new.size_bytes,
            new.state.name(),
            new.kind,
            new.announced_ms,
            new.uploaded_ms,
            new.md5
        ])?;
    Ok(())
}

/// A file by id.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, id: &FileId) -> Result<Option<File>, StoreError> {
    content.prepare_cached(&format!("{SELECT} WHERE f.id = ?1"))?.query_row([id.as_str()], read).optional()?.transpose()
}

/// Whether a person of this company may share files (C7).
///
/// # Errors
/// When the file cannot be read.
pub fn may_share(content: &Connection, person: PersonNo) -> Result<bool, StoreError> {
    let sql = "SELECT COALESCE(u.shares_files, c.shares_files) FROM company c LEFT JOIN user u ON u.no = ?1";
    Ok(content.prepare_cached(sql)?.query_row([person.0], |r| r.get(0))?)
}

/// Files of a person, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn of_owner(content: &Connection, owner: PersonNo, limit: u32) -> Result<Vec<File>, StoreError> {
    let sql = format!("{SELECT} WHERE f.owner_no = ?1 ORDER BY f.announced_ms DESC, f.no DESC LIMIT ?2");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![owner.0, limit], read)?;
    rows.map(|row| row?).collect()
}

/// All files of this company, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, limit: u32, offset: u32) -> Result<Vec<File>, StoreError> {
    let sql = format!("{SELECT} ORDER BY f.announced_ms DESC, f.no DESC LIMIT ?1 OFFSET ?2");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map(params![limit, offset], read)?;
    rows.map(|row| row?).collect()
}

/// Each file whose bytes are kept, and whether small pictures lie beside them.
///
/// # Errors
/// When the file cannot be read, or `each` fails.
pub fn kept(
    content: &Connection,
    mut each: impl FnMut(FileId, bool) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = "SELECT f.id, COALESCE(t.state = 'made', 0) FROM file f LEFT JOIN thumbnail t ON t.file_no = f.no
         WHERE f.state = 'clean' ORDER BY f.no";
    let mut statement = content.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        each(FileId::parse(&id).map_err(|e| unreadable(&e))?, row.get(1)?)?;
    }
    Ok(())
}

/// How many files this company has.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection) -> Result<u64, StoreError> {
    Ok(content.prepare_cached("SELECT COUNT(*) FROM file")?.query_row([], |r| r.get(0))?)
}

/// How many files a person has, and how many bytes they take or will take; those that were refused take none.
///
/// # Errors
/// When the file cannot be read.
pub fn consumption(content: &Connection, owner: PersonNo) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT COUNT(*), COALESCE(SUM(CASE state WHEN 'refused' THEN 0 ELSE size_bytes END), 0)
         FROM file WHERE owner_no = ?1";
    Ok(content.prepare_cached(sql)?.query_row([owner.0], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// All of a file is here: what it is, and the MD5 of its bytes. It waits for the scanner. `false`: it is not announced any more.
///
/// # Errors
/// When the file cannot be written.
pub fn set_held(
    content: &Connection,
    id: &FileId,
    (kind, md5): (&str, Option<&str>),
    now_ms: i64,
) -> Result<bool, StoreError> {
    let sql = "UPDATE file SET state = 'held', kind = ?2, md5 = ?3, uploaded_ms = ?4
         WHERE id = ?1 AND state = 'announced'";
    Ok(content.prepare_cached(sql)?.execute(params![id.as_str(), kind, md5, now_ms])? == 1)
}

/// A held file is clean, and its key is kept from now on. `false`: it is not held any more.
///
/// # Errors
/// When the file cannot be written.
pub fn set_clean(content: &Connection, id: &FileId, wrapped_key: &[u8]) -> Result<bool, StoreError> {
    let sql = "UPDATE file SET state = 'clean', wrapped_key = ?2 WHERE id = ?1 AND state = 'held'";
    Ok(content.prepare_cached(sql)?.execute(params![id.as_str(), wrapped_key])? == 1)
}

/// A file is refused, for a reason. `false`: it was clean, refused or gone already.
///
/// # Errors
/// When the file cannot be written.
pub fn set_refused(content: &Connection, id: &FileId, finding: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE file SET state = 'refused', finding = ?2 WHERE id = ?1 AND state IN ('announced', 'held')";
    Ok(content.prepare_cached(sql)?.execute(params![id.as_str(), finding])? == 1)
}

/// Some of what was held before a start: its key went with the process that had it.
///
/// # Errors
/// When the file cannot be read.
pub fn held_before(content: &Connection, started_ms: i64, limit: u32) -> Result<Vec<FileId>, StoreError> {
    let sql = "SELECT id FROM file WHERE state = 'held' AND uploaded_ms < ?1 ORDER BY no LIMIT ?2";
    ids(content.prepare_cached(sql)?.query_map(params![started_ms, limit], |r| r.get(0))?)
}

/// A held file is uploaded again by its owner.
///
/// # Errors
/// When the file cannot be written.
pub fn give_back(content: &Connection, id: &FileId) -> Result<(), StoreError> {
    let sql = "UPDATE file SET state = 'announced', uploaded_ms = NULL, md5 = NULL WHERE id = ?1 AND state = 'held'";
    content.prepare_cached(sql)?.execute([id.as_str()])?;
    Ok(())
}

/// Files that were announced before a time and have not come: some of them, those after one by their order.
///
/// # Errors
/// When the file cannot be read.
pub fn unfinished(
    content: &Connection,
    before_ms: i64,
    after: &Place,
    limit: u32,
) -> Result<Vec<(Place, FileId)>, StoreError> {
    let sql = "SELECT announced_ms, no, id FROM file
         WHERE state = 'announced' AND announced_ms < ?1 AND (announced_ms, no) > (?2, ?3)
         ORDER BY announced_ms, no LIMIT ?4";
    let mut statement = content.prepare_cached(sql)?;
    let row = |r: &Row<'_>| Ok((Place { announced_ms: r.get(0)?, no: r.get(1)? }, r.get::<_, String>(2)?));
    let rows = statement.query_map(params![before_ms, after.announced_ms, after.no, limit], row)?;
    let parsed = |(place, id): (Place, String)| Ok((place, FileId::parse(&id).map_err(|e| unreadable(&e))?));
    rows.map(|row| parsed(row?)).collect()
}

/// Where a file stands among those that were announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    announced_ms: i64,
    no: i64,
}

/// The files of a person go at a time (D4).
///
/// # Errors
/// When the file cannot be written.
pub fn set_due(content: &Connection, owner: PersonNo, due_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO ownerless_files (owner_no, due_ms) VALUES (?1, ?2)";
    content.prepare_cached(sql)?.execute(params![owner.0, due_ms])?;
    Ok(())
}

/// Some of the files that are due; none: nothing is left of those whose time it was.
///
/// # Errors
/// When the file cannot be read.
pub fn due(content: &Connection, now_ms: i64, limit: u32) -> Result<Vec<FileId>, StoreError> {
    let sql = "SELECT f.id FROM ownerless_files o JOIN file f ON f.owner_no = o.owner_no WHERE o.due_ms <= ?1 LIMIT ?2";
    ids(content.prepare_cached(sql)?.query_map(params![now_ms, limit], |r| r.get(0))?)
}

/// Forgets those whose time it was and who have no files any more.
///
/// # Errors
/// When the file cannot be written.
pub fn forget_due(content: &Connection, now_ms: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM ownerless_files
         WHERE due_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM file f WHERE f.owner_no = ownerless_files.owner_no)";
    content.prepare_cached(sql)?.execute([now_ms])?;
    Ok(())
}

fn ids(rows: impl Iterator<Item = rusqlite::Result<String>>) -> Result<Vec<FileId>, StoreError> {
    rows.map(|id| FileId::parse(&id?).map_err(|e| unreadable(&e))).collect()
}

/// Files whose keys are looked at in one change.
const KEYS_AT_ONCE: usize = 64;

/// A file's number and id, its wrapped key and that of its small pictures.
pub(crate) type WrappedKeys = (i64, FileId, Option<Vec<u8>>, Option<Vec<u8>>);

/// The wrapped keys of some files, from the one after number `after`, and the number to go on from.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn wrapped_keys_after(
    content: &Connection,
    after: i64,
) -> Result<(Vec<WrappedKeys>, Option<i64>), StoreError> {
    let sql = "SELECT f.no, f.id, f.wrapped_key, t.wrapped_key FROM file f LEFT JOIN thumbnail t ON t.file_no = f.no
         WHERE f.no > ?1 ORDER BY f.no LIMIT ?2";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement
        .query_map(params![after, KEYS_AT_ONCE], |r| Ok((r.get(0)?, r.get::<_, String>(1)?, r.get(2)?, r.get(3)?)))?;
    let rows = rows.map(|row| {
        let (no, id, key, small_key) = row?;
        Ok((no, FileId::parse(&id).map_err(|e| unreadable(&e))?, key, small_key))
    });
    let rows: Vec<WrappedKeys> = rows.collect::<Result<_, StoreError>>()?;
    let next = rows.last().filter(|_| rows.len() == KEYS_AT_ONCE).map(|(no, ..)| *no);
    Ok((rows, next))
}

/// Gives a file another wrapped key.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn set_wrapped_key(content: &Connection, no: i64, wrapped_key: &[u8]) -> Result<(), StoreError> {
    content
        .prepare_cached("UPDATE file SET wrapped_key = ?2 WHERE no = ?1 AND wrapped_key IS NOT NULL")?
        .execute(params![no, wrapped_key])?;
    Ok(())
}

/// How many keys of files and of small pictures are stored.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn count_wrapped_keys(content: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT COUNT(wrapped_key) FROM file) + (SELECT COUNT(wrapped_key) FROM thumbnail)";
    Ok(content.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
}

/// The wrapped key of a clean file.
///
/// # Errors
/// When the file cannot be read.
pub fn wrapped_key(content: &Connection, id: &FileId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT wrapped_key FROM file WHERE id = ?1 AND state = 'clean'";
    Ok(content.prepare_cached(sql)?.query_row([id.as_str()], |r| r.get(0)).optional()?.flatten())
}

/// Gives a file to another person of this company.
///
/// # Errors
/// When the file cannot be written.
pub fn set_owner(content: &Connection, id: &FileId, owner: PersonNo) -> Result<(), StoreError> {
    let sql = "UPDATE file SET owner_no = ?2 WHERE id = ?1";
    content.prepare_cached(sql)?.execute(params![id.as_str(), owner.0])?;
    Ok(())
}

/// Takes a file out with its key: its bytes say nothing from then on. Idempotent.
///
/// # Errors
/// When the file cannot be written.
pub fn delete(content: &Connection, id: &FileId) -> Result<(), StoreError> {
    content.prepare_cached("DELETE FROM file WHERE id = ?1")?.execute([id.as_str()])?;
    Ok(())
}
