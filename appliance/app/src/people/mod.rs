//! Accounts: adding, changing, finding, the network.

pub(crate) mod add;
mod change;
mod custom_status;
mod find;
mod list;
mod names;
mod network;
pub(crate) mod password;
mod remove;
mod search;
mod settings;

pub use add::{NewUser, add, create};
pub(crate) use change::changeable;
pub use change::{AdminChange, ProfileChange, change_member, change_own_profile};
pub use custom_status::{custom_status, remove_custom_status, set_custom_status};
pub(crate) use find::ids_by_emails;
pub use find::{Page, Seen, Window, find, find_by_emails, find_many, find_member};
pub use list::{Listing, Order, list_members};
pub(crate) use names::Names;
pub use network::{administered_presences, network, presences};
pub use remove::remove;
pub use search::{Sought, search};
pub use settings::{presence_setting, set_presence};
pub use store::custom_status::CustomStatus;
pub use store::user::{Profile, User};

use crate::App;
use aws_lc_rs::hmac;
use domain::email::Email;
use domain::visibility::Visibility;
use store::Purpose;

/// The keyed hash under which the directory knows a log-in name (decision 8).
pub(crate) fn login_hash(app: &App, email: &Email) -> Vec<u8> {
    keyed_hash(app, Purpose::LoginLookup, email.as_str())
}

/// The keyed hash under which the directory knows a company's name.
pub(crate) fn company_name_hash(app: &App, name: &str) -> Vec<u8> {
    keyed_hash(app, Purpose::CompanyNameLookup, &name.to_lowercase())
}

/// HMAC-SHA-256 under a key of this purpose alone.
pub(crate) fn keyed_hash(app: &App, purpose: Purpose, text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(purpose).expose());
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

/// Refuses to set a member apart in a way that the company's mode does not know (B2, B4).
fn check_set_apart(
    app: &App,
    company: &domain::ids::CompanyId,
    set_apart: Option<Visibility>,
) -> Result<(), crate::AppError> {
    let Some(mode) = set_apart else { return Ok(()) };
    let of_company = app.relations().company(company).ok_or(crate::AppError::NotFound("company"))?.visibility;
    if of_company.overrides().contains(&mode) {
        return Ok(());
    }
    let may: Vec<&str> = of_company.overrides().iter().map(|mode| mode.name()).collect();
    let why = format!("in this company expected same_than_company or {}", may.join(" or "));
    Err(crate::AppError::invalid("visibility", why))
}

/// Most characters of a personal field.
const FIELD_LENGTH_MAX: usize = 255;

/// Refuses personal fields that are too long or hold control characters.
pub(crate) fn check_profile(profile: &Profile) -> Result<(), crate::AppError> {
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
