//! What can go wrong between a test and a machine; the text says where to look.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use thiserror::Error;

pub(crate) type Outcome<T> = Result<T, Fault>;

#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("{} is missing: {what_to_do}", path.display())]
    Missing { path: PathBuf, what_to_do: &'static str },
    #[error("cannot {step} {}: {source}", path.display())]
    File { step: &'static str, path: PathBuf, source: io::Error },
    #[error("{step} failed: {said}")]
    Tool { step: String, said: String },
    #[error("{machine} did not show {wanted} within {} s. The last it showed:\n{last}", limit.as_secs())]
    Late { machine: String, wanted: String, limit: Duration, last: String },
    #[error("{machine} ended before it showed {wanted}. The last it showed:\n{last}")]
    Ended { machine: String, wanted: String, last: String },
    #[error("{machine} showed {found}, which it must not. The last it showed:\n{last}")]
    Forbidden { machine: String, found: String, last: String },
    #[error("in {machine}, `{command}` ended with {code}: {said}")]
    Shell { machine: String, command: String, code: String, said: String },
    #[error("QEMU's monitor of {machine}: {said}")]
    Monitor { machine: String, said: String },
    #[error("{0}")]
    Wrong(String),
    #[error("{0}")]
    NotReached(String),
}

impl Fault {
    pub(crate) fn file(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { step, path, source }
    }
}

/// The value, or a failed test that says why there is none.
#[track_caller]
pub(crate) fn shown<T>(outcome: &Outcome<T>) -> &T {
    outcome.as_ref().unwrap_or_else(|fault| panic!("\n{fault}\n"))
}

/// What is made once for several tests, and not tried again for each of them when it cannot be had.
pub(crate) fn once<T>(kept: &'static OnceLock<Outcome<T>>, make: impl FnOnce() -> Outcome<T>) -> Outcome<&'static T> {
    kept.get_or_init(make).as_ref().map_err(|fault| Fault::NotReached(fault.to_string()))
}

/// As [`shown`], of what [`once`] gives.
#[track_caller]
pub(crate) fn had<T>(outcome: Outcome<&'static T>) -> &'static T {
    outcome.unwrap_or_else(|fault| panic!("\n{fault}\n"))
}
