//! `search/v1.0`: finding people.

pub(crate) mod users;
