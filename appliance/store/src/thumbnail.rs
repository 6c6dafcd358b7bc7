//! What is known of the small pictures of a file, in the file of its owner's company. Their bytes lie beside the file's.

use crate::StoreError;
use domain::ids::FileId;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Small pictures of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnails {
    /// Since when they are wanted, in milliseconds since 1970.
    pub wanted_ms: i64,
    /// Once they are there.
    pub made: Option<Made>,
}

/// Small pictures that are there: first the small one in their sealed file, then the larger one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Their media type.
    pub kind: String,
    /// Width of the picture itself, in pixels.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// The small one.
    pub small: Sized,
    /// The larger one.
    pub large: Sized,
}

/// One small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sized {
    /// Bytes that it has.
    pub bytes: u64,
    /// Their MD5, for clients of Rainbow.
    pub md5: String,
}

/// Reads what a file's row tells of them, from a column on.
pub(crate) fn read(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Thumbnails>> {
    let Some(wanted_ms) = row.get(at)? else { return Ok(None) };
    let state: String = row.get(at + 1)?;
    if state != "made" {
        return Ok(Some(Thumbnails { wanted_ms, made: None }));
    }
    let made = Made {
        kind: row.get(at + 2)?,
        width: row.get(at + 3)?,
        height: row.get(at + 4)?,
        small: Sized { bytes: row.get(at + 5)?, md5: row.get(at + 6)? },
        large: Sized { bytes: row.get(at + 7)?, md5: row.get(at + 8)? },
    };
    Ok(Some(Thumbnails { wanted_ms, made: Some(made) }))
}

/// Small pictures of a file are wanted.
///
/// # Errors
/// When the file cannot be written.
pub fn want(content: &Connection, id: &FileId, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO thumbnail (file_no, wanted_ms) SELECT no, ?2 FROM file WHERE id = ?1";
    content.prepare_cached(sql)?.execute(params![id.as_str(), now_ms])?;
    Ok(())
}

/// Some of the files whose small pictures are wanted and not there, the newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn wanted(content: &Connection, limit: u32) -> Result<Vec<FileId>, StoreError> {
    let sql = "SELECT f.id FROM thumbnail t JOIN file f ON f.no = t.file_no
         WHERE t.state = 'wanted' ORDER BY t.file_no DESC LIMIT ?1";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([limit], |r| r.get::<_, String>(0))?;
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "thumbnail", what: e.to_string() };
    rows.map(|id| FileId::parse(&id?).map_err(unreadable)).collect()
}

/// They are there, and their key is kept. `false`: they are not wanted any more, because their file is gone.
///
/// # Errors
/// When the file cannot be written.
pub fn set_made(content: &Connection, id: &FileId, made: &Made, wrapped_key: &[u8]) -> Result<bool, StoreError> {
    let sql = "UPDATE thumbnail SET state = 'made', wrapped_key = ?2, kind = ?3, width = ?4, height = ?5,
             small_bytes = ?6, small_md5 = ?7, large_bytes = ?8, large_md5 = ?9
         WHERE file_no = (SELECT no FROM file WHERE id = ?1) AND state = 'wanted'";
    let (small, large) = (&made.small, &made.large);
    let changed = content.prepare_cached(sql)?.execute(params![
        id.as_str(),
        wrapped_key,
        made.kind,
        made.width,
        made.height,
        small.bytes,
        small.md5,
        large.bytes,
        large.md5
    ])?;
    Ok(changed == 1)
}

/// There are none, and there will be none.
///
/// # Errors
/// When the file cannot be written.
pub fn set_none(content: &Connection, id: &FileId) -> Result<(), StoreError> {
    let sql =
        "UPDATE thumbnail SET state = 'none' WHERE file_no = (SELECT no FROM file WHERE id = ?1) AND state = 'wanted'";
    content.prepare_cached(sql)?.execute([id.as_str()])?;
    Ok(())
}

/// What the key of a file's small pictures is sealed for: it opens nothing else.
#[must_use]
pub fn sealed_for(id: &FileId) -> String {
    format!("{id}.small")
}

/// Gives small pictures another wrapped key.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn set_wrapped_key(content: &Connection, file_no: i64, wrapped_key: &[u8]) -> Result<(), StoreError> {
    content
        .prepare_cached("UPDATE thumbnail SET wrapped_key = ?2 WHERE file_no = ?1 AND wrapped_key IS NOT NULL")?
        .execute(params![file_no, wrapped_key])?;
    Ok(())
}

/// The wrapped key of small pictures that are there.
///
/// # Errors
/// When the file cannot be read.
pub fn wrapped_key(content: &Connection, id: &FileId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql =
        "SELECT t.wrapped_key FROM thumbnail t JOIN file f ON f.no = t.file_no WHERE f.id = ?1 AND t.state = 'made'";
    Ok(content.prepare_cached(sql)?.query_row([id.as_str()], |r| r.get(0)).optional()?.flatten())
}
