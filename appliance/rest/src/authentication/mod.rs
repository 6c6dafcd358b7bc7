//! `authentication/v1.0`: log-in, renewal, logout.

mod basic;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod renew;
pub(crate) mod urls;
pub(crate) mod validator;
