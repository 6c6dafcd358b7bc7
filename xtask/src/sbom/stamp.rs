//! Which commit the list is of. The time is the commit's: the day on which the list is made says nothing.

use std::path::Path;
use std::process::Command;

use crate::{Failure, day, process};

pub(crate) struct Stamp {
    pub(crate) commit: Option<String>,
    /// RFC 3339.
    pub(crate) time: Option<String>,
}

/// `SOURCE_DATE_EPOCH` goes before the commit's own time; sources without git and without it have none.
///
/// # Errors
/// `Failed` when `SOURCE_DATE_EPOCH` is no number of seconds.
pub(crate) fn of(checkout: &Path) -> Result<Stamp, Failure> {
    let git = |format: &str| {
        let mut command = Command::new("git");
        process::output(command.current_dir(checkout).args(["log", "-1", &format!("--format={format}")])).ok()
    };
    let commit = git("%H").map(|text| text.trim().to_owned());
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => Some(text.trim().parse().map_err(|_| {
            Failure::Failed(format!("SOURCE_DATE_EPOCH is `{text}`, which is no number of seconds since 1970"))
        })?),
        Err(_) => git("%ct").and_then(|text| text.trim().parse().ok()),
    };
    Ok(Stamp { commit, time: seconds.map(day::time_of) })
}
