//! `media`: the role, and what people do about relays.

pub(super) mod keep;
mod probe;
mod role;
mod site;
mod sites;
mod unit;

use crate::cli::{Media, MediaCommand};
use crate::error::CommandError;
use std::process::ExitCode;

pub(super) fn execute(media: &Media) -> Result<ExitCode, CommandError> {
    match &media.command {
        None => role::execute(&media.role),
        Some(MediaCommand::Probe(options)) => probe::execute(options),
        Some(MediaCommand::Enrol(enrol)) => sites::enrol(enrol),
        Some(MediaCommand::Unit) => Ok(unit::execute()),
        Some(MediaCommand::Dismiss(dismiss)) => sites::dismiss(dismiss),
        Some(MediaCommand::List(folder)) => sites::list(folder),
    }
}
