//! Joining by a link (A1, A10): who administers a member hands it over, the member chooses a password by it.
//!
//! It is good once, for a week, until the next one of the same member is made, and only for the password that it was made
//! to replace. The directory knows it by the keyed hash of its token, so what is looked up tells nothing by its time.

mod accept;
mod find;
mod make;

pub use accept::{Joining, join};
pub use find::{Invited, invited};
pub use make::{NewLink, make_link};

use crate::{App, people};
use store::Purpose;

/// Bytes of a token, random: 256 bits.
const TOKEN_BYTES: usize = 32;

/// The keyed hash under which the directory knows a link.
fn token_hash(app: &App, token: &str) -> Vec<u8> {
    people::keyed_hash(app, Purpose::JoinLinkLookup, token)
}
