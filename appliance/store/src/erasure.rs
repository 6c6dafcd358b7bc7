//! Companies that were erased: their key is gone from the directory with all that named them; a signed receipt stays (D2).

use crate::StoreError;
use domain::ids::{CompanyId, NotAnId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

fn unreadable(e: NotAnId) -> StoreError {
    StoreError::Row { table: "erasure", what: e.to_string() }
}

/// All that the directory knows by the company's people, before the people themselves.
const BY_MEMBERS: [&str; 7] = [
    "DELETE FROM network WHERE low_id IN (SELECT user_id FROM member WHERE company_id = ?1)
         OR high_id IN (SELECT user_id FROM member WHERE company_id = ?1)",
    "DELETE FROM invitation WHERE inviter_id IN (SELECT user_id FROM member WHERE company_id = ?1)
         OR invited_id IN (SELECT user_id FROM member WHERE company_id = ?1)",
    "DELETE FROM block WHERE blocker_id IN (SELECT user_id FROM member WHERE company_id = ?1)
         OR blocked_id IN (SELECT user_id FROM member WHERE company_id = ?1)",
    "DELETE FROM file_viewer WHERE viewer_id IN (SELECT user_id FROM member WHERE company_id = ?1)
         OR viewer_id IN (SELECT id FROM bubble WHERE company_id = ?1)",
    // Nobody is left who leads them: they can be read, and an administrator goes on.
    "UPDATE bubble SET archived = 1
         WHERE company_id <> ?1 AND owner_id IN (SELECT user_id FROM member WHERE company_id = ?1)",
    "DELETE FROM bubble_waiting WHERE user_id IN (SELECT user_id FROM member WHERE company_id = ?1)",
    "DELETE FROM bubble_member WHERE user_id IN (SELECT user_id FROM member WHERE company_id = ?1)",
];

/// The company's own rows. The last is its key.
const OWN: [&str; 9] = [
    "DELETE FROM visible_by WHERE low_id = ?1 OR high_id = ?1",
    "DELETE FROM file_gone WHERE company_id = ?1",
    "DELETE FROM file WHERE company_id = ?1",
    "DELETE FROM bubble WHERE company_id = ?1",
    "DELETE FROM join_link WHERE company_id = ?1",
    "DELETE FROM login WHERE company_id = ?1",
    "DELETE FROM member WHERE company_id = ?1",
    "UPDATE company SET partner_id = NULL WHERE partner_id = ?1",
    "DELETE FROM company WHERE id = ?1",
];

/// Takes a company out of the directory: its key, its people, and every edge to others. `false`: it is not there.
///
/// # Errors
/// When the directory cannot be written.
pub(crate) fn take_out(directory: &Connection, id: &CompanyId) -> Result<bool, StoreError> {
    let mut gone = 0;
    for sql in BY_MEMBERS.iter().chain(&OWN) {
        gone = directory.execute(sql, [id.as_str()])?;
    }
    Ok(gone > 0)
}

/// Erases a company in the directory. What its people were given for relays is good for nothing from then on, and forgotten when
/// it would have expired; `false`: the company is not there.
///
/// # Errors
/// When the directory cannot be written.
pub fn erase(directory: &Connection, id: &CompanyId, receipt: &str, now_ms: i64) -> Result<bool, StoreError> {
    let revoked =
        "INSERT OR REPLACE INTO relay_revoked (user_id, at_ms) SELECT user_id, ?2 FROM member WHERE company_id = ?1";
    directory.execute(revoked, params![id.as_str(), now_ms])?;
    if !take_out(directory, id)? {
        return Ok(false);
    }
    let sql = "INSERT INTO erasure (company_id, receipt, erased_ms) VALUES (?1, ?2, ?3)";
    directory.execute(sql, params![id.as_str(), receipt, now_ms])?;
    Ok(true)
}

/// Erased companies of which something may still lie on the disk.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn unswept(directory: &Connection) -> Result<Vec<CompanyId>, StoreError> {
    let mut statement = directory.prepare("SELECT company_id FROM erasure WHERE swept = 0")?;
    let ids = statement.query_map([], |r| r.get::<_, String>(0))?;
    ids.map(|id| CompanyId::parse(&id?).map_err(unreadable)).collect()
}

/// Nothing of an erased company lies on the disk any more.
///
/// # Errors
/// When the directory cannot be written.
pub(crate) fn set_swept(directory: &Connection, id: &CompanyId) -> Result<(), StoreError> {
    directory.execute("UPDATE erasure SET swept = 1 WHERE company_id = ?1", [id.as_str()])?;
    Ok(())
}

/// The receipts of erased companies, the newest first.
///
/// # Errors
/// When the directory cannot be read.
pub fn receipts(directory: &Connection, limit: u32) -> Result<Vec<String>, StoreError> {
    let mut statement = directory.prepare("SELECT receipt FROM erasure ORDER BY erased_ms DESC LIMIT ?1")?;
    let receipts = statement.query_map([limit], |r| r.get(0))?;
    Ok(receipts.collect::<Result<_, _>>()?)
}

/// The company of a foreign person whom `me` has a conversation with, as this file knows it.
///
/// # Errors
/// When the file cannot be read.
pub fn company_of_peer(
    content: &Connection,
    me: crate::person::PersonNo,
    peer: &UserId,
) -> Result<Option<CompanyId>, StoreError> {
    let sql = "SELECT p.company_id FROM person p
         WHERE p.id = ?2 AND EXISTS (SELECT 1 FROM conversation c WHERE c.owner_no = ?1 AND c.peer_no = p.no)";
    let found = content.prepare_cached(sql)?.query_row(params![me.0, peer.as_str()], |r| r.get::<_, String>(0));
    found.optional()?.map(|id| CompanyId::parse(&id).map_err(unreadable)).transpose()
}
