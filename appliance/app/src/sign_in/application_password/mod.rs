//! Application passwords (A2, A11, decision 5): random, named, revocable, for standard XMPP clients that know no tokens. They
//! are checked by SCRAM-SHA-256, which a person's own password never is.

mod create;
mod keys;
mod list;
mod remove;
mod stream;

pub use create::{MadeApplicationPassword, NewApplicationPassword, create_application_password};
pub use list::list_application_passwords;
pub use remove::remove_application_password;
pub use store::application_password::{ApplicationPassword, Salt};
pub use stream::{application_salt, authenticate_by_proof};
pub(super) use stream::{keep_alive, member, note_use};
