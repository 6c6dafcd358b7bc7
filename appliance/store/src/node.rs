//! What people publish in nodes of their own (XEP-0163): nodes, and items in the order in which they were published.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::UserId;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A node of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name, a namespace mostly.
    pub name: String,
    /// Who may read it, by its name on the wire.
    pub access: String,
    /// Items that it holds; the oldest goes when there are more.
    pub items_max: u32,
}

/// Something published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id, unique in its node.
    pub id: String,
    /// Its one element, as XML.
    pub payload: String,
}

/// A node of somebody.
///
/// # Errors
/// When the file cannot be read.
pub fn find(content: &Connection, owner: PersonNo, name: &str) -> Result<Option<Node>, StoreError> {
    Ok(content
        .prepare_cached("SELECT name, access, items_max FROM node WHERE owner_no = ?1 AND name = ?2")?
        .query_row(params![owner.0, name], read_node)
        .optional()?)
}

/// All nodes of somebody, by name.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, owner: PersonNo) -> Result<Vec<Node>, StoreError> {
    let mut statement =
        content.prepare_cached("SELECT name, access, items_max FROM node WHERE owner_no = ?1 ORDER BY name")?;
    let rows = statement.query_map([owner.0], read_node)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes a node, or sets it anew.
///
/// # Errors
/// When the file cannot be written.
pub fn put(content: &Connection, owner: PersonNo, node: &Node) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO node (owner_no, name, access, items_max) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (owner_no, name) DO UPDATE SET access = ?3, items_max = ?4",
        )?
        .execute(params![owner.0, node.name, node.access, node.items_max])?;
    Ok(())
}

/// Removes a node with its items; `false`: there was none.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, name: &str) -> Result<bool, StoreError> {
    let removed = content
        .prepare_cached("DELETE FROM node WHERE owner_no = ?1 AND name = ?2")?
        .execute(params![owner.0, name])?;
    Ok(removed == 1)
}

/// Bytes of everything that somebody published, but for one item.
///
/// # Errors
/// When the file cannot be read.
pub fn bytes(content: &Connection, owner: PersonNo, but: (&str, &str)) -> Result<u64, StoreError> {
    Ok(content
        .prepare_cached(
            "SELECT coalesce(sum(length(payload)), 0) FROM node_item WHERE owner_no = ?1 AND NOT (node = ?2 AND id = ?3)",
        )?
        .query_row(params![owner.0, but.0, but.1], |r| r.get(0))?)
}

/// Publishes an item, in place of one of the same id, and lets the oldest go beyond what the node holds.
///
/// # Errors
/// When the file cannot be written.
pub fn publish(content: &Connection, owner: PersonNo, node: &Node, item: &Item, now_us: i64) -> Result<(), StoreError> {
    content
        .prepare_cached(
            "INSERT INTO node_item (owner_no, node, id, payload, published_us)
             VALUES (?1, ?2, ?3, ?4,
                     max(?5, 1 + coalesce((SELECT max(published_us) FROM node_item WHERE owner_no = ?1 AND node = ?2), 0)))
             ON CONFLICT (owner_no, node, id) DO UPDATE SET payload = excluded.payload, published_us = excluded.published_us",
        )?
        .execute(params![owner.0, node.name, item.id, item.payload, now_us])?;
    content
        .prepare_cached(
            "DELETE FROM node_item WHERE owner_no = ?1 AND node = ?2 AND id IN
             (SELECT id FROM node_item WHERE owner_no = ?1 AND node = ?2 ORDER BY published_us DESC LIMIT -1 OFFSET ?3)",
        )?
        .execute(params![owner.0, node.name, node.items_max])?;
    Ok(())
}

/// Takes an item back; `false`: there was none.
///
/// # Errors
/// When the file cannot be written.
pub fn retract(content: &Connection, owner: PersonNo, node: &str, id: &str) -> Result<bool, StoreError> {
    let removed = content
        .prepare_cached("DELETE FROM node_item WHERE owner_no = ?1 AND node = ?2 AND id = ?3")?
        .execute(params![owner.0, node, id])?;
    Ok(removed == 1)
}

/// The newest items of a node, newest first.
///
/// # Errors
/// When the file cannot be read.
pub fn items(content: &Connection, owner: PersonNo, node: &str, limit: u32) -> Result<Vec<Item>, StoreError> {
    let mut statement = content.prepare_cached(
        "SELECT id, payload FROM node_item WHERE owner_no = ?1 AND node = ?2 ORDER BY published_us DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![owner.0, node, limit], read_item)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One item.
///
/// # Errors
/// When the file cannot be read.
pub fn item(content: &Connection, owner: PersonNo, node: &str, id: &str) -> Result<Option<Item>, StoreError> {
    Ok(content
        .prepare_cached("SELECT id, payload FROM node_item WHERE owner_no = ?1 AND node = ?2 AND id = ?3")?
        .query_row(params![owner.0, node, id], read_item)
        .optional()?)
}

/// The newest item of everybody's node of this name, with who may read it: oldest first, at most `limit`.
///
/// # Errors
/// When the file cannot be read.
pub fn newest_of_all(content: &Connection, name: &str, limit: u32) -> Result<Vec<(UserId, String, Item)>, StoreError> {
    let mut statement = content.prepare_cached(
        "SELECT i.id, i.payload, p.id, n.access FROM node n
         JOIN person p ON p.no = n.owner_no
         JOIN node_item i ON i.owner_no = n.owner_no AND i.node = n.name
         WHERE n.name = ?1 AND i.published_us =
               (SELECT max(published_us) FROM node_item o WHERE o.owner_no = n.owner_no AND o.node = n.name)
         LIMIT ?2",
    )?;
    let rows = statement
        .query_map(params![name, limit], |r| Ok((r.get::<_, String>(2)?, r.get::<_, String>(3)?, read_item(r)?)))?;
    rows.map(|row| {
        let (owner, access, item) = row?;
        let unreadable = |e: domain::ids::NotAnId| StoreError::Row { table: "person", what: e.to_string() };
        Ok((UserId::parse(&owner).map_err(unreadable)?, access, item))
    })
    .collect()
}

fn read_node(row: &Row<'_>) -> rusqlite::Result<Node> {
    Ok(Node { name: row.get(0)?, access: row.get(1)?, items_max: row.get(2)? })
}

fn read_item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item { id: row.get(0)?, payload: row.get(1)? })
}
