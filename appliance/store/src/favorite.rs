//! Favourites: the people and bubbles that somebody wants at hand, in an order of one's own.

use crate::StoreError;
use crate::person::PersonNo;
use domain::ids::{BubbleId, FavoriteId, NotAnId, UserId};
use domain::peer::Peer;
use rusqlite::{Connection, Row, params};

/// The table in which those of its kind stand.
fn table(liked: &Peer) -> &'static str {
    match liked {
        Peer::User(_) => "favorite",
        Peer::Bubble(_) => "favorite_bubble",
    }
}

/// A favourite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Favorite {
    /// Its id.
    pub id: FavoriteId,
    /// Who or what.
    pub liked: Peer,
    /// Place in the list, from 0.
    pub position: u32,
}

/// Whom or which bubble to put into a list.
#[derive(Debug, Clone)]
pub enum Putting {
    /// A person, by his number in this file.
    Person(PersonNo, UserId),
    /// A bubble, of whatever company.
    Bubble(BubbleId),
}

/// Puts somebody or a bubble at a place of the list (at the end without one) and answers the entry; what is in it keeps its id.
///
/// # Errors
/// When the file cannot be written.
pub fn put(
    content: &Connection,
    owner: PersonNo,
    what: &Putting,
    fresh: &FavoriteId,
    position: Option<u32>,
) -> Result<Favorite, StoreError> {
    let mut all = all(content, owner)?;
    let liked = match what {
        Putting::Person(_, user) => Peer::User(user.clone()),
        Putting::Bubble(bubble) => Peer::Bubble(bubble.clone()),
    };
    let known = all.iter().position(|favorite| favorite.liked == liked).map(|place| all.remove(place));
    if known.is_none() {
        match what {
            Putting::Person(no, _) => content.execute(
                "INSERT INTO favorite (id, owner_no, peer_no, position) VALUES (?1, ?2, ?3, -1)",
                params![fresh.as_str(), owner.0, no.0],
            )?,
            Putting::Bubble(bubble) => content.execute(
                "INSERT INTO favorite_bubble (id, owner_no, bubble_id, position) VALUES (?1, ?2, ?3, -1)",
                params![fresh.as_str(), owner.0, bubble.as_str()],
            )?,
        };
    }
    let id = known.map_or_else(|| fresh.clone(), |favorite| favorite.id);
    let place = position.and_then(|place| usize::try_from(place).ok()).unwrap_or(all.len()).min(all.len());
    all.insert(place, Favorite { id, liked, position: u32::MAX });
    write_places(content, &mut all)?;
    Ok(all.swap_remove(place))
}

/// Writes the places of a list whose order has changed.
fn write_places(content: &Connection, all: &mut [Favorite]) -> Result<(), StoreError> {
    for (place, favorite) in (0_u32..).zip(all) {
        if favorite.position != place {
            let sql = format!("UPDATE {} SET position = ?2 WHERE id = ?1", table(&favorite.liked));
            content.prepare_cached(&sql)?.execute(params![favorite.id.as_str(), place])?;
            favorite.position = place;
        }
    }
    Ok(())
}

/// Takes an entry off the list; `None`: the owner has none of that id.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(content: &Connection, owner: PersonNo, id: &FavoriteId) -> Result<Option<Favorite>, StoreError> {
    let mut all = all(content, owner)?;
    let Some(place) = all.iter().position(|favorite| favorite.id == *id) else { return Ok(None) };
    let removed = all.remove(place);
    content.execute(&format!("DELETE FROM {} WHERE id = ?1", table(&removed.liked)), [id.as_str()])?;
    write_places(content, &mut all)?;
    Ok(Some(removed))
}

/// Somebody's list, in its order.
///
/// # Errors
/// When the file cannot be read.
pub fn all(content: &Connection, owner: PersonNo) -> Result<Vec<Favorite>, StoreError> {
    let sql = "SELECT f.id, p.id, f.position, 0 FROM favorite f JOIN person p ON p.no = f.peer_no WHERE f.owner_no = ?1
               UNION ALL SELECT id, bubble_id, position, 1 FROM favorite_bubble WHERE owner_no = ?1
               ORDER BY 3, 4";
    let mut statement = content.prepare_cached(sql)?;
    let rows = statement.query_map([owner.0], read)?;
    rows.map(|row| row?).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Favorite, StoreError>> {
    let (id, peer, position, is_bubble): (String, String, u32, bool) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let unreadable = |e: NotAnId| StoreError::Row { table: "favorite", what: e.to_string() };
    let liked = match is_bubble {
        true => BubbleId::parse(&peer).map(Peer::Bubble),
        false => UserId::parse(&peer).map(Peer::User),
    };
    let id = FavoriteId::parse(&id).map_err(unreadable);
    Ok(id.and_then(|id| Ok(Favorite { id, liked: liked.map_err(unreadable)?, position })))
}
