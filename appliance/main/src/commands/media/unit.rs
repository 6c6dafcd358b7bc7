//! `media unit`: the service of a machine that is only a relay (J10).

use std::process::ExitCode;

/// Shut in as the media node of a box is, in one file: such a machine has none of a box's others.
const UNIT: &str = include_str!("relay.service");

pub(super) fn execute() -> ExitCode {
    print!("{UNIT}");
    ExitCode::SUCCESS
}
