//! Accounts: adding, changing, finding, the network.

mod add;
mod change;
mod find;
mod network;
pub(crate) mod outbox;
mod password;
mod remove;
mod settings;

pub use add::{NewUser, add, create};
pub use change::{AdminChange, ProfileChange, change_member, change_own_profile};
pub use find::{Page, Window, find, find_by_emails, find_many, find_member, list_members};
pub use network::{network, presences};
pub use remove::remove;
pub use settings::{presence_setting, set_presence};
pub use store::user::{Profile, User};

use crate::App;
use aws_lc_rs::hmac;
use domain::email::Email;

/// The keyed hash under which the directory knows a log-in name (decision 8).
pub(crate) fn login_hash(app: &App, email: &Email) -> Vec<u8> {
    keyed_hash(app, "login lookup", email.as_str())
}

/// The keyed hash under which the directory knows a company's name.
pub(crate) fn company_name_hash(app: &App, name: &str) -> Vec<u8> {
    keyed_hash(app, "company name lookup", &name.to_lowercase())
}

fn keyed_hash(app: &App, purpose: &str, text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(purpose).expose());
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

/// Most characters of a personal field.
const FIELD_LENGTH_MAX: usize = 255;

/// Refuses personal fields that are too long or hold control characters.
fn check_profile(profile: &Profile) -> Result<(), crate::AppError> {
    let fields = [
        ("firstName", &profile.first_name),
        ("lastName", &profile.last_name),
        ("title", &profile.title),
        ("jobTitle", &profile.job_title),
        ("nickName", &profile.nick_name),
        ("country", &profile.country),
        ("language", &profile.language),
        ("timezone", &profile.timezone),
    ];
    for (name, value) in fields {
        if value.chars().count() > FIELD_LENGTH_MAX || value.chars().any(char::is_control) {
            let why = format!("at most {FIELD_LENGTH_MAX} characters, no control characters");
            return Err(crate::AppError::invalid(name, why));
        }
    }
    Ok(())
}
