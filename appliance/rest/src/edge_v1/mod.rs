//! `/api/edge/v1`: the box's own interface, for what Rainbow's has no words for (decision 1).

pub(crate) mod application_passwords;
pub(crate) mod blocklist;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod join;
pub(crate) mod meet;
pub(crate) mod password;
pub(crate) mod push;
pub(crate) mod rooms;
pub(crate) mod sessions;
pub(crate) mod setup;
pub(crate) mod users;
