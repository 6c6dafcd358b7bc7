//! Shared files of an export.

use super::{Export, listed};
use crate::{StoreError, stored_at};
use rusqlite::Connection;
use vault::{FileKey, SealedReader, VaultError};

/// Rows that are read at once: no transaction stays open while files are written.
const ROWS_AT_ONCE: u32 = 500;

/// A file.
#[derive(Debug, Clone)]
pub struct ExportedFile {
    no: i64,
    /// The id, by which messages name it.
    pub id: String,
    /// What its owner called it. It may be anything.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// Media type.
    pub kind: String,
    /// Bytes.
    pub bytes: u64,
    /// When it was announced, in milliseconds since 1970.
    pub announced_ms: i64,
    /// Ids of people and bubbles that see it.
    pub viewers: Vec<String>,
    wrapped_key: Vec<u8>,
}

impl Export<'_> {
    pub(super) fn live_files(&self, alias: &str) -> String {
        let gone = listed(&self.gone_files);
        format!("{alias}.state = 'clean' AND {alias}.wrapped_key IS NOT NULL AND {alias}.id NOT IN ({gone})")
    }

    /// Some files, those after one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn files_after(&self, after: Option<&ExportedFile>) -> Result<Vec<ExportedFile>, StoreError> {
        let sql = format!(
            "SELECT f.no, f.id, f.name, p.id, f.kind, f.size_bytes, f.announced_ms, f.wrapped_key FROM file f
             JOIN person p ON p.no = f.owner_no WHERE f.no > ?1 AND {} ORDER BY f.no LIMIT {ROWS_AT_ONCE}",
            self.live_files("f")
        );
        let mut files = self.named(read(&self.content, &sql, after.map_or(0, |file| file.no)))?;
        for file in &mut files {
            let viewers = "SELECT viewer_id FROM file_viewer WHERE file_id = ?1 ORDER BY added_ms";
            file.viewers = super::texts(&self.directory, viewers, &[&file.id])?;
        }
        Ok(files)
    }

    /// Opens a file's bytes.
    ///
    /// # Errors
    /// When they are missing, or were changed (D3).
    pub fn open(&self, file: &ExportedFile) -> Result<SealedReader, VaultError> {
        let key = FileKey::unwrap(&self.subject.file_wrapping, &file.id, &file.wrapped_key)?;
        SealedReader::open(&self.survey.folder().join(stored_at(self.id(), &file.id, false)), key)
    }
}

fn read(content: &Connection, sql: &str, after: i64) -> Result<Vec<ExportedFile>, StoreError> {
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([after], |r| {
        Ok(ExportedFile {
            no: r.get(0)?,
            id: r.get(1)?,
            name: r.get(2)?,
            owner: r.get(3)?,
            kind: r.get(4)?,
            bytes: r.get(5)?,
            announced_ms: r.get(6)?,
            viewers: Vec::new(),
            wrapped_key: r.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
