//! `filestorage/v1.0`: what is known of shared files (C6; protocol section 11).

pub(crate) mod companies;
pub(crate) mod files;
pub(crate) mod users;
