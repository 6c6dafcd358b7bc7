//! A password agent of systemd (systemd.io/PASSWORD_AGENTS): questions are files, answers go to a socket that each names.

mod answer;
mod question;

pub(crate) use answer::answer;
pub(crate) use question::{Question, waiting};

/// Where systemd's programs put their questions.
pub(crate) const FOLDER: &str = "/run/systemd/ask-password";
