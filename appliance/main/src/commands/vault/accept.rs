//! `vault accept`: what is there is the newest from now on.

use super::{Stopped, must_hold_box};
use crate::cli::VaultAccept as Options;
use crate::error::CommandError;
use crate::{anchor, folder};
use std::process::ExitCode;

pub(super) fn execute(options: &Options) -> Result<ExitCode, CommandError> {
    must_hold_box(&options.folder)?;
    if !options.older_state {
        let what = "say --older-state: after this nobody is told any more that the data is older than it was";
        return Err(CommandError::Usage(what.to_owned()));
    }
    let data = &options.folder.data;
    let config = folder::configuration(data)?;
    let stopped = Stopped::open(&options.folder)?;
    let why = options.reason.as_deref().unwrap_or("no reason was given");
    let older = anchor::accept(data, &stopped.vault, &config, why)?;
    for line in &older {
        println!("accepted: {line}");
    }
    if older.is_empty() {
        println!("every database is as new as what was noted of it");
    }
    println!(
        "What is in {} is the newest from now on; `rainbow-edge vault info` tells that it was accepted.",
        data.display()
    );
    Ok(ExitCode::SUCCESS)
}
