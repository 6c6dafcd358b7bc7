//! Favourites: the people that somebody wants at hand, in an order of one's own.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{FavoriteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A favourite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Favorite {
    /// Its id.
    pub id: FavoriteId,
    /// Who.
    pub peer: UserId,
    /// Place in the list, from 0.
    pub position: u32,
}

const SELECT: &str = "SELECT f.id, p.id, f.position FROM favorite f JOIN person p ON p.no = f.peer_no";

/// Puts somebody at a place of the list (at the end without one) and answers the entry; whoever is in it keeps the id.
///
/// # Errors
/// When the file cannot be written.
pub fn put(
    content: &Connection,
    owner: PersonNo,
    peer: PersonNo,
    fresh: &FavoriteId,
    position: Option<u32>,
) -> Result<(), StoreError> {
    let exists: Option<String> = content
        .query_row("SELECT id FROM favorite WHERE owner_no = ?1 AND peer_no = ?2", [owner.0, peer.0], |r| r.get(0))
        .optional()?;
    let end = count(content, owner)?.saturating_sub(u32::from(exists.is_some()));
    let id = exists.unwrap_or_else(|| fresh.to_string());
    content.execute("DELETE FROM favorite WHERE owner_no = ?1 AND peer_no = ?2", [owner.0, peer.0])?;
    close_gaps(content, owner)?;
    let position = position.unwrap_or(end).min(end);
    content.execute(
        "UPDATE favorite SET position = position + 1 WHERE owner_no = ?1 AND position >= ?2",
        params![owner.0, position],
    )?;
    content.execute(
        "INSERT INTO favorite (id, owner_no, peer_no, position) VALUES (?1, ?2, ?3, ?4)",
        params![id, owner.0, peer.0, position],
    )?;
    Ok(())
}

fn close_gaps(content: &Connection, owner: PersonNo) -> Result<(), StoreError> {
    content.execute(
        "UPDATE favorite AS f SET position =
            (SELECT count(*) FROM favorite o WHERE o.owner_no = f.owner_no AND o.position < f.position)
         WHERE f.owner_no = ?1",
        [owner.0],
    )?;
    Ok(())
}

/// Takes an entry off the list; `None`: the owner has none of that id.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, id: &FavoriteId) -> Result<Option<Favorite>, StoreError> {
    let sql = format!("{SELECT} WHERE f.owner_no = ?1 AND f.id = ?2");
    let found = content.query_row(&sql, params![owner.0, id.as_str()], read).optional()?.transpose()?;
    content.execute("DELETE FROM favorite WHERE owner_no = ?1 AND id = ?2", params![owner.0, id.as_str()])?;
    close_gaps(content, owner)?;
    Ok(found)
}

/// Somebody's list, in its order.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, owner: PersonNo) -> Result<Vec<Favorite>, StoreError> {
    let sql = format!("{SELECT} WHERE f.owner_no = ?1 ORDER BY f.position");
    let mut statement = content.prepare_cached(&sql)?;
    let rows = statement.query_map([owner.0], read)?;
    rows.map(|row| row?).collect()
}

/// How long somebody's list is.
///
/// # Errors
/// When the file cannot be read.
pub fn count(content: &Connection, owner: PersonNo) -> Result<u32, StoreError> {
    Ok(content
        .prepare_cached("SELECT count(*) FROM favorite WHERE owner_no = ?1")?
        .query_row([owner.0], |r| r.get(0))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Favorite, StoreError>> {
    let (id, peer, position): (String, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "favorite", what: e.to_string() };
    Ok((|| {
        let (id, peer) = (FavoriteId::parse(&id).map_err(unreadable)?, UserId::parse(&peer).map_err(unreadable)?);
        Ok(Favorite { id, peer, position })
    })())
}
