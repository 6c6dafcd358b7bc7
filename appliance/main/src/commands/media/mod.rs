//! `media`: the role, and what people do about relays.

mod probe;
mod sites;

use crate::cli::{Media, MediaCommand};
use crate::error::CommandError;
use std::process::ExitCode;

pub(super) fn execute(media: &Media) -> Result<ExitCode, CommandError> {
    match &media.command {
        MediaCommand::Probe(options) => probe::execute(options),
        MediaCommand::Enrol(enrol) => sites::enrol(enrol),
        MediaCommand::Dismiss(dismiss) => sites::dismiss(dismiss),
        MediaCommand::List(folder) => sites::list(folder),
    }
}

/// An answer that is none to what was asked.
fn other(answer: appliance_contract::Answer) -> CommandError {
    match answer {
        appliance_contract::Answer::Refused(refusal) => {
            CommandError::Refused { message: refusal.message, what_to_do: refusal.what_to_do }
        }
        _ => CommandError::Usage(String::from("the box gave an answer to another question")),
    }
}
