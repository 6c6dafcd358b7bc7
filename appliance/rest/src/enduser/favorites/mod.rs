//! A user's favourites: people and bubbles, in an order of one's own.

pub(crate) mod check;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod read;
pub(crate) mod remove;
pub(crate) mod reorder;

use crate::edge::Edge;
use crate::error::RestError;
use app::Caller;
use app::favorite::{self, Favorite};
use domain::ids::FavoriteId;
use serde_json::{Value, json};

/// A favourite in Rainbow's JSON.
fn favorite_json(favorite: &Favorite) -> Value {
    json!({
        "id": favorite.id,
        "peerId": favorite.liked.id(),
        "type": favorite.liked.kind(),
        "position": favorite.position,
    })
}

/// One of the caller's favourites.
async fn find(edge: &Edge, caller: &Caller, id: &FavoriteId) -> Result<Favorite, RestError> {
    let all = favorite::list(&edge.app, caller).await?;
    all.into_iter().find(|favorite| favorite.id == *id).ok_or(RestError::NotFound)
}
