//! `vault accept`: what is there is the newest from now on.

use super::{Stopped, must_hold_box};
use crate::cli::VaultAccept as Options;
use crate::error::CommandError;
use crate::{anchor, folder};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Between two tries to have the folder.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

pub(super) fn execute(options: &Options) -> Result<ExitCode, CommandError> {
    must_hold_box(&options.folder)?;
    if !options.older_state {
        let what = "say --older-state: after this nobody is told any more that the data is older than it was";
        return Err(CommandError::Usage(what.to_owned()));
    }
    let data = &options.folder.data;
    let config = folder::configuration(&options.folder)?;
    let stopped = opened(options)?;
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

/// The stopped box. A server that refuses an older state is started again and again, and has the folder each time for a moment.
fn opened(options: &Options) -> Result<Stopped, CommandError> {
    let until = Instant::now() + Duration::from_secs(u64::from(options.wait_s));
    loop {
        match Stopped::open(&options.folder) {
            Err(CommandError::InUse { .. }) if Instant::now() < until => std::thread::sleep(AGAIN_AFTER),
            opened => return opened,
        }
    }
}
