//! Favourites (B6, C3): people and bubbles at hand, in an order of one's own. What can no longer be seen is not shown.

mod change;
mod list;

pub use change::{put, remove};
pub use list::list;
pub use store::favorite::Favorite;
