//! Signing in: passwords, tokens, sessions, the XMPP secret.

mod check;
mod end;
pub(crate) mod hash_pool;
mod log_in;
mod renew;
pub(crate) mod token;
mod xmpp_secret;

pub use check::authenticate;
pub use end::log_out;
pub use log_in::{Credentials, SignedIn, log_in};
pub use renew::renew;
pub use xmpp_secret::{authenticate_stream, keep_alive};
