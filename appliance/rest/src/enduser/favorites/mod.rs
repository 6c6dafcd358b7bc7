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
use app::favorite::{self, Favorite, Liked};
use domain::ids::FavoriteId;
use serde_json::{Value, json};

/// A favourite in Rainbow's JSON.
fn favorite_json(favorite: &Favorite) -> Value {
    json!({
        "id": favorite.id,
        "peerId": favorite.liked.id(),
        "type": kind_of(&favorite.liked),
        "position": favorite.position,
    })
}

/// What Rainbow's interface calls it.
fn kind_of(liked: &Liked) -> &'static str {
    match liked {
        Liked::User(_) => "user",
        Liked::Bubble(_) => "room",
    }
}

/// One of the caller's favourites.
async fn find(edge: &Edge, caller: &Caller, id: &FavoriteId) -> Result<Favorite, RestError> {
    let all = favorite::list(&edge.app, caller).await?;
    all.into_iter().find(|favorite| favorite.id == *id).ok_or(RestError::NotFound)
}
