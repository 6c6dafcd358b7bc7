//! Shared files as the directory knows them: in which company's file they are described, whose, and who may see them.

use crate::StoreError;
use domain::file::{Access, Grant, Viewer};
use domain::ids::{CompanyId, FileId, NotAnId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

fn unreadable(e: NotAnId) -> StoreError {
    StoreError::Row { table: "file", what: e.to_string() }
}

/// A shared file, as far as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedFile {
    /// The company whose file describes it.
    pub company: CompanyId,
    /// Who may see it.
    pub access: Access,
}

/// Enters a file, for its owner alone.
///
/// # Errors
/// When the directory cannot be written.
pub fn insert(directory: &Connection, id: &FileId, company: &CompanyId, owner: &UserId) -> Result<(), StoreError> {
    directory.prepare_cached("INSERT INTO file (id, company_id, owner_id) VALUES (?1, ?2, ?3)")?.execute([
        id.as_str(),
        company.as_str(),
        owner.as_str(),
    ])?;
    Ok(())
}

/// A file by id.
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, id: &FileId) -> Result<Option<SharedFile>, StoreError> {
    let sql = "SELECT company_id, owner_id FROM file WHERE id = ?1";
    let found = directory.prepare_cached(sql)?.query_row([id.as_str()], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    let Some((company, owner)): Option<(String, String)> = found else { return Ok(None) };
    let owner = UserId::parse(&owner).map_err(unreadable)?;
    let company = CompanyId::parse(&company).map_err(unreadable)?;
    Ok(Some(SharedFile { company, access: Access { owner, grants: grants(directory, id)? } }))
}

/// Who a file was shared with, the earliest first.
///
/// # Errors
/// When the directory cannot be read.
pub fn grants(directory: &Connection, id: &FileId) -> Result<Vec<Grant>, StoreError> {
    let sql =
        "SELECT viewer_kind, viewer_id, added_ms FROM file_viewer WHERE file_id = ?1 ORDER BY added_ms, viewer_id";
    let mut statement = directory.prepare_cached(sql)?;
    let rows = statement.query_map([id.as_str()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let grant = |row: rusqlite::Result<(String, String, i64)>| {
        let (kind, viewer, at_ms) = row?;
        let viewer = Viewer::parse(&kind, &viewer);
        let what = || StoreError::Row { table: "file_viewer", what: String::from("no such viewer") };
        Ok(Grant { viewer: viewer.ok_or_else(what)?, at_ms })
    };
    rows.map(grant).collect()
}

/// Shares a file with somebody more; idempotent.
///
/// # Errors
/// When the directory cannot be written.
pub fn add_viewer(directory: &Connection, id: &FileId, viewer: &Viewer, now_ms: i64) -> Result<(), StoreError> {
    directory
        .prepare_cached(
            "INSERT OR IGNORE INTO file_viewer (file_id, viewer_id, viewer_kind, added_ms) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id.as_str(), viewer.id(), viewer.kind(), now_ms])?;
    Ok(())
}

/// Takes a viewer off. `false`: there was no such viewer.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_viewer(directory: &Connection, id: &FileId, viewer_id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM file_viewer WHERE file_id = ?1 AND viewer_id = ?2";
    Ok(directory.prepare_cached(sql)?.execute([id.as_str(), viewer_id])? == 1)
}

/// Takes a viewer off all files; answers who could see each of them before.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove_viewer_of_all(directory: &Connection, viewer: &Viewer) -> Result<Vec<(FileId, Access)>, StoreError> {
    let mut hidden = Vec::new();
    for (id, _) in shared_with(directory, viewer.id(), u32::MAX)? {
        if let Some(shared) = find(directory, &id)? {
            hidden.push((id, shared.access));
        }
    }
    directory.execute("DELETE FROM file_viewer WHERE viewer_id = ?1", [viewer.id()])?;
    Ok(hidden)
}

/// Gives a file to another owner of the same company.
///
/// # Errors
/// When the directory cannot be written.
pub fn set_owner(directory: &Connection, id: &FileId, owner: &UserId) -> Result<(), StoreError> {
    let sql = "UPDATE file SET owner_id = ?2 WHERE id = ?1";
    directory.prepare_cached(sql)?.execute([id.as_str(), owner.as_str()])?;
    Ok(())
}

/// Takes a file out, with all who may see it; idempotent. What is left of it in its company is noted until [`forget_gone`].
///
/// # Errors
/// When the directory cannot be written.
pub fn remove(directory: &Connection, company: &CompanyId, id: &FileId) -> Result<(), StoreError> {
    for sql in ["DELETE FROM file_viewer WHERE file_id = ?1", "DELETE FROM file WHERE id = ?1"] {
        directory.prepare_cached(sql)?.execute([id.as_str()])?;
    }
    let sql = "INSERT OR IGNORE INTO file_gone (id, company_id) VALUES (?1, ?2)";
    directory.prepare_cached(sql)?.execute([id.as_str(), company.as_str()])?;
    Ok(())
}

/// Some files of a company that were taken out and of which something may be left.
///
/// # Errors
/// When the directory cannot be read.
pub fn gone(directory: &Connection, company: &CompanyId, limit: u32) -> Result<Vec<FileId>, StoreError> {
    let sql = "SELECT id FROM file_gone WHERE company_id = ?1 LIMIT ?2";
    let mut statement = directory.prepare_cached(sql)?;
    let rows = statement.query_map(params![company.as_str(), limit], |r| r.get::<_, String>(0))?;
    rows.map(|id| FileId::parse(&id?).map_err(unreadable)).collect()
}

/// Nothing is left of a file.
///
/// # Errors
/// When the directory cannot be written.
pub fn forget_gone(directory: &Connection, id: &FileId) -> Result<(), StoreError> {
    directory.prepare_cached("DELETE FROM file_gone WHERE id = ?1")?.execute([id.as_str()])?;
    Ok(())
}

/// Somebody whose account is deleted sees nothing any more.
///
/// # Errors
/// When the directory cannot be written.
pub fn forget_viewer(directory: &Connection, viewer_id: &str) -> Result<(), StoreError> {
    directory.prepare_cached("DELETE FROM file_viewer WHERE viewer_id = ?1")?.execute([viewer_id])?;
    Ok(())
}

/// The newest files that were shared with a viewer, and when.
///
/// # Errors
/// When the directory cannot be read.
pub fn shared_with(directory: &Connection, viewer_id: &str, limit: u32) -> Result<Vec<(FileId, i64)>, StoreError> {
    let sql = "SELECT file_id, added_ms FROM file_viewer WHERE viewer_id = ?1 ORDER BY added_ms DESC, file_id LIMIT ?2";
    let mut statement = directory.prepare_cached(sql)?;
    let rows = statement.query_map(params![viewer_id, limit], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
    rows.map(|row| row.map_err(StoreError::from).and_then(|(id, at)| Ok((FileId::parse(&id).map_err(unreadable)?, at))))
        .collect()
}
