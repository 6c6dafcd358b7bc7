//! Signing in: passwords and their lock-out, links to choose one by, tokens, sessions, the XMPP secret, application
//! passwords.

mod application_password;
mod change_password;
mod check;
mod end;
mod fast_token;
mod guest;
pub(crate) mod hash_pool;
mod hash_queue;
mod join;
pub(crate) mod lock_out;
mod log_in;
pub(crate) mod pace;
mod present_password;
mod renew;
mod session;
pub(crate) mod token;
mod xmpp_secret;

pub use application_password::{
    ApplicationPassword, MadeApplicationPassword, NewApplicationPassword, Salt, application_salt,
    authenticate_by_proof, create_application_password, list_application_passwords, remove_application_password,
};
pub use change_password::{PasswordChange, change_password};
pub(crate) use check::Lives;
pub use check::authenticate;
pub use end::log_out;
pub use fast_token::{Accepted, MadeToken, ShownToken, authenticate_by_fast_token, make_fast_token};
pub(crate) use guest::sign_in_guest;
pub use join::{Invited, Joining, NewLink, invited, join, make_link};
pub use log_in::{Credentials, SignedIn, log_in};
pub use renew::renew;
pub use session::{
    OpenSession, end_all_sessions, end_member_session, end_session, end_sessions_of_member, list_member_sessions,
    list_sessions,
};
pub use xmpp_secret::{authenticate_stream, keep_alive};

use crate::App;

/// What the operator may set of the lock-out (A5).
#[derive(Debug, Clone, Copy)]
pub struct LockOutSettings {
    /// Wrong passwords of an account from one source before it waits there.
    pub failures: u32,
    /// Wrong passwords of an account from all sources without an earlier success before it waits at those.
    pub account_failures: u32,
    /// The first wait, in seconds; doubled by each further failure.
    pub first_s: i64,
    /// The longest wait, in seconds.
    pub longest_s: i64,
    /// One failure is forgotten each time that this passed, in seconds.
    pub forget_s: i64,
    /// Accounts at sources whose failures are remembered.
    pub entries_max: usize,
}

impl LockOutSettings {
    pub(crate) fn limits(&self) -> lock_out::Limits {
        let ms = |s: i64| s.max(1).saturating_mul(1000);
        lock_out::Limits {
            failures: self.failures.max(1),
            account_failures: self.account_failures.max(1),
            first_ms: ms(self.first_s),
            longest_ms: ms(self.longest_s.max(self.first_s)),
            forget_ms: ms(self.forget_s),
            entries_max: self.entries_max,
        }
    }
}

/// Locks that began since the box was started.
#[must_use]
pub fn lock_count(app: &App) -> u64 {
    app.lock_out.locks()
}
