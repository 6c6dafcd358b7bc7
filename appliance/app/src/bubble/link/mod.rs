//! The link of a bubble (C4): who has it comes to the bubble, through its door.
//!
//! Its token has 256 bits that are computed from a random seed in the directory, under a key of the box, so that the
//! organizer is told it as often as he asks and no copy lies anywhere. It is looked up by its keyed hash, so how long that
//! takes tells nothing. The password that it may ask for comes about likewise.

mod come;
mod find;
mod make;
mod password;
mod secrets;

pub use come::{Arrival, Knock, come};
pub(crate) use come::{check_password, knock};
pub use find::{LinkPage, look_at};
pub(crate) use find::{held, names_of};
pub use make::{OpenLink, find_link, list_links, make_link, remove_link, reset_link};
pub use password::{find_password, set_password};

/// Random bytes of a seed.
const SEED_BYTES: usize = 32;
